import { japanMidnight } from '../../lib/base/japan-time.ts';
import { DigitTrie } from './digit-trie.ts';
import type { PlanRow } from './types.ts';

/** The last day of the weather service 177 was 2025-03-31, that of directory enquiry 104 2026-03-31. */
const WEATHER_ENDS = japanMidnight(2025, 4, 1);
const ENQUIRY_ENDS = japanMidnight(2026, 4, 1);
/** Numbers from 060-1 to 060-9 are mobiles from July 2026. */
const MOBILE_060_BEGINS = japanMidnight(2026, 7, 1);
/** Inmarsat's four ocean regions became one, 870. */
const OCEAN_REGIONS_END = japanMidnight(2009, 1, 1);

const three = [3, 3] as const;
const ten = [10, 10] as const;
const eleven = [11, 11] as const;
const abroad = [8, 18] as const;
const satellite = { special: 'satellite' } as const;
const nobody = { unassigned: true } as const;

/** Japan's numbering plan by first digits; the longest beginning decides, so the order means nothing. */
export const plan: readonly PlanRow[] = [
  row(['1'], 'special1xy', three, 'special service', ['S3-003']),
  row(['010'], 'international', abroad, 'international call', ['A-10']),
  row(['010870'], 'international', abroad, 'Inmarsat', ['S3-013'], satellite),
  row(range('01087', 1, 4), 'international', abroad, 'Inmarsat, one ocean region', ['S3-013'], {
    ...satellite,
    validUntil: OCEAN_REGIONS_END,
  }),
  row(
    ['010881'],
    'international',
    abroad,
    'satellite telephone (Iridium, Globalstar)',
    ['S3-013'],
    satellite,
  ),
  row(['01088216'], 'international', abroad, 'satellite telephone (Thuraya)', ['S3-013'], satellite),
  row(['0120'], 'tollFree', ten, 'toll-free', ['S0-145']),
  row(['0800'], 'tollFree', eleven, 'toll-free', ['S0-145']),
  row(['0570'], 'naviDial', ten, 'Navi-dial', ['S0-048']),
  row(['0990'], 'premium', ten, 'premium rate', ['S3-007']),
  row(['0170'], 'premium', ten, 'message dial', ['S3-007']),
  row(['0180'], 'premium', ten, 'announcement service', ['S3-007']),
  row(['0200'], 'm2m', [14, 14], 'machine to machine', ['S3-004']),
  row(['0204'], 'm2m', eleven, 'pager', ['S3-004']),
  row(['020'], 'm2m', eleven, 'machine to machine', ['S3-004']),
  row(['050'], 'ip050', eleven, 'IP telephone', ['S0-047']),
  row(['060'], 'mobile', eleven, 'mobile', ['A-35'], { validFrom: MOBILE_060_BEGINS }),
  row(['0600'], 'unknown', eleven, 'personal number 0600', ['A-35'], nobody),
  row(['070', '080', '090'], 'mobile', eleven, 'mobile', ['S0-046']),
  row(['090302'], 'mobile', eleven, 'ship telephone by satellite', ['S3-013'], { special: 'ship' }),
  row(['0300', '0400', '0500', '0700', '0900'], 'unknown', eleven, 'unassigned range', ['S3-004'], nobody),
  row(['030', '040'], 'unknown', eleven, 'unassigned range', ['S3-004'], nobody),
  row(['0910'], 'unknown', ten, 'unassigned range', ['S3-004'], nobody),
  row(['00'], 'unknown', three, 'unassigned range', ['S3-004'], nobody),
  row(['0'], 'geographic', ten, 'fixed line', ['S0-046']),
];

/** Rows for whole numbers, which outweigh every beginning: 1105 is not the police. */
export const wholeNumbers: readonly PlanRow[] = [
  row(['110'], 'emergency', three, 'police', ['A-37']),
  row(['118'], 'emergency', three, 'coast guard', ['A-37']),
  row(['119'], 'emergency', three, 'fire and ambulance', ['A-37']),
  row(['104'], 'special1xy', three, 'directory enquiry', ['S0-049', 'A-11'], { validUntil: ENQUIRY_ENDS }),
  row(['177'], 'special1xy', three, 'weather report', ['S3-003'], { validUntil: WEATHER_ENDS }),
  // Ten digits; the mobiles that begin alike have eleven and stay mobiles.
  row([...range('09031014', 0, 99), '0903101655'], 'mobile', ten, "docomo's remote control", ['S3-005'], {
    special: 'docomoRemote',
  }),
  row(range('09066514', 0, 99), 'mobile', ten, "SoftBank's voicemail and forwarding", ['S3-006'], {
    special: 'softbankService',
  }),
];

const beginnings = DigitTrie.of(
  plan.flatMap((one, index) => one.numbers.map((digits) => [digits, index] as const)),
);
const wholes = new Map(wholeNumbers.flatMap((one) => one.numbers.map((digits) => [digits, one] as const)));

/** The row that decides about a number without prefixes; undefined when none begins like it. */
export function planRow(national: string): PlanRow | undefined {
  return wholes.get(national) ?? plan[beginnings.find(national)];
}

/** `range('01087', 1, 4)` is 010871 to 010874; as many digits throughout as the last one has. */
function range(before: string, first: number, last: number): readonly string[] {
  const width = String(last).length;
  return Array.from(
    { length: last - first + 1 },
    (_, step) => before + String(first + step).padStart(width, '0'),
  );
}

function row(
  numbers: PlanRow['numbers'],
  numberClass: PlanRow['class'],
  digits: PlanRow['digits'],
  name: string,
  facts: readonly string[],
  more: Pick<PlanRow, 'validFrom' | 'validUntil' | 'unassigned' | 'special'> = {},
): PlanRow {
  return { numbers, class: numberClass, digits, name, facts, ...more };
}

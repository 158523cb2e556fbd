import { japanMidnight } from '../../lib/base/japan-time.ts';
import type { PlanRow } from './types.ts';

/** The last day of the weather service 177 was 2025-03-31, that of directory enquiry 104 2026-03-31. */
const WEATHER_ENDS = japanMidnight(2025, 4, 1);
const ENQUIRY_ENDS = japanMidnight(2026, 4, 1);
/** Numbers from 060-1 to 060-9 are mobiles from July 2026. */
const MOBILE_060_BEGINS = japanMidnight(2026, 7, 1);

const three = [3, 3] as const;
const ten = [10, 10] as const;
const eleven = [11, 11] as const;

/**
 * Japan's numbering plan by first digits, most special rows first: the first row that matches decides. Structure only;
 * which area codes and exchanges are in use is not looked at.
 */
export const plan: readonly PlanRow[] = [
  row(/^110$/, 'emergency', three, 'police', ['A-37']),
  row(/^118$/, 'emergency', three, 'coast guard', ['A-37']),
  row(/^119$/, 'emergency', three, 'fire and ambulance', ['A-37']),
  row(/^104$/, 'special1xy', three, 'directory enquiry', ['S0-049', 'A-11'], { validUntil: ENQUIRY_ENDS }),
  row(/^177$/, 'special1xy', three, 'weather report', ['S3-003'], { validUntil: WEATHER_ENDS }),
  row(/^1/, 'special1xy', three, 'special service', ['S3-003']),
  row(/^010/, 'international', [8, 18], 'international call', ['A-10']),
  row(/^0120/, 'tollFree', ten, 'toll-free', ['S0-145']),
  row(/^0800/, 'tollFree', eleven, 'toll-free', ['S0-145']),
  row(/^0570/, 'naviDial', ten, 'Navi-dial', ['S0-048']),
  row(/^0990/, 'premium', ten, 'premium rate', ['S3-007']),
  row(/^0170/, 'premium', ten, 'message dial', ['S3-007']),
  row(/^0180/, 'premium', ten, 'announcement service', ['S3-007']),
  row(/^0200/, 'm2m', [14, 14], 'machine to machine', ['S3-004']),
  row(/^0204/, 'm2m', eleven, 'pager', ['S3-004']),
  row(/^020/, 'm2m', eleven, 'machine to machine', ['S3-004']),
  row(/^050[1-9]/, 'ip050', eleven, 'IP telephone', ['S0-047']),
  row(/^050$/, 'ip050', eleven, 'IP telephone', ['S0-047']),
  row(/^060[1-9]/, 'mobile', eleven, 'mobile', ['A-35'], { validFrom: MOBILE_060_BEGINS }),
  row(/^060$/, 'mobile', eleven, 'mobile', ['A-35'], { validFrom: MOBILE_060_BEGINS }),
  row(/^0600/, 'unknown', eleven, 'personal number 0600', ['A-35'], { unassigned: true }),
  row(/^0[789]0[1-9]/, 'mobile', eleven, 'mobile', ['S0-046']),
  row(/^0[789]0$/, 'mobile', eleven, 'mobile', ['S0-046']),
  row(/^0[3-9]00/, 'unknown', eleven, 'unassigned range', ['S3-004'], { unassigned: true }),
  row(/^0[34]0/, 'unknown', eleven, 'unassigned range', ['S3-004'], { unassigned: true }),
  row(/^0910/, 'unknown', ten, 'unassigned range', ['S3-004'], { unassigned: true }),
  row(/^00/, 'unknown', three, 'unassigned range', ['S3-004'], { unassigned: true }),
  row(/^0/, 'geographic', ten, 'fixed line', ['S0-046']),
];

function row(
  pattern: RegExp,
  numberClass: PlanRow['class'],
  digits: PlanRow['digits'],
  name: string,
  facts: readonly string[],
  more: Pick<PlanRow, 'validFrom' | 'validUntil' | 'unassigned'> = {},
): PlanRow {
  return { pattern, class: numberClass, digits, name, facts, ...more };
}

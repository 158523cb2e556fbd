import type { Instant } from '../../lib/base/clock.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import { japan } from './japan.ts';
import { planRow } from './plan.ts';
import type { Classified, PlanRow, Privacy } from './types.ts';

/** Longest text that is looked at; anything longer is no telephone number. */
const LIMIT = 40;
const DIGITS = /^[0-9]+$/;

/**
 * What a dialled or presented number is, at a moment. Total: every text gets an answer, none throws.
 *
 * First 184 and 186 are taken off, of which the last counts, then one carrier prefix (00XY, 002YZ, 0091XY, also behind 122); `+81` becomes
 * the leading zero; the longest beginning in the plan decides the rest, and for fixed lines the bands of the geography.
 */
export function classify(number: string, at: Instant): Classified {
  const bad = notANumber(number);
  if (bad !== undefined) return bad;
  const { privacy, rest } = takePrivacy(number);
  if (rest === '') {
    return unknown(rest, privacy, `${number} is a prefix; a number has to follow it.`);
  }
  const home = fromPlus(rest);
  if (home === undefined) return unknown(rest, privacy, `${rest} is no number in Japan.`);
  const { droppedPrefix, national } = takeCarrierPrefix(home);
  const row = planRow(national);
  if (row === undefined) {
    return { ...unknown(national, privacy, lacksAreaCode(national)), droppedPrefix };
  }
  if (row.class === 'geographic' && japan.find(national, at).found === 'unassigned') {
    const say = `${national} (${row.name}): no area code and exchange in use begin like this.`;
    return { ...unknown(national, privacy, say), droppedPrefix, facts: row.facts };
  }
  const digits = lengthWords(row, national);
  const service = serviceAt(row, at);
  return {
    class:
      service === 'notYet' || (service === 'unassigned' && row.class !== 'unknown') ? 'unknown' : row.class,
    national,
    complete: digits === undefined,
    service,
    privacy,
    droppedPrefix,
    ...(row.special === undefined ? {} : { special: row.special }),
    facts: droppedPrefix === null ? row.facts : [...row.facts, 'A-59', 'S3-015'],
    say: sentence(row, national, service, digits, at),
  };
}

function notANumber(number: string): Classified | undefined {
  if (number === '') return unknown('', 'asSet', 'No number was given.');
  if (number.length > LIMIT) {
    return unknown(number.slice(0, LIMIT), 'asSet', `A number has at most ${LIMIT} characters.`);
  }
  const bare = number.startsWith('+') ? number.slice(1) : number;
  if (DIGITS.test(bare)) return undefined;
  const code = /^[0-9*#]+$/.test(number);
  return unknown(
    number,
    'asSet',
    code
      ? `${number} is a service code that is not offered.`
      : `${JSON.stringify(number)} is no telephone number.`,
  );
}

/**
 * 184 withholds the caller's number for this call, 186 presents it. Of several the last one counts: a phone that puts one
 * in front by itself must not overrule what its user dials after it.
 */
function takePrivacy(number: string): { privacy: Privacy; rest: string } {
  const prefixes = /^(?:18[46])*/.exec(number)?.[0] ?? '';
  const last = prefixes.slice(-3);
  const privacy = last === '184' ? 'withhold' : last === '186' ? 'present' : 'asSet';
  return { privacy, rest: number.slice(prefixes.length) };
}

/** `+81312345678` is `0312345678`; `+1…` is `0101…`. Undefined for `+810…` and a lone `+`. */
function fromPlus(number: string): string | undefined {
  if (!number.startsWith('+')) return number;
  const digits = number.slice(1);
  if (digits === '' || digits.startsWith('0') || digits.startsWith('810') || digits === '81')
    return undefined;
  return digits.startsWith('81') ? `0${digits.slice(2)}` : `010${digits}`;
}

/** Carrier selection has no meaning here: every call goes out on the service's own tariff. [S3-015] */
const CARRIER_PREFIX = /^(?:122)?(001|0091[0-9]{2}|002[0-9]{2}|00[3-8][0-9]|009[02-9])(?=0[1-9])/;

function takeCarrierPrefix(number: string): { droppedPrefix: string | null; national: string } {
  const maybe = number.startsWith('00') || number.startsWith('122');
  const found = maybe ? CARRIER_PREFIX.exec(number) : null;
  if (found === null) return { droppedPrefix: null, national: number };
  return { droppedPrefix: found[0], national: number.slice(found[0].length) };
}

function serviceAt(row: PlanRow, at: Instant): Classified['service'] {
  if (row.unassigned === true) return 'unassigned';
  if (row.validFrom !== undefined && at < row.validFrom) return 'notYet';
  if (row.validUntil !== undefined && at >= row.validUntil) return 'ended';
  return 'open';
}

/** Undefined when the length is right. */
function lengthWords(row: PlanRow, national: string): string | undefined {
  const [from, to] = row.digits;
  if (national.length >= from && national.length <= to) return undefined;
  const wanted = from === to ? `${from}` : `${from} to ${to}`;
  return `it has ${national.length} digits, and ${wanted} are needed`;
}

function sentence(
  row: PlanRow,
  national: string,
  service: Classified['service'],
  length: string | undefined,
  at: Instant,
): string {
  const what = `${national} (${row.name})`;
  switch (service) {
    case 'ended':
      return `${what} is no longer offered: its last day was ${japanDate(lastMoment(row, at))}.`;
    case 'notYet':
      return `${what} is not in use before ${japanDate(row.validFrom ?? at)}.`;
    case 'unassigned':
      return `${what} is not given to anybody.`;
    case 'open':
      return length === undefined
        ? `${what} is in the numbering plan.`
        : `${what} is not complete: ${length}.`;
  }
}

function lastMoment(row: PlanRow, at: Instant): Instant {
  return ((row.validUntil ?? at) - 1) as Instant;
}

function lacksAreaCode(national: string): string {
  return `${national} does not begin with 0 or 1; dial the area code first.`;
}

function unknown(national: string, privacy: Privacy, say: string): Classified {
  return {
    class: 'unknown',
    national,
    complete: false,
    service: 'unassigned',
    privacy,
    droppedPrefix: null,
    facts: ['S3-004'],
    say,
  };
}

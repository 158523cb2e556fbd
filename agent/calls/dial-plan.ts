import type { Collected, DialRefusal, Final, NumberKind } from '../lines/index.ts';
import { collectCode, type FeatureCodes } from './feature-codes.ts';
import {
  CLASS_DIGITS,
  EMERGENCY,
  ENDED_SERVICES,
  FIXED_CLASSES,
  isEmergencyNumber,
  MAX_DIGITS,
  PRESENTS_SWITCH,
  PRIVACY_PREFIXES,
  SERVICES,
  UNASSIGNED,
} from './numbering.ts';

/** What the dial plan must know of the office. */
export interface DialConfig {
  /** Extensions of the office (内線番号). */
  readonly extensions: readonly string[];
  /** Whether 110, 118 and 119 are offered here (decision 11). */
  readonly emergency: 'supported' | 'refused';
  /** What is dialled to pick up, park, redial, or choose the presented number. */
  readonly codes?: FeatureCodes;
  /** How many numbers this line may present. [S0-089] */
  readonly presentable?: number;
}

/** Fewest digits after 010 (country code and a short number) and after a carrier prefix 00XY. */
const SHORTEST_INTERNATIONAL = 3 + 5;
const SHORTEST_CARRIER_SELECT = 4 + 3;
/** E.164 allows 15 digits after the international prefix; `010` is followed by at most those. */
const LONGEST_INTERNATIONAL = 3 + 15;

/**
 * Pure: what the digits so far mean. Called again after every digit, so that a number of known length needs no wait and
 * only open-ended ones (international, carrier prefix, an extension that a longer number begins with) wait for the
 * inter-digit timer. `#` says that nothing more comes.
 */
export function collect(digits: string, config: DialConfig): Collected {
  if (!/^[0-9*#]+$/.test(digits) || digits.length > MAX_DIGITS) {
    return refused('dial.notDigits', `cannot call '${digits.slice(0, MAX_DIGITS)}'`);
  }
  const end = digits.indexOf('#');
  if (end < 0) return collectDigits(digits, config);
  if (end === 0) return refused('dial.noSuchService', 'no service begins with #'); // [S3-004]
  const found = collectDigits(digits.slice(0, end), config);
  return found.at === 'incomplete' ? found.atTimeout : found;
}

function collectDigits(digits: string, config: DialConfig): Collected {
  if (digits.startsWith('*')) {
    return collectCode(digits, config, (rest) => collectDigits(rest, { ...config, extensions: [] }));
  }
  if (digits.includes('*')) return refused('dial.notDigits', `cannot call '${digits}'`);
  const [prefix, rest] = takePrivacy(digits);
  if (prefix !== '') {
    // The second dial tone says that the prefix was understood.
    if (rest === '') return { ...incomplete(tooShort(digits)), heard: true };
    // Behind 184 or 186 only the outside is reached; an extension has no number to hide.
    return collectOutside(rest, prefix, { ...config, extensions: [] });
  }
  return collectOutside(digits, '', config);
}

/**
 * 184 or 186 in front and what follows. Of several the last one counts: a phone that puts one in front by itself must not
 * overrule what its user dials after it.
 */
function takePrivacy(digits: string): readonly [prefix: string, rest: string] {
  let prefix = '';
  let rest = digits;
  for (;;) {
    const next = PRIVACY_PREFIXES.find((candidate) => rest.startsWith(candidate));
    if (next === undefined) return [prefix, rest];
    prefix = next;
    rest = rest.slice(next.length);
  }
}

function collectOutside(digits: string, prefix: string, config: DialConfig): Collected {
  if (digits.startsWith('0')) return collectZero(digits, prefix);
  return collectShort(digits, prefix, config);
}

/** Extensions and the three-digit services. */
function collectShort(digits: string, prefix: string, config: DialConfig): Collected {
  const extension = config.extensions.includes(digits);
  const longerExtension = config.extensions.some((other) => other !== digits && other.startsWith(digits));
  const service = collectService(digits, prefix, config);
  if (extension) {
    // An office that numbers its lines 110 or 119 must not lose the emergency services.
    if (service?.at === 'complete' && service.called.kind === 'emergency') return service;
    const call = complete('extension', prefix + digits);
    if (longerExtension) return incomplete(call);
    // What makes it 110 still counts while the extension rings: only a moment's wait.
    return knownService(digits) ? { ...incomplete(call), brief: true } : call;
  }
  if (service !== undefined) return service;
  if (longerExtension) return incomplete(tooShort(digits));
  if (digits === '135' && prefix === '') return incomplete(tooShort(digits));
  if (digits.startsWith('1') && digits.length < 3) return incomplete(tooShort(digits));
  return refused(
    'dial.noSuchNumber',
    `${prefix}${digits} is neither an extension nor a number that can be called`,
  );
}

/** True when a three-digit service begins with `digits` and is longer. */
function knownService(digits: string): boolean {
  const all = [...EMERGENCY, ...SERVICES, ...ENDED_SERVICES.keys(), ...PRIVACY_PREFIXES, ...PRESENTS_SWITCH];
  return all.some((service) => service !== digits && service.startsWith(digits));
}

function collectService(digits: string, prefix: string, config: DialConfig): Final | undefined {
  if (isEmergencyNumber(digits)) {
    // Nobody hides from the police: 184 in front is not sent.
    if (config.emergency === 'supported') return complete('emergency', digits);
    const say = `${digits} cannot be called from this line: use a mobile phone`;
    return { at: 'refused', refusal: { rule: 'dial.emergencyRefused', say, guide: 'guideEmergencyRefused' } };
  }
  if (SERVICES.includes(digits)) return complete('service', prefix + digits);
  if (PRESENTS_SWITCH.includes(digits) && prefix === '') return complete('service', digits); // [S2-015]
  const ended = ENDED_SERVICES.get(digits);
  return ended === undefined ? undefined : refused('dial.serviceEnded', ended);
}

function collectZero(digits: string, prefix: string): Collected {
  const number = prefix + digits;
  if (digits.startsWith('010')) {
    if (digits.length >= LONGEST_INTERNATIONAL) return complete('international', number);
    return openEnded('international', number, digits.length >= SHORTEST_INTERNATIONAL);
  }
  if (digits.startsWith('00')) {
    if (number.length >= MAX_DIGITS) return complete('carrierSelect', number);
    return openEnded('carrierSelect', number, digits.length >= SHORTEST_CARRIER_SELECT);
  }
  if (digits.length < CLASS_DIGITS) return incomplete(tooShort(number));
  if (UNASSIGNED.test(digits)) {
    return refused('dial.noSuchNumber', `no number begins with ${digits.slice(0, CLASS_DIGITS)}`);
  }
  const found = FIXED_CLASSES.find((candidate) => candidate.pattern.test(digits));
  if (found === undefined) return refused('dial.noSuchNumber', `no number begins with ${digits}`);
  if (digits.length < found.length) return incomplete(tooShort(number));
  return complete(found.kind, prefix + digits.slice(0, found.length));
}

function openEnded(kind: NumberKind, number: string, longEnough: boolean): Collected {
  return incomplete(longEnough ? complete(kind, number) : tooShort(number));
}

function tooShort(number: string): Final {
  return refused('dial.incomplete', `${number} is too short to be a number`);
}

function complete(kind: NumberKind, number: string): Final {
  return { at: 'complete', called: { kind, number } };
}

function refused(rule: DialRefusal['rule'], say: string): Final {
  return { at: 'refused', refusal: { rule, say } };
}

function incomplete(atTimeout: Final) {
  return { at: 'incomplete', atTimeout } as const;
}

import type { Instant } from '../../lib/base/clock.ts';
import { areas } from './area-map.ts';
import { classify } from './classify.ts';
import type { Side } from './geography-types.ts';
import { japan } from './japan.ts';
import type { Classified } from './types.ts';

/** Kinds of caller that differ in acceptance and price. [S0-051] [S2-022] [S2-026] */
export type CallerClass =
  | 'fixed'
  | 'mobile'
  | 'ip050'
  | 'payphone'
  | 'international'
  | 'satellite'
  /** Neither a usable number nor a word of the network: nobody can say what calls. */
  | 'withheld';

/** What the network says of a caller beyond the number. It comes with the call and is never shown to the callee. */
export interface NetworkWord {
  /** Kind of line, as the network signals it: a payphone cannot be told by its number. */
  readonly callerClass?: CallerClass;
  /** Charge area by its name in the data: `相模原`. */
  readonly chargeArea?: string;
  /** Prefecture by its name in the data: `神奈川県`; the finest that there is for mobiles. [S2-023] */
  readonly prefecture?: string;
}

/** A call as it arrives. */
export interface CallAttributes {
  /** The number that the network vouches for, hidden or not; empty when there is none. */
  readonly from: string;
  /** 184: the number must not be shown to the callee. It changes nothing here. [A-33] */
  readonly withheld: boolean;
  readonly network?: NetworkWord;
}

/** Who calls and where from. */
export interface CallerOrigin {
  readonly class: CallerClass;
  readonly areaCode: string | null;
  readonly chargeArea: string | null;
  readonly prefecture: string | null;
  readonly region: string | null;
  readonly side: Side | null;
  /** Where the place was taken from. */
  readonly placeFrom: 'network' | 'number' | 'nothing';
  /** The callee must not see the number. */
  readonly hidden: boolean;
  readonly facts: readonly string[];
  /** For a person, in one sentence. It names no number of a hidden caller. */
  readonly say: string;
}

type Where = Pick<CallerOrigin, 'areaCode' | 'chargeArea' | 'prefecture' | 'region' | 'side' | 'placeFrom'>;

const NOWHERE: Where = {
  areaCode: null,
  chargeArea: null,
  prefecture: null,
  region: null,
  side: null,
  placeFrom: 'nothing',
};

/**
 * Class and place of a caller. A word of the network outweighs the number; a place that the data does not know is as
 * good as none. Whether the caller hides the number (184) plays no part. [A-32] [A-33]
 */
export function callerOrigin(call: CallAttributes, at: Instant): CallerOrigin {
  const number = call.from === '' ? undefined : classify(call.from, at);
  const caller = call.network?.callerClass ?? classOf(number);
  const where = abroad(caller) ? NOWHERE : finer(byNetwork(call.network), byNumber(number, caller, at));
  return {
    class: caller,
    ...where,
    hidden: call.withheld,
    facts: factsOf(caller, call.withheld),
    say: sentence(caller, where, call.withheld),
  };
}

function classOf(number: Classified | undefined): CallerClass {
  if (number === undefined || !number.complete) return 'withheld';
  if (number.special === 'satellite' || number.special === 'ship') return 'satellite';
  switch (number.class) {
    // A toll-free or Navi-dial number as caller's number stands for a fixed line behind it. [S2-014]
    case 'geographic':
    case 'tollFree':
    case 'naviDial':
    case 'premium':
      return 'fixed';
    case 'mobile':
    case 'm2m':
      return 'mobile';
    case 'ip050':
      return 'ip050';
    case 'international':
      return 'international';
    case 'emergency':
    case 'special1xy':
    case 'unknown':
      return 'withheld';
  }
}

function abroad(caller: CallerClass): boolean {
  return caller === 'international' || caller === 'satellite';
}

function byNetwork(word: NetworkWord | undefined): Where | undefined {
  const area = word?.chargeArea === undefined ? undefined : areas.placeOf(word.chargeArea);
  if (area !== undefined) return { areaCode: null, ...area, placeFrom: 'network' };
  const prefecture = word?.prefecture === undefined ? undefined : areas.prefecture(word.prefecture);
  if (prefecture === undefined) return undefined;
  return { areaCode: null, chargeArea: null, ...prefecture, placeFrom: 'network' };
}

/** The network's word counts, unless the number tells the charge area within the prefecture that the network named. */
function finer(network: Where | undefined, number: Where | undefined): Where {
  if (network?.chargeArea === null && network.prefecture === number?.prefecture) return number;
  return network ?? number ?? NOWHERE;
}

/** Only numbers of fixed lines say where they are. */
function byNumber(number: Classified | undefined, caller: CallerClass, at: Instant): Where | undefined {
  if (number === undefined || (caller !== 'fixed' && caller !== 'payphone')) return undefined;
  const origin = number.class === 'geographic' ? japan.originOf(number.national, at) : undefined;
  return origin && { ...origin, placeFrom: 'number' };
}

function factsOf(caller: CallerClass, hidden: boolean): readonly string[] {
  const facts: Record<CallerClass, readonly string[]> = {
    fixed: ['S2-021'],
    payphone: ['S0-051', 'S2-021'],
    mobile: ['S2-022', 'S2-023', 'A-32'],
    ip050: ['S2-026', 'A-34', 'A-61'],
    international: ['S0-151', 'S2-026'],
    satellite: ['S2-026'],
    withheld: ['A-33'],
  };
  return hidden && caller !== 'withheld' ? [...facts[caller], 'A-33'] : facts[caller];
}

const WORDS: Readonly<Record<CallerClass, string>> = {
  fixed: 'a fixed line',
  mobile: 'a mobile',
  ip050: 'a 050 IP telephone',
  payphone: 'a payphone',
  international: 'a caller abroad',
  satellite: 'a satellite or ship telephone',
  withheld: 'a caller of unknown kind',
};

function sentence(caller: CallerClass, where: Where, hidden: boolean): string {
  const place =
    where.prefecture === null
      ? ', place unknown'
      : ` in ${where.prefecture}${where.chargeArea === null ? '' : `, charge area ${where.chargeArea}`}`;
  const source = where.placeFrom === 'nothing' ? '' : `, as the ${where.placeFrom} says`;
  return `${WORDS[caller]}${abroad(caller) ? '' : place}${source}${hidden ? '; the number is hidden from the callee' : ''}.`;
}

import type { GuideName } from '../media/protocol.ts';
import type { Leg, OfficeState, SipNews } from './model.ts';
import { trunksOf } from './trunk-address.ts';

/** Answers of a trunk that say nothing of the call, but of the trunk: another one may take it (RFC 3261 §21.5). */
const TRUNK_TROUBLE = [408, 500, 502, 503, 504];
/** The far end's own word, also in an emergency. */
const BUSY = [486, 600];

type Failure = Extract<SipNews, { readonly type: 'failed' }>;

/** What is said where nobody takes a call, and why. */
interface NoWay {
  readonly guide: GuideName;
  readonly because: string;
}

/**
 * The trunk to be asked next for a call of `account`, or undefined when there is no other: those at which it is registered, then
 * those of which nothing is known. Where it is known not to be registered only an emergency call tries, which tries everything.
 */
export function nextTrunk(
  state: OfficeState,
  account: number,
  emergency: boolean,
  asked: readonly number[] = [],
): number | undefined {
  const left = trunksOf(state.config)
    .map((_, trunk) => trunk)
    .filter((trunk) => !asked.includes(trunk));
  const standing = (trunk: number) => state.trunks.get(`${account}/${trunk}`);
  return (
    left.find((trunk) => standing(trunk) === 'up') ??
    left.find((trunk) => standing(trunk) === undefined) ??
    (emergency ? left[0] : undefined)
  );
}

/** Whether another trunk may be asked after this refusal: the call has not begun to ring anywhere. */
export function mayAskAnother(leg: Leg, news: Failure): boolean {
  if (leg.stage !== 'inviting') return false;
  if (leg.emergency) return !BUSY.includes(news.status);
  // With a reason of the service's own it has decided about the call.
  return isTrouble(news);
}

function isTrouble({ status, why, reason }: Failure): boolean {
  return TRUNK_TROUBLE.includes(status) && why === undefined && reason === undefined;
}

/** Whether a refusal means that there is no way to the outside, so that the caller is told in words. */
export function isNoWay(leg: Leg, news: Failure): boolean {
  return leg.emergency ? mayAskAnother(leg, news) : isTrouble(news);
}

/** No trunk takes the call. */
export function noWay(emergency: boolean): NoWay {
  return {
    guide: emergency ? 'guideNoEmergency' : 'guideAway',
    because: 'trunk.away: no trunk takes calls now',
  };
}

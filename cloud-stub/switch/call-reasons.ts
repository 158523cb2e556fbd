import { WHY_HEADER } from '../../lib/contract/sip-headers.ts';
import type { Session, SipReason } from '../../lib/voice/sip/api.ts';
import type { DropReason, Refusal } from './call-types.ts';
import { causeText } from './refusals.ts';

/** What a party that is hung up on is told. */
export const REASONS: Readonly<Record<DropReason, SipReason>> = {
  elsewhere: { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' },
  callerGaveUp: { cause: 16, text: 'The caller hung up' },
  noAnswer: { cause: 19, text: 'No answer' },
  normal: { cause: 16, text: 'Normal call clearing' },
  lost: { cause: 41, text: 'The call was lost' },
  preempted: { cause: 8, text: 'Preemption' },
};

/** What the caller is told: the cause of the plan, when it names one. */
export function reasonFor(why: DropReason, cause: number | undefined): SipReason {
  return cause === undefined ? REASONS[why] : { cause, text: causeText(cause) };
}

/**
 * Refuses the caller. Only a gateway is told why in words; the telephone network gets status and cause, since our rules
 * are no business of strangers.
 */
export function refuseCaller(caller: Session, direction: 'in' | 'out', refusal: Omit<Refusal, 'end'>): void {
  const { status, cause, rule, say } = refusal;
  const text = causeText(cause);
  caller.reject(status, { cause, text }, direction === 'out' ? [[WHY_HEADER, `${rule}; ${say}`]] : []);
}

import type { SipReason } from '../../lib/voice/sip/api.ts';
import type { Ending } from './model.ts';

/** A refusal or an end as the ear and the record get it. */
export interface Verdict extends Ending {
  readonly tone: 'busy' | 'congestion';
}

/**
 * What a final refusal of an outgoing call means. The Q.850 cause of the Reason header (RFC 3326) is closer to the
 * network's own word than the SIP status, so it is looked at first; `why` is the service's sentence about it.
 */
export function verdictOfFailure(
  status: number,
  reason: SipReason | undefined,
  why: string | undefined,
): Verdict {
  const end = endOfFailure(status, reason?.cause);
  const because = why ?? reason?.text ?? `the network refused with SIP ${status}`;
  return {
    end,
    because: because === '' ? `the network refused with SIP ${status}` : because,
    tone: end === 'busy' || end === 'noChannel' ? 'busy' : 'congestion',
  };
}

function endOfFailure(status: number, cause: number | undefined): Ending['end'] {
  switch (cause) {
    case 1:
    case 28:
      return 'unallocated';
    case 17:
      return 'busy';
    case 18:
    case 19:
      return 'notAnswered';
    case 21:
      return 'refused';
    case 34:
      return 'noChannel';
    default:
      break;
  }
  if (status === 486 || status === 600) return 'busy';
  if (status === 404 || status === 410 || status === 484 || status === 604) return 'unallocated';
  if (status === 480 || status === 487) return 'notAnswered';
  if (status === 408 || status >= 500) return status === 603 ? 'refused' : 'unreachable';
  return 'refused';
}

/** Why an incoming call went away before it was answered (CANCEL). */
export function endOfCancel(reason: SipReason | undefined): Ending {
  if (reason !== undefined && isElsewhere(reason)) return elsewhere(reason);
  return { end: 'callerGaveUp', because: reason?.text || 'the caller gave up' };
}

/** The far end releases an answered call. Of two phones lifted at once, the later one learns that the other was first. */
export function endOfFarRelease(direction: 'out' | 'in' | 'internal', reason: SipReason | undefined): Ending {
  if (direction === 'in' && reason !== undefined && isElsewhere(reason)) return elsewhere(reason);
  const ending = endOfTalk(direction, 'far');
  return { end: ending.end, because: reason?.text || ending.because };
}

function isElsewhere(reason: SipReason): boolean {
  return reason.cause === 200 || reason.text.toLowerCase().includes('completed elsewhere');
}

function elsewhere(reason: SipReason): Ending {
  return { end: 'answeredElsewhere', because: reason.text || 'another phone answered' };
}

/** The end of an answered call when the party on our line, or the other one, hangs up. */
export function endOfTalk(direction: 'out' | 'in' | 'internal', by: 'line' | 'far'): Ending {
  const callerHungUp = (direction === 'in') === (by === 'far');
  return callerHungUp
    ? { end: 'answeredThenCallerHungUp', because: 'the caller hung up' }
    : { end: 'answeredThenCalleeHungUp', because: 'the called party hung up' };
}

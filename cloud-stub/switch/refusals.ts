import type { EndReason } from '../../lib/contract/facts.ts';
import type { RoutePlan } from '../routing/types.ts';
import type { Leg, LegFailure, Refusal } from './call-types.ts';

/** Q.850 cause of a final status that came without a Reason header (after RFC 3398 §8.2.6.1). */
export function causeOfStatus(status: number): number {
  switch (status) {
    case 404:
    case 604:
      return 1;
    case 410:
      return 22;
    case 486:
    case 600:
      return 17;
    case 480:
      return 18;
    case 484:
      return 28;
    case 488:
    case 606:
      return 65;
    case 401:
    case 402:
    case 403:
    case 407:
    case 603:
      return 21;
    case 408:
    case 504:
      return 102;
    default:
      return status >= 500 ? 41 : 31;
  }
}

const CAUSE_TEXT: ReadonlyMap<number, string> = new Map([
  [1, 'Unallocated number'],
  [8, 'Preemption'],
  [16, 'Normal call clearing'],
  [17, 'User busy'],
  [18, 'No user responding'],
  [19, 'No answer from user'],
  [20, 'Subscriber absent'],
  [21, 'Call rejected'],
  [22, 'Number changed'],
  [28, 'Invalid number format'],
  [34, 'No channel available'],
  [41, 'Temporary failure'],
  [65, 'Bearer capability not implemented'],
  [79, 'Service or option not implemented'],
  [102, 'Recovery on timer expiry'],
]);

/** Name of a Q.850 cause value, for the text of a Reason header. */
export function causeText(cause: number): string {
  return CAUSE_TEXT.get(cause) ?? `Cause ${cause}`;
}

interface NetworkOutcome {
  readonly rule: string;
  readonly end: EndReason;
  readonly say: string;
}

function networkOutcome(status: number, number: string): NetworkOutcome {
  switch (status) {
    case 404:
    case 410:
    case 604:
      return {
        rule: 'network.unallocated',
        end: 'unallocated',
        say: `the telephone network does not know ${number}`,
      };
    case 486:
    case 600:
      return { rule: 'network.busy', end: 'busy', say: `${number} is busy` };
    case 480:
      return { rule: 'network.noAnswer', end: 'notAnswered', say: `${number} does not answer` };
    case 408:
    case 503:
    case 504:
      return {
        rule: 'network.unreachable',
        end: 'unreachable',
        say: 'the telephone network does not answer',
      };
    default:
      return {
        rule: 'network.refused',
        end: 'refused',
        say: `the telephone network refused ${number} with ${status}`,
      };
  }
}

/** Statuses that mean the same to a gateway as they did to us; every other one is hidden behind 480 or 503. */
const PASSED_ON: ReadonlySet<number> = new Set([403, 404, 410, 480, 484, 486, 488, 503, 600, 603, 604]);

/** What the caller is told when the network refused. */
export function networkRefusal(failed: LegFailure, number: string): Refusal {
  const { status } = failed;
  const cause = failed.cause ?? causeOfStatus(status);
  if (failed.refusal !== undefined) return { status, cause, end: 'refused', ...failed.refusal };
  const outcome = networkOutcome(status, number);
  const shown = PASSED_ON.has(status) ? status : status >= 500 || status === 408 ? 503 : 480;
  return { status: shown, cause, ...outcome, say: `${outcome.say} (cause ${cause})` };
}

/** What the caller is told when every member of a ring failed. [S0-056] */
export function ringRefusal(legs: readonly Leg[]): Refusal {
  const statuses = legs.flatMap((leg) => (leg.failed === null ? [] : [leg.failed.status]));
  if (statuses.length > 0 && statuses.every((status) => status === 486 || status === 600)) {
    return { status: 486, cause: 17, rule: 'ring.busy', end: 'busy', say: 'every phone is busy' };
  }
  if (statuses.every((status) => status === 408 || status === 430 || status === 480 || status >= 500)) {
    return {
      status: 480,
      cause: 20,
      rule: 'ring.unreachable',
      end: 'unreachable',
      say: 'no phone can be reached',
    };
  }
  return { status: 480, cause: 21, rule: 'ring.declined', end: 'refused', say: 'no phone took the call' };
}

/** How a call that was refused by its route plan ends. The rule's own cause decides; a full house is cause 34. */
export function endOfReject(plan: RoutePlan & { verb: 'reject' }): EndReason {
  switch (plan.cause) {
    case 34:
      return 'noChannel';
    case 17:
      return 'busy';
    case 1:
      return 'unallocated';
    default:
      return 'refused';
  }
}

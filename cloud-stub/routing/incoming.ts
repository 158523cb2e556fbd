import type { Instant } from '../../lib/base/clock.ts';
import { classify } from '../numbering/index.ts';
import { contractClosed } from './contract-state.ts';
import { inCase } from './in-case.ts';
import { planForNumber } from './number-plan.ts';
import type { RoutingPolicy } from './policy.ts';
import { rejected } from './reject-list.ts';
import { CAUSE, Trace } from './steps.ts';
import { decideTollFree } from './toll-free/index.ts';
import type { CallRequest, Decision, NumberView, RoutingSnapshot } from './types.ts';

type Incoming = Extract<CallRequest, { direction: 'in' }>;

/** A call from the telephone network to a number of the service. */
export function decideIn(
  request: Incoming,
  snapshot: RoutingSnapshot,
  now: Instant,
  policy: RoutingPolicy,
  trace: Trace = new Trace(),
): Decision {
  // The network writes numbers in national form nearly always; the plan of numbers is asked about the others only.
  const plain = snapshot.number(request.to);
  const direct = plain === undefined ? snapshot.tollFree?.(request.to) : undefined;
  const called = plain?.number ?? direct?.setting.number ?? classify(request.to, now).national;
  const number = plain ?? (direct === undefined ? snapshot.number(called) : undefined);
  if (number === undefined) {
    const tollFree = direct ?? snapshot.tollFree?.(called);
    if (tollFree !== undefined) {
      return decideTollFree(request, tollFree, snapshot, now, (key) => snapshot.turn?.(key), policy, trace);
    }
    const say = `${called || 'an empty number'} is no number of this service`;
    return trace.reject('in.unallocated', ['S0-054'], 404, CAUSE.unallocated, say);
  }
  trace.of(number.contract);
  const contract = snapshot.contract(number.contract);
  const closed = contractClosed(trace, contract, called);
  if (closed !== undefined) return closed;
  if (contract === undefined) throw new Error('a running contract is not there');
  trace.note('in.contract', ['A-18', 'S0-054'], () => `${called} belongs to ${contract.id}, which is active`);
  noteCaller(trace, request, number);
  const one = inCase({ trace, snapshot, policy, now }, contract, number);
  const unwanted = rejected(one, request);
  if (unwanted !== undefined) {
    return trace.reject('in.rejectList', ['S0-077', 'A-18'], 403, CAUSE.rejected, unwanted);
  }
  return trace.decide(planForNumber(one));
}

function noteCaller(trace: Trace, request: Incoming, number: NumberView): void {
  trace.note('in.caller', ['S0-061'], () => {
    const who = request.withheld || request.from === '' ? 'a withheld number' : request.from;
    return `call from ${who} to ${number.number} (${number.role} number)`;
  });
}

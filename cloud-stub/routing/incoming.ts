import type { Instant } from '../../lib/base/clock.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import { classify } from '../numbering/index.ts';
import type { RoutingPolicy } from './policy.ts';
import { CAUSE, Trace } from './steps.ts';
import type { CallRequest, Decision, NumberView, RoutingSnapshot } from './types.ts';

type Incoming = Extract<CallRequest, { direction: 'in' }>;

/** A call from the telephone network to a number of the service. */
export function decideIn(
  request: Incoming,
  snapshot: RoutingSnapshot,
  now: Instant,
  policy: RoutingPolicy,
): Decision {
  const trace = new Trace();
  const called = classify(request.to, now).national;
  const number = snapshot.number(called);
  if (number === undefined) {
    const say = `${called || 'an empty number'} is no number of this service`;
    return trace.reject('in.unallocated', ['S0-054'], 404, CAUSE.unallocated, say);
  }
  const contract = snapshot.contract(number.contract);
  // The contract's state is the first rule of all.
  if (contract === undefined || contract.state === 'ended') {
    const say = `the contract of ${called} has ended`;
    return trace.reject('in.contractEnded', ['A-18'], 404, CAUSE.unallocated, say);
  }
  if (contract.state === 'suspended') {
    const say = `contract ${contract.id} is suspended and takes no calls`;
    return trace.reject('in.suspended', ['A-18'], 480, CAUSE.subscriberAbsent, say);
  }
  trace.note('in.contract', ['A-18', 'S0-054'], `${called} belongs to ${contract.id}, which is active`);
  noteCaller(trace, request, number);
  if (contract.busyChannels >= contract.channels) {
    const say = `all ${contract.channels} channels of ${contract.id} are in use`;
    return trace.reject('in.channels', ['S0-059', 'A-06'], 486, CAUSE.noChannel, say);
  }
  trace.note(
    'in.channels',
    ['S0-059'],
    `${contract.busyChannels} of ${contract.channels} channels are in use`,
  );
  const members = reachableMembers(trace, number, snapshot);
  if (members.length === 0) {
    const say = `no device that ${called} rings can be reached at the moment`;
    return trace.reject('in.nobodyReachable', ['S0-056'], 480, CAUSE.subscriberAbsent, say);
  }
  trace.note('in.ring', ['S0-056', 'S0-057'], `${called} rings ${members.join(', ')}; the first answer wins`);
  const { id } = contract;
  return trace.decide({
    verb: 'ring',
    contract: id,
    called,
    members,
    forMs: policy.ringForMs,
    takesChannel: true,
  });
}

function noteCaller(trace: Trace, request: Incoming, number: NumberView): void {
  const who = request.withheld || request.from === '' ? 'a withheld number' : request.from;
  trace.note('in.caller', ['S0-061'], `call from ${who} to ${number.number} (${number.role} number)`);
}

/** The IDs that a number rings, of its own contract only, that are registered. [S0-056] */
function reachableMembers(trace: Trace, number: NumberView, snapshot: RoutingSnapshot): readonly ServiceId[] {
  const members: ServiceId[] = [];
  for (const id of number.rings) {
    const view = snapshot.id(id);
    if (view === undefined || view.contract !== number.contract) {
      trace.note('in.foreignMember', ['S0-055'], `${id} is no ID of ${number.contract}: left out`);
    } else if (!view.reachable) {
      trace.note('in.unreachable', ['S0-056'], `${id} is not registered: left out`);
    } else {
      members.push(id);
    }
  }
  return members;
}

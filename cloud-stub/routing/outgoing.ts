import type { Instant } from '../../lib/base/clock.ts';
import { type Classified, classify } from '../numbering/index.ts';
import type { RoutingPolicy } from './policy.ts';
import { CAUSE, Trace } from './steps.ts';
import type { CallRequest, ContractView, Decision, IdView, NumberView, RoutingSnapshot } from './types.ts';

type Outgoing = Extract<CallRequest, { direction: 'out' }>;

/** Everything that the steps of one outgoing call look at. */
interface Case {
  readonly trace: Trace;
  readonly snapshot: RoutingSnapshot;
  readonly policy: RoutingPolicy;
  readonly id: IdView;
  readonly contract: ContractView;
  readonly dialled: Classified;
}

/** A call from a device of the office. Emergency first: nothing after it can limit such a call. */
export function decideOut(
  request: Outgoing,
  snapshot: RoutingSnapshot,
  now: Instant,
  policy: RoutingPolicy,
  trace: Trace = new Trace(),
): Decision {
  const id = snapshot.id(request.id);
  const contract = id && snapshot.contract(id.contract);
  if (id !== undefined) trace.of(id.contract);
  if (id === undefined || contract === undefined || contract.state === 'ended') {
    const say = `${request.id} is no ID of a running contract`;
    return trace.reject('out.unknownId', ['S0-062'], 403, CAUSE.rejected, say);
  }
  trace.note('out.id', ['S0-062'], `${id.id} (${id.role} ID, ${id.device}) of ${contract.id} calls`);
  const dialled = classify(request.dialled, now);
  noteNumber(trace, request.dialled, dialled);
  const one: Case = { trace, snapshot, policy, id, contract, dialled };
  if (dialled.class === 'emergency' && dialled.complete) return emergency(one);
  if (contract.state === 'suspended') {
    const say = `contract ${contract.id} is suspended`;
    return trace.reject('out.suspended', ['A-18'], 403, CAUSE.rejected, say);
  }
  return unusable(one) ?? blocked(one) ?? ownNumber(one) ?? channels(one) ?? toNetwork(one);
}

function noteNumber(trace: Trace, text: string, dialled: Classified): void {
  if (dialled.droppedPrefix !== null) {
    const say = `the carrier prefix ${dialled.droppedPrefix} has no effect and was dropped`;
    trace.note('out.carrierPrefix', ['A-59', 'S3-015'], say);
  }
  trace.note('out.number', dialled.facts, `dialled ${text}: ${dialled.class}; ${dialled.say}`);
}

/** 110, 118, 119: no channel, no state short of the contract's end, and no 184 stands in the way. */
function emergency(one: Case): Decision {
  const { trace, id, contract, dialled, policy } = one;
  const facts = ['A-36', 'A-37'];
  if (contract.emergency === 'refused' || !policy.emergencyFrom.includes(id.device)) {
    const say = `emergency calls are not offered here; call ${dialled.national} from a mobile or another line`;
    return trace.reject('out.emergencyNotOffered', facts, 403, CAUSE.rejected, say);
  }
  trace.note('out.emergency', facts, 'an emergency call passes every limit, is free, and shows its number');
  if (dialled.privacy === 'withhold') {
    trace.note('out.emergencyShowsNumber', facts, '184 does not hide the number on an emergency call');
  }
  const own = ownPresented(one) !== undefined;
  if (!own)
    trace.note(
      'out.presents',
      ['S0-089'],
      `${id.presents} is not ours to show: no number goes with the call`,
    );
  return trace.decide({
    verb: 'network',
    contract: contract.id,
    id: id.id,
    number: dialled.national,
    presents: own ? id.presents : '',
    withheld: false,
    destination: 'emergency',
    takesChannel: false,
    emergency: true,
  });
}

/** Numbers that are none, are not complete, or are no longer or not yet in use. */
function unusable({ trace, dialled }: Case): Decision | undefined {
  if (dialled.service === 'ended' || dialled.service === 'notYet') {
    return trace.reject(`out.${dialled.service}`, dialled.facts, 404, CAUSE.unallocated, dialled.say);
  }
  if (dialled.class === 'unknown') {
    return trace.reject('out.unknownNumber', dialled.facts, 404, CAUSE.unallocated, dialled.say);
  }
  if (!dialled.complete) {
    return trace.reject('out.incomplete', dialled.facts, 484, CAUSE.invalidFormat, dialled.say);
  }
  return undefined;
}

function blocked({ trace, policy, dialled }: Case): Decision | undefined {
  const byPrefix = policy.blockedPrefixes.find((block) => dialled.national.startsWith(block.prefix));
  const open = policy.openNumbers.includes(dialled.national);
  const block = byPrefix ?? (open ? undefined : policy.blockedClasses[dialled.class]);
  if (block === undefined) return undefined;
  const rule = byPrefix === undefined ? `out.blocked.${dialled.class}` : 'out.blocked.prefix';
  return trace.reject(rule, block.facts, 403, CAUSE.rejected, `${dialled.national}: ${block.say}`);
}

/**
 * A number of the service itself. One of the caller's own contract rings the other devices of the office, free as any
 * internal call [S0-050]; another customer's goes out and comes in again as an ordinary call, so that both contracts'
 * channels, records and charges hold.
 */
function ownNumber(one: Case): Decision | undefined {
  const { trace, snapshot, policy, id, contract, dialled } = one;
  const number = snapshot.number(dialled.national);
  if (number === undefined) return undefined;
  if (number.contract !== contract.id) {
    const say = `${number.number} belongs to another contract of this service; the call is an ordinary one`;
    trace.note('out.otherContract', ['S0-046'], say);
    return undefined;
  }
  const others = number.rings.filter((member) => {
    const view = member === id.id ? undefined : snapshot.id(member);
    return view?.contract === contract.id && view.reachable;
  });
  if (others.length === 0) {
    const say = `${number.number} is this office's own number, and no other device that it rings can be reached`;
    return trace.reject('out.ownNumber', ['S0-050'], 486, CAUSE.busy, say);
  }
  const full = channels(one);
  if (full !== undefined) return full;
  const say = `${number.number} is this office's own number: rings ${others.join(', ')}, free of charge`;
  trace.note('out.ownNumber', ['S0-050', 'S0-056'], say);
  return trace.decide({
    verb: 'ring',
    contract: contract.id,
    called: number.number,
    members: others,
    forMs: policy.ringForMs,
    takesChannel: true,
  });
}

/** Simultaneous calls = number of IDs. [S0-059] */
function channels({ trace, contract }: Case): Decision | undefined {
  if (contract.busyChannels >= contract.channels) {
    const say = `all ${contract.channels} channels of ${contract.id} are in use`;
    return trace.reject('out.channels', ['S0-059', 'S0-060'], 486, CAUSE.noChannel, say);
  }
  const say = `${contract.busyChannels} of ${contract.channels} channels are in use`;
  trace.note('out.channels', ['S0-059'], say);
  return undefined;
}

/** The number that may be shown: one of the caller's own contract, or none. [S0-089] */
function ownPresented({ snapshot, id, contract }: Case): NumberView | undefined {
  const number = snapshot.number(id.presents);
  return number?.contract === contract.id ? number : undefined;
}

function toNetwork(one: Case): Decision {
  const { trace, id, contract, dialled } = one;
  if (ownPresented(one) === undefined) {
    const say = `${id.id} is set to show ${id.presents}, which is no number of ${contract.id}; choose one of its own`;
    return trace.reject('out.presents', ['S0-089'], 403, CAUSE.rejected, say);
  }
  const withheld = dialled.privacy === 'withhold';
  const shown = withheld ? `184: ${id.presents} is withheld from the callee` : `shows ${id.presents}`;
  trace.note('out.presents', ['S0-089'], shown);
  trace.note('out.network', [], `${dialled.national} goes out to the telephone network`);
  return trace.decide({
    verb: 'network',
    contract: contract.id,
    id: id.id,
    number: dialled.national,
    presents: id.presents,
    withheld,
    destination: dialled.class,
    takesChannel: true,
    emergency: false,
  });
}

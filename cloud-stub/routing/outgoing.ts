import type { Instant } from '../../lib/base/clock.ts';
import { callRulesOf } from '../catalogue/index.ts';
import { type Classified, classify } from '../numbering/index.ts';
import { blocked, byService, isFreePartner } from './blocked.ts';
import { shownNumber, switchNumberShown } from './caller-id.ts';
import { ceilingOf } from './ceiling.ts';
import type { OutgoingCase } from './outgoing-case.ts';
import { wrongMode } from './outgoing-mode.ts';
import { highFrequency, notesOf } from './outgoing-notes.ts';
import type { RoutingPolicy } from './policy.ts';
import { CAUSE, Trace } from './steps.ts';
import type { CallManner, CallRequest, Decision, RoutingAlert, RoutingSnapshot } from './types.ts';

type Outgoing = Extract<CallRequest, { direction: 'out' }>;

/** An ordinary call of an up-to-date client in Japan. */
const ORDINARY: CallManner = {};

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
  trace.note('out.id', ['S0-062'], () => `${id.id} (${id.role} ID, ${id.device}) of ${contract.id} calls`);
  const dialled = classify(request.dialled, now);
  noteNumber(trace, request.dialled, dialled);
  const rules = callRulesOf(contract.product ?? 'cloudPhone');
  const manner = request.manner ?? ORDINARY;
  const mode = manner.mode ?? rules.modes[0];
  const own: OutgoingCase = { trace, snapshot, policy, id, contract, dialled, manner, mode, rules };
  if (dialled.class === 'emergency' && dialled.complete) return emergency(own);
  // [S0-089] For this call alone: whether the ID may show it is asked as of any other number.
  const one = manner.presents === undefined ? own : { ...own, id: { ...id, presents: manner.presents } };
  if (contract.state === 'suspended') {
    const say = `contract ${contract.id} is suspended`;
    return trace.reject('out.suspended', ['A-18'], 403, CAUSE.rejected, say);
  }
  return (
    switchNumberShown(one, request.dialled) ??
    byService(one) ??
    unusable(one) ??
    wrongMode(one) ??
    blocked(one) ??
    ownNumber(one) ??
    channels(one) ??
    toNetwork(one)
  );
}

function noteNumber(trace: Trace, text: string, dialled: Classified): void {
  if (dialled.droppedPrefix !== null) {
    trace.note('out.carrierPrefix', ['A-59', 'S3-015'], () => {
      return `the carrier prefix ${dialled.droppedPrefix} has no effect and was dropped`;
    });
  }
  trace.note('out.number', dialled.facts, () => `dialled ${text}: ${dialled.class}; ${dialled.say}`);
}

/** 110, 118, 119: no channel, no ceiling, no state short of the contract's end, and no 184 stands in the way. */
function emergency(one: OutgoingCase): Decision {
  const { trace, id, contract, dialled, policy, rules } = one;
  const facts = ['A-36', 'A-37'];
  const byProduct = rules.emergency === 'refused';
  if (byProduct || contract.emergency === 'refused' || !policy.emergencyFrom.includes(id.device)) {
    const say = `emergency calls are not offered here; call ${dialled.national} from a mobile or another line`;
    const why = byProduct ? ['A-37', 'S3-003'] : facts;
    return trace.reject('out.emergencyNotOffered', why, 403, CAUSE.rejected, say);
  }
  trace.note('out.emergency', facts, 'an emergency call passes every limit, is free, and shows its number');
  if (dialled.privacy === 'withhold') {
    trace.note('out.emergencyShowsNumber', facts, '184 does not hide the number on an emergency call');
  }
  const shown = shownNumber(one);
  // A toll-free number says nothing of a place, and cannot be called back by everybody.
  const own = shown.ok && shown.tollFree ? contract.mainNumber : shown.ok ? shown.number : undefined;
  if (own === undefined) {
    const say = `${id.presents} is not ours to show: no number goes with the call`;
    trace.note('out.presents', ['S0-089'], say);
  }
  return trace.decide({
    verb: 'network',
    contract: contract.id,
    id: id.id,
    number: dialled.national,
    presents: own ?? '',
    withheld: false,
    destination: 'emergency',
    takesChannel: false,
    emergency: true,
  });
}

/** Numbers that are none, are not complete, or are no longer or not yet in use. */
function unusable({ trace, dialled }: OutgoingCase): Decision | undefined {
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

/**
 * A number of the service itself. One of the caller's own contract rings the other devices of the office, free as any
 * internal call [S0-050]; another customer's goes out and comes in again as an ordinary call, so that both contracts'
 * channels, records and charges hold.
 */
function ownNumber(one: OutgoingCase): Decision | undefined {
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
function channels({ trace, contract }: OutgoingCase): Decision | undefined {
  if (contract.busyChannels >= contract.channels) {
    const say = `all ${contract.channels} channels of ${contract.id} are in use`;
    return trace.reject('out.channels', ['S0-059', 'S0-060'], 486, CAUSE.noChannel, say);
  }
  trace.note(
    'out.channels',
    ['S0-059'],
    () => `${contract.busyChannels} of ${contract.channels} channels are in use`,
  );
  return undefined;
}

/** At the ceiling, calls that cost something are refused; calls that never do are not. [A-36] [S3-032] */
function chargeable(one: OutgoingCase): boolean {
  return one.dialled.class !== 'tollFree' && !isFreePartner(one);
}

function toNetwork(one: OutgoingCase): Decision {
  const { trace, id, contract, dialled, snapshot } = one;
  const shown = shownNumber(one);
  if (!shown.ok) return trace.reject('out.presents', shown.facts, 403, CAUSE.rejected, shown.say);
  const alerts: RoutingAlert[] = [];
  const ceiling = chargeable(one) ? ceilingOf(contract, snapshot) : undefined;
  if (ceiling !== undefined) {
    alerts.push(ceiling.alert);
    const { facts, say } = ceiling.alert;
    if (ceiling.reached) return { ...trace.reject('out.ceiling', facts, 403, CAUSE.rejected, say), alerts };
    trace.note('out.ceiling', facts, say);
  }
  const often = highFrequency(one);
  if (often !== undefined) alerts.push(often);
  const withheld = dialled.privacy === 'withhold';
  noteShown(one, shown.number, shown.tollFree);
  const outgoing = notesOf(one);
  if (outgoing.tenMinutes)
    trace.note('out.tenMinutes', ['S0-091', 'S0-092'], 'the first ten minutes are free');
  if (outgoing.freePartner)
    trace.note('out.freePartner', ['S3-033'], 'a free partner: the call costs nothing');
  trace.note('out.network', [], () => `${dialled.national} goes out to the telephone network`);
  const decision = trace.decide({
    verb: 'network',
    contract: contract.id,
    id: id.id,
    number: dialled.national,
    presents: shown.number,
    withheld,
    destination: dialled.class,
    takesChannel: true,
    emergency: false,
  });
  return alerts.length === 0 ? { ...decision, outgoing } : { ...decision, outgoing, alerts };
}

function noteShown({ trace, id, dialled }: OutgoingCase, number: string, tollFree: boolean): void {
  if (dialled.privacy === 'withhold') {
    trace.note('out.presents', ['S0-089'], `184: ${number} is withheld from the callee`);
  } else if (tollFree) {
    trace.note('out.presents', ['S2-014', 'S0-096', 'S0-053'], () => {
      return `shows the toll-free number ${number}; the call costs what a call of ${id.id} costs`;
    });
  } else if (number !== id.presents) {
    trace.note(
      'out.presents',
      ['S2-016'],
      `shows ${number}: a toll-free number cannot be shown on Data Connect`,
    );
  } else {
    trace.note('out.presents', ['S0-089'], `shows ${number}`);
  }
}

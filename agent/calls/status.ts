import { callsOf } from '../features/index.ts';
import type { CallStatus, LineStatus } from '../status.ts';
import type { LegEnd } from './journal.ts';
import type { Leg, OfficeState, PortState } from './model.ts';

/** A running leg for people and programs. */
function runningStatus(leg: Leg, state: OfficeState): CallStatus {
  const place = placeOf(leg, state);
  return { ...common(leg), state: stateOf(leg), ...place, endedAt: null, end: null, because: null };
}

/** Where the call is, as far as that is not simply the ear of its line. */
function placeOf(leg: Leg, state: OfficeState): Pick<CallStatus, 'place' | 'slot'> {
  if (leg.seat.at === 'parked') return { place: 'parked', slot: leg.seat.slot };
  if (leg.seat.at === 'bridged') return { place: 'passedOn' };
  for (const { desk } of state.ports.values()) {
    if ((desk.at === 'asking' || desk.at === 'two') && desk.held === leg.id) return { place: 'held' };
    if (desk.at === 'announced' && desk.waiting === leg.id) return { place: 'waiting' };
    if (desk.at === 'three' && callsOf(desk).includes(leg.id)) return { place: 'three' };
  }
  return {};
}

/** A leg that is over. */
export function endedStatus(leg: Leg, end: Omit<LegEnd, 'media'>): CallStatus {
  return { ...common(leg), state: 'ended', endedAt: end.endedAt, end: end.end, because: end.because };
}

function common(leg: Leg): Omit<CallStatus, 'state' | 'endedAt' | 'end' | 'because'> {
  const { call, direction, port: line, from, to, startedAt, answeredAt } = leg;
  return { call, direction, line, from, to, startedAt, answeredAt };
}

function stateOf(leg: Leg): CallStatus['state'] {
  if (leg.stage === 'talking') return 'talking';
  return leg.stage === 'ringing' ? 'ringing' : 'trying';
}

/** Running legs, oldest first, then the ended ones, newest first. */
export function callStatuses(state: OfficeState): readonly CallStatus[] {
  const running = [...state.legs.values()].sort((one, other) => one.order - other.order);
  return [...running.map((leg) => runningStatus(leg, state)), ...state.history];
}

/** The lines of the running configuration, by port. `registration` comes from the shell. */
export function lineStatuses(
  state: OfficeState,
  registration: (port: number) => LineStatus['registration'],
): readonly LineStatus[] {
  return [...state.ports.values()]
    .sort((one, other) => one.config.port - other.config.port)
    .map((port) => lineStatus(state, port, registration(port.config.port)));
}

function lineStatus(
  state: OfficeState,
  port: PortState,
  registration: LineStatus['registration'],
): LineStatus {
  const { config, line } = port;
  const [first] = callsOf(port.desk);
  const leg = first === undefined ? undefined : state.legs.get(first);
  return {
    port: config.port,
    label: config.label,
    serviceId: config.serviceId,
    extension: config.extension,
    state: line.at,
    registration,
    call: leg?.call ?? null,
    because: 'because' in line ? line.because : null,
  };
}

import { endsOf, type Leg, type OfficeState } from '../calls/index.ts';
import { callsOf } from '../features/index.ts';

/** One call as a lamp shows it (RFC 4235). */
export interface LampDialog {
  /** The leg: also its Call-ID for whoever wants to take it. */
  readonly id: string;
  readonly direction: 'initiator' | 'recipient';
  readonly state: 'trying' | 'early' | 'confirmed';
  /** Who is at the other end; empty when withheld. */
  readonly remote: string;
}

/** What every lamp of the office shows, by what is dialled for it: extensions, and code and slot of parking places. */
export function lampsOf(state: OfficeState): ReadonlyMap<string, readonly LampDialog[]> {
  const lamps = new Map<string, LampDialog[]>();
  const { config } = state;
  if (config === undefined) return lamps;
  for (let slot = 1; slot <= 9; slot++) lamps.set(`${config.features.park}${slot}`, []);
  for (const [port, { config: line, desk, line: hook }] of state.ports) {
    const dialogs = lamps.get(line.extension) ?? [];
    lamps.set(line.extension, dialogs);
    for (const call of callsOf(desk)) {
      const leg = state.legs.get(call);
      if (leg !== undefined) dialogs.push(dialogOf(leg, port, hook.at === 'ringing'));
    }
  }
  for (const leg of state.legs.values()) {
    if (leg.seat.at !== 'parked') continue;
    const remote = leg.direction === 'out' ? leg.to : leg.from;
    const direction = 'recipient';
    lamps
      .get(`${config.features.park}${leg.seat.slot}`)
      ?.push({ id: leg.id, direction, state: 'confirmed', remote });
  }
  return lamps;
}

function dialogOf(leg: Leg, port: number, rings: boolean): LampDialog {
  const called = leg.direction === 'in' || (leg.direction === 'internal' && leg.peerPort === port);
  const talking = leg.stage === 'talking' && !rings;
  const state = talking ? 'confirmed' : rings || leg.stage === 'ringing' ? 'early' : 'trying';
  return {
    id: leg.id,
    direction: called ? 'recipient' : 'initiator',
    state,
    remote: called ? leg.from : leg.to,
  };
}

/** The port where a leg rings, and the slot where it is parked: what takes it. */
export function whereToTake(state: OfficeState, legId: string): string | undefined {
  const leg = state.legs.get(legId);
  const { config } = state;
  if (leg === undefined || config === undefined) return undefined;
  if (leg.seat.at === 'parked') return `${config.features.park}${leg.seat.slot}`;
  const port = endsOf(leg).find((end) => state.ports.get(end)?.line.at === 'ringing');
  const extension = port === undefined ? undefined : state.ports.get(port)?.config.extension;
  return extension === undefined ? undefined : `${config.features.pickup}${extension}`;
}

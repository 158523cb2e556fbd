import { endsOf, type Leg, type OfficeState } from '../calls/index.ts';
import { callsOf } from '../features/index.ts';
import { callerOf, wasCalled } from './caller-name.ts';

/** One call as a lamp shows it (RFC 4235). */
export interface LampDialog {
  /** The leg: also its Call-ID for whoever wants to take it. */
  readonly id: string;
  readonly direction: 'initiator' | 'recipient';
  readonly state: 'trying' | 'early' | 'confirmed';
  /** Who is at the other end; empty when withheld. */
  readonly remote: string;
  /** What the phone book or the office calls him. */
  readonly name: string;
}

/**
 * What every lamp of the office shows, by what is dialled for it: extensions of lines, phones and ring groups, and code and slot
 * of parking places.
 */
export function lampsOf(state: OfficeState): ReadonlyMap<string, readonly LampDialog[]> {
  const lamps = new Map<string, LampDialog[]>();
  const { config } = state;
  if (config === undefined) return lamps;
  for (let slot = 1; slot <= 9; slot++) lamps.set(`${config.features.park}${slot}`, []);
  if (config.night !== undefined) {
    const lit: LampDialog = { id: 'night', direction: 'initiator', state: 'confirmed', remote: '', name: '' };
    lamps.set(config.night.code, state.night ? [lit] : []);
  }
  for (const { extension } of config.groups ?? []) lamps.set(extension, []);
  for (const [port, { config: line, desk, line: hook }] of state.ports) {
    const dialogs = lamps.get(line.extension) ?? [];
    lamps.set(line.extension, dialogs);
    for (const call of callsOf(desk)) {
      const leg = state.legs.get(call);
      if (leg !== undefined) dialogs.push(dialogOf(state, leg, port, hook.at === 'ringing'));
    }
  }
  for (const leg of state.legs.values()) {
    const [rings] = leg.rings;
    if (leg.hunt !== null && rings !== undefined) {
      lamps.get(leg.hunt.group)?.push(dialogOf(state, leg, rings, true));
    }
    if (leg.seat.at !== 'parked') continue;
    const { number, name } = parkedParty(state, leg, leg.seat.by);
    const around = { direction: 'recipient', state: 'confirmed' } as const;
    lamps
      .get(`${config.features.park}${leg.seat.slot}`)
      ?.push({ id: leg.id, ...around, remote: number, name });
  }
  return lamps;
}

/** Whoever waits in a slot: the one who was talking to the line that parked the call. */
function parkedParty(state: OfficeState, leg: Leg, by: number): { number: string; name: string } {
  return callerOf(state, leg, by);
}

function dialogOf(state: OfficeState, leg: Leg, port: number, rings: boolean): LampDialog {
  const talking = leg.stage === 'talking' && !rings;
  const { number, name } = callerOf(state, leg, port);
  return {
    id: leg.id,
    direction: wasCalled(leg, port) ? 'recipient' : 'initiator',
    state: talking ? 'confirmed' : rings || leg.stage === 'ringing' ? 'early' : 'trying',
    remote: number,
    name,
  };
}

/** Whether a leg can be taken by name: it rings somewhere, or is parked. */
export function canBeTaken(state: OfficeState, legId: string): boolean {
  const leg = state.legs.get(legId);
  if (leg === undefined) return false;
  return leg.seat.at === 'parked' || endsOf(leg).some((end) => state.ports.get(end)?.line.at === 'ringing');
}

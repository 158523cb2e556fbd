import type { LineConfig } from '../../lib/contract/site-config.ts';
import { callsOf } from '../features/index.ts';
import type { FeatureCode } from '../lines/index.ts';
import { placeCall } from './call-out.ts';
import { answer } from './desks.ts';
import { type Draft, endsOf } from './draft.ts';
import type { Leg, LegId } from './model.ts';
import { switchNight } from './night.ts';
import { askForParked, parkedIn } from './park-trunk.ts';
import { moveEnd } from './transfer.ts';

/** A line has dialled a code; every code gets an answer, at least in tones. */
export function runCode(draft: Draft, port: number, code: FeatureCode): void {
  switch (code.code) {
    case 'pickup':
      pickUp(draft, port, code.extension);
      return;
    case 'park':
      if (draft.desk(port).at === 'asking') park(draft, port, code.slot);
      else retrieve(draft, port, code.slot);
      return;
    case 'night':
      switchNight(draft, port, code.on);
      return;
    case 'redial': {
      const last = draft.state.ports.get(port)?.lastNumber ?? null;
      if (last === null) refuse(draft, port, 'feature.nothingToRedial: no number was called from this line');
      else placeCall(draft, port, last);
      return;
    }
  }
}

function refuse(draft: Draft, port: number, because: string): void {
  draft.feed(port, { type: 'tell', tone: 'refused', because });
}

/** Takes the call that rings another phone; of several the one that has rung longest. */
function pickUp(draft: Draft, port: number, extension: string | null): void {
  if (draft.desk(port).at !== 'none') {
    refuse(draft, port, 'feature.onHold: with a call on hold none can be picked up');
    return;
  }
  const found = [...draft.state.ports.values()]
    .filter(({ line }) => line.at === 'ringing')
    .map(({ config, desk }) => ({ from: config, leg: legOf(draft, callsOf(desk)[0]) }))
    .filter((each): each is { from: LineConfig; leg: Leg } => each.leg !== undefined)
    // By the phone that rings, or by the ring group that was called.
    .filter(({ from, leg }) => extension === null || [from.extension, leg.hunt?.group].includes(extension))
    .filter(({ leg }) => !endsOf(leg).includes(port))
    .sort((one, other) => one.leg.order - other.leg.order)[0];
  if (found === undefined) {
    const where = extension === null ? 'no phone' : `extension ${extension} does not`;
    refuse(draft, port, `feature.nothingRings: ${where} ring${extension === null ? 's' : ''}`);
    return;
  }
  takeRinging(draft, port, found.from.port, found.leg);
}

function takeRinging(draft: Draft, port: number, from: number, leg: Leg): void {
  const moved = moveEnd(draft, leg, from, port);
  draft.deskStep(from, { type: 'gone', call: leg.id });
  draft.feed(from, { type: 'callEnded', tone: 'busy', because: `line ${port} picked up` });
  take(draft, port, moved);
}

/** A desk phone takes exactly this call, which rings elsewhere or is parked (INVITE with Replaces, RFC 3891). */
export function takeCall(draft: Draft, port: number, id: LegId): void {
  const leg = draft.leg(id);
  draft.feed(port, { type: 'offHook' });
  if (leg === undefined || draft.desk(port).at !== 'none' || endsOf(leg).includes(port)) return;
  if (leg.seat.at === 'parked') {
    take(draft, port, moveEnd(draft, { ...leg, seat: { at: 'line' } }, leg.seat.by, port));
    return;
  }
  const from = endsOf(leg).find((end) => draft.state.ports.get(end)?.line.at === 'ringing');
  if (from !== undefined) takeRinging(draft, port, from, leg);
}

function legOf(draft: Draft, id: string | undefined): Leg | undefined {
  return id === undefined ? undefined : draft.leg(id);
}

/** The line has a call that was somebody else's. */
function take(draft: Draft, port: number, leg: Leg): void {
  draft.deskStep(port, { type: 'placed', call: leg.id });
  draft.feed(port, { type: 'join', hears: { to: 'silence' } });
  answer(draft, leg, port);
}

/** The call on hold goes into a slot. [S0-081] */
function park(draft: Draft, port: number, slot: number): void {
  const [held] = callsOf(draft.desk(port));
  const leg = legOf(draft, held);
  if (leg === undefined) return;
  if (leg.direction === 'internal' && leg.seat.at === 'parked') {
    refuse(draft, port, 'feature.parkedByOther: the other side has parked this call itself');
    return;
  }
  if (parkedIn(draft, slot) !== undefined) {
    refuse(draft, port, `feature.slotTaken: slot ${slot} holds another call`);
    return;
  }
  draft.deskStep(port, { type: 'parked' });
  draft.update({ ...leg, seat: { at: 'parked', slot, by: port } });
  draft.push({ type: 'ringTimer', leg: leg.id, ms: draft.state.config?.features.parkForMs ?? 120_000 });
  draft.push({ type: 'journalKeep', leg: leg.id });
  const because = `the call is in slot ${slot}`;
  draft.feed(port, { type: 'tell', tone: 'confirmation', because });
}

function retrieve(draft: Draft, port: number, slot: number): void {
  const leg = parkedIn(draft, slot);
  if (leg === undefined || leg.seat.at !== 'parked') {
    // An app may have parked one at the service. [S0-081]
    const asked = draft.desk(port).at === 'none' && askForParked(draft, port, slot);
    if (!asked) refuse(draft, port, `feature.slotEmpty: no call is in slot ${slot}`);
    return;
  }
  if (endsOf(leg).includes(port)) {
    refuse(draft, port, 'feature.ownCall: this line is itself in the parked call');
    return;
  }
  const { by } = leg.seat;
  take(draft, port, moveEnd(draft, { ...leg, seat: { at: 'line' } }, by, port));
}

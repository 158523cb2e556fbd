import { callsOf } from '../features/index.ts';
import type { FeatureCode } from '../lines/index.ts';
import { placeCall } from './call-out.ts';
import { answer } from './desks.ts';
import { type Draft, endsOf } from './draft.ts';
import type { Leg } from './model.ts';
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
    .filter(
      ({ config, line }) => line.at === 'ringing' && (extension ?? config.extension) === config.extension,
    )
    .map(({ config, desk }) => ({ from: config.port, leg: legOf(draft, callsOf(desk)[0]) }))
    .filter((each): each is { from: number; leg: Leg } => each.leg !== undefined)
    .filter(({ leg }) => !endsOf(leg).includes(port))
    .sort((one, other) => one.leg.order - other.leg.order)[0];
  if (found === undefined) {
    const where = extension === null ? 'no phone' : `extension ${extension} does not`;
    refuse(draft, port, `feature.nothingRings: ${where} ring${extension === null ? 's' : ''}`);
    return;
  }
  const { from, leg } = found;
  draft.deskStep(from, { type: 'gone', call: leg.id });
  draft.feed(from, { type: 'callEnded', tone: 'busy', because: `line ${port} picked up` });
  take(draft, port, moveEnd(draft, leg, from, port));
}

function legOf(draft: Draft, id: string | undefined): Leg | undefined {
  return id === undefined ? undefined : draft.leg(id);
}

/** The line has a call that was somebody else's. */
function take(draft: Draft, port: number, leg: Leg): void {
  draft.deskStep(port, { type: 'placed', call: leg.id });
  draft.feed(port, { type: 'join', hears: { to: 'silence' } });
  answer(draft, leg);
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
    refuse(draft, port, `feature.slotEmpty: no call is in slot ${slot}`);
    return;
  }
  if (endsOf(leg).includes(port)) {
    refuse(draft, port, 'feature.ownCall: this line is itself in the parked call');
    return;
  }
  const { by } = leg.seat;
  take(draft, port, moveEnd(draft, { ...leg, seat: { at: 'line' } }, by, port));
}

function parkedIn(draft: Draft, slot: number): Leg | undefined {
  return [...draft.state.legs.values()].find(({ seat }) => seat.at === 'parked' && seat.slot === slot);
}

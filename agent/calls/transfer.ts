import { type Draft, endsOf } from './draft.ts';
import { endFromHere } from './end-call.ts';
import type { Leg, LegId } from './model.ts';
import { endOfTalk } from './reasons.ts';
import { freeBack } from './recall.ts';
import { claimRing } from './ring-group.ts';
import { ring } from './ringing.ts';
import { swapCall } from './swap-call.ts';

/**
 * Line `port` hangs up between two calls: the two go on without it. Each leg keeps its record and its payer; of two legs
 * that become one, the internal one ends.
 */
export function transfer(draft: Draft, port: number, heldId: LegId, activeId: LegId): void {
  const held = draft.leg(heldId);
  const active = draft.leg(activeId);
  if (held === undefined || active === undefined) return;
  if (held.direction === 'internal') passActiveOn(draft, port, held, active);
  else if (active.direction === 'internal') passHeldOn(draft, port, held, active);
  else bridge(draft, port, held, active);
}

/** The colleague who was on hold takes over the call with whoever was asked. */
function passActiveOn(draft: Draft, port: number, held: Leg, active: Leg): void {
  const to = endsOf(held).find((end) => end !== port);
  if (to === undefined || endsOf(active).includes(to)) {
    endFromHere(draft, active, port);
    endFromHere(draft, held, port);
    return;
  }
  const moved = moveEnd(draft, active, port, to);
  // Nobody has answered yet: when nobody does, the one who passed it on is called back.
  if (active.stage !== 'talking') draft.update({ ...moved, passedBy: port });
  swapCall(draft, to, held.id, active.id);
  finishPassed(draft, held, `line ${port} passed the call on`);
}

/** The caller who was on hold goes to the colleague who was asked, or rings there. */
function passHeldOn(draft: Draft, port: number, held: Leg, active: Leg): void {
  if (active.rings.length > 0) {
    passToGroup(draft, port, held, active);
    return;
  }
  const to = endsOf(active).find((end) => end !== port);
  if (to === undefined) {
    endFromHere(draft, active, port);
    endFromHere(draft, held, port);
    return;
  }
  const moved = moveEnd(draft, held, port, to);
  swapCall(draft, to, active.id, held.id);
  const answered = active.stage === 'talking';
  finishPassed(draft, active, `line ${port} passed the caller on`);
  if (answered) return;
  draft.update({ ...moved, passedBy: port });
  draft.push({ type: 'ringTimer', leg: held.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
}

/** The caller rings wherever the group rings, and the hunt goes on for him. */
function passToGroup(draft: Draft, port: number, held: Leg, active: Leg): void {
  const { rings, hunt } = active;
  for (const ringing of rings) swapCall(draft, ringing, active.id, held.id);
  const [first = held.port] = rings;
  draft.update({ ...held, port: first, rings, hunt, passedBy: port });
  finishPassed(draft, active, `line ${port} passed the caller on`);
  draft.push({ type: 'ringTimer', leg: held.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
  if (hunt !== null) draft.push({ type: 'huntTimer', leg: held.id, ms: hunt.eachMs });
  draft.push({ type: 'journalKeep', leg: held.id });
}

/** Both are outside: their sessions are joined in the box, and both legs go on holding their channels. */
function bridge(draft: Draft, port: number, held: Leg, active: Leg): void {
  draft.update({ ...held, seat: { at: 'bridged', other: active.id }, passedBy: port });
  draft.update({ ...active, seat: { at: 'bridged', other: held.id }, passedBy: port });
  draft.note('two calls with the outside go on without a line', { port, leg: held.id });
  draft.push({ type: 'journalKeep', leg: held.id }, { type: 'journalKeep', leg: active.id });
}

/** The leg of the one who passed a call on is over; nobody is told, because nobody loses anybody. */
function finishPassed(draft: Draft, leg: Leg, because: string): void {
  const end = leg.stage === 'talking' ? endOfTalk('internal', 'line').end : 'callerGaveUp';
  draft.finish(leg, end, because);
}

/** One end of a leg moves from line to line. */
export function moveEnd(draft: Draft, given: Leg, from: number, to: number): Leg {
  const leg = given.rings.includes(from) ? claimRing(draft, given, from) : given;
  const moved =
    leg.direction === 'internal' && leg.peerPort === from ? { ...leg, peerPort: to } : { ...leg, port: to };
  draft.push({ type: 'journalKeep', leg: leg.id });
  return draft.update(moved);
}

/** Calls that were passed on and have lost their other half. */
export function settlePassedOn(draft: Draft): void {
  for (const leg of [...draft.state.legs.values()]) {
    if (leg.seat.at !== 'bridged' || draft.leg(leg.seat.other) !== undefined) continue;
    if (leg.stage !== 'talking' && leg.direction === 'in') {
      endForwarded(draft, leg);
      continue;
    }
    const neverJoined = leg.stage === 'talking' && leg.farHears.to !== 'session';
    if (neverJoined && callBack(draft, leg)) continue;
    endFromHere(draft, leg, leg.port);
  }
}

/** A call that a phone had sent on to the outside, where nobody took it. */
function endForwarded(draft: Draft, leg: Leg): void {
  const because = 'the phone had sent the call on, and it was not taken there';
  draft.push({ type: 'sipReject', leg: leg.id, status: 480, cause: 19, text: because });
  draft.finish(leg, 'notAnswered', because);
}

/** A call that was passed on and not taken rings the one who passed it on, once. False when he is not free. */
export function callBack(draft: Draft, leg: Leg): boolean {
  const port = leg.passedBy === null ? undefined : freeBack(draft, leg.passedBy);
  if (port === undefined) return false;
  const back = draft.update({
    ...leg,
    ...{ seat: { at: 'line' }, port, passedBy: null, rings: [], hunt: null },
  });
  draft.deskStep(port, { type: 'placed', call: leg.id });
  ring(draft, port, back);
  draft.push({ type: 'ringTimer', leg: leg.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
  return true;
}

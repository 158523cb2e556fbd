import type { Desk } from '../features/index.ts';
import { type Draft, endsOf } from './draft.ts';
import { endFromHere } from './end-call.ts';
import type { Leg } from './model.ts';
import { freeBack } from './recall.ts';
import { ring } from './ringing.ts';
import { callBack, moveEnd } from './transfer.ts';

/**
 * An answered call rings (passed on, or left on hold by a handset that went down) or is parked, and nobody took it in
 * time: it rings the one who left it there, and ends when he does not take it either.
 */
export function nobodyTookIt(draft: Draft, leg: Leg): void {
  if (leg.seat.at === 'parked') {
    callParker(draft, leg, leg.seat.by);
    return;
  }
  if (leg.hunt !== null) {
    groupTookNothing(draft, leg);
    return;
  }
  const port = endsOf(leg).find((end) => waitsFor(draft.desk(end), leg, draft.state.ports.get(end)?.line.at));
  if (port === undefined) return;
  const announced = draft.desk(port).at === 'announced';
  draft.deskStep(port, { type: 'gone', call: leg.id });
  if (announced) draft.push({ type: 'overlay', port, tone: null });
  else draft.feed(port, { type: 'callEnded', tone: 'busy', because: 'nobody took the call' });
  if (leg.passedBy !== port && leg.direction !== 'internal' && callBack(draft, leg)) return;
  draft.note('nobody took the call', { port, leg: leg.id });
  endFromHere(draft, leg, port);
}

/** Nobody of the group that an answered call was passed on to. */
function groupTookNothing(draft: Draft, leg: Leg): void {
  const because = 'nobody of the group took the call';
  for (const port of leg.rings) {
    draft.deskStep(port, { type: 'gone', call: leg.id });
    draft.feed(port, { type: 'callEnded', tone: 'busy', because });
  }
  draft.push({ type: 'huntTimerOff', leg: leg.id });
  const alone = draft.update({ ...leg, rings: [], hunt: null });
  if (callBack(draft, alone)) return;
  draft.note(because, { leg: leg.id });
  endFromHere(draft, alone, alone.port);
}

/** Whether the call rings at this desk, or is announced there. */
function waitsFor(desk: Desk, leg: Leg, line: string | undefined): boolean {
  if (desk.at === 'announced') return desk.waiting === leg.id;
  return desk.at === 'one' && desk.active === leg.id && line === 'ringing';
}

/** A parked call rings where it was parked; where that phone is in use, it waits as long again. */
function callParker(draft: Draft, leg: Leg, by: number): void {
  const state = draft.state.ports.get(by);
  if (state === undefined || state.leaving) {
    endFromHere(draft, leg, by);
    return;
  }
  const { features, calls } = draft.state.config ?? {};
  const port = freeBack(draft, by);
  if (port === undefined) {
    draft.push({ type: 'ringTimer', leg: leg.id, ms: features?.parkForMs ?? 120_000 });
    return;
  }
  const back = moveEnd(draft, { ...leg, seat: { at: 'line' } }, by, port);
  draft.deskStep(port, { type: 'placed', call: leg.id });
  ring(draft, port, back);
  draft.push({ type: 'ringTimer', leg: leg.id, ms: calls?.ringForMs ?? 60_000 });
}

import type { Desk } from '../features/index.ts';
import { type Draft, endsOf } from './draft.ts';
import { endFromHere } from './end-call.ts';
import type { Leg } from './model.ts';
import { ring } from './ringing.ts';
import { callBack } from './transfer.ts';

/**
 * An answered call rings (passed on, or left on hold by a handset that went down) or is parked, and nobody took it in
 * time: it rings the one who left it there, and ends when he does not take it either.
 */
export function nobodyTookIt(draft: Draft, leg: Leg): void {
  if (leg.seat.at === 'parked') {
    callParker(draft, leg, leg.seat.by);
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
  if (state.line.at !== 'onHook' || state.desk.at !== 'none') {
    draft.push({ type: 'ringTimer', leg: leg.id, ms: features?.parkForMs ?? 120_000 });
    return;
  }
  const back = draft.update({ ...leg, seat: { at: 'line' } });
  draft.deskStep(by, { type: 'placed', call: leg.id });
  ring(draft, by, back);
  draft.push({ type: 'ringTimer', leg: leg.id, ms: calls?.ringForMs ?? 60_000 });
}

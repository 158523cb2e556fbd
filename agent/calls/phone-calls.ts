import { callsOf } from '../features/index.ts';
import type { Draft } from './draft.ts';
import { forward } from './forward.ts';
import type { Leg, LegId } from './model.ts';
import { giveUpInternal } from './recall.ts';
import { leaveRing } from './ring-group.ts';
import { moveEnd } from './transfer.ts';
import { nobodyTookIt } from './unclaimed.ts';

/**
 * A desk phone does not take the call that rings it: it says that it is busy or must not be disturbed, does not answer, or
 * sends the caller on (`to`).
 */
export function decline(draft: Draft, port: number, status: number, to?: string): void {
  const leg = draft.legOn(port);
  if (leg === undefined || draft.state.ports.get(port)?.line.at !== 'ringing') return;
  const busy = status === 486 || status === 600 || status === 603;
  const because = busy ? 'the phone refused the call' : `the phone cannot be reached (SIP ${status})`;
  // The members of a group stand in for each other: no one of them sends its calls elsewhere.
  if (leg.rings.includes(port)) {
    if (!leaveRing(draft, leg, port, because)) nobodyOfGroup(draft, leg.id, because);
    return;
  }
  const refusal = to === undefined ? because : forward(draft, leg, port, to);
  if (refusal === undefined) return;
  if (leg.stage === 'talking') {
    nobodyTookIt(draft, leg);
    return;
  }
  if (leg.direction === 'internal') {
    const tone = busy ? 'busy' : 'congestion';
    giveUpInternal(draft, leg, { end: busy ? 'busy' : 'unreachable', tone, because: refusal });
    return;
  }
  draft.tellAt(port, leg, 'busy', refusal);
  const cause = busy ? 17 : 20;
  draft.push({ type: 'sipReject', leg: leg.id, status: busy ? 486 : 480, cause, text: refusal });
  draft.finish(leg, busy ? 'busy' : 'unreachable', refusal);
}

/** Nobody of a ring group is left who could take the call. */
function nobodyOfGroup(draft: Draft, id: LegId, because: string): void {
  const leg = draft.leg(id);
  if (leg === undefined) return;
  if (leg.stage === 'talking') nobodyTookIt(draft, leg);
  else if (leg.direction === 'in') {
    draft.push({ type: 'sipReject', leg: id, status: 486, cause: 17, text: because });
    draft.finish(leg, 'busy', because);
  } else giveUpInternal(draft, leg, { end: 'busy', tone: 'busy', because });
}

/**
 * A desk phone joins the calls of two of its places and leaves both (attended transfer): as if a line with one on hold
 * hung up while it talks to the other.
 */
export function joinCalls(draft: Draft, port: number, other: number): void {
  const [one, two] = [onlyLeg(draft, port), onlyLeg(draft, other)];
  const answered = [one, two].filter((leg) => leg?.stage === 'talking').length;
  const emergency = one?.emergency === true || two?.emergency === true;
  if (one === undefined || two === undefined || one.id === two.id || emergency || answered === 0) {
    draft.note('these two calls cannot be joined', { port });
    return;
  }
  draft.deskStep(other, { type: 'gone', call: two.id });
  moveEnd(draft, two, other, port);
  draft.feed(other, { type: 'callEnded', tone: 'busy', because: 'the call was passed on' });
  // Whoever has answered is the one who goes to the other.
  const [held, active] = one.stage === 'talking' ? [one.id, two.id] : [two.id, one.id];
  draft.setDesk(port, { at: 'two', active, held, placed: true });
  draft.feed(port, { type: 'onHook' });
}

function onlyLeg(draft: Draft, port: number): Leg | undefined {
  const [call, ...more] = callsOf(draft.desk(port));
  return call === undefined || more.length > 0 ? undefined : draft.leg(call);
}

import { callsOf } from '../features/index.ts';
import type { Draft } from './draft.ts';
import type { Leg } from './model.ts';
import { moveEnd } from './transfer.ts';
import { nobodyTookIt } from './unclaimed.ts';

/** A desk phone does not take the call that rings it: it says that it is busy, or does not answer. */
export function decline(draft: Draft, port: number, status: number): void {
  const leg = draft.legOn(port);
  if (leg === undefined || draft.state.ports.get(port)?.line.at !== 'ringing') return;
  if (leg.stage === 'talking') {
    nobodyTookIt(draft, leg);
    return;
  }
  const busy = status === 486 || status === 600 || status === 603;
  const because = busy ? 'the phone refused the call' : `the phone cannot be reached (SIP ${status})`;
  draft.tellAt(port, leg, 'busy', because);
  if (leg.direction === 'internal') draft.tellAt(leg.port, leg, busy ? 'busy' : 'congestion', because);
  else {
    const cause = busy ? 17 : 20;
    draft.push({ type: 'sipReject', leg: leg.id, status: busy ? 486 : 480, cause, text: because });
  }
  draft.finish(leg, busy ? 'busy' : 'unreachable', because);
}

/**
 * A desk phone joins the calls of two of its places and leaves both (attended transfer): as if a line with one on hold
 * hung up while it talks to the other.
 */
export function joinCalls(draft: Draft, port: number, other: number): void {
  const [one, two] = [onlyLeg(draft, port), onlyLeg(draft, other)];
  if (one === undefined || two === undefined || one.id === two.id || one.emergency || two.emergency) {
    draft.note('these two calls cannot be joined', { port });
    return;
  }
  draft.deskStep(other, { type: 'gone', call: two.id });
  moveEnd(draft, two, other, port);
  draft.feed(other, { type: 'callEnded', tone: 'busy', because: 'the call was passed on' });
  draft.setDesk(port, { at: 'two', active: two.id, held: one.id, placed: true });
  draft.feed(port, { type: 'onHook' });
}

function onlyLeg(draft: Draft, port: number): Leg | undefined {
  const [call, ...more] = callsOf(draft.desk(port));
  return call === undefined || more.length > 0 ? undefined : draft.leg(call);
}

import { type Draft, endsOf } from './draft.ts';
import type { Leg } from './model.ts';
import { isPhonePort, isReachable, phoneOf, placesOf } from './phones.ts';
import type { Verdict } from './reasons.ts';
import { ring } from './ringing.ts';
import { swapCall } from './swap-call.ts';

/** Where whoever passed a call on can be called back: his line, or any free place of his phone. */
export function freeBack(draft: Draft, passedBy: number): number | undefined {
  if (!isReachable(draft.state, passedBy)) return undefined;
  const places = isPhonePort(passedBy) ? placesOf(phoneOf(passedBy)) : [passedBy];
  return places.find((port) => {
    const place = draft.state.ports.get(port);
    return place?.line.at === 'onHook' && place.desk.at === 'none' && !place.leaving;
  });
}

/**
 * A call between lines that was passed on and not taken rings the one who passed it on, once; whoever waits goes on hearing
 * ringback. Nobody else rings for it any more. False when he is not free.
 */
function recallInternal(draft: Draft, leg: Leg): boolean {
  const back = leg.passedBy === null ? undefined : freeBack(draft, leg.passedBy);
  if (back === undefined) return false;
  const called = draft.update({ ...leg, peerPort: back, rings: [], hunt: null, passedBy: null });
  if (leg.hunt !== null) draft.push({ type: 'huntTimerOff', leg: leg.id });
  draft.deskStep(back, { type: 'placed', call: leg.id });
  ring(draft, back, called);
  draft.push({ type: 'ringTimer', leg: leg.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
  draft.note('nobody took the call that was passed on: it rings whoever did that', {
    port: back,
    leg: leg.id,
  });
  return true;
}

/** Nobody takes the call: whoever passed it on is called back, else the caller is told. */
export function giveUpInternal(draft: Draft, leg: Leg, { end, tone, because }: Verdict): void {
  for (const port of endsOf(leg)) {
    if (port === leg.port) continue;
    const announced = draft.desk(port).at === 'announced';
    draft.deskStep(port, { type: 'gone', call: leg.id });
    if (announced) draft.push({ type: 'overlay', port, tone: null });
    else draft.feed(port, { type: 'callEnded', tone: 'busy', because });
  }
  const alone = draft.update({ ...leg, peerPort: null, rings: [] });
  if (recallInternal(draft, alone)) return;
  draft.tellAt(leg.port, alone, tone, because);
  draft.finish(alone, end, because);
}

/**
 * A call to the outside that was passed on to a colleague and failed: the colleague is joined with whoever passed it on, who
 * rings. The failed leg is the caller's to end. False when he is not free, or the call was not passed on.
 */
export function recallFrom(draft: Draft, leg: Leg): boolean {
  const back = leg.passedBy === null || leg.seat.at !== 'line' ? undefined : freeBack(draft, leg.passedBy);
  const waiting = draft.state.ports.get(leg.port);
  const passer = back === undefined ? undefined : draft.state.ports.get(back);
  if (back === undefined || passer === undefined || waiting === undefined) return false;
  const recall = draft.begin(waiting.config, {
    id: draft.env.fresh,
    call: draft.env.fresh,
    direction: 'internal',
    stage: 'ringing',
    from: waiting.config.extension,
    to: passer.config.extension,
    peerPort: back,
  });
  swapCall(draft, leg.port, leg.id, recall.id);
  draft.deskStep(back, { type: 'placed', call: recall.id });
  ring(draft, back, recall);
  draft.push({ type: 'ringTimer', leg: recall.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
  return true;
}

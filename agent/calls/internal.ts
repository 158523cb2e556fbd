import type { LineConfig } from '../../lib/contract/site-config.ts';
import { type Draft, endsOf } from './draft.ts';
import type { Leg } from './model.ts';
import { freePlace, isReachable } from './phones.ts';
import { endOfTalk } from './reasons.ts';
import { giveUpInternal } from './recall.ts';
import { placeGroup } from './ring-group.ts';
import { wantLine } from './ringing.ts';

/** A call from line to line of this box. Never leaves it, needs no trunk, takes no channel, costs nothing. [S0-050] */
export function placeInternal(draft: Draft, caller: LineConfig, extension: string): void {
  const { state } = draft;
  const group = state.config?.groups?.find((each) => each.extension === extension);
  const callee = [...state.ports.values()].find(
    (candidate) => !candidate.leaving && candidate.config.extension === extension,
  );
  const leg = draft.begin(caller, {
    id: draft.env.fresh,
    call: draft.env.fresh,
    direction: 'internal',
    stage: 'ringing',
    from: caller.extension,
    to: extension,
  });
  draft.deskStep(caller.port, { type: 'placed', call: leg.id });
  if (group !== undefined) {
    placeGroup(draft, leg, group);
    return;
  }
  if (callee === undefined) {
    const because = `no line of this box has extension ${extension}`;
    draft.tell(leg, 'congestion', because);
    draft.finish(leg, 'unallocated', because);
    return;
  }
  if (!isReachable(state, callee.config.port)) {
    const because = `the phone of extension ${extension} is not registered`;
    draft.tell(leg, 'congestion', because);
    draft.finish(leg, 'unreachable', because);
    return;
  }
  const to = freePlace(state, callee.config.port) ?? callee.config.port;
  const ringing = draft.update({ ...leg, peerPort: to });
  if (extension === caller.extension || !wantLine(draft, to, ringing)) {
    const because = `extension ${extension} is busy`;
    draft.update(leg);
    draft.tell(leg, 'busy', because);
    draft.finish(leg, 'busy', because);
    return;
  }
  draft.feedEar(ringing, caller.port, { type: 'progress', hears: { to: 'tone', tone: 'ringback' } });
  draft.push({ type: 'ringTimer', leg: leg.id, ms: state.config?.calls.ringForMs ?? 60_000 });
}

/** The called extension lifts: both ears and microphones are joined. */
export function answerInternal(draft: Draft, leg: Leg): void {
  if (leg.peerPort === null) return;
  draft.push({ type: 'ringTimerOff', leg: leg.id });
  draft.answered({ ...leg, passedBy: null });
  draft.feedEar(leg, leg.port, { type: 'connect', hears: { to: 'line', port: leg.peerPort } });
  draft.feedEar(leg, leg.peerPort, { type: 'connect', hears: { to: 'line', port: leg.port } });
  draft.push({ type: 'journalKeep', leg: leg.id });
}

/** Nobody lifted the called extension in time. */
export function stopRingingInternal(draft: Draft, leg: Leg): void {
  const because = `extension ${leg.to} did not answer`;
  giveUpInternal(draft, leg, { end: 'notAnswered', tone: 'congestion', because });
}

/** One of the two hangs up; the other hears busy tone, or stops ringing. */
export function hangUpInternal(draft: Draft, leg: Leg, port: number): void {
  const others = endsOf(leg).filter((each) => each !== port);
  const ending =
    leg.stage === 'talking'
      ? endOfTalk('internal', port === leg.port ? 'line' : 'far')
      : ({ end: 'callerGaveUp', because: 'the caller hung up before the answer' } as const);
  for (const other of others) draft.tellAt(other, leg, 'busy', ending.because);
  draft.finish(leg, ending.end, ending.because);
}

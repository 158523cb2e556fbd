import type { LineConfig } from '../../lib/contract/site-config.ts';
import { isFree } from '../lines/index.ts';
import { CADENCES } from './cadences.ts';
import type { Draft } from './draft.ts';
import type { Leg } from './model.ts';
import { endOfTalk } from './reasons.ts';

/** A call from line to line of this box. Never leaves it, needs no trunk, takes no channel, costs nothing. [S0-050] */
export function placeInternal(draft: Draft, caller: LineConfig, extension: string): void {
  const { state } = draft;
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
    peerPort: callee !== undefined && isFree(callee.line) ? callee.config.port : null,
  });
  if (callee === undefined) {
    const because = `no line of this box has extension ${extension}`;
    draft.tell(caller.port, 'congestion', because);
    draft.finish(leg, 'unallocated', because);
    return;
  }
  if (leg.peerPort === null) {
    const because = `extension ${extension} is busy`;
    draft.tell(caller.port, 'busy', because);
    draft.finish(leg, 'busy', because);
    return;
  }
  draft.feed(leg.peerPort, { type: 'ring', cadence: CADENCES[callee.config.ring] });
  draft.feed(caller.port, { type: 'progress', hears: { to: 'tone', tone: 'ringback' } });
  draft.push({ type: 'ringTimer', leg: leg.id, ms: state.config?.calls.ringForMs ?? 60_000 });
}

/** The called extension lifts: both ears and microphones are joined. */
export function answerInternal(draft: Draft, leg: Leg): void {
  if (leg.peerPort === null) return;
  draft.push({ type: 'ringTimerOff', leg: leg.id });
  draft.answered(leg);
  draft.feed(leg.port, { type: 'connect', hears: { to: 'line', port: leg.peerPort } });
  draft.feed(leg.peerPort, { type: 'connect', hears: { to: 'line', port: leg.port } });
  draft.push({ type: 'journalKeep', leg: leg.id });
}

/** Nobody lifted the called extension in time. */
export function stopRingingInternal(draft: Draft, leg: Leg): void {
  const because = `extension ${leg.to} did not answer`;
  if (leg.peerPort !== null) draft.tell(leg.peerPort, 'busy', because);
  draft.tell(leg.port, 'congestion', because);
  draft.finish(leg, 'notAnswered', because);
}

/** One of the two hangs up; the other hears busy tone, or stops ringing. */
export function hangUpInternal(draft: Draft, leg: Leg, port: number): void {
  const other = port === leg.port ? leg.peerPort : leg.port;
  const ending =
    leg.stage === 'talking'
      ? endOfTalk('internal', port === leg.port ? 'line' : 'far')
      : ({ end: 'callerGaveUp', because: 'the caller hung up before the answer' } as const);
  if (other !== null) draft.tell(other, 'busy', ending.because);
  draft.finish(leg, ending.end, ending.because);
}

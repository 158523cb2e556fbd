import { callsOf, type DeskEffect } from '../features/index.ts';
import { openForAnswer } from './call-in.ts';
import type { Draft } from './draft.ts';
import { endFromHere } from './end-call.ts';
import { answerInternal } from './internal.ts';
import type { Leg } from './model.ts';
import { loseLeg } from './recovery.ts';
import { claimRing, leaveRing } from './ring-group.ts';
import { ring } from './ringing.ts';
import { earOf } from './settle.ts';
import { transfer } from './transfer.ts';

/** Carries out what the desk of a line has decided. */
export function carry(draft: Draft, port: number, effects: readonly DeskEffect[]): void {
  for (const effect of effects) {
    switch (effect.type) {
      case 'ask':
        draft.feed(port, { type: 'recall' });
        break;
      case 'listen':
        draft.feed(port, { type: 'join', hears: earOf(draft, port) ?? { to: 'silence' } });
        break;
      case 'announce':
        draft.push({ type: 'overlay', port, tone: 'callWaiting' });
        break;
      case 'announceOff':
        draft.push({ type: 'overlay', port, tone: null });
        break;
      case 'refuse':
        break;
      case 'note':
        draft.note(effect.say, { port });
        break;
      case 'transfer':
        transfer(draft, port, effect.held, effect.active);
        break;
      case 'answer':
      case 'release':
      case 'ringAgain':
        withLeg(draft, port, effect);
        break;
    }
  }
}

function withLeg(
  draft: Draft,
  port: number,
  effect: Extract<DeskEffect, { readonly type: 'answer' | 'release' | 'ringAgain' }>,
): void {
  const leg = draft.leg(effect.call);
  if (leg === undefined) return;
  if (effect.type === 'release') endFromHere(draft, leg, port);
  else if (effect.type === 'ringAgain') ringAgain(draft, port, leg);
  else {
    draft.feed(port, { type: 'join', hears: { to: 'silence' } });
    answer(draft, leg, port);
  }
}

/** The handset was lifted for a call, or a flash went to it. */
export function answer(draft: Draft, rung: Leg, port: number): void {
  const leg = claimRing(draft, rung, port);
  if (leg.stage === 'talking') {
    // Passed on, or rung again: answered long ago, and joined by what follows.
    draft.push({ type: 'ringTimerOff', leg: leg.id }, { type: 'journalKeep', leg: leg.id });
    draft.update({ ...leg, passedBy: null });
  } else if (leg.direction === 'internal') answerInternal(draft, leg);
  else openForAnswer(draft, leg);
}

/** Somebody is still there and the handset is down: the phone rings. */
export function ringAgain(draft: Draft, port: number, leg: Leg): void {
  const state = draft.state.ports.get(port);
  if (state === undefined || state.leaving || state.line.at !== 'onHook') {
    endFromHere(draft, leg, port);
    return;
  }
  ring(draft, port, leg);
  if (leg.stage !== 'talking') return;
  draft.push({ type: 'ringTimer', leg: leg.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
}

/** A hook flash within the line's window. */
export function flash(draft: Draft, port: number): void {
  const state = draft.state.ports.get(port);
  if (state === undefined) return;
  draft.setPort(port, { ...state, flashedMs: draft.env.monoMs });
  carry(draft, port, draft.deskStep(port, { type: 'flash' }));
}

/** A digit in a call: shortly after a flash it is meant for us. */
export function digit(draft: Draft, port: number, pressed: string): void {
  const state = draft.state.ports.get(port);
  const limitMs = draft.state.config?.features.flashDigitMs ?? 0;
  if (state === undefined || state.flashedMs === null) return;
  const fresh = draft.env.monoMs - state.flashedMs <= limitMs;
  draft.setPort(port, { ...state, flashedMs: null });
  if (fresh) carry(draft, port, draft.deskStep(port, { type: 'digit', digit: pressed }));
}

/** The handset is down: every call of the desk goes somewhere. */
export function hangUp(draft: Draft, port: number): void {
  carry(draft, port, draft.deskStep(port, { type: 'hungUp' }));
}

/** The line is gone with its board, and its calls with it. */
export function loseDesk(draft: Draft, port: number): void {
  for (const id of callsOf(draft.desk(port))) {
    const leg = draft.leg(id);
    if (leg === undefined) continue;
    // Others of the group ring on.
    const others = leg.rings.includes(port) && leaveRing(draft, leg, port, draft.lostBecause);
    if (!others) loseLeg(draft, draft.leg(id) ?? leg);
  }
}

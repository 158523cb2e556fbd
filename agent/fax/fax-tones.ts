import type { FaxTone } from '../media/protocol.ts';
import { MUTE_ALL, MUTE_NOTHING, muted, offer, stay, toPassthrough } from './fax-moves.ts';
import type { FaxEffect, FaxEnv, FaxState, FaxStepped } from './fax-state.ts';

/** How long sound is held back for T.38 that does not come. A Super G3 machine gives up V.8 after 3 to 5 s. */
export const MUTE_LIMIT_MS = 6_000;
/**
 * The side of the calling machine leaves the offer to the other side for so long after the first V.21. Not longer: once
 * the two machines train their page modems by sound, a change to T.38 costs the page that would have arrived.
 */
export const CALLER_TRY_MS = 1_500;

type Listening = Extract<FaxState, { readonly at: 'listening' }>;
interface Heard {
  readonly from: 'line' | 'network';
  readonly tone: FaxTone;
}

/** A tone says who is there. Only while nothing is decided does it decide anything. */
export function hearTone(
  state: Exclude<FaxState, { readonly at: 'off' }>,
  heard: Heard,
  env: FaxEnv,
): FaxStepped {
  if (state.at !== 'listening') return stay(state);
  switch (heard.tone) {
    case 'cng':
      // A caller's machine; nothing to do before the other one answers.
      if (heard.from === 'line') return stay(state);
      return stay({ ...state, heard: { ...state.heard, cngFromNetwork: true } });
    case 'callingTone':
      return stay(state);
    case 'ced':
    case 'ansam':
    case 'ansamPr':
    case 'ansPr':
    case 'v21Preamble':
      return answering(state, heard, env);
  }
}

/** The machine that is called has spoken first, or its caller has answered it. */
function answering(state: Listening, { from, tone }: Heard, env: FaxEnv): FaxStepped {
  const known: Listening = { ...state, heard: { ...state.heard, answerer: state.heard.answerer ?? from } };
  if (!env.settings.t38) return toPassthrough(known, 'T.38 is off for this line');
  if (state.tried) return toPassthrough(known, 'T.38 was tried in this call before');
  const { state: next, effects } =
    known.heard.answerer === 'line' ? ours(known, from, tone) : theirs(known, from, tone);
  if (state.heard.answerer !== null) return { state: next, effects };
  // As good as sound can be from now on: nobody knows yet whether T.38 will come.
  return { state: next, effects: [{ type: 'startPassthrough', because: '' }, ...effects] };
}

/** Our machine is the one that answers: the offer is ours to make. */
function ours(state: Listening, from: 'line' | 'network', tone: FaxTone): FaxStepped {
  // V.21 of the caller's machine: certain too, but the two talk already and must not be interrupted.
  if (tone === 'v21Preamble') return offer(state, from === 'line' ? MUTE_ALL : MUTE_NOTHING);
  if (from === 'network') return stay(state);
  // A plain 2100 Hz is a fax; so is a modem's answer to somebody who said CNG.
  if (tone === 'ced' || state.heard.cngFromNetwork) return offer(state, MUTE_ALL);
  return hold(state);
}

/** The far machine answers: its side offers, and only if it does not we do, once. */
function theirs(state: Listening, from: 'line' | 'network', tone: FaxTone): FaxStepped {
  if (tone === 'v21Preamble') {
    const { state: next, effects } = release(state);
    if (state.spoke) return { state: next, effects };
    return {
      state: { ...next, spoke: true },
      effects: [...effects, { type: 'arm', timer: 'callerTry', fromMs: CALLER_TRY_MS, toMs: CALLER_TRY_MS }],
    };
  }
  return from === 'network' && tone !== 'ced' ? hold(state) : stay(state);
}

/**
 * The answer of a Super G3 machine (ANSam, ITU-T V.8) must not reach its caller, nor the caller's CM this machine: they
 * would agree on V.34, which no gateway here speaks. Held back, both begin anew with V.21.
 */
function hold(state: Listening): FaxStepped {
  const mute = MUTE_ALL;
  if (state.mute.toNetwork && state.mute.toLine) return stay(state);
  return {
    state: { ...state, mute },
    effects: [
      ...muted(state.mute, mute),
      { type: 'arm', timer: 'mute', fromMs: MUTE_LIMIT_MS, toMs: MUTE_LIMIT_MS },
    ],
  };
}

/** V.21 is spoken: V.8 is over, and the machines must hear each other until T.38 is there. */
function release(state: Listening): { readonly state: Listening; readonly effects: readonly FaxEffect[] } {
  const effects = muted(state.mute, MUTE_NOTHING);
  return {
    state: { ...state, mute: MUTE_NOTHING },
    effects: effects.length === 0 ? [] : [...effects, { type: 'disarm', timer: 'mute' }],
  };
}

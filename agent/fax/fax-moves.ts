import type { FaxEffect, FaxMute, FaxState, FaxStepped } from './fax-state.ts';

/** An offer without an answer for so long is as good as refused; it is also what others wait. */
export const ANSWER_LIMIT_MS = 5_000;

export type Up = Exclude<FaxState, { readonly at: 'off' }>;

export const MUTE_NOTHING: FaxMute = { toNetwork: false, toLine: false };
export const MUTE_ALL: FaxMute = { toNetwork: true, toLine: true };

/** Offers T.38. `mute` is what is held back until it is there, or refused. */
export function offer(state: Up, mute: FaxMute, glares = 0): FaxStepped {
  return {
    state: { at: 'offering', heard: state.heard, mute, tried: state.tried, glares },
    effects: [
      { type: 'disarm', timer: 'callerTry' },
      { type: 'disarm', timer: 'mute' },
      ...muted(state.mute, mute),
      { type: 'offerImage' },
      { type: 'arm', timer: 'answer', fromMs: ANSWER_LIMIT_MS, toMs: ANSWER_LIMIT_MS },
    ],
  };
}

/** The call becomes T.38, by the last offer and answer. */
export function toT38(state: Up, since: 'ours' | 'theirs', before: readonly FaxEffect[]): FaxStepped {
  return {
    state: { at: 't38', since, heard: state.heard, mute: MUTE_NOTHING, tried: state.tried },
    effects: [
      ...before,
      { type: 'disarm', timer: 'answer' },
      { type: 'disarm', timer: 'glare' },
      { type: 'disarm', timer: 'callerTry' },
      { type: 'disarm', timer: 'mute' },
      { type: 'watch', on: false },
      ...muted(state.mute, MUTE_NOTHING),
      { type: 'startT38' },
    ],
  };
}

/** The fax goes on as sound, and T.38 is not offered again in this call. */
export function toPassthrough(state: Up, because: string): FaxStepped {
  return {
    state: {
      at: 'passthrough',
      because,
      pending: false,
      heard: state.heard,
      mute: MUTE_NOTHING,
      tried: true,
    },
    effects: [
      { type: 'disarm', timer: 'answer' },
      { type: 'disarm', timer: 'callerTry' },
      { type: 'disarm', timer: 'mute' },
      { type: 'startPassthrough', because },
      ...muted(state.mute, MUTE_NOTHING),
      { type: 'note', say: `fax as sound: ${because}` },
    ],
  };
}

/** The effect of a change of muting, if it is one. */
export function muted(before: FaxMute, after: FaxMute): readonly FaxEffect[] {
  const same = before.toNetwork === after.toNetwork && before.toLine === after.toLine;
  return same ? [] : [{ type: 'mute', mute: after }];
}

export function stay(state: FaxState, ...effects: FaxEffect[]): FaxStepped {
  return { state, effects };
}

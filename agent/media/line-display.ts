import { ok, type Result, refuse, unreachable } from '../../lib/base/errors.ts';

/**
 * The calling of a phone with Number Display, from the first reversal to ordinary ringing. Times of the exchange; every
 * one is a setting, because the tolerances of NTT's own document (技術参考資料, 電話サービスのインタフェース) are not public
 * here and phones differ.
 */
export interface DisplayTimes {
  /** From the reversal of polarity to the first burst of the signal that starts the receiver (情報受信端末起動信号). */
  readonly reversalMs: number;
  /** The starting signal: ringing 0.5 s on, 0.5 s off, … */
  readonly startOnMs: number;
  readonly startOffMs: number;
  /** … for so long; a phone that does not close the loop until then has no display and rings. */
  readonly startForMs: number;
  /** From the loop closed (一次応答) to the data. Receivers give up after about 3 s. */
  readonly leadMs: number;
  /** From the end of the data until the loop must be open; longer means that a person lifted the handset. */
  readonly releaseMs: number;
  /**
   * From the loop reported open to ordinary ringing. The board reports it after 1 s, because anything shorter is a hook
   * flash: together about 1.5 s.
   */
  readonly pauseMs: number;
  /** A receiver that heard the starting signal closes the loop a moment later, even when the call is over by then. */
  readonly settleMs: number;
}

/** As exchanges of NTT are described by makers of line interfaces and receivers. */
export const DISPLAY_TIMES: DisplayTimes = {
  reversalMs: 300,
  startOnMs: 500,
  startOffMs: 500,
  startForMs: 6_000,
  leadMs: 300,
  releaseMs: 7_000,
  pauseMs: 500,
  settleMs: 700,
};

const TIME_LIMIT_MS = 30_000;

/** Times as they are written in a flag: JSON, whole ms from 0 to 30,000. Error: `media.flag`. */
export function readDisplayTimes(text: string): Result<Partial<DisplayTimes>> {
  const bad = (say: string): Result<never> =>
    refuse({ code: 'media.flag', fault: 'caller', say: `--display-times: ${say}` });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad('not JSON.');
  }
  if (typeof value !== 'object' || value === null) return bad('not an object.');
  const times: Record<string, number> = {};
  for (const [name, ms] of Object.entries(value)) {
    if (!Object.hasOwn(DISPLAY_TIMES, name)) return bad(`there is no time ${name.slice(0, 40)}.`);
    if (!Number.isInteger(ms) || ms < 0 || ms > TIME_LIMIT_MS)
      return bad(`${name} is 0 to ${TIME_LIMIT_MS} ms.`);
    times[name] = ms;
  }
  return ok(times);
}

/** Where the sequence stands. Outside of it a line is `idle`. */
export type DisplayState =
  | { readonly at: 'idle' }
  /** Polarity is reversed, nothing else yet. */
  | { readonly at: 'reversed' }
  /** The starting signal rings. */
  | { readonly at: 'starting' }
  /** The receiver closed the loop. */
  | { readonly at: 'answered' }
  /** The data plays, and the loop is to open after it. */
  | { readonly at: 'sending' }
  /** The receiver has it; soon the phone rings. */
  | { readonly at: 'pause' }
  /** Ordinary ringing; polarity is still reversed. */
  | { readonly at: 'ringing' }
  /** The caller gave up in the starting signal; `again` when another call came since. */
  | { readonly at: 'settling'; readonly again: boolean }
  /** The caller gave up while the loop was closed; `again` when another call came since. */
  | { readonly at: 'abandoned'; readonly again: boolean };

export type DisplayInput =
  | { readonly type: 'call' }
  /** The call is over, or was taken elsewhere. */
  | { readonly type: 'cancel' }
  | { readonly type: 'loop'; readonly closed: boolean }
  | { readonly type: 'timer' }
  /** The board is gone, and with it everything it did. */
  | { readonly type: 'lost' };

export type DisplayEffect =
  | { readonly do: 'reverse'; readonly on: boolean }
  | { readonly do: 'ring'; readonly what: 'start' | 'ordinary' }
  | { readonly do: 'ringStop' }
  /** Send the frame. */
  | { readonly do: 'send' }
  /** Replaces the timer that runs. */
  | { readonly do: 'arm'; readonly ms: number }
  | { readonly do: 'disarm' }
  /** The handset is lifted: by a person, and not by the receiver. */
  | { readonly do: 'lifted' };

export interface DisplayStep {
  readonly state: DisplayState;
  readonly effects: readonly DisplayEffect[];
}

const IDLE: DisplayState = { at: 'idle' };

/** Pure: what happens next. `dataMs` is how long the frame of this call sounds. */
export function stepDisplay(
  state: DisplayState,
  input: DisplayInput,
  times: DisplayTimes,
  dataMs: number,
): DisplayStep {
  switch (input.type) {
    case 'call':
      return call(state, times);
    case 'cancel':
      return cancel(state, times);
    case 'loop':
      return input.closed ? closed(state, times) : opened(state, times);
    case 'timer':
      return expire(state, times, dataMs);
    case 'lost':
      return { state: IDLE, effects: [{ do: 'disarm' }] };
    default:
      return unreachable(input);
  }
}

function call(state: DisplayState, times: DisplayTimes): DisplayStep {
  switch (state.at) {
    case 'idle':
      return go({ at: 'reversed' }, times.reversalMs, [{ do: 'reverse', on: true }]);
    case 'settling':
    case 'abandoned':
      return { state: { ...state, again: true }, effects: [] };
    // The same call again, as an agent says it that was restarted.
    case 'reversed':
    case 'starting':
    case 'answered':
    case 'sending':
    case 'pause':
    case 'ringing':
      return { state, effects: [] };
    default:
      return unreachable(state);
  }
}

function cancel(state: DisplayState, times: DisplayTimes): DisplayStep {
  switch (state.at) {
    case 'idle':
      return { state, effects: [] };
    case 'reversed':
    case 'pause':
      return end([]);
    case 'starting':
      return go({ at: 'settling', again: false }, times.settleMs, [
        { do: 'ringStop' },
        { do: 'reverse', on: false },
      ]);
    case 'ringing':
      return end([{ do: 'ringStop' }]);
    case 'answered':
    case 'sending':
      return go({ at: 'abandoned', again: false }, times.releaseMs, []);
    case 'settling':
    case 'abandoned':
      return { state: { ...state, again: false }, effects: [] };
    default:
      return unreachable(state);
  }
}

function closed(state: DisplayState, times: DisplayTimes): DisplayStep {
  switch (state.at) {
    case 'starting':
      return go({ at: 'answered' }, times.leadMs, [{ do: 'ringStop' }]);
    case 'settling':
      return go({ at: 'abandoned', again: state.again }, times.releaseMs, []);
    // Too early for a receiver that waits for its signal, or too late: somebody wants to talk.
    case 'reversed':
    case 'pause':
      return end([{ do: 'lifted' }]);
    case 'ringing':
      return end([{ do: 'ringStop' }, { do: 'lifted' }]);
    case 'idle':
    case 'answered':
    case 'sending':
    case 'abandoned':
      return { state, effects: [] };
    default:
      return unreachable(state);
  }
}

function opened(state: DisplayState, times: DisplayTimes): DisplayStep {
  switch (state.at) {
    // A receiver that gives up, or a person who lifted and put down at once: the call still wants to ring.
    case 'answered':
    case 'sending':
      return go({ at: 'pause' }, times.pauseMs, []);
    case 'abandoned':
      return state.again ? go({ at: 'pause' }, times.pauseMs, []) : end([]);
    case 'idle':
    case 'reversed':
    case 'starting':
    case 'settling':
    case 'pause':
    case 'ringing':
      return { state, effects: [] };
    default:
      return unreachable(state);
  }
}

function expire(state: DisplayState, times: DisplayTimes, dataMs: number): DisplayStep {
  switch (state.at) {
    case 'reversed':
      return go({ at: 'starting' }, times.startForMs, [{ do: 'ring', what: 'start' }]);
    case 'starting':
    case 'pause':
      return {
        state: { at: 'ringing' },
        effects: [{ do: 'disarm' }, { do: 'ring', what: 'ordinary' }],
      };
    case 'answered':
      return go({ at: 'sending' }, dataMs + times.releaseMs, [{ do: 'send' }]);
    case 'sending':
    case 'abandoned':
      return end([{ do: 'lifted' }]);
    case 'settling':
      return state.again
        ? go({ at: 'reversed' }, times.reversalMs, [{ do: 'reverse', on: true }])
        : { state: IDLE, effects: [] };
    case 'idle':
    case 'ringing':
      return { state, effects: [] };
    default:
      return unreachable(state);
  }
}

function go(state: DisplayState, ms: number, effects: readonly DisplayEffect[]): DisplayStep {
  return { state, effects: [...effects, { do: 'arm', ms }] };
}

/** The line is as before the call; `then` comes after the polarity, as a person hears it. */
function end(then: readonly DisplayEffect[]): DisplayStep {
  return { state: IDLE, effects: [{ do: 'disarm' }, ...then, { do: 'reverse', on: false }] };
}

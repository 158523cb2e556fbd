import { unreachable } from '../../lib/base/errors.ts';

/** What a fax machine on an analog line is doing. Times in ms of the board's clock. */
export type FaxErrand =
  /** Waits for the bell. */
  | { readonly at: 'armed'; readonly rings: number; readonly rung: number; readonly bellOffAtMs: number }
  /** Handset lifted, listening for dial tone. */
  | { readonly at: 'lifted'; readonly sinceMs: number; readonly number: string }
  | { readonly at: 'dialling' }
  /** The T.30 machine has the line. */
  | { readonly at: 'onLine'; readonly sinceMs: number }
  /** The fax is over; the last signal leaves the line before it hangs up. */
  | { readonly at: 'ending'; readonly sinceMs: number }
  | { readonly at: 'over' };

export type FaxErrandInput =
  /** Each 10 ms, with what is on the line. */
  | { readonly type: 'time'; readonly dialTone: boolean; readonly busy: boolean }
  | { readonly type: 'bell'; readonly on: boolean }
  | { readonly type: 'dialled' }
  /** The T.30 machine is through. */
  | { readonly type: 'machineEnded' }
  | { readonly type: 'stop' };

export type FaxErrandEffect =
  | { readonly do: 'lift' }
  | { readonly do: 'hangUp' }
  | { readonly do: 'dial'; readonly digits: string }
  | { readonly do: 'connect'; readonly calling: boolean }
  /** Why it ends before, or without, a word of the T.30 machine. */
  | { readonly do: 'giveUp'; readonly why: 'busy' | 'tooLong' | 'stopped' };

export interface FaxErrandStep {
  readonly errand: FaxErrand;
  readonly effects: readonly FaxErrandEffect[];
}

/** An automatic dialler that has not recognised dial tone waits this long after closing the loop (端末設備等規則 第11条). */
export const BLIND_DIAL_MS = 3_000;
/** Between the last signal and the open loop. */
const LINGER_MS = 500;
/** No fax of this machine takes longer. */
export const FAX_LIMIT_MS = 600_000;
/** A bell that was silent this long has stopped: the next burst is another call's first. */
const NEW_CALL_MS = 4_000;

/** A machine that is to send: it lifts at once. Without a number it was connected by hand and begins to call by itself. */
export function startSending(number: string | null, nowMs: number): FaxErrandStep {
  const lift: FaxErrandEffect = { do: 'lift' };
  return number === null
    ? {
        errand: { at: 'onLine', sinceMs: nowMs },
        effects: [lift, { do: 'connect', calling: true }],
      }
    : { errand: { at: 'lifted', sinceMs: nowMs, number }, effects: [lift] };
}

/** A machine that is to answer at the `rings`-th ring. */
export function startReceiving(rings: number): FaxErrandStep {
  return { errand: { at: 'armed', rings, rung: 0, bellOffAtMs: 0 }, effects: [] };
}

/** Pure: what the machine does next at `nowMs`. */
export function stepFaxErrand(errand: FaxErrand, input: FaxErrandInput, nowMs: number): FaxErrandStep {
  if (errand.at === 'over') return { errand, effects: [] };
  switch (input.type) {
    case 'time':
      return onTime(errand, input, nowMs);
    case 'bell':
      return onBell(errand, input.on, nowMs);
    case 'dialled':
      return errand.at === 'dialling' ? connect(true, nowMs) : { errand, effects: [] };
    case 'machineEnded':
      return errand.at === 'onLine'
        ? { errand: { at: 'ending', sinceMs: nowMs }, effects: [] }
        : { errand, effects: [] };
    case 'stop':
      return giveUp('stopped');
    default:
      return unreachable(input);
  }
}

function onTime(
  errand: FaxErrand,
  line: { readonly dialTone: boolean; readonly busy: boolean },
  nowMs: number,
): FaxErrandStep {
  switch (errand.at) {
    case 'lifted':
      if (!line.dialTone && nowMs - errand.sinceMs < BLIND_DIAL_MS) return { errand, effects: [] };
      return { errand: { at: 'dialling' }, effects: [{ do: 'dial', digits: errand.number }] };
    case 'onLine':
      if (line.busy) return giveUp('busy');
      return nowMs - errand.sinceMs > FAX_LIMIT_MS ? giveUp('tooLong') : { errand, effects: [] };
    case 'ending':
      if (nowMs - errand.sinceMs < LINGER_MS) return { errand, effects: [] };
      return { errand: { at: 'over' }, effects: [{ do: 'hangUp' }] };
    case 'armed':
    case 'dialling':
    case 'over':
      return { errand, effects: [] };
    default:
      return unreachable(errand);
  }
}

function onBell(errand: FaxErrand, on: boolean, nowMs: number): FaxErrandStep {
  if (errand.at !== 'armed') return { errand, effects: [] };
  if (!on) return { errand: { ...errand, bellOffAtMs: nowMs }, effects: [] };
  const fresh = nowMs - errand.bellOffAtMs > NEW_CALL_MS;
  const rung = (fresh ? 0 : errand.rung) + 1;
  if (rung < errand.rings) return { errand: { ...errand, rung }, effects: [] };
  const answered = connect(false, nowMs);
  return { ...answered, effects: [{ do: 'lift' }, ...answered.effects] };
}

function connect(calling: boolean, nowMs: number): FaxErrandStep {
  return { errand: { at: 'onLine', sinceMs: nowMs }, effects: [{ do: 'connect', calling }] };
}

function giveUp(why: 'busy' | 'tooLong' | 'stopped'): FaxErrandStep {
  return { errand: { at: 'over' }, effects: [{ do: 'giveUp', why }, { do: 'hangUp' }] };
}

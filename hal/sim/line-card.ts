import { unreachable } from '../../lib/base/errors.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import type { RingCadence } from '../board.ts';
import type { PortEvent } from '../link/port-messages.ts';

/** Board clock units in one ms. */
export const TICKS_PER_MS = 8;
/** A change of the loop counts when it has lasted this long. Shorter than the shortest make, 17 ms at 20 pulses a second. */
const DEBOUNCE_MS = 5;
/** A break shorter than this is a scratch on the line, up to the next limit a dial pulse (30–78 ms by regulation). */
const PULSE_LEAST_MS = 20;
/** A break this long or longer is a hook flash, not a pulse. */
const FLASH_LEAST_MS = 100;
/** A break longer than this is on hook. */
const FLASH_MOST_MS = 1_000;
/** The loop closed this long after a pulse: the digit is over (regulation: pause ≥ 450 ms at 20, ≥ 600 ms at 10). */
const DIGIT_END_MS = 200;

/** The hook switch as the card sees it, times in ticks. */
type Hook =
  | { readonly at: 'onHook' }
  | { readonly at: 'offHook'; readonly pulses: number; readonly madeAt: number }
  | { readonly at: 'broken'; readonly pulses: number; readonly brokenAt: number };

/** Ringing as it was ordered. */
interface Ringing {
  readonly cadence: RingCadence;
  readonly sinceTick: number;
  readonly bell: boolean;
}

/** One FXS port of the board: loop detector and ring generator. */
export interface LineCard {
  readonly port: PortNumber;
  readonly hook: Hook;
  readonly raw: boolean;
  readonly rawSince: number;
  readonly settled: boolean;
  readonly ringing: Ringing | undefined;
}

export type LineCardInput =
  /** Each ms: is the loop closed? */
  | { readonly type: 'loop'; readonly closed: boolean }
  | { readonly type: 'ring'; readonly cadence: RingCadence }
  | { readonly type: 'ringStop' };

export type LineCardEffect =
  | { readonly do: 'event'; readonly event: PortEvent }
  /** Ring voltage on or off. */
  | { readonly do: 'bell'; readonly on: boolean };

export interface LineCardStep {
  readonly card: LineCard;
  readonly effects: readonly LineCardEffect[];
}

/** A port as it is after reset. */
export function newLineCard(port: PortNumber, tick: number): LineCard {
  return {
    port,
    hook: { at: 'onHook' },
    raw: false,
    rawSince: tick,
    settled: false,
    ringing: undefined,
  };
}

/** Pure: one input at `tick`. Ticks wrap at 2³². */
export function stepLineCard(card: LineCard, input: LineCardInput, tick: number): LineCardStep {
  switch (input.type) {
    case 'loop':
      return onLoop(card, input.closed, tick);
    case 'ring': {
      const going = card.ringing !== undefined && String(card.ringing.cadence) === String(input.cadence);
      if (going || card.hook.at !== 'onHook') return { card, effects: [] };
      return ringStep({ ...card, ringing: { cadence: input.cadence, sinceTick: tick, bell: false } }, tick);
    }
    case 'ringStop':
      return stopRinging(card);
    default:
      return unreachable(input);
  }
}

function onLoop(card: LineCard, closed: boolean, tick: number): LineCardStep {
  const seen = closed === card.raw ? card : { ...card, raw: closed, rawSince: tick };
  const changed = seen.raw !== seen.settled && msBetween(seen.rawSince, tick) >= DEBOUNCE_MS;
  const hooked = changed
    ? onSettled({ ...seen, settled: seen.raw }, seen.rawSince)
    : { card: seen, effects: [] };
  const waited = onTime(hooked.card, tick);
  const rung = ringStep(waited.card, tick);
  return { card: rung.card, effects: [...hooked.effects, ...waited.effects, ...rung.effects] };
}

/** The loop has really changed, at `at`. */
function onSettled(card: LineCard, at: number): LineCardStep {
  const { hook, port } = card;
  if (!card.settled) {
    if (hook.at !== 'offHook') return { card, effects: [] };
    return { card: { ...card, hook: { at: 'broken', pulses: hook.pulses, brokenAt: at } }, effects: [] };
  }
  if (hook.at === 'onHook') {
    const trip: LineCardEffect[] =
      card.ringing === undefined ? [] : [{ do: 'event', event: { type: 'ringTrip', port, tick: at } }];
    const stopped = stopRinging(card);
    const lifted: LineCardEffect = { do: 'event', event: { type: 'hook', port, offHook: true, tick: at } };
    return {
      card: { ...stopped.card, hook: { at: 'offHook', pulses: 0, madeAt: at } },
      effects: [...stopped.effects, ...trip, lifted],
    };
  }
  return hook.at === 'broken' ? onMake(card, hook, at) : { card, effects: [] };
}

function onMake(card: LineCard, hook: Extract<Hook, { at: 'broken' }>, at: number): LineCardStep {
  const durationMs = msBetween(hook.brokenAt, at);
  const offHook = (pulses: number): LineCard => ({ ...card, hook: { at: 'offHook', pulses, madeAt: at } });
  if (durationMs < PULSE_LEAST_MS) return { card: offHook(hook.pulses), effects: [] };
  if (durationMs < FLASH_LEAST_MS) return { card: offHook(hook.pulses + 1), effects: [] };
  const event: PortEvent = { type: 'flash', port: card.port, durationMs, tick: hook.brokenAt };
  return { card: offHook(0), effects: [{ do: 'event', event }] };
}

/** What happens by waiting: a digit is over, a break became on hook. */
function onTime(card: LineCard, tick: number): LineCardStep {
  const { hook, port } = card;
  // A loop that has just closed, though not yet for 5 ms, is still a flash.
  if (hook.at === 'broken' && !card.raw && msBetween(hook.brokenAt, tick) > FLASH_MOST_MS) {
    const event: PortEvent = { type: 'hook', port, offHook: false, tick: hook.brokenAt };
    return { card: { ...card, hook: { at: 'onHook' } }, effects: [{ do: 'event', event }] };
  }
  if (hook.at !== 'offHook' || hook.pulses === 0 || msBetween(hook.madeAt, tick) < DIGIT_END_MS) {
    return { card, effects: [] };
  }
  const rested: LineCard = { ...card, hook: { ...hook, pulses: 0 } };
  // More than ten pulses are no digit: somebody plays with the hook.
  if (hook.pulses > 10) return { card: rested, effects: [] };
  const digit = String(hook.pulses % 10);
  return {
    card: rested,
    effects: [{ do: 'event', event: { type: 'pulseDigit', port, digit, tick: hook.madeAt } }],
  };
}

function ringStep(card: LineCard, tick: number): LineCardStep {
  if (card.ringing === undefined) return { card, effects: [] };
  const { cadence, sinceTick } = card.ringing;
  const bell = bellIsOn(cadence, msBetween(sinceTick, tick));
  if (bell === card.ringing.bell) return { card, effects: [] };
  return { card: { ...card, ringing: { ...card.ringing, bell } }, effects: [{ do: 'bell', on: bell }] };
}

function bellIsOn(cadence: RingCadence, elapsedMs: number): boolean {
  const cycleMs = cadence.reduce((sum, timeMs) => sum + timeMs, 0);
  if (cycleMs <= 0) return false;
  let restMs = elapsedMs % cycleMs;
  for (const [index, timeMs] of cadence.entries()) {
    if (restMs < timeMs) return index % 2 === 0;
    restMs -= timeMs;
  }
  return false;
}

function stopRinging(card: LineCard): LineCardStep {
  if (card.ringing === undefined) return { card, effects: [] };
  const effects: LineCardEffect[] = card.ringing.bell ? [{ do: 'bell', on: false }] : [];
  return { card: { ...card, ringing: undefined }, effects };
}

function msBetween(from: number, to: number): number {
  return ((to - from) >>> 0) / TICKS_PER_MS;
}

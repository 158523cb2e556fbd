/** Milliseconds since 1970-01-01T00:00:00Z. May jump when NTP corrects it: never subtract two of these for a duration. */
export type Instant = number & { readonly __unit: 'epochMs' };

/** A timer handed out by a {@link Clock}. */
export interface Timer {
  cancel(): void;
}

/**
 * Time, handed in. Nothing outside `lib/base` reads the global clock or arms a global timer, so that a whole office
 * runs under a virtual clock in tests.
 */
export interface Clock {
  /** Wall time, for records that people read. */
  now(): Instant;
  /** Milliseconds from an arbitrary start; never goes backwards. For durations and deadlines. */
  monotonicMs(): number;
  /** Whether the wall time has been heard from somebody who knows it; a clock without this word always has. */
  readonly trusted?: (() => boolean) | undefined;
  /** Runs `run` once after `delayMs`. `name` shows in diagnostics. */
  after(delayMs: number, name: string, run: () => void): Timer;
}

/** Wraps a number of epoch milliseconds. */
export function instant(epochMs: number): Instant {
  return epochMs as Instant;
}

/** RFC 3339 in UTC with milliseconds. */
export function isoInstant(at: Instant): string {
  return new Date(at).toISOString();
}

/** The machine's clock. Timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => instant(Date.now()),
  monotonicMs: () => performance.now(),
  after(delayMs, _name, run) {
    const handle = setTimeout(run, Math.max(0, delayMs));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

import { existsSync } from 'node:fs';
import type { Clock } from '../lib/base/clock.ts';

/**
 * A network without time servers is no reason to doubt a clock for ever: without a battery it goes on from the last time that
 * was written down, which is wrong by as long as the box was off.
 */
const PATIENCE_MS = 15 * 60_000;

/** A clock that tells what was heard from what is only believed. */
interface ToldClock extends Clock {
  readonly heard: () => boolean;
}

/**
 * The machine's clock, which is not believed before the machine has heard the time from the network: then the file `mark` is there.
 * What is written before is put right later.
 */
export function trustedClock(
  clock: Clock,
  mark: string,
  there: (path: string) => boolean = existsSync,
): ToldClock {
  const fromMs = clock.monotonicMs();
  let heard = false;
  let trusted = false;
  const hears = (): boolean => {
    heard ||= there(mark);
    return heard;
  };
  return {
    ...clock,
    heard: hears,
    trusted: () => {
      trusted ||= clock.monotonicMs() - fromMs > PATIENCE_MS || hears();
      return trusted;
    },
  };
}

/**
 * Whether the network has told the time, however long ago. What cannot be put right later asks for this: a restart in office hours is
 * no better for a clock that was believed out of patience. A clock that knows no difference has always heard it.
 */
export function hasHeard(clock: Clock): boolean {
  return isTold(clock) ? clock.heard() : true;
}

function isTold(clock: Clock): clock is ToldClock {
  return 'heard' in clock;
}

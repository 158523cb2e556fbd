import { existsSync } from 'node:fs';
import type { Clock } from '../lib/base/clock.ts';

/**
 * A network without time servers is no reason to doubt a clock for ever: without a battery it goes on from the last time that
 * was written down, which is wrong by as long as the box was off.
 */
const PATIENCE_MS = 15 * 60_000;

/**
 * The machine's clock, which is not believed before the machine has heard the time from the network: then the file `mark` is there.
 * What is written before is put right later.
 */
export function trustedClock(
  clock: Clock,
  mark: string,
  there: (path: string) => boolean = existsSync,
): Clock {
  const fromMs = clock.monotonicMs();
  let trusted = false;
  return {
    ...clock,
    trusted: () => {
      trusted ||= clock.monotonicMs() - fromMs > PATIENCE_MS || there(mark);
      return trusted;
    },
  };
}

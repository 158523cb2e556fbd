import type { Health } from '../ports.ts';

/** More records than an office makes in a busy hour without the cloud taking them. */
const GROWING_RECORDS = 200;
/** Older than any hiccup of the service. */
const GROWING_OLDEST_MS = 15 * 60_000;

/** Pure but for `health`: raises and clears the warnings about the outbox. */
export function watchOutbox(
  outbox: {
    readonly size: number;
    readonly oldestMs: number;
    /** Why another call could not be recorded. */
    readonly noRoom: string | undefined;
  },
  health: Health,
): void {
  const { size, oldestMs, noRoom } = outbox;
  if (noRoom === undefined) health.clear('outbox.full');
  else health.raise('outbox.full', `No outside calls are begun but to emergency numbers: ${noRoom}.`);
  if (size > 0 && (size >= GROWING_RECORDS || oldestMs >= GROWING_OLDEST_MS)) {
    const minutes = Math.floor(oldestMs / 60_000);
    health.raise('outbox.growing', `${size} call records wait, the oldest for ${minutes} min.`);
  } else {
    health.clear('outbox.growing');
  }
}

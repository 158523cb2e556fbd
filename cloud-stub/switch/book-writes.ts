import type { Clock } from '../../lib/base/clock.ts';
import type { CallId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { CallBook, SwitchCallEnd } from './ports.ts';

/** How often an end is written, and the wait after the first refusal, which doubles. All in all half a minute. */
const ATTEMPTS = 6;
const FIRST_RETRY_MS = 1_000;

/**
 * Writes the end of a call, or of one leg of it, again when the book refuses. When it refuses to the last, the row stays open and is closed
 * at its last heartbeat by the next start of the store.
 */
export async function writeEnd(
  needs: { readonly book: CallBook; readonly clock: Clock; readonly log: Logger },
  call: CallId,
  end: SwitchCallEnd,
  leg?: number,
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      await (leg === undefined ? needs.book.ended(call, end) : needs.book.legEnded?.(call, leg, end));
      return;
    } catch (error) {
      needs.log.error({ err: error, call, leg, attempt }, 'cannot write the end of a call');
    }
    const waitMs = FIRST_RETRY_MS * 2 ** (attempt - 1);
    await new Promise<void>((resolve) => needs.clock.after(waitMs, 'write an end again', resolve));
  }
}

/** The outcome of `work`, or a rejection when it takes longer than `limitMs`. The work itself goes on. */
export function within<Value>(clock: Clock, limitMs: number, work: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const limit = clock.after(limitMs, 'book limit', () =>
      reject(new Error(`no answer within ${limitMs} ms`)),
    );
    work.then(resolve, reject).finally(() => limit.cancel());
  });
}

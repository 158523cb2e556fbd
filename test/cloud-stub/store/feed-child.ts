import { flushCompileCache } from 'node:module';
import { clockAt, feedRecord, PERIOD_UNTIL } from './feed-samples.ts';
import { openTestStore } from './open-test-store.ts';

// Feeds batch after batch, each twice, until it is killed. It says each batch whose promise was kept; the first one may
// have been written by the run before, which was killed before it could say so.
const [url = '', first = '0', size = '40', offices = '3'] = process.argv.slice(2);
const store = await openTestStore(url, { clock: clockAt(PERIOD_UNTIL) });

/** What a batch holds, always the same. */
function batch(n: number): readonly unknown[] {
  return Array.from({ length: Number(size) }, (_, k) => feedRecord(n * Number(size) + k, Number(offices)));
}

flushCompileCache();
for (let n = Number(first); ; n++) {
  await Promise.all([store.feed.take(batch(n)), store.feed.take(batch(n))]);
  process.stdout.write(`kept ${n}\n`);
}

import { flushCompileCache } from 'node:module';
import { systemClock } from '../../../lib/base/clock.ts';
import { boxRecordOf, CONTRACT, callOut, endOf, freshCall, GATEWAY, good } from './call-samples.ts';
import { openTestStore } from './open-test-store.ts';

// A service that does nothing but keep books, as fast as it can, until it is killed. It says each thing that it promised
// on a line of its own: what stands there must be in the database afterwards, once.
const [url = '', first = '0'] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const store = await openTestStore(url);
const recovered = await store.calls.recover();
flushCompileCache();
say(`recovered ${recovered}`);

async function keepCalls(): Promise<never> {
  for (;;) {
    const call = freshCall();
    await store.calls.begin(callOut(call, { startedAt: systemClock.now() }));
    say(`begun ${call}`);
    await store.calls.answered(call, systemClock.now(), null);
    await store.calls.ended(call, { ...endOf(10_000), endedAt: systemClock.now() });
    say(`ended ${call}`);
  }
}

/** Sends records of extension calls, each batch twice; begins with one that the last run may have written already. */
async function keepRecords(): Promise<never> {
  for (let sequence = Number(first); ; sequence++) {
    const call = `mz0000${String(sequence).padStart(4, '0')}-0123456789abcdef`;
    const batch = good(
      boxRecordOf(sequence, call as ReturnType<typeof freshCall>, { direction: 'internal' }),
    );
    await store.boxRecords.ingest(CONTRACT, GATEWAY, batch);
    await store.boxRecords.ingest(CONTRACT, GATEWAY, batch);
    say(`kept ${sequence}`);
  }
}

await Promise.all([keepCalls(), keepCalls(), keepRecords()]);

import { flushCompileCache } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { periodAfter, periodNamed } from '../../../cloud-stub/billing/index.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { clockAt, PERIOD } from './feed-samples.ts';
import { openTestStore } from './open-test-store.ts';

// Closes period after period with two workers, until it is killed or has closed `last`. Says every contract closed.
const [url = '', last = '2099-12'] = process.argv.slice(2);
const store = await openTestStore(url, { clock: clockAt(japanMidnight(2100, 1, 1)) });

async function worker(): Promise<void> {
  for (
    let period = periodNamed(PERIOD);
    period !== undefined && period.name <= last;
    period = periodAfter(period, 1)
  ) {
    await store.closing.open(period);
    // Who went on while others have the last contracts of this period at hand would stay ahead of them for ever, and find
    // nothing that he may close.
    while ((await store.closing.state(period)).waiting > 0) {
      const { closed } = await store.closing.work(period, 1);
      if (closed > 0) process.stdout.write(`closed ${period.name}\n`);
      else await pause(2);
    }
  }
}

flushCompileCache();
await Promise.all([worker(), worker()]);
await store.close();

import { appendFileSync, closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { openAgentStore } from '../../../agent/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { TEST_GATEWAY } from '../../support/site-config.ts';
import { legEnd, legStart } from './legs.ts';

/**
 * An agent that makes calls as fast as it can and hands their records to a cloud, which is a file that is synced line by
 * line. Says on standard output what has been promised: `begun`, `ended`, `acknowledged` and the id. It is killed.
 */
const [path = '', cloudPath = ''] = process.argv.slice(2);
const store = openAgentStore({ path, clock: systemClock, random: systemRandom, gateway: TEST_GATEWAY });
const cloud = openSync(cloudPath, 'a');

function promise(what: string, id: string): void {
  writeSync(1, `${what} ${id}\n`);
}

/** The cloud: commits, then acknowledges. A crash may come between the two. */
function deliver(): void {
  const records = store.outbox.next(7);
  for (const record of records) appendFileSync(cloud, `${record.id} ${record.call}\n`);
  fsyncSync(cloud);
  const ids = records.map((record) => record.id);
  store.outbox.acknowledge(ids);
  for (const id of ids) promise('acknowledged', id);
}

for (const leg of store.journal.unfinished()) {
  store.journal.end(leg.id, legEnd(0, { interrupted: true, end: 'interrupted', endedAt: leg.lastSeenAt }));
  promise('ended', leg.id);
}
promise('ready', store.boot);
// Call ids repeat in no run: the boot id is part of them.
for (let n = 1; n < 100_000; n++) {
  const start = legStart(n);
  const id = store.journal.begin({ ...start, call: `${store.boot}-${n}` as typeof start.call });
  promise('begun', id);
  if (n % 2 === 0) store.journal.answered(id, systemClock.now());
  if (n % 3 === 0) store.journal.heartbeat(systemClock.now());
  store.journal.end(id, legEnd(n));
  promise('ended', id);
  if (n % 5 === 0) deliver();
}
closeSync(cloud);

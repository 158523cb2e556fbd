import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LegStart } from '../../../agent/calls/journal.ts';
import { openAgentStore } from '../../../agent/store/index.ts';
import { createSync } from '../../../agent/sync/index.ts';
import { instant, systemClock } from '../../../lib/base/clock.ts';
import { ok } from '../../../lib/base/errors.ts';
import { type GatewayId, newCallId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { enrolment } from '../../../lib/contract/enrolment.ts';
import { emptyLanReport } from '../../support/lan-report.ts';

// The journal, the outbox and the link of a box, without phones: extension calls begin and end as fast as they are told,
// until this process is killed. It says each call on a line when its end is on disk, and how many records wait.
const [folder = '', everyMs = '0'] = process.argv.slice(2);
const gateway = 'gw-000001' as GatewayId;
const clock = systemClock;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const store = openAgentStore({ path: join(folder, 'agent.sqlite'), clock, random: systemRandom, gateway });
for (const leg of store.journal.unfinished()) {
  const endedAt = leg.lastSeenAt;
  store.journal.end(leg.id, {
    endedAt,
    talkMs: 0,
    end: 'interrupted',
    because: '',
    interrupted: true,
    media: null,
  });
  say(`ended ${leg.start.call}`);
}
const sync = createSync({
  enrolment: enrolment.parse(JSON.parse(readFileSync(join(folder, 'enrolment.json'), 'utf8'))),
  boot: store.boot,
  outbox: store.outbox,
  config: store.config,
  apply: () => ok(undefined),
  commands: store.commands,
  carryOut: async () => ok(undefined),
  lanReport: () => emptyLanReport({ at: clock.now() }),
  health: { raise: () => undefined, clear: () => undefined },
  clock,
  // No jitter: the test has no time for it.
  random: { bytes: systemRandom.bytes, fraction: () => 0 },
  log: silentLog(),
});
sync.start();

function callOnce(): void {
  const startedAt = clock.now();
  const start: LegStart = {
    call: newCallId(clock, systemRandom),
    direction: 'internal',
    line: 1,
    serviceId: 'id-000001-1',
    from: '11',
    to: '12',
    startedAt,
  };
  const id = store.journal.begin(start);
  say(`begun ${start.call}`);
  store.journal.answered(id, startedAt);
  store.journal.end(id, {
    endedAt: instant(startedAt + 1_000),
    talkMs: 1_000,
    end: 'answeredThenCallerHungUp',
    because: '',
    interrupted: false,
    media: null,
  });
  say(`ended ${start.call}`);
}

/** No more than this waits, or a slow machine would never get through with what a long start of the cloud leaves. */
const MOST_WAITING = 120;

setInterval(() => {
  if (everyMs !== '0' && store.outbox.size() < MOST_WAITING) callOnce();
  say(`waiting ${store.outbox.size()}`);
}, Number(everyMs) || 20);

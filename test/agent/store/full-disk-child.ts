import { closeSync, openSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentStore, openAgentStore } from '../../../agent/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { TEST_GATEWAY } from '../../support/site-config.ts';
import { legEnd, legStart } from './legs.ts';

/** Lays the reserve, fills the disk, makes the records, starts again; tells in one line what became of it. */
const [folder = '', count = '0'] = process.argv.slice(2);
const records = Number(count);
const troubles: string[] = [];

function open(clock = new VirtualClock()): { readonly store: AgentStore; readonly clock: VirtualClock } {
  const path = join(folder, 'agent.sqlite');
  const store = openAgentStore({
    path,
    clock,
    random: systemRandom,
    gateway: TEST_GATEWAY,
    setAside: records,
  });
  store.reportTo({ raise: (code, say) => troubles.push(`${code} ${say}`), clear: () => undefined });
  return { store, clock };
}

/** What another program does with a disk. */
function fillDisk(): void {
  const handle = openSync(join(folder, 'others'), 'a');
  try {
    for (const block of [1_048_576, 4_096, 1]) {
      try {
        for (;;) writeSync(handle, Buffer.alloc(block, 1));
      } catch {
        // Full for blocks of this size.
      }
    }
  } finally {
    closeSync(handle);
  }
}

const first = open();
first.clock.advance(400_000);
const { heldBytes, wantedBytes } = first.store.outbox.reserve();
if (heldBytes < wantedBytes) throw new Error(`only ${heldBytes} of ${wantedBytes} bytes were set aside`);
fillDisk();
const freeBytes = statfsSync(folder).bavail * statfsSync(folder).bsize;
for (let n = 1; n <= records; n++) {
  first.store.journal.end(first.store.journal.begin(legStart(n)), legEnd(n, { because: 'x'.repeat(200) }));
}
const kept = first.store.outbox.size();
const noRoom = first.store.outbox.noRoom();
first.store.close();
fillDisk();
const second = open();
const afterStart = second.store.outbox.size();
second.store.journal.end(second.store.journal.begin(legStart(0)), legEnd(0));
const afterKill = second.store.outbox.size();
await sleep(0);
process.stdout.write(`${JSON.stringify({ freeBytes, kept, noRoom, troubles, afterStart, afterKill })}\n`);
// As if the power went.
process.exit(systemClock.now() > 0 ? 0 : 1);

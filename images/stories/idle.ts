import { pause } from '../../scripts/demo/story.ts';
import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { boxStatus, serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import { bytesWritten, comesToRest } from '../lab/rest.ts';
import type { Story } from '../lab/story.ts';

const WATCH_MS = 120_000;
const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
/** More would wear out the storage of a small box: its flash stands some thousand times its size. */
const MOST_MIB_A_DAY = 2_000;

export const story: Story = {
  name: 'idle',
  about: 'what a box that nobody uses writes to its storage, and the memory it stands on',
  order: 25,
  waits: true,
  async run(lab: Lab) {
    const box = await lab.claimed();
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    await comesToRest(box);
    // Later starts need not lay out the room for call records once more.
    await lab.keepClaimed();
    // What waits in memory counts where it came from: the part before the watch, or the watch.
    await box.root.get('sync');
    const before = await bytesWritten(box);
    const fromMs = performance.now();
    await pause(WATCH_MS);
    await box.root.get('sync');
    const bytes = (await bytesWritten(box)) - before;
    const perDay = (bytes * DAY_MS) / (performance.now() - fromMs) / MIB;
    if (perDay > MOST_MIB_A_DAY) throw new LabError(`an idle box writes ${Math.round(perDay)} MiB a day`);
    const status = await boxStatus(box);
    return {
      idleMiBADay: Math.round(perDay),
      idleAgentMiB: Math.round((status?.memory.agentBytes ?? 0) / MIB),
      idleMediaMiB: Math.round((status?.memory.mediaBytes ?? 0) / MIB),
    };
  },
};

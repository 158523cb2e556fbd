import { type BootState, bootStateCopy } from '../boot/boot-state.ts';
import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { serving } from '../lab/claim.ts';
import type { LabDisk } from '../lab/disk.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Figures, Story } from '../lab/story.ts';
import { BOOT_STATE_BYTES, BOOT_STATE_SECOND_AT_BYTES } from '../layout.ts';
import { mustRun } from './updates.part.ts';

const LIMIT_MS = 600_000;
/** A system that was found healthy has nine; each costs the emulation 20 s, and the first tells as much as the ninth. */
const TRIES = 2;

export const story: Story = {
  name: 'spoilt-root',
  about:
    'a block of the running system is spoilt: the box restarts until its tries run out, then runs the other slot, and serves',
  order: 70,
  async run(lab: Lab): Promise<Figures> {
    const box = await lab.boot({
      ...{ disk: 'claimed', noWait: true },
      prepare: (disk) => {
        // In the middle of the first block: its head is read before anything else.
        disk.flip('root-a', 40);
        fewTries(disk);
      },
    });
    let starts = 0;
    box.qmp.onEvent((name) => {
      if (name === 'RESET') starts += 1;
    });
    await box.up(LIMIT_MS);
    const tookMs = box.upMs;
    await mustRun(box, 'b', 'with a spoilt slot a');
    if (starts !== TRIES)
      throw new LabError(`slot b ran after ${starts} starts of slot a: it had ${TRIES} tries`);
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const state = await box.root.get('/usr/lib/engawa/boot-state show');
    if (!/^left_a=0$/m.test(state)) throw new LabError(`the boot state is ${state}`);
    return { restarts: starts, upAfterS: Math.round(tookMs / 1_000) };
  },
};

function fewTries(disk: LabDisk): void {
  const state: BootState = { order: ['a', 'b'], left: { a: TRIES, b: TRIES }, trial: null, turn: 0 };
  disk.put('boot-state', 0, bootStateCopy(state, BOOT_STATE_BYTES));
  disk.put('boot-state', BOOT_STATE_SECOND_AT_BYTES, bootStateCopy({ ...state, turn: 1 }, BOOT_STATE_BYTES));
}

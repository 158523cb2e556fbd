import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Figures, Story } from '../lab/story.ts';
import { mustRun } from './updates.part.ts';

const LIMIT_MS = 600_000;

export const story: Story = {
  name: 'spoilt-root',
  about:
    'a block of the running system is spoilt: the box restarts until its tries run out, then runs the other slot, and serves',
  order: 70,
  async run(lab: Lab): Promise<Figures> {
    const box = await lab.boot({
      ...{ disk: 'claimed', noWait: true },
      // In the middle of the first block: its head is read before anything else.
      prepare: (disk) => disk.flip('root-a', 40),
    });
    let starts = 0;
    box.qmp.onEvent((name) => {
      if (name === 'RESET') starts += 1;
    });
    await box.up(LIMIT_MS);
    const tookMs = box.upMs;
    await mustRun(box, 'b', 'with a spoilt slot a');
    if (starts === 0) throw new LabError('slot b ran at once: slot a was never tried');
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const state = await box.root.get('/usr/lib/engawa/boot-state show');
    if (!/^left_a=0$/m.test(state)) throw new LabError(`the boot state is ${state}`);
    return { restarts: starts, upAfterS: Math.round(tookMs / 1_000) };
  },
};

import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Figures, Story } from '../lab/story.ts';
import { callExtension } from '../lab/talks.ts';
import { boxUpdate, mustRun, plugStick, pullStick, restarts, updateIs, variantsOf } from './updates.part.ts';

export const story: Story = {
  name: 'update-alone',
  about:
    'a box without any network, whose clock says 1970, takes an update from a stick; its agent ends at every start, so the box goes back by itself and says so',
  order: 66,
  ahead: variantsOf,
  async run(lab: Lab): Promise<Figures> {
    const { dead } = await variantsOf(lab);
    try {
      const box = await lab.boot({
        ...{ disk: 'claimed', rtc: '1970-01-01T00:00:00' },
        prepare: () => lab.network.boxCable('lan', false),
      });
      // It goes on from where it was: a box without a battery that began at 1970 again would believe no certificate.
      const began = (await box.root.get('date -u +%Y-%m-%d')).trim();
      await callExtension(box, 1, 2);
      const path = await plugStick(lab, dead.file);
      const startMs = await restarts(box, () =>
        box.root.get(`engawa update install --now --detach ${path}`, 240_000),
      );
      await mustRun(box, 'b', 'after the update');
      const fromMs = performance.now();
      await restarts(box, async () => undefined);
      const backMs = performance.now() - fromMs;
      await mustRun(box, 'a', 'after a system whose agent does not start');
      await updateIs(box, 'an agent that answers', () => true).catch(() => undefined);
      const said = await boxUpdate(box);
      if (said?.state.at !== 'rolledBack') throw new LabError(`the box says ${JSON.stringify(said)}`);
      await callExtension(box, 1, 2);
      await pullStick(lab);
      return {
        began,
        restartS: Math.round(startMs / 1_000),
        backAfterS: Math.round(backMs / 1_000),
        said: said.state.reason?.code ?? '',
      };
    } finally {
      lab.network.boxCable('lan', true);
    }
  },
};

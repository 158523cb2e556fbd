import { pause } from '../../scripts/demo/story.ts';
import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Figures, Story } from '../lab/story.ts';
import { callOut, hangUp } from '../lab/talks.ts';
import {
  boxForOrders,
  boxUpdate,
  mustRun,
  restarts,
  rollOut,
  rolloutSays,
  STEP_LIMIT_MS,
  updateAt,
  updateIs,
  variantsOf,
} from './updates.part.ts';

export const story: Story = {
  name: 'update-cut',
  about:
    'a power cut in the middle of an installation costs nothing but time; a system that does not find its board goes back by itself, and the service is told why',
  order: 94,
  ahead: variantsOf,
  async run(lab: Lab): Promise<Figures> {
    const { ailing } = await variantsOf(lab);
    const box = await boxForOrders(lab);
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const rollout = await rollOut(lab, ailing.file, ailing.version, '--window', 'any');
    await updateIs(box, 'an installation', ({ state }) => state.at === 'installing');
    // The slot is taken out of the order before the first byte of it is written.
    await box.root.get('until grep -qx order=a /run/engawa-boot-state; do sleep 1; done', STEP_LIMIT_MS);
    await pause(3_000);
    await box.powerCut();
    const after = await lab.boot();
    await mustRun(after, 'a', 'after a power cut while slot b was written');
    const cut = await boxUpdate(after);
    if (cut?.other?.startable === true)
      throw new LabError('the half-written slot counts as one that can be started');
    await restarts(after, async () => undefined);
    await mustRun(after, 'b', 'after the update');
    await updateAt(after, 'probation');
    const fromMs = performance.now();
    await restarts(after, async () => undefined);
    const backMs = performance.now() - fromMs;
    await mustRun(after, 'a', 'after a system that was not healthy');
    const told = await rolloutSays(lab, rollout, ({ at }) => at === 'rolledBack');
    if (!/update\.(board|trunk)/.test(told.say)) throw new LabError(`the service was told: ${told.say}`);
    await serving(after, lab.cloud, BOOT_LIMIT_MS);
    await hangUp(lab, await callOut(lab));
    lab.sound();
    return { backAfterS: Math.round(backMs / 1_000), told: told.say };
  },
};

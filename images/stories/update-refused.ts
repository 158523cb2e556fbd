import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Story } from '../lab/story.ts';
import { callOut, hangUp } from '../lab/talks.ts';
import { mustRun, plugStick, pullStick, updateIs, variantsOf } from './updates.part.ts';

export const story: Story = {
  name: 'update-refused',
  about:
    'bundles with a wrong key, for a wrong model and with two spoilt bytes are refused; the running system is as it was',
  order: 62,
  ahead: variantsOf,
  async run(lab: Lab) {
    const variants = await variantsOf(lab);
    const box = await lab.claimed();
    lab.spoilt();
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const before = await box.root.get('sha256sum /dev/disk/by-partlabel/boot-a | cut -c1-64');
    const key = await refusal(lab, variants.otherKey.file);
    if (!/trust|sign/i.test(key))
      throw new LabError(`a bundle of a stranger is refused with the words: ${key}`);
    const model = await refusal(lab, variants.otherModel.file);
    if (!/somebody-elses-box/.test(model))
      throw new LabError(`a bundle for another box is refused with: ${model}`);
    const spoiltS = await spoiltContents(lab, variants.flipped.file);
    await mustRun(box, 'a', 'after three bundles that were refused');
    const after = await box.root.get('sha256sum /dev/disk/by-partlabel/boot-a | cut -c1-64');
    if (after !== before) throw new LabError('the running slot has changed');
    await hangUp(lab, await callOut(lab));
    return { foundSpoiltAfterS: spoiltS };
  },
};

/** What the box says to a bundle that it does not even begin with. */
async function refusal(lab: Lab, file: string): Promise<string> {
  const path = await plugStick(lab, file);
  const { status, output } = await lab.box.root.run(`engawa update install --now --detach ${path}`, 240_000);
  await pullStick(lab);
  if (status === 0) throw new LabError(`${path} was not refused: ${output}`);
  return output;
}

/** The signature is good; the block that was changed is found when it is read. */
async function spoiltContents(lab: Lab, file: string): Promise<number> {
  const { box } = lab;
  const path = await plugStick(lab, file);
  await box.root.get(`engawa update install --now --detach ${path}`, 240_000);
  const fromMs = performance.now();
  const ended = await updateIs(box, 'a spoilt bundle that is given up', ({ state }) => state.at === 'failed');
  await pullStick(lab);
  if (ended.other?.startable === true)
    throw new LabError('the half-written slot counts as one that can be started');
  return Math.round((performance.now() - fromMs) / 1_000);
}

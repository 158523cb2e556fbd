import { until } from '../../scripts/demo/story.ts';
import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Story } from '../lab/story.ts';
import { callOut, dialTone } from '../lab/talks.ts';

const DIAL_TONE_LIMIT_MS = 120_000;
const RECORD_LIMIT_MS = 240_000;

export const story: Story = {
  name: 'crash',
  about:
    'agent and media process are killed with a call up: the record of the call survives, and there is dial tone again',
  order: 20,
  async run(lab: Lab) {
    await lab.claimed();
    const agentMs = await killedDuringCall(lab, 'engawa-agent');
    const mediaMs = await killedDuringCall(lab, 'engawa-media');
    return { dialToneAfterAgentMs: agentMs, dialToneAfterMediaMs: mediaMs };
  },
};

/** Kills a program with a call up. From then to dial tone. */
async function killedDuringCall(lab: Lab, unit: string): Promise<number> {
  const { box } = lab;
  await serving(box, lab.cloud, BOOT_LIMIT_MS);
  const sinceMs = Date.now();
  const call = await callOut(lab);
  const before = await box.root.get(`systemctl show -p MainPID --value ${unit}`);
  await box.root.get(`kill -9 ${before.trim()}`);
  const fromMs = performance.now();
  await box.board.speak(1, null);
  await box.board.hangUp(1);
  await dialTone(box, 2, DIAL_TONE_LIMIT_MS);
  const tookMs = Math.round(performance.now() - fromMs);
  await box.board.hangUp(2);
  const after = await box.root.get(`systemctl show -p MainPID --value ${unit}`);
  if (after.trim() === before.trim())
    throw new LabError(`${unit} was not killed: its process is still ${before.trim()}`);
  await recordOf(lab, unit, sinceMs);
  await lab.cloud.carrier.hangUp(call.call).catch(() => undefined);
  return tookMs;
}

/** The call is on record with the box, once, and ended. */
async function recordOf(lab: Lab, unit: string, sinceMs: number): Promise<void> {
  let seen = 'nothing';
  const found = await until(RECORD_LIMIT_MS, async () => {
    const records = await lab.cloud.records(sinceMs);
    seen = JSON.stringify(records.map(({ boxes, switch: there }) => ({ boxes, endedAt: there?.endedAt })));
    const [only, more] = records;
    if (more !== undefined)
      throw new LabError(`one call was made, and the service has several on record: ${seen}`);
    return only?.boxes.length === 1 && only.switch !== null && only.switch.endedAt !== null
      ? true
      : undefined;
  });
  if (found === undefined)
    throw new LabError(`${unit} was killed, and the call is not whole on record: ${seen}`);
}

import { BOOT_LIMIT_MS, type Box } from '../lab/box.ts';
import { boxStatus, serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Story } from '../lab/story.ts';
import { dialTone } from '../lab/talks.ts';
import { SERIAL_NUMBER } from '../run/machine.ts';

/** Sixteen groups of four, on two lines. */
const KEY = /key \(SHA-256\)\s+((?:[0-9a-f]{4}\s+){15}[0-9a-f]{4})/;
const STEP_LIMIT_MS = 120_000;

export const story: Story = {
  name: 'first-boot',
  about:
    'a box from the factory shows who it is on its console, is claimed there with the code of the order, and has dial tone',
  order: 0,
  async run(lab: Lab) {
    const box = await lab.boot({ disk: 'factory', noWait: true });
    await box.console.expect(new RegExp(`serial number +${SERIAL_NUMBER}`), BOOT_LIMIT_MS);
    const shown = (await box.console.expect(KEY, STEP_LIMIT_MS))[1] ?? '';
    const consoleMs = box.upMs;
    await box.up();
    const status = await boxStatus(box);
    if (status?.identity.fingerprint !== shown.replace(/[^0-9a-f]/gi, '').toLowerCase()) {
      throw new LabError(
        `the console shows the key ${shown}, and the box has ${status?.identity.fingerprint}`,
      );
    }
    if (status.identity.at !== 'unclaimed')
      throw new LabError(`a box from the factory is ${status.identity.at}`);
    const fromMs = box.upMs;
    await claimAtConsole(box, await lab.cloud.claimCode());
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    const claimMs = box.upMs - fromMs;
    const { keyFingerprint } = await lab.cloud.view();
    if (keyFingerprint !== status.identity.fingerprint) {
      throw new LabError(`the operator sees the key ${keyFingerprint}, and the console showed ${shown}`);
    }
    await dialTone(box, 1);
    await box.board.hangUp(1);
    await hasItsTries(box);
    await digestsFast(box);
    await lab.keepClaimed();
    return { powerToConsoleS: Math.round(consoleMs / 1_000), claimS: Math.round(claimMs / 1_000) };
  },
};

/** A system whose agent is ready has all its tries again: a box that is switched off and on often never loses it. */
async function hasItsTries(box: Box): Promise<void> {
  const { status, output } = await box.root.run(
    'i=0; until /usr/lib/engawa/boot-state show | grep -x left_a=9 || [ $((i=i+1)) -gt 30 ]; do sleep 2; done; /usr/lib/engawa/boot-state show',
    STEP_LIMIT_MS,
  );
  if (status !== 0 || !output.includes('left_a=9'))
    throw new LabError(`the running system has not got its tries back: ${output}`);
}

/** The processor that is emulated has instructions for SHA-256: the blocks of the system are held against their digests with them. */
async function digestsFast(box: Box): Promise<void> {
  const said = await box.root.get("dmesg | grep -o 'verity: sha256 using implementation .*' | head -n 1");
  if (!said.includes('sha256-ce')) throw new LabError(`the blocks of the system are checked slowly: ${said}`);
}

/** As the technician does it: Enter, the verb, the code from the paper. */
async function claimAtConsole({ console }: Box, code: string): Promise<void> {
  await console.expect(/Press Enter/, STEP_LIMIT_MS);
  console.send('');
  await console.expect(/engawa> /, STEP_LIMIT_MS);
  console.send('setup claim');
  await console.expect(/Claim code/, STEP_LIMIT_MS);
  console.send(code);
  await console.expect(/this box is gw-/, STEP_LIMIT_MS);
}

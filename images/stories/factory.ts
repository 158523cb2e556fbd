import { pause } from '../../scripts/demo/story.ts';
import type { Box } from '../lab/box.ts';
import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { serving } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Story } from '../lab/story.ts';
import { SERIAL_NUMBER } from '../run/machine.ts';

const SHELL_LIMIT_MS = 90_000;
/** As the console has it: eight groups of four on a line. */
const KEY_LINE = /key \(SHA-256\) {2}((?:[0-9a-f]{4} ){7}[0-9a-f]{4})/;

export const story: Story = {
  name: 'factory',
  about:
    'the console gives technicians a shell and no root; a reset keeps who the box is, wiping makes another box of it, and its service knows',
  // The last: its service does not know the box any more afterwards.
  order: 99,
  async run(lab: Lab) {
    const box = await lab.claimed();
    lab.spoilt();
    const first = await keyOf(box);
    const known = (await lab.cloud.view()).keyFingerprint;
    if (known !== first) throw new LabError(`the box has the key ${first}, and its service knows ${known}`);
    await noRootAtConsole(box);
    await toolsAtConsole(box);
    await box.root.get('engawa reset --yes', BOOT_LIMIT_MS);
    await serving(box, lab.cloud, BOOT_LIMIT_MS);
    if ((await keyOf(box)) !== first) throw new LabError('after a reset the box has another key');
    const fromMs = box.upMs;
    const reset = box.qmp.event('RESET', BOOT_LIMIT_MS);
    box.console.send('reset --wipe --yes');
    await box.console.expect(/has revoked the certificate/, SHELL_LIMIT_MS);
    await reset;
    if ((await lab.cloud.view()).keyFingerprint !== null)
      throw new LabError('the service still knows the key');
    await box.console.expect(/everything is forgotten/, BOOT_LIMIT_MS);
    await box.console.expect(/box {12}not claimed/, BOOT_LIMIT_MS);
    await box.console.expect(new RegExp(SERIAL_NUMBER), SHELL_LIMIT_MS);
    const after = (await box.console.expect(KEY_LINE, SHELL_LIMIT_MS))[1] ?? '';
    if (first.startsWith(after.replaceAll(' ', '')))
      throw new LabError('a wiped box has the key that it had');
    return { wipeToIdentityS: Math.round((box.upMs - fromMs) / 1_000) };
  },
};

async function keyOf(box: Box): Promise<string> {
  for (let tries = 0; ; tries++) {
    const { output } = await box.root.run('engawa identity --json', 60_000);
    const key = /"fingerprint": *"([0-9a-f]{64})"/.exec(output)?.[1];
    if (key !== undefined) return key;
    if (tries > 20) throw new LabError(`the box does not tell its key: ${output.slice(-300)}`);
    await pause(2_000);
  }
}

/** Who may not look into the folder of the agent measures and gathers all the same. */
async function toolsAtConsole(box: Box): Promise<void> {
  box.console.send('netcheck --letter');
  await box.console.expect(/MQTT over TLS/, SHELL_LIMIT_MS);
  await box.console.expect(/engawa> /, SHELL_LIMIT_MS);
  box.console.send('report');
  await box.console.expect(/engawa-report-gw-[0-9]+-/, 2 * SHELL_LIMIT_MS);
  await box.console.expect(/engawa> /, SHELL_LIMIT_MS);
  const files = await box.root.get('tar -tzf /data/engawa/setup/engawa-report-gw-*.tar.gz');
  if (!files.includes('log/agent.log')) throw new LabError(`a report without the log:\n${files}`);
}

/** Whoever holds the cable can ask and test, and is nobody to the system. */
async function noRootAtConsole(box: Box): Promise<void> {
  box.console.send('');
  await box.console.expect(/engawa> /, SHELL_LIMIT_MS);
  box.console.send('identity');
  await box.console.expect(new RegExp(SERIAL_NUMBER), SHELL_LIMIT_MS);
  await box.console.expect(/engawa> /, SHELL_LIMIT_MS);
  const user = await box.root.get('stat -c %U /proc/$(systemctl show -P MainPID serial-getty@ttyAMA0)');
  if (user.trim() !== 'technician') throw new LabError(`the console belongs to ${user}`);
  const secret = await box.root.run(
    'for f in /persist/engawa/* /data/engawa/agent/*.json /data/engawa/agent/*.sqlite; do [ -e "$f" ] && stat -Lc "%a %n" "$f"; done | grep -v "^600 " | grep -v identity',
  );
  if (secret.output.trim() !== '') throw new LabError(`others than the agent may read:\n${secret.output}`);
}

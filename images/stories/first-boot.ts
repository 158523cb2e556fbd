import { BOOT_LIMIT_MS } from '../lab/box.ts';
import { claimBox } from '../lab/claim.ts';
import type { Lab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import type { Story } from '../lab/story.ts';
import { dialTone } from '../lab/talks.ts';
import { SERIAL_NUMBER } from '../run/machine.ts';

/** SHA-256 of the device's public key, as people compare it: pairs or groups of hexadecimal digits. */
const FINGERPRINT = /((?:[0-9a-f]{2,4}[ :-]?){16,32})/i;

export const story: Story = {
  name: 'first-boot',
  about:
    'a box from the factory shows who it is on its console, is claimed with the code of the order, and has dial tone',
  order: 0,
  async run(lab: Lab) {
    const box = await lab.boot({ disk: 'factory', noWait: true });
    await box.console.expect(new RegExp(SERIAL_NUMBER), BOOT_LIMIT_MS);
    const consoleMs = box.upMs;
    const shown = hex((await box.console.expect(FINGERPRINT, 60_000))[1] ?? '');
    await box.up();
    const key = hex(
      await box.root.get('engawa status --json | grep -m1 -o \'"fingerprint": *"[^"]*"\' | cut -d: -f2'),
    );
    if (shown === '' || !key.startsWith(shown.slice(0, 32))) {
      throw new LabError(`the console shows the fingerprint ${shown}, and the key of the box has ${key}`);
    }
    const fromMs = box.upMs;
    await claimBox(box, lab.cloud, BOOT_LIMIT_MS);
    const claimMs = box.upMs - fromMs;
    await dialTone(box, 1);
    await box.board.hangUp(1);
    await lab.keepClaimed();
    return { consoleS: Math.round(consoleMs / 1_000), claimS: Math.round(claimMs / 1_000) };
  },
};

function hex(text: string): string {
  return text.replace(/[^0-9a-f]/gi, '').toLowerCase();
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOTFS = join(import.meta.dirname, '../../images/rootfs');

it('opens every signal of the plan to the media process, by chip and line, and no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-gpio-'));
  try {
    const put = (path: string, text: string): void => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text, { mode: 0o600 });
    };
    put('gpiochip504/label', '9030000.pl061\n');
    put('gpiochip504/base', '504\n');
    put('gpiochip400/label', 'other\n');
    put('gpiochip400/base', '400\n');
    for (const number of [504, 505, 506, 507, 508, 509, 510]) put(`gpio${number}/value`, '0\n');
    put('export', '');
    put('unexport', '');
    const env = { ...process.env, SYS_GPIO: folder, GPIO_GROUP: String(process.getgid?.() ?? 0) };
    execFileSync('sh', [join(ROOTFS, 'usr/lib/engawa/open-gpio'), join(ROOTFS, 'etc/engawa/gpio.json')], {
      env,
    });
    const open = [504, 505, 506, 507, 508, 509, 510].filter(
      (number) => (statSync(join(folder, `gpio${number}/value`)).mode & 0o060) === 0o060,
    );
    // Line 3 is the machine's own key.
    expect(open).toEqual([504, 505, 506, 508, 509, 510]);
    expect(readFileSync(join(folder, 'export'), 'utf8')).toBe('');
    // A signal that is not there yet is asked for.
    rmSync(join(folder, 'gpio504'), { recursive: true });
    execFileSync('sh', [join(ROOTFS, 'usr/lib/engawa/open-gpio'), join(ROOTFS, 'etc/engawa/gpio.json')], {
      env,
    });
    expect(readFileSync(join(folder, 'export'), 'utf8')).toBe('504\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

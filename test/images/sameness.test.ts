import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainRights } from '../../images/build/sameness.ts';

let root = '';
let tree = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'engawa-same-'));
  tree = join(root, 'tree');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(path: string, mode: number): void {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, '');
  chmodSync(whole, mode);
}

const modeOf = (path: string) => (statSync(join(root, path)).mode & 0o777).toString(8);

describe('what a checkout with other rights for new files would change', () => {
  it('is made the same: to be read by all, to be run by all or nobody', () => {
    file('images/rootfs/usr/lib/engawa/boot-state', 0o700);
    file('tree/usr/lib/engawa/boot-state', 0o700);
    file('images/rootfs/etc/fstab', 0o600);
    file('tree/etc/fstab', 0o600);
    file('tree/usr/lib/engawa/bin/agent.js', 0o600);
    plainRights(root, tree);
    expect(modeOf('tree/usr/lib/engawa/boot-state')).toBe('755');
    expect(modeOf('tree/etc/fstab')).toBe('644');
    expect(modeOf('tree/usr/lib/engawa/bin/agent.js')).toBe('644');
  });

  it("leaves Debian's own files as they are", () => {
    file('images/rootfs/etc/fstab', 0o600);
    file('tree/etc/shadow', 0o640);
    file('tree/usr/lib/engawa/node', 0o755);
    plainRights(root, tree);
    expect(modeOf('tree/etc/shadow')).toBe('640');
  });
});

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { accountFaults } from '../../images/build/check-tree.ts';

const ROOTS = ['agent', 'cloud-stub', 'hal', 'images', 'lib', 'scripts/launch', 'scripts/setup'];
/** A word that stands where a password is expected. */
const GIVEN = /\b\w*(?:pass(?:word|wd|phrase)|secret)\w*['"]?\s*[:=]\s*(['"`])(?!\$\{)[^'"`\s]{1,40}\1/gi;
/** Names of fields, of files and of states; nobody gets in with them. */
const NO_PASSWORD =
  /(?:['"`])(?:\(hidden\)|[a-z]+(?:-[a-z]+)*\.(?:pem|key|json|txt)|secret|password)(?:['"`])$/;

function files(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'node_modules') return [];
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return files(path);
    return /\.(ts|json|conf|sql|sh|service)$/.test(name) ? [path] : [];
  });
}

it('no program has a password in it that a box or a service would begin with', () => {
  const found = ROOTS.flatMap(files).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(GIVEN)]
      .map(([text]) => text)
      .filter((text) => !NO_PASSWORD.test(text))
      .map((text) => `${path}: ${text}`),
  );
  expect(found).toEqual([]);
});

it('the database of the launcher takes a password that it made by chance, and lets nobody in without one', () => {
  const source = readFileSync('scripts/launch/postgres.ts', 'utf8');
  expect(source).toContain('--auth=scram-sha-256');
  expect(source).not.toMatch(/auth(-local|-host)?=trust/);
});

it('the accounts of the system are locked, those that its own files make too', () => {
  expect(accountFaults('root:x:0:0::/root:/bin/sh\n', 'root:*:1::::::\n')).toEqual([]);
  expect(accountFaults('root:x:0:0::/root:/bin/sh\n', 'root::1::::::\n')).not.toEqual([]);
  const made = readFileSync('images/rootfs/etc/sysusers.d/engawa.conf', 'utf8');
  // Users of systemd-sysusers have no password unless a credential gives them one.
  expect(made).toMatch(/^u technician /m);
  const units = files('images/rootfs').filter((path) => path.endsWith('.service'));
  for (const unit of units) {
    expect(readFileSync(unit, 'utf8'), unit).not.toMatch(
      /passwd\.(hashed|plaintext)-password|agetty|autologin root/,
    );
  }
});

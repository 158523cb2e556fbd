import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RaucSlots } from '../../agent/update/index.ts';
import { keysOf } from '../../images/build/keys.ts';
import { run } from '../../images/build/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'engawa-bundle-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A bundle as the build makes them, with next to nothing in it. */
function bundle(name: string, keys: ReturnType<typeof keysOf>): string {
  const parts = at(`${name}-parts`);
  mkdirSync(parts);
  writeFileSync(join(parts, 'root.img'), randomBytes(65_536));
  const manifest = [
    '[update]\ncompatible=engawa-virt-arm64\nversion=1.2.0\n',
    '[bundle]\nformat=verity\n\n[image.rootfs]\nfilename=root.img\n',
  ];
  writeFileSync(join(parts, 'manifest.raucm'), manifest.join('\n'));
  const file = at(`${name}.raucb`);
  run(['rauc', 'bundle', `--cert=${keys.updateCertificate}`, `--key=${keys.updateKey}`, parts, file]);
  return file;
}

/** RAUC with the settings of the box, which trusts `authority`. */
function raucOfBox(authority: string): RaucSlots {
  const settings = readFileSync(new URL('../../images/rootfs/etc/rauc/system.conf', import.meta.url), 'utf8');
  const here = settings
    .replace('/etc/rauc/keyring.pem', authority)
    .replace('/persist/rauc.status', at('status'));
  writeFileSync(at('system.conf'), here);
  writeFileSync(at('rauc'), `#!/bin/sh\nexec rauc -c ${at('system.conf')} "$@"\n`);
  chmodSync(at('rauc'), 0o755);
  const nowhere = { bootState: at('none'), restartWanted: at('none'), version: '1.0.0' };
  return new RaucSlots({ program: at('rauc'), ...nowhere });
}

describe('a bundle', () => {
  it('that the build has signed is believed by the box, and no other one', async () => {
    const ours = keysOf(at('ours'));
    const slots = raucOfBox(ours.updateCa);
    expect(await slots.inspect(bundle('ours', ours))).toEqual({
      ok: true,
      value: { compatible: 'engawa-virt-arm64', version: '1.2.0' },
    });
    const foreign = bundle('foreign', keysOf(at('theirs')));
    expect(await slots.inspect(foreign)).toMatchObject({ ok: false, error: { code: 'update.signature' } });
    writeFileSync(at('junk.raucb'), 'junk');
    expect(await slots.inspect(at('junk.raucb'))).toMatchObject({ error: { code: 'update.notBundle' } });
  }, 60_000);
});

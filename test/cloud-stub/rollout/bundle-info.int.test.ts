import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundleInfo } from '../../../cloud-stub/rollout/bundle-info.ts';
import { run } from '../../../images/build/run.ts';

const folder = mkdtempSync('/tmp/engawa-bundle-');
const bundle = join(folder, 'small.raucb');
let keyring: string;
let other: string;

/** A certificate that may sign code, by itself. */
function signer(name: string): string {
  const file = join(folder, `${name}.crt`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout'];
  run([
    ...['openssl', 'req', '-x509', ...key, join(folder, `${name}.key`), '-out', file, '-days', '9'],
    ...['-subj', `/CN=${name}`, '-addext', 'extendedKeyUsage=critical,codeSigning'],
  ]);
  return file;
}

beforeAll(() => {
  [keyring, other] = [signer('fleet'), signer('other')];
  const contents = join(folder, 'contents');
  mkdirSync(contents);
  writeFileSync(join(contents, 'root.img'), randomBytes(65_536));
  const manifest = [
    ...['[update]', 'compatible=engawa-virt-arm64', 'version=1.2.3', '', '[bundle]', 'format=verity', ''],
    ...['[image.rootfs]', 'filename=root.img', ''],
  ];
  writeFileSync(join(contents, 'manifest.raucm'), manifest.join('\n'));
  run(['rauc', 'bundle', `--cert=${keyring}`, `--key=${join(folder, 'fleet.key')}`, contents, bundle]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what a bundle says of itself', () => {
  it('is its kind and version, and whether the fleet’s key has signed that', async () => {
    const value = { compatible: 'engawa-virt-arm64', version: '1.2.3' };
    expect(await readBundleInfo(bundle, undefined)).toEqual({
      ok: true,
      value: { ...value, signatureChecked: false },
    });
    expect(await readBundleInfo(bundle, keyring)).toEqual({
      ok: true,
      value: { ...value, signatureChecked: true },
    });
  });

  it('is not believed when another key has signed it, or when it is no bundle', async () => {
    expect(await readBundleInfo(bundle, other)).toMatchObject({ error: { code: 'release.signature' } });
    const rubbish = join(folder, 'rubbish.raucb');
    writeFileSync(rubbish, Buffer.alloc(100_000, 'x'));
    for (const keys of [undefined, keyring]) {
      expect(await readBundleInfo(rubbish, keys)).toMatchObject({ error: { code: 'release.bundle' } });
    }
  });
});

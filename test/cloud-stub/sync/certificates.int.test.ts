import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CLOUD_SERVER_NAME,
  openServiceKeys,
  openVaultKey,
  type ServiceKeys,
} from '../../../cloud-stub/sync/index.ts';
import { type Clock, instant, systemClock } from '../../../lib/base/clock.ts';
import { StartupError } from '../../../lib/base/errors.ts';
import { systemRandom } from '../../../lib/base/random.ts';

const DAY_MS = 86_400_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync('/tmp/engawa-keys-');
  return () => rmSync(folder, { recursive: true, force: true });
});
const path = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = path;
});

function open(daysAhead = 0, where = folder): Promise<ServiceKeys> {
  const clock: Clock = { ...systemClock, now: () => instant(systemClock.now() + daysAhead * DAY_MS) };
  return openServiceKeys({ folder: where, serverName: CLOUD_SERVER_NAME, clock, random: systemRandom });
}

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof StartupError && error.coded.code === code;

describe('the service’s keys', () => {
  it('are made at the first start, for one host name, by an own authority', async () => {
    const keys = await open();
    const [server, authority] = [new X509Certificate(keys.serverCertPem), new X509Certificate(keys.caPem)];
    expect(server.checkHost(CLOUD_SERVER_NAME)).toBe(CLOUD_SERVER_NAME);
    expect(server.checkHost('elsewhere.example')).toBeUndefined();
    expect(server.verify(authority.publicKey)).toBe(true);
    expect([server.ca, authority.ca]).toEqual([false, true]);
    expect(keys.configKey.asymmetricKeyType).toBe('ed25519');
  });

  it('can be read by their owner alone, and nothing else is left in the folder', async () => {
    await open();
    await openVaultKey(folder, 32, systemRandom);
    const files = readdirSync(folder).sort();
    expect(files).toEqual([
      'ca-key.pem',
      'ca.pem',
      'claim.key',
      'config-key.pem',
      'server-key.pem',
      'server.pem',
      'vault.key',
    ]);
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
  });

  it('are the same at the second start', async () => {
    const [first, second] = [await open(), await open()];
    expect(second.serverCertPem).toBe(first.serverCertPem);
    expect(second.caPem).toBe(first.caPem);
    expect(second.configKeyFingerprint).toBe(first.configKeyFingerprint);
    expect(await openVaultKey(folder, 32, systemRandom)).toEqual(
      await openVaultKey(folder, 32, systemRandom),
    );
  });

  it('get a new server certificate before the old one ends, by the same authority', async () => {
    const first = await open();
    expect((await open(300)).serverCertPem).toBe(first.serverCertPem);
    const renewed = await open(340);
    expect(renewed.caPem).toBe(first.caPem);
    expect(new X509Certificate(renewed.serverCertPem).serialNumber).not.toBe(
      new X509Certificate(first.serverCertPem).serialNumber,
    );
    expect(
      new X509Certificate(renewed.serverCertPem).verify(new X509Certificate(first.caPem).publicKey),
    ).toBe(true);
  });

  it('get a new server certificate when the file is another key’s', async () => {
    await open();
    rmSync(join(folder, 'server-key.pem'));
    const keys = await open();
    expect(
      new X509Certificate(keys.serverCertPem).publicKey.export({ type: 'spki', format: 'pem' }),
    ).toBeTruthy();
  });

  it('say what is wrong: an ended authority, a lost key, a broken file', async () => {
    await open();
    await expect(open(7_301)).rejects.toSatisfy(refusedWith('keys.authorityEnded'));
    renameSync(join(folder, 'ca-key.pem'), join(folder, 'kept'));
    await expect(open()).rejects.toSatisfy(refusedWith('keys.authorityKeyLost'));
    renameSync(join(folder, 'kept'), join(folder, 'ca-key.pem'));
    writeFileSync(join(folder, 'config-key.pem'), 'nonsense');
    await expect(open()).rejects.toSatisfy(refusedWith('keys.unreadable'));
    writeFileSync(join(folder, 'vault.key'), 'short');
    await expect(openVaultKey(folder, 32, systemRandom)).rejects.toSatisfy(refusedWith('keys.unreadable'));
  });

  it('say that openssl is missing, and how to get it', async () => {
    process.env['PATH'] = '/nonexistent';
    await expect(open()).rejects.toThrow(/apt-get install openssl/);
  });

  it('say that the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(open(0, join(folder, 'file', 'below'))).rejects.toSatisfy(refusedWith('keys.folder'));
  });

  it('are closed to others again when somebody has opened them', async () => {
    await open();
    chmodSync(join(folder, 'config-key.pem'), 0o644);
    mkdirSync(join(folder, 'other'));
    await open();
    expect(statSync(join(folder, 'config-key.pem')).mode & 0o777).toBe(0o600);
  });
});

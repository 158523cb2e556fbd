import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  deviceKey,
  readIdentity,
  removeSecret,
  serialNumberOf,
  writeSecret,
} from '../../../agent/enrol/index.ts';
import { keyFingerprint } from '../../../lib/contract/key-fingerprint.ts';
import { testEnrolment } from '../../support/enrolment.ts';

const root = mkdtempSync(join(tmpdir(), 'engawa-identity-'));
let folder = root;
let count = 0;
beforeEach(() => {
  folder = join(root, String(++count));
  mkdirSync(folder);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const configKeyPem = generateKeyPairSync('ed25519')
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const good = testEnrolment({ configKeyPem });

describe('whose a box is', () => {
  const identity = (text: string) => {
    writeFileSync(join(folder, 'enrolment.json'), text);
    return readIdentity(folder);
  };

  it('stands in its enrolment', () => {
    expect(identity(JSON.stringify(good))).toEqual({ at: 'claimed', enrolment: good });
  });

  it('is nobody without one', () => {
    expect(readIdentity(folder)).toEqual({ at: 'unclaimed' });
  });

  it.each([
    ['is not JSON', 'x'],
    ['lacks a field', JSON.stringify({ ...good, mqtt: undefined })],
    ['has a field too many', JSON.stringify({ ...good, more: 1 })],
    ['names another kind of gateway', JSON.stringify({ ...good, gateway: 'gw-1' })],
    ['is larger than any enrolment', `"${'x'.repeat(70_000)}"`],
    ['has no key that signs configurations', JSON.stringify({ ...good, configKeyPem: 'torn' })],
  ])('cannot be said by one that %s', (_name, text) => {
    expect(identity(text)).toMatchObject({ at: 'damaged' });
  });

  it('cannot be said by one that is no file', () => {
    mkdirSync(join(folder, 'enrolment.json'));
    expect(readIdentity(folder)).toMatchObject({ at: 'damaged' });
  });
});

describe('the key of a box', () => {
  it('is made once, and belongs to the agent alone', () => {
    const made = keyFingerprint(deviceKey(folder));
    expect(keyFingerprint(deviceKey(folder))).toBe(made);
    expect(statSync(join(folder, 'device-key.pem')).mode & 0o777).toBe(0o600);
  });

  it('is made anew where the file holds none', () => {
    writeFileSync(join(folder, 'device-key.pem'), 'torn');
    const made = keyFingerprint(deviceKey(folder));
    expect(keyFingerprint(deviceKey(folder))).toBe(made);
  });

  it('lies behind a link on another partition, and the link outlives writing and removing', () => {
    const [persist, state] = [join(folder, 'persist'), join(folder, 'state')];
    for (const each of [persist, state]) mkdirSync(each);
    const link = join(state, 'device-key.pem');
    symlinkSync(join(persist, 'device-key.pem'), link);
    const made = keyFingerprint(deviceKey(state));
    expect(readFileSync(join(persist, 'device-key.pem'), 'utf8')).toContain('PRIVATE KEY');
    writeSecret(link, 'another');
    expect(keyFingerprint(deviceKey(state))).not.toBe(made);
    removeSecret(link);
    expect([lstatSync(link).isSymbolicLink(), existsSync(join(persist, 'device-key.pem'))]).toEqual([
      true,
      false,
    ]);
  });
});

describe('the serial number of a box', () => {
  const put = (path: string, text: string): void => {
    const parts = path.split('/');
    mkdirSync(join(folder, ...parts.slice(0, -1)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  it('is what its board tells, in this order', () => {
    put('class/net/eth0/address', '02:00:5E:00:00:01\n');
    put('class/net/eth0/device/vendor', '1');
    expect(serialNumberOf(folder)).toBe('mac-02005e000001');
    put('class/dmi/id/product_serial', 'DMI-77\n');
    expect(serialNumberOf(folder)).toBe('DMI-77');
    put('firmware/devicetree/base/serial-number', 'ENG-0007\0');
    expect(serialNumberOf(folder)).toBe('ENG-0007');
  });

  it('is none of a board that has none, nor of a port made of software', () => {
    put('firmware/devicetree/base/serial-number', 'no serial!\0');
    put('class/net/docker0/address', '02:00:5e:00:00:02\n');
    expect(serialNumberOf(folder)).toBeUndefined();
  });
});

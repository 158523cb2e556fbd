import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { whoseBox } from '../../agent/identity-side.ts';
import { ConfigFiles } from '../../agent/store/config-files.ts';
import { testEnrolment } from '../support/enrolment.ts';
import { TEST_GATEWAY } from '../support/site-config.ts';
import { exampleConfig } from './calls/office-world.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'engawa-whose-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const configure = (): void =>
  new ConfigFiles(state, TEST_GATEWAY, () => undefined).save({
    ...{ rev: 3, issuedAt: 1, sha256: 'a'.repeat(64), keyId: 'test', config: exampleConfig() },
  });

describe('whose the box is', () => {
  it('is nobody from the factory', () => {
    expect(whoseBox(state)).toEqual({ identity: { at: 'unclaimed' }, gateway: undefined });
  });

  it('is told by its enrolment before anything else', () => {
    const configKeyPem = generateKeyPairSync('ed25519')
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString();
    writeFileSync(join(state, 'enrolment.json'), JSON.stringify(testEnrolment({ configKeyPem })));
    expect(whoseBox(state)).toMatchObject({ identity: { at: 'claimed' }, gateway: TEST_GATEWAY });
  });

  it.each([
    ['damaged', '{'],
    ['gone', undefined],
  ])('is told by the configuration that it gave when the enrolment is %s', (_name, text) => {
    configure();
    if (text !== undefined) writeFileSync(join(state, 'enrolment.json'), text);
    expect(whoseBox(state)).toMatchObject({ identity: { at: 'damaged' }, gateway: TEST_GATEWAY });
  });

  it('cannot be told by a damaged enrolment alone', () => {
    writeFileSync(join(state, 'enrolment.json'), '{');
    expect(whoseBox(state)).toMatchObject({ identity: { at: 'damaged' }, gateway: undefined });
  });
});

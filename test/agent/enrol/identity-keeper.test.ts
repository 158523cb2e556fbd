import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ageOf, IdentityKeeper } from '../../../agent/enrol/identity-keeper.ts';
import { Issuer } from '../../../cloud-stub/sync/issuer.ts';
import { ok, type Result, refuse } from '../../../lib/base/errors.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { Enrolment } from '../../../lib/contract/enrolment.ts';
import { testEnrolment } from '../../support/enrolment.ts';
import { TEST_GATEWAY } from '../../support/site-config.ts';
import { testAuthority } from '../../support/tls-authority.ts';

const DAY_MS = 86_400_000;
const authority = testAuthority();
const device = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const issuer = new Issuer(
  authority.caPem,
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey,
  seededRandom(1),
);

let folder: string;
let clock: VirtualClock;
let asked: number[];
let raised: Map<string, string>;
let answer: (enrolment: Enrolment) => Result<Enrolment>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-identity-'));
  clock = new VirtualClock();
  asked = [];
  raised = new Map();
  answer = () => ok(enrolmentFrom(clock.now()));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** With a certificate of 90 days that begins at `atMs`. */
function enrolmentFrom(atMs: number): Enrolment {
  const { pem } = issuer.issue(TEST_GATEWAY, device.publicKey, atMs, 90 * DAY_MS);
  const privateKeyPem = device.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return testEnrolment({ device: { certificatePem: pem, privateKeyPem } });
}

function keeper(): IdentityKeeper {
  const made = new IdentityKeeper({
    ...{ folder, enrolment: enrolmentFrom(clock.now()), clock, random: seededRandom(2), log: silentLog() },
    health: {
      raise: (code, say) => void raised.set(code, say),
      clear: (code) => void raised.delete(code),
    },
    renew: async (enrolment) => {
      asked.push(clock.now());
      return answer(enrolment);
    },
  });
  made.start();
  return made;
}

/** Lets days pass in pieces, so that what is awaited has its turn. */
async function pass(days: number): Promise<void> {
  for (let hours = 0; hours < days * 24; hours++) {
    clock.advance(3_600_000);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  }
}

describe('the certificate of a box', () => {
  it('is renewed when two thirds of its life are over, and kept where only the agent reads it', async () => {
    const begun = clock.now();
    const kept = keeper();
    const first = kept.enrolment.device.certificatePem;
    await pass(59);
    expect(asked).toEqual([]);
    await pass(3);
    expect(asked).toHaveLength(1);
    expect((asked[0] ?? 0) - begun).toBeGreaterThan(59.9 * DAY_MS);
    expect(kept.enrolment.device.certificatePem).not.toBe(first);
    const file = join(folder, 'enrolment.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(kept.enrolment);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await pass(56);
    expect(asked).toHaveLength(1);
    kept.stop();
  });

  it('is asked for again and again while the service is away; near its end a person is told', async () => {
    answer = () => refuse({ code: 'claim.away', fault: 'environment', say: 'It is away.' });
    const kept = keeper();
    await pass(80);
    expect(asked.length).toBeGreaterThan(200);
    expect([...raised]).toEqual([]);
    await pass(5);
    expect(raised.get('cloud.certificateEnds')).toBe('It is away.');
    answer = () => ok(enrolmentFrom(clock.now()));
    await pass(1);
    expect([...raised]).toEqual([]);
    kept.stop();
    const { length } = asked;
    await pass(90);
    expect(asked).toHaveLength(length);
  });

  it('that cannot be read, or was made after what the clock says, is left alone', () => {
    expect(ageOf('pem', 0)).toBe('unknown');
    expect(ageOf(enrolmentFrom(clock.now()).device.certificatePem, clock.now() - 900 * DAY_MS)).toBe('fresh');
    expect(ageOf(enrolmentFrom(clock.now()).device.certificatePem, clock.now() + 91 * DAY_MS)).toBe('late');
  });

  it('has a name that no other one has', () => {
    const [one, two] = [1, 2].map(
      () => new X509Certificate(enrolmentFrom(clock.now()).device.certificatePem).subjectAltName,
    );
    expect(one).not.toBe(two);
    expect(createPublicKey(enrolmentFrom(clock.now()).device.certificatePem).equals(device.publicKey)).toBe(
      true,
    );
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../cloud-stub/store/index.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { CONTRACT, GATEWAY, START } from './call-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

const name = { contract: CONTRACT, gateway: GATEWAY };
const DAY_MS = 86_400_000;

let postgres: TestPostgres;
let store: Store;
/** Names of codes and certificates are used once. */
let count = 0;
let first: string;
let second: string;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
  store = await openTestStore(await postgres.database());
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});
beforeEach(() => {
  count++;
  [first, second] = [`first-${count}`, `second-${count}`];
});

/** The operator makes a code. */
async function order(digest: string): Promise<void> {
  await store.identities.addClaim({ ...name, digest, madeAt: START, expiresAt: START + 30 * DAY_MS });
}

/** A box asks with a code. The certificate that it gets is good when it got one. */
async function claim(digest: string, keyDigest: string): Promise<readonly [fate: string, good: boolean]> {
  const serial = `${digest}-${keyDigest}-${count++}`;
  const certificate = { ...name, serial, keyDigest, issuedAt: START, endsAt: START + DAY_MS };
  const fate = await store.identities.claim(digest, certificate, keyDigest);
  return [fate, (await store.identities.holderOf(serial, START)) !== undefined];
}

/** Keys of the certificates that are good. */
async function holders(): Promise<readonly (string | undefined)[]> {
  return (await store.identities.good(START)).map(({ serial }) => serial.split('-')[2]);
}

it('a renewal in the moment of a revocation leaves no good certificate', async () => {
  for (let round = 0; round < 20; round++) {
    const digest = `${first}-${round}`;
    await order(digest);
    const certificate = { ...name, keyDigest: 'one', issuedAt: START, endsAt: START + DAY_MS };
    const serial = `${digest}-one`;
    expect(await store.identities.claim(digest, { ...certificate, serial }, 'one')).toBe('claimed');
    const renew = (again: number) =>
      store.identities.renew(serial, { ...certificate, serial: `${digest}-one-again-${again}` });
    await Promise.all([
      ...[1, 2, 3].map(renew),
      store.identities.revoke(CONTRACT, GATEWAY, 'stolen', START),
      ...[4, 5, 6].map(renew),
    ]);
    expect(await holders()).toEqual([]);
  }
});

describe('a claim code that was used', () => {
  it('is good for the same box again, whose answer was lost, and for no other one', async () => {
    await order(first);
    expect(await claim(first, 'one')).toEqual(['claimed', true]);
    expect(await claim(first, 'one')).toEqual(['claimed', true]);
    expect(await claim(first, 'two')).toEqual(['used', false]);
    // A code for another box changes nothing before that box is there.
    await order(second);
    expect(await claim(first, 'one')).toEqual(['claimed', true]);
  });

  it('does not bring a box back that was replaced: the gateway has been claimed with another code since', async () => {
    await order(first);
    expect(await claim(first, 'one')).toEqual(['claimed', true]);
    await order(second);
    expect(await claim(second, 'two')).toEqual(['claimed', true]);
    expect(await claim(first, 'one')).toEqual(['unknown', false]);
    expect(await holders()).toEqual(['two']);
    expect(await claim(second, 'two')).toEqual(['claimed', true]);
  });

  it('does not bring a box back that gave its identity back; the code for the next one stays good', async () => {
    await order(first);
    expect(await claim(first, 'one')).toEqual(['claimed', true]);
    await order(second);
    await store.identities.endCertificates(CONTRACT, GATEWAY, 'given back: wiped', START);
    expect(await claim(first, 'one')).toEqual(['unknown', false]);
    expect(await holders()).toEqual([]);
    expect(await claim(second, 'two')).toEqual(['claimed', true]);
  });

  it('does not bring a box back that asks while it is replaced', async () => {
    await order(first);
    expect(await claim(first, 'one')).toEqual(['claimed', true]);
    await order(second);
    await Promise.all([
      ...Array.from({ length: 4 }, () => claim(first, 'one')),
      claim(second, 'two'),
      ...Array.from({ length: 4 }, () => claim(first, 'one')),
    ]);
    expect(await holders()).toEqual(['two']);
  });
});

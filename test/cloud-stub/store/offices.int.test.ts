import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import { Database } from '../../../cloud-stub/store/database.ts';
import type { Store } from '../../../cloud-stub/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { ContractId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { CONTRACT, FIRST, GATEWAY } from './call-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

let postgres: TestPostgres;
let url: string;
let store: Store;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
  url = await postgres.database();
  store = await openTestStore(url);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

describe('contracts in the database', () => {
  it('come out as they went in', async () => {
    expect(await store.offices.one(CONTRACT)).toEqual(exampleOffice);
    expect(await store.offices.all()).toEqual([exampleOffice]);
    expect(await store.offices.contractOf(GATEWAY)).toBe(CONTRACT);
    expect(await store.offices.empty()).toBe(false);
  });

  it('keep an option, an end, a ported number, and what has no column', async () => {
    const fresh = await openTestStore(await postgres.database());
    const until = systemClock.now();
    const number = { ...exampleOffice.numbers[0], number: '0355550300', portedIn: true };
    const contract = {
      ...exampleOffice,
      id: 'c-000003' as ContractId,
      legalEntity: '株式会社縁側',
      numbers: [
        { role: 'contract' as const, rings: [], ...number, held: { from: systemClock.now(), until } },
      ],
      ids: exampleOffice.ids.map((id, index) => ({
        ...id,
        id: `id-000003-${index + 1}` as typeof id.id,
        presents: '0355550300',
        device: 'd',
      })),
      devices: [
        {
          id: 'd',
          kind: 'adapter' as const,
          gateway: null,
          items: ['device.adapter'],
          held: { from: until, until: null },
        },
      ],
      options: [{ items: ['option.one', 'option.two'], on: '0355550300', held: { from: until, until } }],
    };
    contract.numbers = contract.numbers.map((each) => ({ ...each, rings: contract.ids.map(({ id }) => id) }));
    await fresh.offices.add(contract);
    expect(await fresh.offices.one(contract.id)).toEqual(contract);
    await fresh.close();
  });

  it('are refused whole when a name belongs to another contract', async () => {
    const thief = { ...exampleOffice, id: 'c-000009' as ContractId };
    await expect(store.offices.add(thief)).rejects.toThrow('belongs to another contract');
    expect(await store.offices.one(thief.id)).toBeUndefined();
  });

  it('are refused when they break a rule of contracts [S0-054]', async () => {
    const broken = { ...exampleOffice, id: 'c-000008' as ContractId, numbers: [] };
    await expect(store.offices.add(broken)).rejects.toThrow(/contract number/);
  });

  it('have SIP passwords that only the key of the state folder opens', async () => {
    const passwords = await store.offices.sipPasswords(CONTRACT);
    expect(passwords.get(FIRST)).toMatch(/^[A-Za-z0-9_-]{24}$/);
    expect(new Set(passwords.values()).size).toBe(2);
    const stranger = await openTestStore(url, { vaultKey: Buffer.alloc(32, 8) });
    await expect(stranger.offices.sipPasswords(CONTRACT)).rejects.toThrow('do not belong together');
    await stranger.close();
  });
});

describe('a transaction', () => {
  let database: Database;
  beforeAll(() => {
    database = new Database(url, { clock: systemClock, random: systemRandom, log: silentLog() });
    return () => database.close();
  });

  it('is run again after a serialization failure', async () => {
    let attempts = 0;
    const result = await database.transaction('test', async () => {
      attempts++;
      if (attempts < 3) throw Object.assign(new Error('could not serialize access'), { code: '40001' });
      return 'done';
    });
    expect([result, attempts]).toEqual(['done', 3]);
  });

  it('is run again after a deadlock', async () => {
    const touch = (first: string, second: string) =>
      database.transaction('test', async (tx) => {
        for (const id of [first, second]) {
          await tx.updateTable('service_id').set({ label: 'x' }).where('service_id', '=', id).execute();
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        return true;
      });
    const both = await Promise.all([
      touch('id-000001-1', 'id-000001-2'),
      touch('id-000001-2', 'id-000001-1'),
    ]);
    expect(both).toEqual([true, true]);
  });

  it('is not run again when it cannot succeed, and leaves nothing behind', async () => {
    let attempts = 0;
    const doing = database.transaction('test', async (tx) => {
      attempts++;
      await tx.updateTable('contract').set({ name_en: 'changed' }).execute();
      throw new Error('a mistake of ours');
    });
    await expect(doing).rejects.toThrow('a mistake of ours');
    expect(attempts).toBe(1);
    expect((await store.offices.one(CONTRACT))?.name.en).toBe('Engawa Shoten');
  });
});

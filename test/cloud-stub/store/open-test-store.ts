import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import { openStore, type Store, type StoreOptions, standardRules } from '../../../cloud-stub/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';

/** The key that seals in tests. */
export const TEST_VAULT_KEY = Buffer.alloc(32, 7);

/** A store on a test database, with the real rules. */
export function openTestStore(databaseUrl: string, changed: Partial<StoreOptions> = {}): Promise<Store> {
  return openStore({
    databaseUrl,
    vaultKey: TEST_VAULT_KEY,
    realm: 'engawa.example',
    rules: standardRules(),
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
    waitMs: 2_000,
    ...changed,
  });
}

/** Fills a database with the schema and the example office, for cloning. */
export async function prepareExampleOffice(databaseUrl: string): Promise<void> {
  const store = await openTestStore(databaseUrl);
  await store.offices.add(exampleOffice);
  await store.close();
}

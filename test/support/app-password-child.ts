import { readFileSync } from 'node:fs';
import { openStore, standardRules } from '../../cloud-stub/store/index.ts';
import { systemClock } from '../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import { silentLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';

/** Prints the SIP password of an ID: what a customer gets with his app. Runs where the database can be reached. */
const [databaseUrl = '', keyFile = '', contract = '', id = ''] = process.argv.slice(2);
const store = await openStore({
  databaseUrl,
  vaultKey: Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'base64'),
  realm: 'engawa.example',
  rules: standardRules(),
  clock: systemClock,
  random: systemRandom,
  log: silentLog(),
  waitMs: 5_000,
});
process.stdout.write((await store.offices.sipPasswords(contract as ContractId)).get(id as ServiceId) ?? '');
await store.close();

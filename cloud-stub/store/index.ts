import type { Clock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import type { Issuer } from '../billing/index.ts';
import { type Account, Accounts } from './accounts.ts';
import { authoriser } from './authorise.ts';
import { BoxFacts } from './box-facts.ts';
import { type FaxView, readFaxes } from './box-faxes.ts';
import { BoxLans } from './box-lans.ts';
import { BoxRecords } from './box-records.ts';
import { PostgresCallBook } from './call-book.ts';
import { Closing } from './closing.ts';
import { type ContractSession, contractSession } from './contract-session.ts';
import { Database } from './database.ts';
import { MemoryDirectory } from './directory.ts';
import { Documents } from './documents.ts';
import { Feed } from './feed.ts';
import { Gateways } from './gateways.ts';
import { Identities } from './identities.ts';
import { migrate, shippedMigrations } from './migrate.ts';
import { Offices } from './offices.ts';
import { Orders } from './orders.ts';
import { postgresError, tryAgain } from './postgres-errors.ts';
import { Quarantine } from './quarantine.ts';
import { Reports } from './reports.ts';
import { Rerating } from './rerating.ts';
import { Rollouts } from './rollouts.ts';
import { type AlertView, readAlerts, readCallsToday, readTurns } from './routing-memory.ts';
import type { ServiceRules } from './rules.ts';
import { SpendWatch } from './spend-watch.ts';
import { Vault } from './vault.ts';

export { readBatch } from './box-batch.ts';
export type { BoxEvent, BoxFacts, BoxView } from './box-facts.ts';
export type { BoxLans, CommandView, LanView } from './box-lans.ts';
export type { BoxRecords } from './box-records.ts';
export type { Closing, ClosingRefusal, ClosingState, ClosingWork } from './closing.ts';
export type { ContractSession } from './contract-session.ts';
export { withDialledOrders } from './dialled-orders.ts';
export type { MemoryDirectory } from './directory.ts';
export type { CreditOrder, Documents, IssuedDocument } from './documents.ts';
export type { Feed } from './feed.ts';
export type { FeedRecord } from './feed-record.ts';
export type { GatewayRow, Gateways } from './gateways.ts';
export type { Identities } from './identities.ts';
export type { Offices } from './offices.ts';
export type { AcceptedOrder, HistoryEntry, OrderRequest, Orders } from './orders.ts';
export type { Quarantine, QuarantineFate, QuarantineOrder, QuarantineRefusal } from './quarantine.ts';
export type {
  CallView,
  QuarantinedView,
  Reports,
} from './reports.ts';
export type { Rerated, RerateRequest, Rerating } from './rerating.ts';
export type { Rollouts } from './rollouts.ts';
export type { ServiceRules } from './rules.ts';
export { NO_CONTRACT } from './schema.ts';
export { standardRules } from './standard-rules.ts';
export { VAULT_KEY_BYTES } from './vault.ts';

/** What the store is made from. */
export interface StoreOptions {
  /** `postgres://user@host:port/database`, or with `?host=/socket/folder`. */
  readonly databaseUrl: string;
  /** 32 bytes from the state folder: opens the SIP passwords. */
  readonly vaultKey: Buffer;
  /** SIP domain and digest realm. */
  readonly realm: string;
  readonly rules: ServiceRules;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Whose invoices are issued; without one, the example service's. */
  readonly issuer?: Issuer;
  /** How long the database is waited for. */
  readonly waitMs: number;
}

/** PostgreSQL as the rooms see it. */
export interface Store {
  /** Name of this run, on every call that it carries. */
  readonly run: string;
  readonly offices: Offices;
  readonly orders: Orders;
  readonly directory: MemoryDirectory;
  readonly gateways: Gateways;
  /** Who may speak as a gateway: claim codes and certificates. */
  readonly identities: Identities;
  readonly calls: PostgresCallBook;
  readonly boxRecords: BoxRecords;
  /** What boxes tell of their LANs, and what they were told to do there. */
  readonly boxLans: BoxLans;
  readonly boxFacts: BoxFacts;
  /** Uses that other parts of the service report: claimed, rated and written by COPY. */
  readonly feed: Feed;
  /** Decisions about records that are not believed. */
  readonly quarantine: Quarantine;
  readonly closing: Closing;
  readonly documents: Documents;
  readonly rerating: Rerating;
  readonly reports: Reports;
  /** Releases, rollouts, orders and reports of updates. */
  readonly rollouts: Rollouts;
  /** Whether a leg that costs money may be sent out, by what is used of the ceiling. */
  readonly authorise: ReturnType<typeof authoriser>;
  /** What is used of ceilings, in memory; to be refreshed every few seconds. */
  readonly spend: SpendWatch;
  /** What a contract's use is rated by, and its ceiling. */
  accountOf(contract: ContractId): Account;
  /** Faxes as the boxes reported them, newest first. */
  faxes(contract: ContractId, sinceMs: number): Promise<readonly FaxView[]>;
  /** What a person should know of a contract: ceilings, IDs that call often; newest first. */
  alerts(contract: ContractId): Promise<readonly AlertView[]>;
  /** For those who stand for one contract: the database itself shows them nothing else. */
  session(contract: ContractId): ContractSession;
  /** Rejects when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Who the example service's invoices are from. The number is nobody's. */
const NOBODY: Issuer = { name: '縁側電話', registrationNumber: 'T0000000000000', address: '' };

const WAIT_STEP_MS = 200;

/**
 * Waits for the database, brings its schema up to date and reads the directory. Throws a StartupError when the database
 * cannot be reached in time, refuses us, or is newer than this program. Nothing of an earlier run is closed yet:
 * `calls.recover()` does that, once the ports are ours.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { clock, random, log, rules } = options;
  const database = new Database(options.databaseUrl, { clock, random, log });
  try {
    await untilReachable(database, options);
    const applied = await migrate(database.pool, clock, await shippedMigrations());
    if (applied.length > 0) log.info({ applied }, 'database schema brought up to date');
    const offices = new Offices({
      database,
      vault: new Vault(options.vaultKey, random),
      realm: options.realm,
      now: () => clock.now(),
      secret: (bytes) => random.bytes(bytes).toString('base64url'),
    });
    const accounts = new Accounts(rules);
    const spend = new SpendWatch({ database, accounts, clock });
    const directory = new MemoryDirectory(offices, rules, accounts, spend, clock);
    await directory.refresh();
    directory.restore(
      await readTurns(database.db),
      await readCallsToday(database.db, directory.contracts(), clock.now()),
    );
    const run = randomHex(random, 8);
    const boxRecords = new BoxRecords({ database, rules, accounts, spend, clock });
    const feed = new Feed({ database, accounts, clock, refresh: () => directory.refresh() });
    return {
      run,
      offices,
      orders: new Orders({
        database,
        rules,
        now: () => clock.now(),
        others: () => directory.contracts(),
        insertWith: (contract) => offices.insertWith(contract),
      }),
      directory,
      gateways: new Gateways(database),
      identities: new Identities(database),
      calls: new PostgresCallBook({ database, rules, accounts, spend, clock, log, run }),
      boxRecords,
      boxLans: new BoxLans(database),
      boxFacts: new BoxFacts(database),
      feed,
      quarantine: new Quarantine({ database, boxRecords, feed, clock }),
      closing: new Closing({ database, rules, issuer: options.issuer ?? NOBODY, clock }),
      documents: new Documents(database, clock),
      rerating: new Rerating({ database, rules, accounts, clock }),
      reports: new Reports(database),
      rollouts: new Rollouts(database),
      spend,
      accountOf: (contract) => accounts.of(contract),
      authorise: authoriser({ database, accounts, clock }),
      faxes: (contract, sinceMs) => readFaxes(database.db, contract, sinceMs),
      alerts: (contract) => readAlerts(database.db, contract),
      session: (contract) => contractSession(database, contract),
      ping: async () => {
        await database.pool.query('select 1');
      },
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function untilReachable(database: Database, options: StoreOptions): Promise<void> {
  const { clock } = options;
  const deadline = clock.monotonicMs() + options.waitMs;
  for (;;) {
    try {
      await database.pool.query('select 1');
      return;
    } catch (error) {
      const known = postgresError(error);
      if (known === undefined) throw error;
      if (!tryAgain(error) || clock.monotonicMs() >= deadline) throw unreachableDatabase(options, known);
    }
    await new Promise<void>((resolve) => {
      clock.after(WAIT_STEP_MS, 'database wait', resolve);
    });
  }
}

function unreachableDatabase(
  options: StoreOptions,
  error: { readonly code: string; readonly message: string },
): StartupError {
  const where = withoutPassword(options.databaseUrl);
  const reason = error.message.length > 0 ? error.message : error.code;
  return new StartupError({
    code: 'store.unreachable',
    fault: 'environment',
    say: `The database ${where} cannot be used: ${reason} (${error.code}). Check that PostgreSQL runs there and lets us in.`,
  });
}

function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^:@/]*):[^@/]*@/, '$1@');
}

import { type Clock, instant } from '../../lib/base/clock.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import { periodOf } from '../billing/index.ts';
import type { Accounts } from './accounts.ts';
import type { Database } from './database.ts';

/** What a watch needs from outside. */
export interface SpendWatchNeeds {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly clock: Clock;
}

/**
 * What the contracts with a ceiling have used in the running period, in memory, so that a call is decided without asking
 * the database. Read at the start and whenever the directory is, after every call that the switch has charged, and every
 * few seconds, since boxes, feeds and other processes charge too. Contracts without a ceiling are never looked up. The
 * last word before a leg that costs money has the database itself (`authorise.ts`). [A-36] [S3-032]
 */
export class SpendWatch {
  readonly #needs: SpendWatchNeeds;
  #period = '';
  #spent = new Map<string, number>();

  constructor(needs: SpendWatchNeeds) {
    this.#needs = needs;
  }

  /** Micro-yen without tax; 0 in a period that has only begun. */
  of(contract: ContractId): number {
    return this.#period === this.#now() ? (this.#spent.get(contract) ?? 0) : 0;
  }

  /** Reads all contracts with a ceiling, in one statement, or nothing when there is none. */
  async refresh(): Promise<void> {
    const { accounts, database } = this.#needs;
    const contracts = accounts.withCeiling();
    const period = this.#now();
    const spent = new Map<string, number>();
    if (contracts.length > 0) {
      const rows = await database.db
        .selectFrom('spend')
        .select(['contract_id', 'micro_yen'])
        .where('contract_id', 'in', contracts)
        .where('period', '=', period)
        .execute();
      for (const row of rows) spent.set(row.contract_id, row.micro_yen);
    }
    this.#spent = spent;
    this.#period = period;
  }

  /** Something was charged to the contract. */
  async renew(contract: string): Promise<void> {
    const { accounts } = this.#needs;
    if ((accounts.of(contract).ceiling ?? null) !== null) await this.refresh();
  }

  #now(): string {
    return periodOf(instant(this.#needs.clock.now())).name;
  }
}

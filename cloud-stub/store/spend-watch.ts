import { type Clock, instant } from '../../lib/base/clock.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import { periodOf } from '../billing/index.ts';
import type { Accounts } from './accounts.ts';
import type { Database } from './database.ts';
import { readUsed } from './spend-book.ts';

/** What a watch needs from outside. */
export interface SpendWatchNeeds {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly clock: Clock;
}

/** What one contract has used, as it was read. */
interface Read {
  /** Reads are numbered as they begin: one that began earlier and ends later does not take the place of this one. */
  readonly turn: number;
  readonly period: string;
  readonly microYen: number;
}

/**
 * What the contracts with a ceiling have used in the running period, in memory, so that a call is decided without asking
 * the database. Read at the start and whenever the directory is, after every call that the switch has charged, before records of
 * boxes are acknowledged, and every few seconds, since feeds and other processes charge too. Contracts without a ceiling are never
 * looked up. The last word before a leg that costs money has the database itself (`authorise.ts`). [A-36] [S3-032]
 */
export class SpendWatch {
  readonly #needs: SpendWatchNeeds;
  readonly #read = new Map<string, Read>();
  #turns = 0;

  constructor(needs: SpendWatchNeeds) {
    this.#needs = needs;
  }

  /** Micro-yen without tax; 0 in a period that has only begun. What was committed before a `renew` or `refresh` is in it after. */
  of(contract: ContractId): number {
    const read = this.#read.get(contract);
    return read?.period === this.#now() ? read.microYen : 0;
  }

  /** Reads all contracts with a ceiling, in one statement, or nothing when there is none. */
  async refresh(): Promise<void> {
    await this.#look(this.#needs.accounts.withCeiling());
  }

  /** Something was charged to the contract, or waits to be. */
  async renew(contract: string): Promise<void> {
    const { accounts } = this.#needs;
    if ((accounts.of(contract).ceiling ?? null) !== null) await this.#look([contract]);
  }

  async #look(contracts: readonly string[]): Promise<void> {
    if (contracts.length === 0) return;
    const { clock, database } = this.#needs;
    const turn = ++this.#turns;
    const at = instant(clock.now());
    const period = periodOf(at).name;
    for (const [contract, microYen] of await readUsed(database.db, contracts, at)) {
      if ((this.#read.get(contract)?.turn ?? 0) < turn) this.#read.set(contract, { turn, period, microYen });
    }
  }

  #now(): string {
    return periodOf(instant(this.#needs.clock.now())).name;
  }
}

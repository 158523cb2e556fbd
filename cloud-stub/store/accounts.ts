import type { ContractId } from '../../lib/base/ids.ts';
import type { Contract } from '../contracts/index.ts';
import { noAllowance, type Rater } from '../rating/index.ts';
import type { Allowance } from '../rating/types.ts';
import type { ServiceRules } from './rules.ts';

/** What the uses of one contract are rated by. */
export interface Account {
  readonly contract: ContractId;
  readonly rater: Rater;
  /** Everything that is included, nothing used up. */
  readonly allowance: Allowance;
  readonly ceiling: Contract['ceiling'] | null;
}

/** Whose a name is, whenever it is held. */
interface Names {
  readonly ids: ReadonlyMap<string, ReadonlySet<string>>;
  readonly numbers: ReadonlyMap<string, ReadonlySet<string>>;
}

const NO_NAMES: Names = { ids: new Map(), numbers: new Map() };

/** The contracts as rating sees them, in memory: renewed together with the directory. */
export class Accounts {
  readonly #rules: ServiceRules;
  #contracts: ReadonlyMap<string, Contract> = new Map();
  #accounts = new Map<string, Account>();
  #names: Names = NO_NAMES;

  constructor(rules: ServiceRules) {
    this.#rules = rules;
  }

  /** Replaces the whole picture. */
  take(contracts: readonly Contract[]): void {
    this.#contracts = new Map(contracts.map((contract) => [contract.id as string, contract]));
    this.#accounts = new Map();
    this.#names = namesOf(contracts);
  }

  knows(contract: string): boolean {
    return this.#contracts.has(contract);
  }

  /** A contract that is not known yet is rated as a cloud phone without options; closing rates again. */
  of(contract: string): Account {
    const known = this.#accounts.get(contract);
    if (known !== undefined) return known;
    const held = this.#contracts.get(contract);
    const account: Account = {
      contract: contract as ContractId,
      rater: this.#rules.rater(held?.product ?? 'cloudPhone'),
      allowance: held === undefined ? noAllowance : this.#rules.allowance(held),
      ceiling: held?.ceiling ?? null,
    };
    if (held !== undefined) this.#accounts.set(contract, account);
    return account;
  }

  /** The contracts whose use is limited. [S3-032] */
  withCeiling(): readonly string[] {
    return [...this.#contracts.values()].flatMap(({ id, ceiling }) => (ceiling == null ? [] : [id]));
  }

  /** Whether an ID is, or was, one of the contract's. */
  hasId(contract: string, id: string): boolean {
    return this.#names.ids.get(contract)?.has(id) ?? false;
  }

  /** Whether a number is, or was, one of the contract's. */
  hasNumber(contract: string, number: string): boolean {
    return this.#names.numbers.get(contract)?.has(number) ?? false;
  }
}

function namesOf(contracts: readonly Contract[]): Names {
  const of = (names: (contract: Contract) => readonly string[]): ReadonlyMap<string, ReadonlySet<string>> =>
    new Map(contracts.map((contract) => [contract.id as string, new Set(names(contract))]));
  return {
    ids: of(({ ids }) => ids.map(({ id }) => id)),
    numbers: of(({ numbers, tollFree, answering }) => [
      ...numbers.map(({ number }) => number),
      ...(tollFree ?? []).map(({ number }) => number),
      ...(answering?.loanNumbers ?? []).map(({ number }) => number),
    ]),
  };
}

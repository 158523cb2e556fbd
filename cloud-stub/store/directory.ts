import type { Clock } from '../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import { type Contract, routingSnapshot } from '../contracts/index.ts';
import { RoutingMemory } from '../routing/index.ts';
import type { CallRequest, Decision, DeviceClass, RoutingSnapshot, Turn } from '../routing/types.ts';
import type { Directory, LiveState } from '../switch/ports.ts';
import type { Accounts } from './accounts.ts';
import type { Offices, SipCredential } from './offices.ts';
import type { ServiceRules } from './rules.ts';
import type { SpendWatch } from './spend-watch.ts';

/** Numbers and IDs begin and end at times: a snapshot is made anew at least this often. */
const SNAPSHOT_AGE_MS = 60_000;

/** What is asked about while nothing is registered and nobody talks. */
const QUIET: LiveState = { busyChannels: () => 0, reachable: () => true };

/**
 * All contracts in memory, so that a call is decided without asking the database. `refresh` replaces the whole picture
 * at once; whoever changes a contract calls it.
 */
export class MemoryDirectory implements Directory {
  readonly #offices: Offices;
  readonly #rules: ServiceRules;
  readonly #clock: Clock;
  readonly #accounts: Accounts;
  readonly #spend: SpendWatch;
  #contracts: readonly Contract[] = [];
  #credentials: ReadonlyMap<string, SipCredential> = new Map();
  #kinds: ReadonlyMap<string, DeviceClass> = new Map();
  #snapshot: { readonly view: RoutingSnapshot; readonly untilMs: number } | undefined;
  #live: LiveState = QUIET;
  readonly #memory = new RoutingMemory();

  constructor(offices: Offices, rules: ServiceRules, accounts: Accounts, spend: SpendWatch, clock: Clock) {
    this.#offices = offices;
    this.#rules = rules;
    this.#accounts = accounts;
    this.#spend = spend;
    this.#clock = clock;
  }

  async refresh(): Promise<void> {
    const contracts = await this.#offices.all();
    const credentials = await this.#offices.credentials();
    this.#contracts = contracts;
    this.#accounts.take(contracts);
    await this.#spend.refresh();
    this.#credentials = new Map(credentials.map((credential) => [credential.id as string, credential]));
    this.#kinds = new Map(contracts.flatMap(kindsOf));
    this.#snapshot = undefined;
  }

  /** Where percentages stood when the last run ended, and the calls of today. [S2-033] */
  restore(turns: readonly Turn[], callsToday: ReadonlyMap<ServiceId, number>): void {
    this.#memory.restore(turns, callsToday, this.#clock.now());
  }

  /** The contracts as they were last read. */
  contracts(): readonly Contract[] {
    return this.#contracts;
  }

  async ha1(user: string, realm: string, algorithm: 'MD5' | 'SHA-256'): Promise<string | undefined> {
    const known = this.#credentials.get(user);
    if (known === undefined || known.realm !== realm) return undefined;
    return algorithm === 'MD5' ? known.md5 : known.sha256;
  }

  decide(request: CallRequest, live: LiveState): Decision {
    const decision = this.#consider(request, live);
    this.#memory.remember(decision, this.#clock.now());
    return decision;
  }

  /** What would happen to a call now, with all devices there and nobody talking. */
  explain(request: CallRequest): Decision {
    return this.#consider(request, QUIET);
  }

  device(id: ServiceId): DeviceClass | undefined {
    return this.#kinds.get(id);
  }

  /** Simultaneous calls of a contract, for verbs that come later in a plan. [S0-059] */
  channels(contract: ContractId): number | undefined {
    return this.#view().contract(contract)?.channels;
  }

  #consider(request: CallRequest, live: LiveState): Decision {
    this.#live = live;
    return this.#rules.decide(request, this.#view(), this.#clock.now());
  }

  #view(): RoutingSnapshot {
    const nowMs = this.#clock.monotonicMs();
    if (this.#snapshot === undefined || nowMs >= this.#snapshot.untilMs) {
      const live: LiveState = {
        busyChannels: (contract) => this.#live.busyChannels(contract),
        reachable: (id) => this.#live.reachable(id),
        parked: (contract, slot) => this.#live.parked?.(contract, slot),
        holding: (id) => this.#live.holding?.(id),
      };
      const now = this.#clock.now();
      const whole = {
        ...routingSnapshot(this.#contracts, live, now),
        spentMicroYen: (contract: ContractId) => this.#spend.of(contract),
      };
      const view = this.#memory.over(whole, now);
      this.#snapshot = { view, untilMs: nowMs + SNAPSHOT_AGE_MS };
    }
    return this.#snapshot.view;
  }
}

function kindsOf(contract: Contract): readonly (readonly [string, DeviceClass])[] {
  return contract.ids.flatMap(({ id, device }) => {
    const kind = contract.devices.find((entry) => entry.id === device)?.kind;
    return kind === undefined ? [] : [[id, kind] as const];
  });
}

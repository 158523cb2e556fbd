import type { Clock } from '../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import type {
  CallRequest,
  ContractView,
  Decision,
  DeviceClass,
  IdView,
  NumberView,
  RoutingSnapshot,
} from '../routing/types.ts';
import type { Directory, LiveState } from '../switch/ports.ts';
import type { OfficePlan } from './office-plan.ts';
import type { Offices } from './offices.ts';
import type { ServiceRules } from './rules.ts';

interface Contents {
  readonly contracts: ReadonlyMap<string, Omit<ContractView, 'busyChannels'>>;
  readonly numbers: ReadonlyMap<string, NumberView>;
  readonly ids: ReadonlyMap<string, Omit<IdView, 'reachable'>>;
  readonly credentials: ReadonlyMap<string, { realm: string; md5: string; sha256: string }>;
}

const NOTHING: Contents = {
  contracts: new Map(),
  numbers: new Map(),
  ids: new Map(),
  credentials: new Map(),
};

/**
 * All contracts in memory, so that a call is decided without asking the database. `refresh` replaces the whole picture
 * at once; whoever changes a contract calls it.
 */
export class MemoryDirectory implements Directory {
  readonly #offices: Offices;
  readonly #rules: ServiceRules;
  readonly #clock: Clock;
  #contents: Contents = NOTHING;

  constructor(offices: Offices, rules: ServiceRules, clock: Clock) {
    this.#offices = offices;
    this.#rules = rules;
    this.#clock = clock;
  }

  async refresh(): Promise<void> {
    const plans = await this.#offices.all();
    const credentials = await this.#offices.credentials();
    this.#contents = {
      ...contentsOf(plans),
      credentials: new Map(credentials.map(({ id, ...rest }) => [id as string, rest])),
    };
  }

  async ha1(user: string, realm: string, algorithm: 'MD5' | 'SHA-256'): Promise<string | undefined> {
    const known = this.#contents.credentials.get(user);
    if (known === undefined || known.realm !== realm) return undefined;
    return algorithm === 'MD5' ? known.md5 : known.sha256;
  }

  decide(request: CallRequest, live: LiveState): Decision {
    return this.#rules.decide(request, this.#snapshot(live), this.#clock.now());
  }

  device(id: ServiceId): DeviceClass | undefined {
    return this.#contents.ids.get(id)?.device;
  }

  /** The contract that owns an ID, for callers that hold only the ID. */
  contractOf(id: ServiceId): ContractId | undefined {
    return this.#contents.ids.get(id)?.contract;
  }

  #snapshot(live: LiveState): RoutingSnapshot {
    const { contracts, numbers, ids } = this.#contents;
    return {
      contract(id) {
        const found = contracts.get(id);
        return found && { ...found, busyChannels: live.busyChannels(id) };
      },
      number: (number) => numbers.get(number),
      id(id) {
        const found = ids.get(id);
        return found && { ...found, reachable: live.reachable(id) };
      },
    };
  }
}

function contentsOf(plans: readonly OfficePlan[]): Omit<Contents, 'credentials'> {
  const contracts = new Map<string, Omit<ContractView, 'busyChannels'>>();
  const numbers = new Map<string, NumberView>();
  const ids = new Map<string, Omit<IdView, 'reachable'>>();
  for (const { contract, ids: planned, numbers: owned } of plans) {
    // 同時通話数: as many calls with the outside at a time as there are IDs. [S0-059]
    contracts.set(contract.id, {
      id: contract.id,
      state: contract.state,
      channels: planned.length,
      emergency: contract.emergency,
    });
    for (const { id, role, device, presents } of planned) {
      ids.set(id, { id, contract: contract.id, role, device, presents });
    }
    for (const { number, role, rings } of owned) {
      numbers.set(number, { number, contract: contract.id, role, rings });
    }
  }
  return { contracts, numbers, ids };
}

import type { KeptConfig, Outbox } from '../../agent/store/index.ts';
import { createSync, type Sync, type SyncOptions } from '../../agent/sync/index.ts';
import { type Clock, instant } from '../../lib/base/clock.ts';
import { ok } from '../../lib/base/errors.ts';
import { type GatewayId, newCallId, type ServiceId } from '../../lib/base/ids.ts';
import { silentLog } from '../../lib/base/log.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import type { BoxRecord } from '../../lib/contract/facts.ts';

/** What a simulated gateway is made from. */
export interface GatewayPlan {
  readonly enrolment: Enrolment;
  readonly clock: Clock;
  readonly random: Random;
  /** Default: the product's. */
  readonly openWire?: SyncOptions['openWire'];
}

/** A gateway without phones: the product's own link to the cloud, on a store in memory. */
export class SimGateway {
  readonly gateway: GatewayId;
  readonly sync: Sync;
  /** Records that were ever made. */
  readonly made: BoxRecord[] = [];
  /** Connections that came up. */
  connections = 0;
  readonly #plan: GatewayPlan;
  readonly #boot: string;
  readonly #waiting = new Map<string, BoxRecord>();
  #added: () => void = () => undefined;
  #kept: KeptConfig | undefined;

  constructor(plan: GatewayPlan) {
    this.#plan = plan;
    this.#boot = randomHex(plan.random, 4);
    this.gateway = plan.enrolment.gateway as GatewayId;
    this.sync = createSync({
      ...plan,
      boot: this.#boot,
      outbox: this.#outbox(),
      config: {
        load: () => this.#kept,
        previous: () => undefined,
        save: (kept) => {
          this.#kept = kept;
        },
        setTrial: () => undefined,
        rollBack: () => undefined,
        rolledBack: () => undefined,
        failed: () => undefined,
      },
      apply: () => ok(undefined),
      carryOut: async () => ok(undefined),
      commands: { begin: () => true, end: () => undefined, result: () => undefined },
      lanReport: () => ({ v: 1, at: 0, phones: [], omitted: 0, dhcp: null, warnings: [] }),
      health: { raise: () => undefined, clear: () => undefined },
      log: silentLog(),
    });
    let was = false;
    this.sync.onChange(() => {
      const { connected } = this.sync.cloud();
      if (connected && !was) this.connections++;
      was = connected;
    });
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get rev(): number {
    return this.sync.reported().appliedRev;
  }

  /** A short call ends: its record goes into the outbox. */
  call(): void {
    const { clock, random } = this.#plan;
    const end = clock.now();
    const record: BoxRecord = {
      id: `${this.gateway}/${this.#boot}/${this.made.length + 1}`,
      call: newCallId(clock, random),
      ...{ direction: 'internal', line: 1, serviceId: `id-${this.gateway.slice(3)}-1` as ServiceId },
      ...{ from: '11', to: '12', startedAt: instant(end - 2_000), answeredAt: instant(end - 1_500) },
      ...{ endedAt: end, talkMs: 1_500, end: 'answeredThenCallerHungUp', because: '' },
      ...{ interrupted: false, media: null },
    };
    this.made.push(record);
    this.#waiting.set(record.id, record);
    this.#added();
  }

  #outbox(): Outbox {
    const waiting = this.#waiting;
    return {
      size: () => waiting.size,
      oldestAt: () => null,
      next: (limit) => [...waiting.values()].slice(0, limit),
      nextFaxes: () => [],
      nextFacts: () => [],
      acknowledge: (ids) => ids.filter((id) => waiting.delete(id)).length,
      onAdded: (listener) => {
        this.#added = listener;
      },
      counters: () => ({ acknowledged: 0, dropped: 0, damaged: 0 }),
      noRoom: () => undefined,
      unreckoned: () => [],
      keepAcknowledged: () => undefined,
      reckoned: () => undefined,
      reserve: () => ({ records: 0, heldBytes: 0, wantedBytes: 0 }),
    };
  }
}

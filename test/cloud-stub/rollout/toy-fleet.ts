import { planOf, type RolloutRequest } from '../../../cloud-stub/rollout/plan.ts';
import type { FleetBox, LastOrder, NewOrder, RolloutPlan } from '../../../cloud-stub/rollout/types.ts';
import type { ContractId, GatewayId } from '../../../lib/base/ids.ts';
import type { Release, UpdateReport, UpdateState } from '../../../lib/contract/update.ts';

export const RELEASE: Release = {
  version: '1.2.0',
  compatible: 'engawa-virt-arm64',
  sizeBytes: 1_000,
  sha256: 'a'.repeat(64),
  path: '/v1/releases/1.2.0/bundle',
};

/** A plan without windows and without soak, unless a test says so. */
export function planWith(changed: Partial<RolloutRequest> = {}): RolloutPlan {
  const scope = { kind: 'all' } as const;
  return planOf({ version: RELEASE.version, scope, window: null, soakMs: 0, ...changed }, RELEASE);
}

/** How a box takes an update. */
export type Fate = 'good' | 'fails' | 'rollsBack' | 'mute' | 'vanishes';

const STEPS: readonly UpdateState[] = [
  { at: 'downloading', bytes: 0, sizeBytes: 1_000 },
  { at: 'installing', percent: 50 },
  { at: 'waiting', for: 'window' },
  { at: 'restarting' },
];

/** A box as simple as can be, that keeps the promises of the real one: it takes newer orders, and tells how it fares. */
export class ToyBox {
  readonly gateway: GatewayId;
  readonly contract: ContractId;
  fate: Fate;
  enrolledAt: number;
  online = true;
  since: number;
  version = '1.1.0';
  /** What lies retained at the broker, each way. */
  retained: (NewOrder & { readonly rollout: string }) | undefined;
  report: { readonly report: UpdateReport; readonly receivedAt: number } | null = null;
  #serial = 0;
  #rollout: string | null = null;
  #step = -1;
  /** What it could not tell: told when it is heard again, as a box publishes its report whenever it can. */
  #unsaid: UpdateState | undefined;

  constructor(number: number, fate: Fate, nowMs: number) {
    this.gateway = `gw-${String(number).padStart(6, '0')}` as GatewayId;
    this.contract = `c-${String(1 + (number % 7)).padStart(6, '0')}` as ContractId;
    this.fate = fate;
    this.enrolledAt = nowMs;
    this.since = nowMs;
    this.tell({ at: 'idle' }, nowMs);
  }

  get busy(): boolean {
    return this.#step >= 0;
  }

  /** Another machine under the same name. */
  replace(nowMs: number): void {
    this.enrolledAt = nowMs;
    this.version = '1.1.0';
    [this.#serial, this.#rollout, this.#step] = [0, null, -1];
    this.fate = 'good';
    this.come(true, nowMs);
    this.tell({ at: 'idle' }, nowMs);
  }

  come(online: boolean, nowMs: number): void {
    if (online !== this.online) this.since = nowMs;
    this.online = online;
  }

  /** Goes on by one step; what it tells, if anything. */
  move(nowMs: number): UpdateReport | undefined {
    if (!this.online) return undefined;
    if (this.#unsaid !== undefined && this.fate !== 'mute') return this.tell(this.#unsaid, nowMs);
    const order = this.retained;
    if (order !== undefined && order.serial > this.#serial) {
      // Who restarts already is not stopped.
      if (order.action === 'hold' && this.#step >= 3) return this.#advance(nowMs);
      [this.#serial, this.#rollout] = [order.serial, order.rollout];
      if (order.action === 'hold') {
        this.#step = -1;
        return this.#say({ at: 'waiting', for: 'held' }, nowMs);
      }
      this.#step = 0;
      if (this.version === RELEASE.version) return this.#end({ at: 'done' }, nowMs);
      return this.#say(STEPS[0] ?? { at: 'idle' }, nowMs);
    }
    return this.busy ? this.#advance(nowMs) : undefined;
  }

  #advance(nowMs: number): UpdateReport | undefined {
    this.#step++;
    const next = STEPS[this.#step];
    const reason = { code: 'update.bad', say: 'no' };
    if (this.fate === 'fails' && this.#step === 1) return this.#end({ at: 'failed', reason }, nowMs);
    if (next !== undefined) return this.#say(next, nowMs);
    if (this.fate === 'vanishes') {
      this.come(false, nowMs);
      return undefined;
    }
    if (this.fate === 'rollsBack') return this.#end({ at: 'rolledBack', reason }, nowMs);
    this.version = RELEASE.version;
    return this.#end({ at: 'done' }, nowMs);
  }

  #end(state: UpdateState, nowMs: number): UpdateReport | undefined {
    this.#step = -1;
    return this.#say(state, nowMs);
  }

  #say(state: UpdateState, nowMs: number): UpdateReport | undefined {
    if (this.fate !== 'mute') return this.tell(state, nowMs);
    this.#unsaid = state;
    return undefined;
  }

  tell(state: UpdateState, nowMs: number): UpdateReport {
    this.#unsaid = undefined;
    const report: UpdateReport = {
      ...{ v: 1, at: nowMs, compatible: RELEASE.compatible, other: null, state },
      running: { slot: 'a', version: this.version, confirmed: true },
      ...{ rollout: this.#rollout, serial: this.#serial === 0 ? null : this.#serial },
      version: this.#serial === 0 ? null : RELEASE.version,
    };
    this.report = { report, receivedAt: nowMs };
    return report;
  }

  seen(taken = false): FleetBox {
    const { contract, enrolledAt, gateway, online, report, retained, since } = this;
    const lastOrder: LastOrder | null =
      retained === undefined
        ? null
        : { serial: retained.serial, rollout: retained.rollout, action: retained.action };
    return { gateway, contract, enrolledAt, online, since, report, lastOrder, taken };
  }
}

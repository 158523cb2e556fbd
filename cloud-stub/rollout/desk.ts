import type { KeyObject } from 'node:crypto';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import type { Logger } from '../../lib/base/log.ts';
import {
  type Release,
  sealUpdateOrder,
  type UpdateOrder,
  type UpdateReport,
} from '../../lib/contract/update.ts';
import { isGivenUp } from './heard.ts';
import { covers, isFor } from './membership.ts';
import { planOf, type RolloutRequest } from './plan.ts';
import type { HeardReport, RolloutStore, RolloutSummary } from './ports.ts';
import { newRollout, stepRollout } from './step.ts';
import type { FleetBox, NewOrder, Rollout, RolloutBox, RolloutInput } from './types.ts';

/** How often the fleet is looked at while there is something to do, and while there is not. */
const LOOK_MS = 5_000;
const IDLE_LOOK_MS = 30_000;
/** Reports that wait to be kept; a box tells its newest again when it connects. */
const WAITING_LIMIT = 10_000;

/** What the desk needs from outside. */
export interface RolloutNeeds {
  readonly store: RolloutStore;
  /** Undefined when there is no such release. */
  readonly release: (version: string) => Promise<Release | undefined>;
  /** To a gateway, retained. Rejects while the broker is away: at its return everything is asked for again. */
  readonly publish: (gateway: GatewayId, message: Buffer) => Promise<void>;
  readonly privateKey: KeyObject;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What may be refused of an operator's wish. */
export interface RolloutRefusal extends CodedError {
  readonly code: 'rollout.unknown' | 'rollout.noRelease' | 'rollout.state';
}

type Stepping = Exclude<RolloutInput['kind'], 'look' | 'reports' | 'supersede'>;
interface Waiting extends HeardReport {
  readonly kept: () => void;
  readonly lost: (error: unknown) => void;
}
interface Turn {
  readonly orders: { contract: ContractId; order: UpdateOrder }[];
  readonly changes: Map<string, Rollout>;
}

/**
 * Leads the rollouts: looks at the fleet, hears what boxes tell, keeps each step whole in the database, and publishes what was
 * kept. In memory is what is in the database, and never more.
 */
export class RolloutDesk implements Running {
  readonly #needs: RolloutNeeds;
  /** Those that can still change, oldest first. */
  readonly #live = new Map<string, Rollout>();
  readonly #waiting: Waiting[] = [];
  #tail: Promise<unknown> = Promise.resolve();
  #timer: Timer | undefined;
  #watchingSince = 0;
  #stopped = false;

  constructor(needs: RolloutNeeds) {
    this.#needs = needs;
  }

  /** Reads what an earlier run has left, and goes on with it. */
  async start(): Promise<void> {
    const { clock, store } = this.#needs;
    this.#watchingSince = clock.now();
    for (const { rollout, tally } of await store.summaries()) {
      const open = tally.underWay + tally.held + tally.silent + tally.lost + tally.away + tally.late;
      const whole = isGivenUp(rollout) && open === 0 ? undefined : await store.rollout(rollout.id);
      if (whole !== undefined) this.#live.set(whole.id, whole);
    }
    this.#later();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#tail;
  }

  /** A box tells of its system; resolves when that is kept. */
  reported(contract: ContractId, gateway: GatewayId, report: UpdateReport): Promise<void> {
    if (this.#waiting.length >= WAITING_LIMIT) return Promise.reject(new Error('too many reports wait'));
    const receivedAt = this.#needs.clock.now();
    const done = new Promise<void>((kept, lost) => {
      this.#waiting.push({ contract, gateway, report, receivedAt, kept, lost });
    });
    // Those that come meanwhile are kept together.
    if (this.#waiting.length === 1) void this.#inOrder(() => this.#hear());
    return done;
  }

  /** Everything that is retained, published again for a broker that has forgotten. */
  republish(): Promise<void> {
    return this.#inOrder(async () => {
      for (const order of await this.#needs.store.orders()) await this.#publish(order);
    });
  }

  /** A look at the fleet. By itself one comes every few seconds. */
  look(): Promise<void> {
    return this.#inOrder(() => this.#look());
  }

  /** Refusals: `rollout.noRelease`. */
  begin(request: RolloutRequest): Promise<Result<Rollout, RolloutRefusal>> {
    return this.#inOrder(async () => {
      const { clock, log, store } = this.#needs;
      const release = await this.#needs.release(request.version);
      if (release === undefined) {
        const say = `There is no release ${request.version}; engawa-cloud release list shows all.`;
        return refuse({ code: 'rollout.noRelease', fault: 'caller', say });
      }
      const id = `r-${String((await store.summaries()).length + 1).padStart(6, '0')}`;
      const rollout = newRollout(id, planOf(request, release), clock.now());
      const turn = newTurn();
      for (const other of this.#live.values()) {
        if (isGivenUp(other) || other.plan.release.compatible !== release.compatible) continue;
        if (covers(rollout.plan.scope, other.plan.scope))
          this.#take(turn, other, { kind: 'supersede', by: id });
      }
      turn.changes.set(id, rollout);
      await this.#keep(turn, []);
      log.info({ rollout: id, version: release.version }, 'a rollout begins');
      await this.#look();
      return ok(this.#live.get(id) ?? rollout);
    });
  }

  /** Refusals: `rollout.unknown`, `rollout.state`. */
  change(id: string, kind: Stepping, why: string): Promise<Result<Rollout, RolloutRefusal>> {
    return this.#inOrder(async () => {
      const rollout = this.#live.get(id) ?? (await this.#needs.store.rollout(id));
      if (rollout === undefined) {
        const say = `There is no rollout ${id}; engawa-cloud rollout list shows all.`;
        return refuse({ code: 'rollout.unknown', fault: 'caller', say });
      }
      if (!mayChange(rollout, kind)) {
        const say = `The rollout ${id} is ${rollout.state.at}: nobody can ${kind} it.`;
        return refuse({ code: 'rollout.state', fault: 'caller', say });
      }
      const turn = newTurn();
      this.#take(turn, rollout, kind === 'resume' ? { kind } : { kind, why });
      await this.#keep(turn, []);
      this.#needs.log.info({ rollout: id, kind, why }, 'a rollout was changed');
      await this.#look();
      return ok(this.#live.get(id) ?? rollout);
    });
  }

  /** One with its boxes; undefined when there is none. */
  async rollout(id: string): Promise<Rollout | undefined> {
    return this.#live.get(id) ?? this.#needs.store.rollout(id);
  }

  /** All, oldest first. */
  summaries(): Promise<readonly RolloutSummary[]> {
    return this.#needs.store.summaries();
  }

  /** Rollouts by which a box could still be told to fetch that version. */
  using(version: string): readonly string[] {
    return [...this.#live.values()]
      .filter((one) => !isGivenUp(one) && one.plan.release.version === version)
      .map(({ id }) => id);
  }

  #inOrder<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => undefined);
    return done;
  }

  #later(): void {
    if (this.#stopped) return;
    const busy = [...this.#live.values()].some(({ state }) => state.at === 'running');
    this.#timer = this.#needs.clock.after(busy ? LOOK_MS : IDLE_LOOK_MS, 'look at rollouts', () => {
      void this.look()
        .catch((error: unknown) => this.#needs.log.warn({ err: error }, 'a look at rollouts failed'))
        .finally(() => this.#later());
    });
  }

  async #look(): Promise<void> {
    if (this.#live.size === 0) return;
    const turn = newTurn();
    let fleet = await this.#needs.store.fleet();
    for (const rollout of this.#live.values()) {
      const later = [...this.#live.values()].filter((other) => isAfter(other, rollout) && !isGivenUp(other));
      const seen = fleet.map((box) => ({ ...box, taken: later.some((other) => isOf(other, rollout, box)) }));
      const orders = this.#take(turn, rollout, {
        kind: 'look',
        fleet: seen,
        watchingSince: this.#watchingSince,
      });
      fleet = withOrders(fleet, rollout.id, orders);
    }
    await this.#keep(turn, []);
  }

  async #hear(): Promise<void> {
    const reports = this.#waiting.splice(0);
    try {
      const turn = newTurn();
      for (const rollout of this.#live.values()) {
        const own = reports.filter(({ report }) => report.rollout === rollout.id);
        if (own.length > 0) this.#take(turn, rollout, { kind: 'reports', reports: own });
      }
      await this.#keep(turn, reports);
      for (const { kept } of reports) kept();
    } catch (error) {
      for (const { lost } of reports) lost(error);
    }
  }

  /** One step of one rollout, into the turn; nothing of it counts before the turn is kept. */
  #take(turn: Turn, rollout: Rollout, input: RolloutInput): readonly NewOrder[] {
    const now = this.#needs.clock.now();
    const stepped = stepRollout(turn.changes.get(rollout.id) ?? rollout, input, now);
    turn.changes.set(rollout.id, stepped.rollout);
    const { plan } = stepped.rollout;
    for (const { action, contract, gateway, serial } of stepped.orders) {
      const own = plan.windows[contract];
      const order: UpdateOrder = {
        ...{ v: 1, gateway, serial, issuedAt: now, rollout: rollout.id, action, release: plan.release },
        ...{ window: own === undefined ? plan.window : own, allowOlder: plan.allowOlder },
      };
      turn.orders.push({ contract, order });
    }
    return stepped.orders;
  }

  async #keep({ changes, orders }: Turn, reports: readonly HeardReport[]): Promise<void> {
    const rollouts = [...changes.values()].flatMap((rollout) => {
      const before = this.#live.get(rollout.id);
      const boxes = [...rollout.boxes.values()].filter((box) => before?.boxes.get(box.gateway) !== box);
      const same = before !== undefined && boxes.every((box) => sameBox(before.boxes.get(box.gateway), box));
      return same && sameHead(before, rollout) ? [] : [{ rollout, boxes }];
    });
    if (rollouts.length + orders.length + reports.length === 0) return;
    await this.#needs.store.keep({ rollouts, orders, reports });
    for (const { rollout } of rollouts) {
      this.#tell(this.#live.get(rollout.id), rollout);
      this.#live.set(rollout.id, rollout);
    }
    // What cannot be published now is asked for again when the broker is back.
    for (const { order } of orders) {
      await this.#publish(order).catch((error: unknown) => {
        this.#needs.log.warn({ err: error, gateway: order.gateway }, 'an update order waits for the broker');
      });
    }
  }

  #publish(order: UpdateOrder): Promise<void> {
    return this.#needs.publish(order.gateway as GatewayId, sealUpdateOrder(order, this.#needs.privateKey));
  }

  #tell(before: Rollout | undefined, { id, state, wave }: Rollout): void {
    const { log } = this.#needs;
    if (before?.state.at !== state.at) log.info({ rollout: id, state }, `a rollout is ${state.at}`);
    if (before !== undefined && before.wave !== wave) log.info({ rollout: id, wave }, 'the next wave begins');
  }
}

function newTurn(): Turn {
  return { orders: [], changes: new Map() };
}

function mayChange({ state }: Rollout, kind: Stepping): boolean {
  if (kind === 'pause') return state.at === 'running' || state.at === 'complete';
  if (kind === 'resume') return state.at === 'paused';
  return state.at !== 'aborted' && state.at !== 'superseded';
}

function isAfter(other: Rollout, rollout: Rollout): boolean {
  return other.id > rollout.id;
}

/** Whether `later` is for that box in the place of `rollout`. */
function isOf(later: Rollout, rollout: Rollout, box: Omit<FleetBox, 'taken'>): boolean {
  return later.plan.release.compatible === rollout.plan.release.compatible && isFor(later.plan.scope, box);
}

function withOrders(
  fleet: readonly Omit<FleetBox, 'taken'>[],
  rollout: string,
  orders: readonly NewOrder[],
): readonly Omit<FleetBox, 'taken'>[] {
  if (orders.length === 0) return fleet;
  const fresh = new Map(orders.map((order) => [order.gateway, order]));
  return fleet.map((box) => {
    const order = fresh.get(box.gateway);
    return order === undefined
      ? box
      : { ...box, lastOrder: { serial: order.serial, action: order.action, rollout } };
  });
}

function sameBox(one: RolloutBox | undefined, other: RolloutBox): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}

function sameHead(one: Rollout, other: Rollout): boolean {
  const { boxes: _ours, ...head } = one;
  const { boxes: _theirs, ...otherHead } = other;
  return JSON.stringify(head) === JSON.stringify(otherHead);
}

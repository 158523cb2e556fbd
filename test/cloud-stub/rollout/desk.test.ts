import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RolloutDesk } from '../../../cloud-stub/rollout/desk.ts';
import type { RolloutRequest } from '../../../cloud-stub/rollout/plan.ts';
import type { RolloutChange, RolloutStore } from '../../../cloud-stub/rollout/ports.ts';
import { tallyOf } from '../../../cloud-stub/rollout/tally.ts';
import type { Rollout } from '../../../cloud-stub/rollout/types.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { openUpdateOrder, type UpdateOrder } from '../../../lib/contract/update.ts';
import { RELEASE, ToyBox } from './toy-fleet.ts';

const keys = generateKeyPairSync('ed25519');

/** A database that may fail, a broker that may be away, and boxes. */
class World {
  readonly clock = new VirtualClock();
  readonly kept = new Map<string, Rollout>();
  readonly orders = new Map<string, UpdateOrder>();
  readonly published: UpdateOrder[] = [];
  readonly boxes: ToyBox[];
  failing = false;
  brokerAway = false;
  desk: RolloutDesk;

  constructor(count: number) {
    this.boxes = Array.from({ length: count }, (_, index) => new ToyBox(index + 1, 'good', this.clock.now()));
    this.desk = this.#newDesk();
  }

  #newDesk(): RolloutDesk {
    const store: RolloutStore = {
      summaries: async () =>
        [...this.kept.values()].map((rollout) => ({ rollout, tally: tallyOf(rollout.boxes.values()) })),
      rollout: async (id) => this.kept.get(id),
      fleet: async () =>
        this.boxes.map((box) => {
          const order = this.orders.get(box.gateway);
          const { taken: _, ...seen } = box.seen();
          const { action, rollout, serial } = order ?? {};
          return action === undefined || rollout === undefined || serial === undefined
            ? seen
            : { ...seen, lastOrder: { action, rollout, serial } };
        }),
      keep: async (change) => this.#keep(change),
      orders: async () => [...this.orders.values()],
    };
    return new RolloutDesk({
      ...{ store, clock: this.clock, log: silentLog(), privateKey: keys.privateKey },
      release: async (version) => (version.startsWith('1.') ? { ...RELEASE, version } : undefined),
      publish: async (gateway, message) => {
        if (this.brokerAway) throw new Error('away');
        const opened = openUpdateOrder(message, { gateway, publicKey: keys.publicKey });
        if (!opened.ok) throw new Error(opened.error.say);
        this.published.push(opened.value);
        const box = this.boxes.find((one) => one.gateway === gateway);
        const { action, rollout, serial } = opened.value;
        if (box !== undefined) box.retained = { gateway, contract: box.contract, serial, action, rollout };
      },
    });
  }

  #keep({ orders, rollouts }: RolloutChange): void {
    if (this.failing) throw new Error('the database is away');
    for (const { rollout } of rollouts) this.kept.set(rollout.id, rollout);
    for (const { order } of orders) this.orders.set(order.gateway, order);
  }

  async restart(): Promise<void> {
    await this.desk.stop();
    this.desk = this.#newDesk();
    await this.desk.start();
  }

  /** Every box goes on, and says so. */
  async move(): Promise<void> {
    this.clock.advance(20_000);
    for (const box of this.boxes) {
      const report = box.move(this.clock.now());
      if (report !== undefined)
        await this.desk.reported(box.contract, box.gateway, report).catch(() => undefined);
    }
    await this.desk.look().catch(() => undefined);
  }
}

const NOW: Omit<RolloutRequest, 'version'> = { scope: { kind: 'all' }, window: null, soakMs: 0, waves: [] };

describe('the desk of rollouts', () => {
  it('loses nothing by a restart, a database or a broker that is away, at any step', async () => {
    const world = new World(12);
    await world.desk.start();
    expect(await world.desk.begin({ version: RELEASE.version, ...NOW })).toMatchObject({ ok: true });
    for (let round = 0; round < 60 && world.kept.get('r-000001')?.state.at !== 'complete'; round++) {
      world.failing = round % 5 === 1;
      world.brokerAway = round % 7 === 2;
      await world.move();
      if (round % 3 === 0) await world.restart();
      if (round % 7 === 3) await world.desk.republish();
    }
    const rollout = world.kept.get('r-000001');
    expect(rollout?.state.at).toBe('complete');
    expect(tallyOf(rollout?.boxes.values() ?? []).done).toBe(12);
    expect(world.boxes.every(({ version }) => version === RELEASE.version)).toBe(true);
    await world.desk.stop();
  });

  it('has a later rollout take its boxes over: what has begun stands still until its turn', async () => {
    const world = new World(6);
    await world.desk.start();
    await world.desk.begin({ version: '1.2.0', ...NOW });
    const first = world.published.map(({ gateway }) => gateway);
    expect(first.length).toBeGreaterThan(0);
    await world.desk.begin({ version: '1.3.0', ...NOW, waves: [{ kind: 'boxes', boxes: 1 }] });
    expect(world.kept.get('r-000001')?.state).toEqual({ at: 'superseded', by: 'r-000002' });
    const later = world.published.filter(({ rollout }) => rollout === 'r-000002');
    expect(new Set(later.filter(({ action }) => action === 'hold').map(({ gateway }) => gateway))).toEqual(
      new Set(first),
    );
    expect(later.filter(({ action }) => action === 'install').length).toBe(1);
    for (const { gateway, serial } of later) if (first.includes(gateway)) expect(serial).toBeGreaterThan(1);
    await world.desk.stop();
  });

  it('leaves boxes that a later rollout is for, and keeps the others', async () => {
    const world = new World(4);
    await world.desk.start();
    await world.desk.begin({ version: '1.2.0', ...NOW });
    const gateways = ['gw-000001' as GatewayId];
    await world.desk.begin({ version: '1.3.0', ...NOW, scope: { kind: 'gateways', gateways } });
    const [one, other] = [world.kept.get('r-000001'), world.kept.get('r-000002')];
    expect(one?.state.at).toBe('running');
    expect(one?.boxes.get(gateways[0] as GatewayId)?.now).toMatchObject({ at: 'left', why: 'superseded' });
    expect([...(other?.boxes.keys() ?? [])]).toEqual(gateways);
    await world.desk.stop();
  });

  it('stands still while it is paused, goes on after, and is given up once', async () => {
    const world = new World(3);
    await world.desk.start();
    await world.desk.begin({ version: '1.2.0', ...NOW });
    await world.desk.change('r-000001', 'pause', 'lunch');
    const paused = world.published.filter(({ action }) => action === 'install').length;
    for (let round = 0; round < 6; round++) await world.move();
    expect(world.published.filter(({ action }) => action === 'install').length).toBe(paused);
    expect(world.boxes.every(({ version }) => version === '1.1.0')).toBe(true);
    expect(await world.desk.change('r-000001', 'pause', '')).toMatchObject({
      error: { code: 'rollout.state' },
    });
    await world.desk.change('r-000001', 'resume', '');
    for (let round = 0; round < 20; round++) await world.move();
    expect(world.kept.get('r-000001')?.state.at).toBe('complete');
    // Another box under an old name, and one that nobody knew: both are brought up as well.
    world.boxes[0]?.replace(world.clock.now());
    world.boxes.push(new ToyBox(9, 'good', world.clock.now()));
    for (let round = 0; round < 20; round++) await world.move();
    expect(world.boxes.map(({ version }) => version)).toEqual(['1.2.0', '1.2.0', '1.2.0', '1.2.0']);
    expect(await world.desk.change('r-000001', 'abort', 'done with')).toMatchObject({ ok: true });
    expect(await world.desk.change('r-000001', 'abort', '')).toMatchObject({
      error: { code: 'rollout.state' },
    });
    expect(await world.desk.change('r-000009', 'abort', '')).toMatchObject({
      error: { code: 'rollout.unknown' },
    });
    expect(await world.desk.begin({ version: '2.0.0', ...NOW })).toMatchObject({
      error: { code: 'rollout.noRelease' },
    });
    await world.desk.stop();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBoxAt, openHead, packHead } from '../../../cloud-stub/rollout/kept.ts';
import { newRollout, stepRollout } from '../../../cloud-stub/rollout/step.ts';
import { perMinuteNow, tallyOf } from '../../../cloud-stub/rollout/tally.ts';
import type {
  NewOrder,
  Rollout,
  RolloutBox,
  RolloutInput,
  RolloutPlan,
} from '../../../cloud-stub/rollout/types.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import type { UpdateReport } from '../../../lib/contract/update.ts';
import { type Fate, planWith, ToyBox } from './toy-fleet.ts';

const START = Date.UTC(2026, 10, 22, 3, 0, 0);
const FATES: readonly Fate[] = ['good', 'good', 'good', 'good', 'fails', 'rollsBack', 'mute', 'vanishes'];

type Event =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'look' | 'resume' | 'pause' | 'abort' | 'restart' | 'join' }
  | { readonly do: 'move'; readonly picks: readonly number[] }
  | { readonly do: 'come' | 'go' | 'replace'; readonly pick: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      picks: fc.array(fc.nat(19), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('resume' as const, 'restart' as const, 'join' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('come' as const, 'go' as const), pick: fc.nat(19) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), pick: fc.nat(19) }) },
);
const abortEvent: fc.Arbitrary<Event> = fc.constant({ do: 'abort' as const });

const plan: fc.Arbitrary<RolloutPlan> = fc
  .record({
    waves: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('boxes' as const), boxes: fc.integer({ min: 1, max: 6 }) }),
        fc.record({ kind: fc.constant('percent' as const), percent: fc.integer({ min: 1, max: 100 }) }),
      ),
      { maxLength: 3 },
    ),
    soakMs: fc.constantFrom(0, 60_000),
    rate: fc.record({
      perMinute: fc.integer({ min: 1, max: 8 }),
      growBy: fc.constantFrom(1, 1.5, 3),
      growEvery: fc.integer({ min: 1, max: 4 }),
      mostPerMinute: fc.integer({ min: 1, max: 20 }),
    }),
    abort: fc.record({ sharePercent: fc.constantFrom(10, 50, 100), least: fc.integer({ min: 1, max: 6 }) }),
    silentMs: fc.constantFrom(60_000, 3_600_000),
    patienceMs: fc.constantFrom(120_000, 7_200_000),
  })
  .map((changed) => planWith(changed));

/** A rollout that is led by events, with everything watched that must never happen. */
class Trial {
  rollout: Rollout;
  now = START;
  readonly boxes: ToyBox[];
  readonly installs: number[] = [];
  readonly #serials = new Map<GatewayId, number>();
  readonly #ends = new Map<string, string>();
  watchingSince = START;

  constructor(thePlan: RolloutPlan, fates: readonly Fate[]) {
    this.boxes = fates.map((fate, index) => new ToyBox(index + 1, fate, START));
    this.rollout = newRollout('r-000001', thePlan, START);
  }

  step(input: RolloutInput): void {
    const before = this.rollout;
    const { rollout, orders } = stepRollout(before, input, this.now);
    this.rollout = rollout;
    for (const order of orders) this.#watch(order, before);
    for (const box of rollout.boxes.values()) this.#watchEnd(box);
    for (const order of orders) {
      const box = this.boxes.find(({ gateway }) => gateway === order.gateway);
      if (box !== undefined) box.retained = { ...order, rollout: rollout.id };
    }
  }

  #watch(order: NewOrder, before: Rollout): void {
    expect(order.serial).toBeGreaterThan(this.#serials.get(order.gateway) ?? 0);
    this.#serials.set(order.gateway, order.serial);
    if (order.action === 'hold') return;
    expect(before.state.at === 'running' || before.state.at === 'complete').toBe(true);
    expect(this.rollout.state.at).toBe('running');
    this.installs.push(this.now);
    const lately = this.installs.filter((at) => at > this.now - 60_000).length;
    const { done } = tallyOf(this.rollout.boxes.values());
    expect(lately).toBeLessThanOrEqual(perMinuteNow(this.rollout.plan.rate, done));
  }

  /** A box that has come to an end stays there, until it is another box. */
  #watchEnd({ enrolledAt, gateway, now }: RolloutBox): void {
    if (now.at === 'waiting' || now.at === 'ordered') return;
    const key = `${gateway}/${enrolledAt}`;
    const end = JSON.stringify(now);
    expect(this.#ends.get(key) ?? end).toBe(end);
    this.#ends.set(key, end);
  }

  look(): void {
    this.step({
      kind: 'look',
      fleet: this.boxes.map((box) => box.seen()),
      watchingSince: this.watchingSince,
    });
  }

  move(boxes: readonly ToyBox[]): void {
    const reports = boxes.flatMap((box) => {
      const report = box.move(this.now);
      return report === undefined ? [] : [{ gateway: box.gateway, report }];
    });
    if (reports.length > 0) this.step({ kind: 'reports', reports });
  }

  take(one: Event): void {
    const box = 'pick' in one ? this.boxes[one.pick % this.boxes.length] : undefined;
    switch (one.do) {
      case 'wait':
        this.now += one.ms;
        return;
      case 'look':
        this.look();
        return;
      case 'move':
        this.move([...new Set(one.picks)].flatMap((pick) => this.boxes[pick % this.boxes.length] ?? []));
        return;
      case 'resume':
        this.step({ kind: 'resume' });
        return;
      case 'pause':
        this.step({ kind: 'pause', why: 'lunch' });
        return;
      case 'abort':
        this.step({ kind: 'abort', why: 'enough' });
        return;
      case 'restart':
        this.rollout = reopened(this.rollout);
        this.watchingSince = this.now;
        return;
      case 'join':
        if (this.boxes.length < 24) this.boxes.push(new ToyBox(this.boxes.length + 1, 'good', this.now));
        return;
      case 'come':
        box?.come(true, this.now);
        return;
      case 'go':
        box?.come(false, this.now);
        return;
      case 'replace':
        box?.replace(++this.now);
        return;
    }
  }

  /** Everybody is there and does well, for as long as it takes. */
  settle(): void {
    this.step({ kind: 'resume' });
    // Who joined last may not have been seen yet.
    this.look();
    for (let round = 0; round < 1_500 && this.rollout.state.at === 'running'; round++) {
      this.now += 15_000;
      for (const box of this.boxes) {
        box.fate = 'good';
        box.come(true, this.now);
      }
      // A box that was mute or gone tells where it is when it is back.
      this.move(this.boxes);
      this.look();
    }
  }
}

/** As a run of the service leaves it and the next one finds it. */
function reopened(rollout: Rollout): Rollout {
  const head = openHead(JSON.parse(packHead(rollout)));
  const boxes = [...rollout.boxes].map(
    ([gateway, box]) => [gateway, { ...box, now: openBoxAt(JSON.parse(JSON.stringify(box.now))) }] as const,
  );
  return { id: rollout.id, startedAt: rollout.startedAt, ...head, boxes: new Map(boxes) };
}

const fates = fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 20 });

describe('a rollout, whatever happens', { timeout: 60_000 }, () => {
  it('is never over its rate, never orders while paused or given up, gives each box one end, and survives every restart', () => {
    fc.assert(
      fc.property(
        plan,
        fates,
        fc.array(event, { maxLength: 120 }),
        fc.boolean(),
        (thePlan, some, events, abort) => {
          const trial = new Trial(thePlan, some);
          for (const one of events) trial.take(one);
          if (abort) {
            trial.step({ kind: 'abort', why: 'enough' });
            const ordered = trial.installs.length;
            for (const one of events) trial.take(one);
            expect(trial.installs.length).toBe(ordered);
            expect(trial.rollout.state.at).toBe('aborted');
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('brings every box to its end once all are there and well', () => {
    fc.assert(
      fc.property(plan, fates, fc.array(event, { maxLength: 60 }), (thePlan, some, events) => {
        const trial = new Trial({ ...thePlan, abort: { sharePercent: 100, least: 1_000 } }, some);
        for (const one of events) trial.take(one);
        trial.settle();
        if (trial.rollout.state.at === 'aborted') return;
        expect(trial.rollout.state.at).toBe('complete');
        const { boxes } = trial.rollout;
        expect(boxes.size).toBe(trial.boxes.length);
      }),
      { numRuns: 25 },
    );
  });

  it('does the same after a restart at any step as without one', () => {
    fc.assert(
      fc.property(plan, fates, fc.array(event, { maxLength: 80 }), (thePlan, some, events) => {
        const steady = new Trial(thePlan, some);
        const shaky = new Trial(thePlan, some);
        for (const one of events.filter((each) => each.do !== 'restart')) {
          steady.take(one);
          shaky.rollout = reopened(shaky.rollout);
          shaky.take(one);
        }
        expect(shaky.rollout).toEqual(steady.rollout);
      }),
      { numRuns: 15 },
    );
  });

  it('cares nothing for the order in which reports come', () => {
    fc.assert(
      fc.property(
        plan,
        fates,
        fc.array(event, { maxLength: 60 }),
        fc.integer(),
        (thePlan, some, events, seed) => {
          const trial = new Trial(thePlan, some);
          for (const one of events) trial.take(one);
          const reports = trial.boxes.flatMap((box) => {
            const report = box.move(trial.now);
            return report === undefined ? [] : [{ gateway: box.gateway, report }];
          });
          const ways = [reports, [...reports].reverse(), shuffled(reports, seed), [...reports, ...reports]];
          const [first, ...others] = ways.map((way) =>
            stepRollout(trial.rollout, { kind: 'reports', reports: way }, trial.now),
          );
          for (const other of others) expect(other).toEqual(first);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes an end for an end, in whatever order a box’s own reports come', () => {
    fc.assert(
      fc.property(fc.constantFrom<Fate>('good', 'fails', 'rollsBack'), fc.integer(), (fate, seed) => {
        const trial = new Trial(planWith(), [fate]);
        trial.look();
        const [box] = trial.boxes;
        const told: { gateway: GatewayId; report: UpdateReport }[] = [];
        for (let n = 0; n < 8; n++) {
          const report = box?.move(trial.now);
          if (report !== undefined && box !== undefined) told.push({ gateway: box.gateway, report });
        }
        const ends = [told, shuffled(told, seed)].map((reports) => {
          const { rollout } = stepRollout(trial.rollout, { kind: 'reports', reports }, trial.now);
          return [...rollout.boxes.values()];
        });
        expect(ends[1]).toEqual(ends[0]);
        expect(ends[0]?.[0]?.now.at).toBe(
          fate === 'good' ? 'done' : fate === 'fails' ? 'failed' : 'rolledBack',
        );
      }),
    );
  });

  it('is given up once and for all', () => {
    fc.assert(
      fc.property(
        plan,
        fates,
        fc.array(fc.oneof(event, abortEvent), { maxLength: 80 }),
        (thePlan, some, events) => {
          const trial = new Trial(thePlan, some);
          let ordered: number | undefined;
          for (const one of events) {
            trial.take(one);
            if (trial.rollout.state.at === 'aborted') ordered ??= trial.installs.length;
          }
          if (ordered !== undefined) expect(trial.installs.length).toBe(ordered);
        },
      ),
      { numRuns: 60 },
    );
  });
});

function shuffled<Value>(values: readonly Value[], seed: number): Value[] {
  return values
    .map((value, index) => ({ value, key: Math.imul(index + 1, seed | 1) >>> 3 }))
    .sort((one, other) => one.key - other.key)
    .map(({ value }) => value);
}

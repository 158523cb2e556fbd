import { describe, expect, it } from 'vitest';
import { newRollout, stepRollout } from '../../../cloud-stub/rollout/step.ts';
import { tallyOf } from '../../../cloud-stub/rollout/tally.ts';
import type { Rollout, RolloutInput, RolloutPlan } from '../../../cloud-stub/rollout/types.ts';
import { inWindow } from '../../../cloud-stub/rollout/window.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { UpdateReport } from '../../../lib/contract/update.ts';
import { type Fate, planWith, ToyBox } from './toy-fleet.ts';

const FLEET = 1_000;
/** While orders go out, and while they do not. */
const LOOK_MS = 20_000;
const IDLE_LOOK_MS = 300_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

interface Outcome {
  readonly rollout: Rollout;
  readonly boxes: readonly ToyBox[];
  /** When orders to install went out, and to whom. */
  readonly installs: readonly { readonly at: number; readonly gateway: GatewayId }[];
}

/** A fleet under a virtual clock: each box has a pace of its own, some come only after hours. */
function lead(plan: RolloutPlan, fateOf: (part: number) => Fate, away = 0.1, size = FLEET): Outcome {
  const clock = new VirtualClock(Date.UTC(2026, 10, 22, 3, 0, 0));
  const random = seededRandom(8);
  const startMs = clock.now();
  const boxes = Array.from(
    { length: size },
    (_, index) => new ToyBox(index + 1, fateOf(random.fraction()), startMs),
  );
  const byName = new Map(boxes.map((box) => [box.gateway, box]));
  const installs: { at: number; gateway: GatewayId }[] = [];
  let rollout = newRollout('r-000001', plan, startMs);
  const take = (input: RolloutInput): void => {
    const stepped = stepRollout(rollout, input, clock.now());
    rollout = stepped.rollout;
    for (const order of stepped.orders) {
      const box = byName.get(order.gateway);
      if (box === undefined) continue;
      box.retained = { ...order, rollout: rollout.id };
      if (order.action === 'install') installs.push({ at: clock.now(), gateway: order.gateway });
      wake(box);
    }
  };
  const told: { gateway: GatewayId; report: UpdateReport }[] = [];
  const wake = (box: ToyBox): void => {
    clock.after(MINUTE_MS * (0.5 + 4 * random.fraction()), 'box', () => {
      const report = box.move(clock.now());
      if (report !== undefined) told.push({ gateway: box.gateway, report });
      if (box.busy) wake(box);
    });
  };
  for (const box of boxes) {
    if (random.fraction() >= away) continue;
    box.come(false, startMs);
    clock.after(HOUR_MS * 4 * random.fraction(), 'box comes', () => {
      box.come(true, clock.now());
      wake(box);
    });
  }
  const look = (): void => {
    // Those that come close together are heard together.
    if (told.length > 0) take({ kind: 'reports', reports: told.splice(0) });
    take({ kind: 'look', fleet: boxes.map((box) => box.seen()), watchingSince: startMs });
    const busy = clock.now() - (installs.at(-1)?.at ?? 0) < 10 * MINUTE_MS;
    if (rollout.state.at === 'running') clock.after(busy ? LOOK_MS : IDLE_LOOK_MS, 'look', look);
  };
  look();
  while (rollout.state.at === 'running' && clock.now() - startMs < 60 * HOUR_MS) clock.advance(HOUR_MS);
  return { rollout, boxes, installs };
}

describe('a rollout to a thousand boxes', { timeout: 60_000 }, () => {
  it('brings all of them to the release, wave by wave, those too that come hours later, at no more than its rate', () => {
    const plan = planWith({ soakMs: 30 * MINUTE_MS });
    const { boxes, installs, rollout } = lead(plan, (part) => (part < 0.01 ? 'fails' : 'good'));
    const tally = tallyOf(rollout.boxes.values());
    expect(rollout.state.at).toBe('complete');
    expect(tally.done + tally.failed).toBe(FLEET);
    expect(tally.failed).toBe(boxes.filter(({ fate }) => fate === 'fails').length);
    expect(boxes.filter(({ version }) => version === '1.2.0').length).toBe(tally.done);
    expect(new Set(installs.map(({ gateway }) => gateway)).size).toBe(installs.length);
    // One box alone, then half an hour, then those up to 5 %, then half an hour, then those up to 25 %.
    const at = installs.map((one) => one.at);
    const gaps = at.flatMap((one, index) => (one - (at[index - 1] ?? one) >= 30 * MINUTE_MS ? [index] : []));
    expect(gaps.slice(0, 3)).toEqual([1, 50, 250]);
    for (const [index, one] of at.entries()) {
      expect((at[index + 100] ?? Number.POSITIVE_INFINITY) - one).toBeGreaterThan(MINUTE_MS);
    }
    // It grows: the last quarter goes out faster than the first boxes did.
    const perMinute = (from: number, to: number): number =>
      (to - from) / (((at[to] ?? 0) - (at[from] ?? 0)) / MINUTE_MS);
    expect(perMinute(300, 600)).toBeGreaterThan(5 * perMinute(2, 40));
  });

  it('gives a bad release up before many have tried it', () => {
    const plan = planWith({ soakMs: 30 * MINUTE_MS });
    const { boxes, installs, rollout } = lead(plan, (part) => (part < 0.3 ? 'rollsBack' : 'good'));
    expect(rollout.state).toMatchObject({ at: 'aborted', by: 'share' });
    expect(installs.length).toBeLessThanOrEqual(50);
    expect(boxes.filter(({ retained }) => retained?.action === 'install').length).toBeLessThanOrEqual(50);
    expect(tallyOf(rollout.boxes.values()).left).toBeGreaterThanOrEqual(950);
  });

  it('gives a release up that boxes never come back from', () => {
    const plan = planWith({ soakMs: 10 * MINUTE_MS, silentMs: HOUR_MS });
    const { installs, rollout } = lead(plan, (part) => (part < 0.2 ? 'vanishes' : 'good'), 0);
    expect(rollout.state).toMatchObject({ at: 'aborted', by: 'share' });
    expect(installs.length).toBeLessThanOrEqual(50);
    expect(tallyOf(rollout.boxes.values()).done).toBeGreaterThan(0);
  });

  it('orders within the window and its lead alone, each contract in its own', () => {
    const night = { fromMinute: 120, toMinute: 300 };
    const noon = { fromMinute: 720, toMinute: 780 };
    const leadMs = 30 * MINUTE_MS;
    const plan = planWith({ window: night, windows: { 'c-000003': noon }, leadMs });
    const { boxes, installs, rollout } = lead(plan, () => 'good', 0.1, 200);
    expect(rollout.state.at).toBe('complete');
    const contractOf = new Map(boxes.map(({ contract, gateway }) => [gateway, contract]));
    for (const { at, gateway } of installs) {
      expect(inWindow(contractOf.get(gateway) === 'c-000003' ? noon : night, leadMs, at)).toBe(true);
    }
  });
});

describe('a window', () => {
  const at = (text: string): number => Date.parse(`2026-11-22T${text}:00+09:00`);
  it.each([
    [120, 300, 0, '02:00', true],
    [120, 300, 0, '04:59', true],
    [120, 300, 0, '05:00', false],
    [120, 300, 0, '01:59', false],
    [120, 300, 30, '01:30', true],
    [120, 300, 30, '01:29', false],
    [1_380, 60, 0, '23:30', true],
    [1_380, 60, 0, '00:59', true],
    [1_380, 60, 0, '01:00', false],
    [1_380, 60, 30, '22:30', true],
    [10, 70, 30, '23:45', true],
    [600, 600, 0, '03:00', true],
  ])('from %i to %i, %i minutes early: at %s %s', (fromMinute, toMinute, lead, time, expected) => {
    expect(inWindow({ fromMinute, toMinute }, lead * MINUTE_MS, at(time))).toBe(expected);
  });
  it('that is none is always open', () => expect(inWindow(null, 0, at('12:00'))).toBe(true));
});

import { describe, expect, it } from 'vitest';
import { instant } from '../../../lib/base/clock.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

describe('virtual clock', () => {
  it('runs timers in the order they fall due, and those due together in the order they were armed', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(20, 'b', () => seen.push('b'));
    clock.after(10, 'a', () => seen.push('a'));
    clock.after(20, 'c', () => seen.push('c'));
    clock.advance(25);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('its time of day can be set, and nothing else notices', () => {
    const clock = new VirtualClock();
    let ran = false;
    clock.after(20, 'x', () => (ran = true));
    clock.advance(10);
    clock.setNow(instant(5_000));
    expect([clock.now(), clock.monotonicMs(), ran]).toEqual([5_000, 10, false]);
    clock.advance(10);
    expect([clock.now(), clock.monotonicMs(), ran]).toEqual([5_010, 20, true]);
  });

  it('does not run a cancelled timer', () => {
    const clock = new VirtualClock();
    let ran = false;
    clock.after(10, 'x', () => (ran = true)).cancel();
    clock.advance(20);
    expect(ran).toBe(false);
    expect(clock.names()).toEqual([]);
  });
});

describe('virtual clock with many timers', () => {
  it('keeps their order while others are cancelled, and forgets those', () => {
    const clock = new VirtualClock();
    const random = seededRandom(5);
    const seen: number[] = [];
    const due: number[] = [];
    for (let index = 0; index < 2_000; index++) {
      const ms = Math.floor(random.fraction() * 500);
      const timer = clock.after(ms, 't', () => seen.push(ms));
      if (random.fraction() < 0.6) timer.cancel();
      else due.push(ms);
    }
    expect(clock.names()).toHaveLength(due.length);
    expect(clock.nextDueMs()).toBe(Math.min(...due));
    clock.advance(1_000);
    expect(seen).toEqual(due.sort((left, right) => left - right));
    expect([clock.names(), clock.nextDueMs()]).toEqual([[], undefined]);
  });

  it('goes timer by timer, and never backwards', () => {
    const clock = new VirtualClock();
    clock.after(10, 'a', () => undefined);
    expect([clock.step(20), clock.monotonicMs(), clock.step(20), clock.monotonicMs()]).toEqual([
      true,
      10,
      false,
      20,
    ]);
    expect([clock.step(5), clock.monotonicMs()]).toEqual([false, 20]);
  });
});

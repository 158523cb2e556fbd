import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type { TimerName } from '../../../../lib/voice/sip/transaction/effects.ts';
import { OwnTimers, TransactionTimers } from '../../../../lib/voice/sip/transaction/timers.ts';

const NAMES: readonly TimerName[] = ['A', 'B', 'C'];
const LENGTHS = [500, 1_000, 5_000, 32_000];

test('one timer is told when it is due, armed again it begins anew, disarmed it is not told', () => {
  const clock = new VirtualClock();
  const own = new OwnTimers(new TransactionTimers(clock));
  const told: string[] = [];
  const owner = {
    timerDue: (name: TimerName): void => {
      own.fired(name);
      told.push(`${name} ${clock.monotonicMs()}`);
    },
  };
  own.arm(owner, 'A', 500);
  own.arm(owner, 'B', 500);
  own.arm(owner, 'C', 500);
  clock.advance(400);
  own.arm(owner, 'A', 500);
  own.disarm('C');
  clock.advance(5_000);
  expect(told).toEqual(['B 500', 'A 900']);
  expect(clock.names()).toEqual([]);
});

test('whatever is armed and disarmed in whatever order: each is told once, in time or 0.2 % late, and no clock is left', () => {
  const step = fc.record({
    owner: fc.nat(5),
    name: fc.constantFrom(...NAMES),
    ms: fc.constantFrom(...LENGTHS),
    arms: fc.integer({ min: 0, max: 3 }).map((one) => one > 0),
    waitMs: fc.nat(700),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = new VirtualClock();
      const timers = new TransactionTimers(clock);
      const due = new Map<string, number>();
      const owners = Array.from({ length: 6 }, (_, at) => {
        const own = new OwnTimers(timers);
        const timerDue = (name: TimerName): void => {
          own.fired(name);
          const dueMs = due.get(`${at}${name}`) ?? Number.NaN;
          expect(clock.monotonicMs()).toBeGreaterThanOrEqual(dueMs);
          expect(clock.monotonicMs()).toBeLessThanOrEqual(dueMs + 32_000 * 0.002);
          expect(due.delete(`${at}${name}`)).toBe(true);
        };
        return { own, timerDue };
      });
      for (const { owner, name, ms, arms, waitMs } of steps) {
        const one = owners[owner];
        if (arms) {
          one?.own.arm(one, name, ms);
          due.set(`${owner}${name}`, clock.monotonicMs() + ms);
        } else {
          one?.own.disarm(name);
          due.delete(`${owner}${name}`);
        }
        clock.advance(waitMs);
      }
      clock.advance(33_000);
      expect([...due.keys()]).toEqual([]);
      expect(clock.names()).toEqual([]);
    }),
  );
});

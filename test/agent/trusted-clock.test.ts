import { expect, it } from 'vitest';
import { clockMark } from '../../agent/store/clock-mark.ts';
import { hasHeard, trustedClock } from '../../agent/trusted-clock.ts';
import type { Clock } from '../../lib/base/clock.ts';
import { instant, systemClock } from '../../lib/base/clock.ts';

function box() {
  const state = { upMs: 5_000, wall: Date.UTC(2026, 10, 22), heard: false };
  const machine: Clock = {
    now: () => instant(state.wall),
    monotonicMs: () => state.upMs,
    after: () => ({ cancel: () => undefined }),
  };
  const clock = trustedClock(machine, '/run/mark', (path) => path === '/run/mark' && state.heard);
  return { state, clock };
}

it('does not take a likely time for the right one before the network has told it', () => {
  const { state, clock } = box();
  expect(clockMark(clock, state.wall)).toEqual({ upMs: 5_000, set: false });
  state.heard = true;
  expect(clockMark(clock, state.wall)).toEqual({ upMs: 5_000, set: true });
  state.heard = false;
  expect(clockMark(clock, state.wall).set).toBe(true);
});

it('takes it all the same where nobody tells the time', () => {
  const { state, clock } = box();
  expect(clock.trusted?.()).toBe(false);
  state.upMs += 16 * 60_000;
  expect(clock.trusted?.()).toBe(true);
});

it('has not heard the time by waiting for it', () => {
  const { state, clock } = box();
  state.upMs += 16 * 60_000;
  expect([clock.trusted?.(), hasHeard(clock)]).toEqual([true, false]);
  state.heard = true;
  expect(hasHeard(clock)).toBe(true);
  state.heard = false;
  expect(hasHeard(clock)).toBe(true);
  expect(hasHeard(systemClock)).toBe(true);
});

import { describe, expect, it } from 'vitest';
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

  it('does not run a cancelled timer', () => {
    const clock = new VirtualClock();
    let ran = false;
    clock.after(10, 'x', () => (ran = true)).cancel();
    clock.advance(20);
    expect(ran).toBe(false);
    expect(clock.names()).toEqual([]);
  });
});

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BootState } from '../../images/boot/boot-state.ts';
import { BOOT_STATE_BYTES, BOOT_STATE_SECOND_AT_BYTES, type Slot } from '../../images/layout.ts';
import { BootMedium } from './boot-medium.ts';

let medium: BootMedium;

beforeEach(() => {
  medium = new BootMedium();
});
afterEach(() => medium.remove());

const state = (turn: 0 | 1 | 2, order: BootState['order'] = ['a', 'b'], a = 3, b = 3): BootState => ({
  order,
  left: { a, b },
  trial: null,
  turn,
});

describe('the boot state, as RAUC asks for it', () => {
  it.each([
    [0, 1, 'b'],
    [1, 2, 'b'],
    [2, 0, 'b'],
    [1, 0, 'a'],
    [2, 1, 'a'],
    [0, 2, 'a'],
  ] as const)(
    'of turns %d and %d the newer copy holds, for the box and for the boot loader',
    (first, second, slot) => {
      medium.write(state(first, ['a', 'b']), state(second, ['b', 'a']));
      expect(medium.tool('get-primary')).toBe(slot);
      expect(medium.start()).toBe(slot);
    },
  );

  it('writes over the older copy alone, and the next change over the other', () => {
    medium.write(state(0), state(1));
    const first = medium.bytes;
    medium.tool('set-primary', 'b');
    expect(medium.changedSince(first)).toEqual(['first']);
    const second = medium.bytes;
    medium.tool('set-state', 'a', 'bad');
    expect(medium.changedSince(second)).toEqual(['second']);
    expect(medium.tool('show')).toBe('order=b\nleft_a=0\nleft_b=3\ntrial=b\nturn=0');
  });

  it('goes by the other copy when a power cut spoilt one', () => {
    medium.write(null, state(2, ['b', 'a'], 0, 2));
    expect(medium.tool('get-primary')).toBe('b');
    expect(medium.tool('get-state', 'a')).toBe('bad');
    const before = medium.bytes;
    medium.tool('set-state', 'a', 'good');
    expect(medium.changedSince(before)).toEqual(['first']);
  });

  it('starts with slot A when both copies are spoilt', () => {
    medium.write(null, null);
    expect(medium.tool('show')).toBe('order=a b\nleft_a=3\nleft_b=3\ntrial=\nturn=0');
    expect(medium.start()).toBe('a');
    medium.tool('set-state', 'b', 'bad');
    expect(medium.tool('show')).toBe('order=a\nleft_a=2\nleft_b=0\ntrial=\nturn=2');
  });

  it('passes over a slot without tries', () => {
    medium.write(state(0, ['b', 'a'], 3, 0), null);
    expect(medium.tool('get-primary')).toBe('a');
    expect(medium.tool('get-state', 'b')).toBe('bad');
    medium.tool('set-state', 'b', 'good');
    expect(medium.tool('get-primary')).toBe('b');
  });

  it('waits for a medium that comes late in a start, and says so of one that does not come', () => {
    medium.write(state(0), state(1));
    medium.goes(1);
    expect(medium.tool('get-primary')).toBe('a');
    medium.goes();
    expect(() => medium.tool('get-primary')).toThrow(/the medium has no partition .* after 3 s/);
  });

  it('refuses what is no slot and what is no state of one', () => {
    medium.write(state(0), state(1));
    const before = medium.bytes;
    expect(() => medium.tool('set-state', 'a', 'splendid')).toThrow(/good or bad/);
    expect(() => medium.tool('set-primary', 'c')).toThrow(/slot a and slot b/);
    expect(medium.changedSince(before)).toEqual([]);
  });
});

describe('a slot on trial', () => {
  /** What RAUC does to the state while it installs into the slot that does not run. */
  function install(into: Slot): void {
    medium.tool('set-state', into, 'bad');
    medium.tool('set-primary', into);
  }

  const trial = () => /^trial=(.*)$/m.exec(medium.tool('show'))?.[1];

  beforeEach(() => {
    medium.write(state(0), state(1));
    expect(medium.start()).toBe('a');
    medium.tool('set-state', 'a', 'good');
  });

  it('is one that was made the first while the other runs, until it is good', () => {
    install('b');
    expect(trial()).toBe('b');
    expect(medium.start()).toBe('b');
    expect(trial()).toBe('b');
    medium.tool('set-state', 'b', 'good');
    expect(trial()).toBe('');
    expect(medium.start()).toBe('b');
  });

  it('is not one that runs already', () => {
    medium.tool('set-primary', 'a');
    expect(trial()).toBe('');
  });

  it('has three starts, then the other one runs again, and one can tell why', () => {
    install('b');
    expect([medium.start(), medium.start(), medium.start(), medium.start()]).toEqual(['b', 'b', 'b', 'a']);
    // What the box does at every start of a slot that is not on trial.
    medium.tool('set-state', 'a', 'good');
    expect(medium.tool('show')).toMatch(/^order=b a\nleft_a=9\nleft_b=0\ntrial=b\n/);
    expect([medium.start(), medium.tool('get-state', 'b')]).toEqual(['a', 'bad']);
  });

  it('keeps a good system through eight quick restarts, and has them again when it comes up', () => {
    install('b');
    medium.start();
    medium.tool('set-state', 'b', 'good');
    for (let start = 1; start <= 8; start += 1) expect(medium.start()).toBe('b');
    medium.tool('set-state', 'b', 'good');
    expect(medium.tool('show')).toMatch(/^order=b a\nleft_a=9\nleft_b=9\ntrial=\n/);
  });

  it('tells what it is to those who may not read the medium', () => {
    install('b');
    expect(medium.told).toBe(`${medium.tool('show')}\n`);
  });

  it('goes back at once when it is said to be bad', () => {
    install('b');
    expect(medium.start()).toBe('b');
    medium.tool('set-state', 'b', 'bad');
    expect([medium.start(), trial()]).toEqual(['a', 'b']);
  });

  it('is never started while it is being written', () => {
    medium.tool('set-state', 'b', 'bad');
    expect(medium.tool('show')).toMatch(/^order=a\n/);
    expect([1, 2, 3, 4].map(() => medium.start())).toEqual(['a', 'a', 'a', 'a']);
  });

  it('comes last when no slot has a try left, and then has its tries too', () => {
    install('b');
    medium.tool('set-state', 'b', 'bad');
    medium.tool('set-state', 'a', 'bad');
    expect(medium.tool('show')).toMatch(/^order=\nleft_a=0\nleft_b=0\ntrial=b\n/);
    expect([1, 2, 3, 4, 5, 6, 7].map(() => medium.start()).join('')).toBe('aaabbba');
  });
});

describe('a power cut while the boot state is written', () => {
  const COPIES = [0, BOOT_STATE_SECOND_AT_BYTES];
  const SECTOR = 512;
  const step = fc.oneof(
    fc.constant(['start'] as const),
    fc.constantFrom<Slot>('a', 'b').map((slot) => ['set-primary', slot] as const),
    fc
      .tuple(fc.constantFrom<Slot>('a', 'b'), fc.constantFrom('good', 'bad'))
      .map(([slot, word]) => ['set-state', slot, word] as const),
  );

  const take = (words: readonly string[]): void => {
    if (words[0] === 'start') medium.start();
    else medium.tool(...words);
  };

  it('leaves the state before it or the one after it, whichever sectors came to the medium', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 3 }),
        step,
        fc.array(fc.constantFrom('old', 'new', 'spoilt'), { minLength: 16, maxLength: 16 }),
        (before, last, sectors) => {
          medium.write(state(0), state(1));
          medium.running = 'a';
          for (const words of before) take(words);
          const [old, oldShown, wasRunning] = [medium.bytes, medium.tool('show'), medium.running];
          take(last);
          const [next, nextShown] = [medium.bytes, medium.tool('show')];
          const cut = Buffer.from(next);
          for (const copy of COPIES) {
            for (const [index, fate] of sectors.entries()) {
              const at = copy + index * SECTOR;
              const wrote = !next.subarray(at, at + SECTOR).equals(old.subarray(at, at + SECTOR));
              if (!wrote || fate === 'new') continue;
              if (fate === 'old') old.copy(cut, at, at, at + SECTOR);
              else cut.fill(0xff, at, at + SECTOR);
            }
          }
          medium.bytes = cut;
          medium.running = wasRunning;
          expect([oldShown, nextShown]).toContain(medium.tool('show'));
          expect(['a', 'b']).toContain(medium.start());
          expect(medium.bytes.length).toBe(next.length);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('never reaches the other copy', () => {
    medium.write(state(1), state(2));
    for (const words of [['start'], ['set-primary', 'b'], ['start'], ['set-state', 'b', 'good']]) {
      const before = medium.bytes;
      take(words);
      expect(medium.changedSince(before).length).toBe(1);
      const now = medium.bytes;
      for (let at = 0; at < now.length; at += SECTOR) {
        const inside = COPIES.some((copy) => at >= copy && at < copy + BOOT_STATE_BYTES);
        if (!inside)
          expect(now.subarray(at, at + SECTOR).equals(before.subarray(at, at + SECTOR))).toBe(true);
      }
    }
  });
});

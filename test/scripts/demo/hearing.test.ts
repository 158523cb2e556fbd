import { describe, expect, it } from 'vitest';
import {
  allNear,
  cadenceOf,
  isMelody,
  MELODY_HZ,
  notesHeard,
  ringLengths,
  shareOfTone,
} from '../../../scripts/demo/hearing.ts';

const heard = (...tones: number[]) =>
  tones.map((hz, index) => ({ atMs: index * 100, hz, dbm0: hz === 0 ? -90 : -15 }));

describe('what the demo hears', () => {
  it('knows the melody wherever it begins, and nothing else', () => {
    const [c, e, g, high] = MELODY_HZ;
    expect(isMelody(notesHeard(heard(g, g, high, high, c, c, e, e, g)))).toBe(true);
    expect(isMelody(notesHeard(heard(c, e, g)))).toBe(false);
    expect(isMelody(notesHeard(heard(c, g, e, high, c)))).toBe(false);
    expect(isMelody(notesHeard(heard(400, 400, 400, 400)))).toBe(false);
  });

  it('does not take silence for a tone', () => {
    expect(shareOfTone([{ atMs: 0, hz: 400, dbm0: -70 }], 400)).toBe(0);
    expect(shareOfTone([], 400)).toBe(0);
  });

  it('measures busy tone by its whole bursts and pauses', () => {
    const busy = heard(400, 400, 0, 0, 0, 0, 0, 400, 400, 400, 400, 400, 0, 0, 0, 0, 0, 400);
    expect(cadenceOf(busy, 400)).toEqual({ onMs: [500], offMs: [500, 500] });
  });

  it('measures ringing, and calls no ringing at all wrong', () => {
    const history = [true, false, true, false].map((on, index) => ({
      on,
      atMs: [0, 1_000, 3_000, 4_010][index] ?? 0,
    }));
    const { onMs, offMs } = ringLengths(history);
    expect(allNear(onMs, 1_000, 50)).toBe(true);
    expect(allNear(offMs, 2_000, 50)).toBe(true);
    expect(allNear(ringLengths([]).onMs, 1_000, 50)).toBe(false);
  });
});

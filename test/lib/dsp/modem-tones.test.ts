import { describe, expect, it } from 'vitest';
import { dtmfSamples } from '../../../lib/dsp/dtmf-generator.ts';
import { type ModemTone, ModemTones } from '../../../lib/dsp/modem-tones.ts';
import { JAPAN_TONES } from '../../../lib/dsp/tone-plan.ts';
import { TonePlayer } from '../../../lib/dsp/tone-player.ts';
import { must } from '../../support/fax-trial.ts';
import { mixed, noiseOf, shiftKeyed, sine, speechOf } from '../../support/sounds.ts';

/** Everything found in a signal, with the time at which it became certain. */
function found(samples: Int16Array, frame = 80): { tone: ModemTone; atMs: number }[] {
  const tones = must(ModemTones.open());
  const out: { tone: ModemTone; atMs: number }[] = [];
  for (let at = 0; at < samples.length; at += frame) {
    const some = samples.subarray(at, at + frame);
    for (const tone of tones.push(some)) out.push({ tone, atMs: (at + some.length) / 8 });
  }
  tones.close();
  return out;
}

/** Flags 01111110 before a frame, one second (T.30 §5.3.1). */
const flags = (dbm0: number): Int16Array =>
  shiftKeyed(
    Array.from({ length: 300 }, (_, bit) => (bit % 8 === 0 || bit % 8 === 7 ? 0 : 1)),
    1_850,
    1_650,
    dbm0,
  );

const reversals = (second: number): number => (Math.floor(second / 0.45) % 2) * Math.PI;
const modulation = (second: number): number => 1 + 0.2 * Math.sin(2 * Math.PI * 15 * second);

const SIGNALS: readonly [tone: ModemTone, withinMs: number, make: (dbm0: number) => Int16Array][] = [
  ['cng', 440, (dbm0) => sine(1_100, dbm0, 500)],
  ['ced', 620, (dbm0) => sine(2_100, dbm0, 1_000)],
  ['ansPr', 1_500, (dbm0) => sine(2_100, dbm0, 3_000, { phase: reversals })],
  ['ansam', 620, (dbm0) => sine(2_100, dbm0, 1_000, { amplitude: modulation })],
  ['ansamPr', 1_500, (dbm0) => sine(2_100, dbm0, 3_000, { amplitude: modulation, phase: reversals })],
  ['callingTone', 440, (dbm0) => sine(1_300, dbm0, 500)],
  ['v21Preamble', 200, flags],
];

describe('tones of fax machines and modems', () => {
  it.each(SIGNALS)('%s is found within %i ms, from −6 to −36 dBm0', (tone, withinMs, make) => {
    for (const dbm0 of [-6, -12, -20, -30, -36]) {
      const [first] = found(make(dbm0)).filter((find) => find.tone === tone);
      expect(first?.atMs ?? Number.POSITIVE_INFINITY, `${dbm0} dBm0`).toBeLessThanOrEqual(withinMs);
    }
  });

  it.each(SIGNALS)('%s is found in noise 20 dB below, whatever the frames', (tone, _withinMs, make) => {
    for (const frame of [80, 160, 37]) {
      const signal = make(-15);
      const heard = found(mixed(signal, noiseOf(-35, signal.length / 8, 3)), frame);
      expect(heard.map((find) => find.tone)).toContain(tone);
    }
  });

  it('tells CNG each time it sounds', () => {
    const cng = sine(1_100, -15, 500);
    const twice = new Int16Array(8_000 * 5);
    twice.set(cng, 0);
    twice.set(cng, 28_000);
    expect(found(twice).map((find) => find.tone)).toEqual(['cng', 'cng']);
  });

  it('hears nothing in the tones of the exchange', () => {
    for (const [name, tone] of Object.entries(JAPAN_TONES)) {
      const samples = new Int16Array(8_000 * 6);
      new TonePlayer(tone).fill(samples);
      expect(found(samples), name).toEqual([]);
    }
  });

  it('hears nothing in talk, noise and dialling', () => {
    for (const seed of [1, 2, 3, 4]) expect(found(speechOf(15_000, seed))).toEqual([]);
    expect(found(noiseOf(-10, 10_000, 1))).toEqual([]);
    for (const digit of '0123456789*#ABCD') expect(found(dtmfSamples(digit, 800, -8)), digit).toEqual([]);
  });

  it('finds nothing after close, and closes twice', () => {
    const tones = must(ModemTones.open());
    tones.close();
    tones.close();
    expect(tones.closed).toBe(true);
    expect(tones.push(sine(1_100, -10, 1_000))).toEqual([]);
  });
});

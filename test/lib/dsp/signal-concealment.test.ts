import { describe, expect, it } from 'vitest';
import { tonePower } from '../../../lib/dsp/goertzel.ts';
import { levelDbm0 } from '../../../lib/dsp/level.ts';
import { SignalConcealment } from '../../../lib/dsp/signal-concealment.ts';
import { must } from '../../support/fax-trial.ts';
import { sine } from '../../support/sounds.ts';

describe('concealment of losses', () => {
  it.each([1_700, 1_800])('goes on in phase with a carrier of %i Hz over one lost packet', (hz) => {
    const plc = must(SignalConcealment.open());
    const carrier = sine(hz, -12, 200);
    const whole = carrier.slice(-160);
    for (let at = 0; at + 160 < carrier.length; at += 160) plc.received(carrier.slice(at, at + 160));
    const filled = new Int16Array(160);
    plc.fill(filled);
    expect(levelDbm0(filled)).toBeGreaterThan(-12.1);
    expect(tonePower(filled, hz)).toBeGreaterThan(-12.1);
    for (const [at, sample] of filled.entries()) expect(Math.abs(sample - (whole[at] ?? 0))).toBeLessThan(4);
    plc.close();
  });

  it('fades to silence when nothing comes any more', () => {
    const plc = must(SignalConcealment.open());
    plc.received(sine(1_000, -12, 200));
    const filled = new Int16Array(160);
    for (let packet = 0; packet < 5; packet += 1) plc.fill(filled);
    expect(filled.every((sample) => sample === 0)).toBe(true);
    plc.close();
  });

  it('changes nothing while nothing is lost', () => {
    const plc = must(SignalConcealment.open());
    const samples = sine(1_000, -12, 20);
    const kept = samples.slice();
    plc.received(samples);
    expect(samples).toEqual(kept);
    plc.close();
  });

  it('fills places of any length, never behind their end', () => {
    const plc = must(SignalConcealment.open());
    plc.received(sine(100, -12, 200));
    for (const length of [0, 1, 7, 29, 39, 40, 80, 400]) {
      const room = new Int16Array(length + 64).fill(5);
      plc.fill(room.subarray(0, length));
      expect(room.subarray(length).every((sample) => sample === 5)).toBe(true);
      plc.received(sine(100, -12, 40));
    }
    plc.close();
  });

  it('after close leaves what came and fills with silence', () => {
    const plc = must(SignalConcealment.open());
    plc.close();
    plc.close();
    const samples = sine(1_000, -12, 20);
    plc.received(samples);
    plc.fill(samples);
    expect(samples.every((sample) => sample === 0)).toBe(true);
    expect(plc.closed).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { levelDbm0 } from '../../../lib/dsp/level.ts';
import { LineEcho } from '../../../lib/dsp/line-echo.ts';
import { must } from '../../support/fax-trial.ts';
import { mixed, noiseOf, sine, speechOf } from '../../support/sounds.ts';

const FRAME = 80;

/**
 * What comes back from the hybrid of a line that is not quite 600 Ω: a first reflection 12 dB below, ringing on over
 * `tailMs`.
 */
function hybrid(far: Int16Array, tailMs: number): Int16Array {
  const length = tailMs * 8;
  const response = Array.from({ length }, (_, at) =>
    at < 8 ? 0 : 0.25 * Math.exp((-4 * at) / length) * Math.cos(at * 0.9) * (at === 8 ? 1 : 0.4),
  );
  return far.map((_, at) => {
    let sum = 0;
    for (let tap = 8; tap < length && tap <= at; tap++) sum += (response[tap] ?? 0) * (far[at - tap] ?? 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  });
}

function cancelled(near: Int16Array, far: Int16Array, tailMs: number, switched?: (frame: number) => boolean) {
  const echo = must(LineEcho.open({ frameSamples: FRAME, tailMs }));
  const out = new Int16Array(near.length);
  for (let at = 0; at + FRAME <= near.length; at += FRAME) {
    if (switched) echo.enabled = switched(at / FRAME);
    echo.cancel(near.subarray(at, at + FRAME), far.subarray(at, at + FRAME), out.subarray(at, at + FRAME));
  }
  echo.close();
  return out;
}

/** The part from `ms` on. */
const from = (samples: Int16Array, ms: number, untilMs?: number): Int16Array =>
  samples.subarray(ms * 8, untilMs === undefined ? undefined : untilMs * 8);

describe('the line echo canceller', () => {
  it.each([16, 32])('takes 20 dB and more out of an echo of %i ms within 3 s of talk', (tailMs) => {
    const far = speechOf(8_000, 1);
    const near = hybrid(far, tailMs);
    const out = cancelled(near, far, tailMs);
    const erle = levelDbm0(from(near, 3_000)) - levelDbm0(from(out, 3_000));
    expect(erle).toBeGreaterThan(20);
  });

  it('takes 25 dB out of noise', () => {
    const far = noiseOf(-15, 6_000, 2);
    const near = hybrid(far, 24);
    const out = cancelled(near, far, 32);
    expect(levelDbm0(from(near, 3_000)) - levelDbm0(from(out, 3_000))).toBeGreaterThan(25);
  });

  it('leaves double talk audible, and has not forgotten the echo afterwards', () => {
    const far = speechOf(12_000, 3);
    const echo = hybrid(far, 24);
    const talk = new Int16Array(far.length);
    talk.set(from(speechOf(2_000, 77), 0), 5_000 * 8);
    const out = cancelled(mixed(echo, talk), far, 32);
    const during = from(out, 5_000, 7_000);
    const error = during.map((sample, at) => sample - (talk[5_000 * 8 + at] ?? 0));
    expect(levelDbm0(during)).toBeGreaterThan(levelDbm0(from(talk, 5_000, 7_000)) - 2);
    expect(levelDbm0(error)).toBeLessThan(levelDbm0(during) - 8);
    const after = levelDbm0(from(echo, 9_000)) - levelDbm0(from(out, 9_000));
    expect(after).toBeGreaterThan(18);
  });

  it('switched off, changes nothing; switched on again, learns anew', () => {
    const far = speechOf(10_000, 5);
    const near = hybrid(far, 16);
    const out = cancelled(near, far, 16, (frame) => frame >= 400);
    expect(from(out, 0, 4_000)).toEqual(from(near, 0, 4_000));
    expect(levelDbm0(from(near, 7_000)) - levelDbm0(from(out, 7_000))).toBeGreaterThan(15);
  });

  it('lets a line without echo pass', () => {
    const near = sine(700, -15, 2_000);
    const out = cancelled(near, new Int16Array(near.length), 32);
    expect(Math.abs(levelDbm0(from(out, 500)) - levelDbm0(from(near, 500)))).toBeLessThan(0.5);
  });

  it('passes what is no whole frame unchanged instead of reading behind its end', () => {
    const echo = must(LineEcho.open({ frameSamples: FRAME, tailMs: 16 }));
    const near = sine(700, -15, 5);
    const out = new Int16Array(near.length);
    echo.cancel(near, near, out);
    expect(out).toEqual(near);
    echo.close();
    echo.close();
    const whole = sine(700, -15, 10);
    const after = new Int16Array(FRAME);
    echo.cancel(whole, whole, after);
    expect(after).toEqual(whole);
    expect(echo.closed).toBe(true);
  });

  it('refuses frames and tails that no line has', () => {
    for (const wrong of [
      { frameSamples: 0, tailMs: 16 },
      { frameSamples: 80, tailMs: 0 },
      { frameSamples: 80.5, tailMs: 16 },
      { frameSamples: 80, tailMs: 1_000 },
    ]) {
      expect(LineEcho.open(wrong)).toMatchObject({ ok: false, error: { code: 'echo.badOption' } });
    }
  });
});

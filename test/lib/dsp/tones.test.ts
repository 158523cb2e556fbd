import { describe, expect, it } from 'vitest';
import { levelDbm0, strongestTone, tonePower } from '../../../lib/dsp/goertzel.ts';
import { JAPAN_TONES, type ToneId } from '../../../lib/dsp/tone-plan.ts';
import { TonePlayer } from '../../../lib/dsp/tone-player.ts';

const RANGE = { fromHz: 200, toHz: 3_600 };

function play(tone: ToneId, ms: number, blockSamples = 80): Int16Array {
  const player = new TonePlayer(JAPAN_TONES[tone]);
  const out = new Int16Array(ms * 8);
  for (let at = 0; at < out.length; at += blockSamples) player.fill(out.subarray(at, at + blockSamples));
  return out;
}

/** Whether each 50 ms sound, as a row of 1 and 0. */
function pattern(samples: Int16Array): string {
  let row = '';
  for (let at = 0; at < samples.length; at += 400) {
    row += levelDbm0(samples.subarray(at + 40, at + 360)) > -35 ? '1' : '0';
  }
  return row;
}

describe('tones of Japan', () => {
  it('dial tone is 400 Hz without a break, at −19 dBm0', () => {
    const samples = play('dial', 1_000);
    expect(strongestTone(samples.subarray(800, 1_600), RANGE)?.hz).toBeCloseTo(400, 0);
    expect(tonePower(samples.subarray(800, 1_600), 400)).toBeCloseTo(-19, 1);
    expect(pattern(samples)).toBe('1'.repeat(20));
  });

  it('ring-back sounds 1 s in 3 s and is modulated by 16 Hz', () => {
    const samples = play('ringback', 6_000);
    const heard = pattern(samples);
    expect(heard.slice(20, 60)).toBe('0'.repeat(40));
    expect(heard.slice(80, 120)).toBe('0'.repeat(40));
    const sounding = samples.subarray(0, 8_000);
    const carrier = tonePower(sounding, 400);
    expect(tonePower(sounding, 384) - carrier).toBeCloseTo(-6, 0);
    expect(tonePower(sounding, 416) - carrier).toBeCloseTo(-6, 0);
  });

  it('busy and congestion sound 0.5 s in 1 s, second dial tone 125 ms in 250 ms', () => {
    for (const tone of ['busy', 'congestion'] as const) {
      expect(pattern(play(tone, 2_000))).toBe(`${'1'.repeat(10)}${'0'.repeat(10)}`.repeat(2));
    }
    const second = play('secondDial', 1_000);
    expect(levelDbm0(second.subarray(100, 900))).toBeGreaterThan(-20);
    expect(levelDbm0(second.subarray(1_100, 1_900))).toBeLessThan(-60);
  });

  it('is the same sound whatever the size of the blocks', () => {
    expect([...play('ringback', 400, 80)]).toEqual([...play('ringback', 400, 160)]);
  });

  it('keeps its phase: no jump between blocks is larger than within them', () => {
    const samples = play('dial', 500);
    let largest = 0;
    for (let at = 81; at < samples.length; at++) {
      largest = Math.max(largest, Math.abs((samples[at] ?? 0) - (samples[at - 1] ?? 0)));
    }
    expect(largest).toBeLessThanOrEqual(Math.ceil(2542 * 2 * Math.sin((Math.PI * 400) / 8_000)) + 2);
  });
});

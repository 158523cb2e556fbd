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

  it('howler, call waiting, confirmation and refusal have their cadence at 400 Hz', () => {
    const rows: readonly (readonly [ToneId, number, string])[] = [
      ['howler', 800, '1100'.repeat(4)],
      ['callWaiting', 9_000, `${'1'.repeat(10)}${'0'.repeat(160)}${'1'.repeat(10)}`],
      ['confirmation', 2_400, `1100110011${'0'.repeat(30)}11001100`],
      ['refused', 1_000, '1111100000'.repeat(2)],
    ];
    for (const [tone, ms, row] of rows) {
      const samples = play(tone, ms);
      // Between the beats of a modulated tone there is a moment of silence.
      const heard =
        tone === 'callWaiting' ? pattern(samples).replace(/1[01]{8}1/g, '1'.repeat(10)) : pattern(samples);
      expect([tone, heard]).toEqual([tone, row]);
      expect(strongestTone(samples.subarray(0, 800), RANGE)?.hz).toBeCloseTo(400, -1);
    }
  });

  it('hold is a row of notes that changes every 375 ms, reference 1,020 Hz at −10 dBm0', () => {
    const hold = play('hold', 1_500);
    const heard = [0, 375, 750, 1_125].map((ms) =>
      Math.round(strongestTone(hold.subarray(ms * 8 + 400, ms * 8 + 2_000), RANGE)?.hz ?? 0),
    );
    expect(heard.map((hz, at) => Math.abs(hz - ([523, 659, 784, 659][at] ?? 0)) <= 5)).toEqual(
      Array(4).fill(true),
    );
    const reference = play('reference', 500).subarray(800, 2_400);
    expect(strongestTone(reference, RANGE)?.hz).toBeCloseTo(1_020, -1);
    expect(levelDbm0(reference)).toBeCloseTo(-10, 1);
  });

  it('plays an opening once, and then its cadence', () => {
    const step = (sounding: boolean, forMs: number) => ({ sounding, forMs });
    const player = new TonePlayer({
      hz: 400,
      levelDbm0: -19,
      opening: [step(true, 100), step(false, 100)],
      cadence: [step(true, 50), step(false, 50)],
    });
    const out = new Int16Array(8 * 600);
    player.fill(out);
    expect(pattern(out)).toBe(`1100${'10'.repeat(4)}`);
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

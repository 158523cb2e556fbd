import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../lib/base/random.ts';
import { dtmfFrequencies, dtmfSamples } from '../../../lib/dsp/dtmf-generator.ts';
import { DtmfReceiver } from '../../../lib/dsp/dtmf-receiver.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { bindSpandsp } from '../../../lib/dsp/spandsp.ts';
import { JAPAN_TONES } from '../../../lib/dsp/tone-plan.ts';
import { TonePlayer } from '../../../lib/dsp/tone-player.ts';

const ALL = '1234567890*#ABCD';

function receiver(): DtmfReceiver {
  const opened = DtmfReceiver.open();
  if (!opened.ok) throw new Error(opened.error.say);
  return opened.value;
}

/** Digits of 80 ms with pauses of 80 ms, over a bed of other sound. */
function dialled(digits: string, eachDbm0: number, bed: (out: Int16Array) => void): Int16Array {
  const out = new Int16Array((digits.length + 1) * 1_280);
  bed(out);
  for (const [index, digit] of [...digits].entries()) {
    for (const [at, sample] of dtmfSamples(digit, 80, eachDbm0).entries()) {
      const where = index * 1_280 + 640 + at;
      out[where] = Math.max(-32_768, Math.min(32_767, (out[where] ?? 0) + sample));
    }
  }
  return out;
}

function heard(samples: Int16Array): string {
  const listening = receiver();
  let digits = '';
  for (let at = 0; at < samples.length; at += 80) digits += listening.push(samples.subarray(at, at + 80));
  listening.close();
  return digits;
}

function noise(dbm0: number, seed: number): (out: Int16Array) => void {
  const random = seededRandom(seed);
  const peak = (peakOf(dbm0) / Math.SQRT2) * Math.sqrt(3);
  return (out) => {
    for (let at = 0; at < out.length; at++) out[at] = Math.round((random.fraction() * 2 - 1) * peak);
  };
}

describe('DTMF receiver', () => {
  it('hears all sixteen digits, loud and at −25 dBm0', () => {
    for (const dbm0 of [-4, -8, -16, -25]) expect(heard(dialled(ALL, dbm0, () => {}))).toBe(ALL);
  });

  it('hears them over dial tone', () => {
    const dial = (out: Int16Array): void => new TonePlayer(JAPAN_TONES.dial).fill(out);
    expect(heard(dialled(ALL, -9, dial))).toBe(ALL);
    expect(heard(dialled(ALL, -14, dial))).toBe(ALL);
  });

  it('hears them in noise 15 dB below', () => {
    for (const seed of [1, 2, 3, 4, 5]) expect(heard(dialled(ALL, -12, noise(-27, seed)))).toBe(ALL);
  });

  it('takes 1122 as four digits and a long press as one', () => {
    expect(heard(dialled('1122', -10, () => {}))).toBe('1122');
    expect(heard(dtmfSamples('5', 3_000, -10))).toBe('5');
  });

  it('hears nothing in the tones of the exchange, in noise and in something like speech', () => {
    for (const tone of Object.values(JAPAN_TONES)) {
      const samples = new Int16Array(32_000);
      new TonePlayer(tone).fill(samples);
      expect(heard(samples)).toBe('');
    }
    const samples = new Int16Array(80_000);
    noise(-10, 9)(samples);
    expect(heard(samples)).toBe('');
    for (const seed of [1, 2, 3]) expect(heard(speechLike(seed, 20))).toBe('');
  });

  it('is harmless after close, and closes twice', () => {
    const closed = receiver();
    closed.close();
    closed.close();
    expect(closed.closed).toBe(true);
    expect(closed.push(dtmfSamples('1', 100, -10))).toBe('');
  });

  it('lives through thousands of openings', () => {
    for (let round = 0; round < 5_000; round++) receiver().close();
  });

  it('names the Debian package when the library is not there', () => {
    expect(bindSpandsp('libspandsp.so.none')).toMatchObject({
      ok: false,
      error: {
        code: 'dsp.libraryMissing',
        fault: 'environment',
        say: expect.stringContaining('libspandsp2'),
      },
    });
  });
});

describe('DTMF frequencies', () => {
  it('are those of Q.23, and none for what is not a digit', () => {
    expect(dtmfFrequencies('1')).toEqual({ lowHz: 697, highHz: 1_209 });
    expect(dtmfFrequencies('d')).toEqual({ lowHz: 941, highHz: 1_633 });
    expect(dtmfFrequencies('')).toBeUndefined();
    expect(dtmfFrequencies('12')).toBeUndefined();
    expect(dtmfSamples('x', 10, -10).every((sample) => sample === 0)).toBe(true);
  });
});

/** Voiced sound: a gliding pitch with ten harmonics under moving formants, in syllables. */
function speechLike(seed: number, seconds: number): Int16Array {
  const random = seededRandom(seed);
  const out = new Int16Array(seconds * 8_000);
  let phase = 0;
  let pitchHz = 120;
  let formantHz = 700;
  for (let at = 0; at < out.length; at++) {
    if (at % 1_600 === 0) {
      pitchHz = 90 + random.fraction() * 160;
      formantHz = 400 + random.fraction() * 1_600;
    }
    phase += (2 * Math.PI * pitchHz) / 8_000;
    pitchHz *= 1.00002;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic++) {
      const away = (harmonic * pitchHz - formantHz) / 300;
      sum += Math.sin(phase * harmonic) / (1 + away * away);
    }
    const syllable = Math.sin((Math.PI * (at % 1_600)) / 1_600);
    out[at] = Math.round(2_500 * sum * syllable);
  }
  return out;
}

import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../lib/base/random.ts';
import { dtmfFrequencies } from '../../../lib/dsp/dtmf-generator.ts';
import { DtmfReceiver } from '../../../lib/dsp/dtmf-receiver.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { levelDbm0, tonePower } from '../../../lib/dsp/goertzel.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { noise, talk } from '../../support/talk.ts';

/** What a phone of Japan may send (端末設備等規則): every press drawn from these. */
const PHONE = {
  onMs: [50, 120],
  offMs: [50, 150],
  /** Of the low group; the high one is 0 to 5 dB stronger. */
  levelDbm0: [-22, -9],
  twistDb: [0, 5],
  /**
   * Off the nominal frequency, each sine by itself. The regulation allows 1.5 %, phones with a crystal stay within 0.75 %;
   * the receiver is certain up to 1.2 % and finds about four in five at 1.5 %.
   */
  offShare: [-0.012, 0.012],
} as const;

function find(samples: Int16Array): string {
  const receiver = DtmfReceiver.open();
  if (!receiver.ok) throw new Error(receiver.error.say);
  const heard = ulawDecodeBlock(ulawEncodeBlock(samples));
  let digits = '';
  for (let at = 0; at < heard.length; at += 80) digits += receiver.value.push(heard.subarray(at, at + 80));
  receiver.value.close();
  return digits;
}

const between = (random: Random, [least, most]: readonly [number, number]): number =>
  least + random.fraction() * (most - least);

/** A row of presses, each different within {@link PHONE}. */
function presses(random: Random, digits: string): Int16Array {
  const parts = [...digits].map((digit) => {
    const { lowHz, highHz } = dtmfFrequencies(digit) ?? { lowHz: 0, highHz: 0 };
    const samples = new Int16Array(Math.round(between(random, PHONE.onMs)) * 8);
    const level = between(random, PHONE.levelDbm0);
    const sines = [
      { hz: lowHz * (1 + between(random, PHONE.offShare)), peak: peakOf(level) },
      {
        hz: highHz * (1 + between(random, PHONE.offShare)),
        peak: peakOf(level + between(random, PHONE.twistDb)),
      },
    ];
    for (let at = 0; at < samples.length; at++) {
      let sum = 0;
      for (const { hz, peak } of sines) sum += peak * Math.sin((2 * Math.PI * hz * at) / 8_000);
      samples[at] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
    }
    const pause = new Int16Array(Math.round(between(random, PHONE.offMs)) * 8);
    return [samples, pause];
  });
  return join([new Int16Array(400), ...parts.flat(), new Int16Array(400)]);
}

function join(parts: readonly Int16Array[]): Int16Array {
  const out = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function over(one: Int16Array, other: Int16Array): Int16Array {
  return one.map((sample, at) => Math.max(-32_768, Math.min(32_767, sample + (other[at] ?? 0))));
}

function dialled(random: Random): string {
  return Array.from({ length: 12 }, () => '0123456789*#'[Math.floor(random.fraction() * 12)] ?? '0').join('');
}

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

describe('digits of DTMF over a seeded corpus: none missed, none too many', () => {
  const around: readonly [string, (random: Random, ms: number) => Int16Array][] = [
    ['a quiet line', (_random, ms) => new Int16Array(ms * 8)],
    ['line noise of −45 dBm0', (random, ms) => noise(random, ms, -45)],
    ['talk in the room, −42 dBm0', (random, ms) => talk(random, ms, -42)],
    ['dial tone as loud as the digits, −19 dBm0', (_random, ms) => dialTone(ms)],
  ];
  for (const [name, make] of around) {
    it(`over ${name}`, () => {
      const wrong = (name.startsWith('talk') ? SEEDS.slice(0, 12) : SEEDS).flatMap((seed) => {
        const random = seededRandom(seed);
        const digits = dialled(random);
        const signal = presses(random, digits);
        const found = find(over(signal, make(random, Math.ceil(signal.length / 8))));
        return found === digits ? [] : [{ seed, digits, found }];
      });
      expect(wrong).toEqual([]);
    });
  }
});

describe('what is no digit', () => {
  it('talk of twelve voices, loud and soft, in which a simple detector finds digits', () => {
    const wrong: object[] = [];
    let naive = 0;
    for (const seed of SEEDS.slice(0, 12)) {
      const said = talk(seededRandom(seed + 1_000), 6_000, -10 - (seed % 4) * 5);
      const found = find(said);
      if (found !== '') wrong.push({ seed, found });
      naive += pairsIn(said);
    }
    expect(wrong).toEqual([]);
    // The corpus is worth something: the two groups alone, without a look at the rest, are no proof of a digit.
    expect(naive).toBeGreaterThan(20);
  });

  it('noise at every level', () => {
    for (const level of [-50, -40, -30, -20, -10]) {
      expect(find(noise(seededRandom(level + 100), 4_000, level))).toBe('');
    }
  });
});

/** Stretches of 40 ms in which the strongest tone of each group is a frequency of DTMF and stands out of its group. */
function pairsIn(samples: Int16Array): number {
  let pairs = 0;
  for (let at = 0; at + 320 <= samples.length; at += 320) {
    const stretch = samples.subarray(at, at + 320);
    if (levelDbm0(stretch) < -35) continue;
    const groups = [
      [697, 770, 852, 941],
      [1_209, 1_336, 1_477],
    ];
    const clear = groups.every((group) => {
      const [first = -96, second = -96] = group.map((hz) => tonePower(stretch, hz)).sort((a, b) => b - a);
      return first > -35 && first - second > 6;
    });
    if (clear) pairs++;
  }
  return pairs;
}

function dialTone(ms: number): Int16Array {
  const peak = peakOf(-19);
  return Int16Array.from({ length: ms * 8 }, (_, at) =>
    Math.round(peak * Math.sin((2 * Math.PI * 400 * at) / 8_000)),
  );
}

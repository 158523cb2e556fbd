import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../../lib/base/random.ts';
import { ulawEncodeBlock } from '../../../../lib/dsp/g711.ts';
import { levelDbm0, strongestTone, tonePower } from '../../../../lib/dsp/goertzel.ts';
import { peakOf } from '../../../../lib/dsp/level.ts';
import { JitterBuffer, type Pulled } from '../../../../lib/voice/rtp/jitter-buffer.ts';
import type { RtpPacket } from '../../../../lib/voice/rtp/packet.ts';

const HZ = 437;

/** Packet `index` of an endless 437 Hz sine at −13 dBm0. */
function packet(index: number, options: { ssrc?: number; start?: number } = {}): RtpPacket {
  const samples = Int16Array.from({ length: 160 }, (_, at) =>
    Math.round(peakOf(-13) * Math.sin((2 * Math.PI * HZ * (index * 160 + at)) / 8_000)),
  );
  return {
    payloadType: 0,
    marker: index === 0,
    sequence: (65_530 + index) & 0xffff,
    timestamp: ((options.start ?? 0xffff_f000) + index * 160) >>> 0,
    ssrc: options.ssrc ?? 1,
    payload: ulawEncodeBlock(samples),
  };
}

interface Arrival {
  readonly atMs: number;
  readonly packet: RtpPacket;
}

/** Plays arrivals against a listener that pulls every `pullMs`. */
function play(arrivals: readonly Arrival[], forMs: number, pullMs = 10) {
  const buffer = new JitterBuffer();
  const queue = [...arrivals].sort((one, other) => one.atMs - other.atMs);
  const out = new Int16Array(Math.floor(forMs / pullMs) * 80);
  const pulled: Pulled[] = [];
  let next = 0;
  for (let frame = 0; frame * 80 < out.length; frame++) {
    const nowMs = frame * pullMs;
    for (; next < queue.length; next++) {
      const arrival = queue[next];
      if (arrival === undefined || arrival.atMs > nowMs) break;
      buffer.push(arrival.packet, arrival.atMs);
    }
    pulled.push(buffer.pull(out.subarray(frame * 80, frame * 80 + 80)));
  }
  return { buffer, out, pulled };
}

function evenly(count: number, jitterMs = 0, random: Random = seededRandom(1)): Arrival[] {
  return Array.from({ length: count }, (_, index) => ({
    atMs: 1 + index * 20 + random.fraction() * jitterMs,
    packet: packet(index),
  }));
}

/** Whether each 20 ms sounds between the two times. */
function soundsThroughout(out: Int16Array, fromMs: number, toMs: number): boolean {
  for (let ms = fromMs; ms < toMs; ms += 20) {
    if (levelDbm0(out.subarray(ms * 8, ms * 8 + 160)) < -25) return false;
  }
  return true;
}

describe('jitter buffer', () => {
  it('plays a clean stream whole, 40 to 50 ms after it came', () => {
    const { buffer, out, pulled } = play(evenly(200), 4_000);
    const first = pulled.indexOf('audio');
    expect(first * 10).toBeGreaterThanOrEqual(40);
    expect(first * 10).toBeLessThanOrEqual(50);
    expect(pulled.slice(first).every((each) => each === 'audio')).toBe(true);
    expect(tonePower(out.subarray(8_000, 16_000), HZ)).toBeCloseTo(-13, 0);
    expect(buffer.figures).toMatchObject({ late: 0, concealedMs: 0, inserted: 0, skipped: 0, restarts: 0 });
  });

  it('puts reordered packets back, and counts duplicates, over the wrap of sequence and time', () => {
    const arrivals = evenly(100).flatMap((arrival, index) => {
      const swapped = index % 5 === 2 ? { ...arrival, atMs: arrival.atMs + 25 } : arrival;
      return index % 10 === 0 ? [swapped, { ...swapped, atMs: swapped.atMs + 3 }] : [swapped];
    });
    const { buffer, pulled } = play(arrivals, 2_000);
    expect(pulled.slice(6).every((each) => each === 'audio')).toBe(true);
    expect(buffer.figures).toMatchObject({ duplicates: 10, late: 0, concealedMs: 0 });
  });

  it('conceals 5 % of random loss without a gap', () => {
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      const arrivals = evenly(500).filter((_, index) => index < 10 || random.fraction() >= 0.05);
      const lost = 500 - arrivals.length;
      const { buffer, out } = play(arrivals, 10_000);
      expect(lost).toBeGreaterThan(10);
      expect(buffer.figures.concealedMs).toBe(lost * 20);
      expect(soundsThroughout(out, 80, 10_000)).toBe(true);
      const found = strongestTone(out.subarray(16_000, 24_000), { fromHz: 200, toHz: 3_600 });
      expect(Math.abs((found?.hz ?? 0) - HZ)).toBeLessThan(4);
    }
  });

  it('fades to silence when nothing comes any more, and does not call that concealment for ever', () => {
    const { buffer, out, pulled } = play(evenly(50), 2_000);
    expect(levelDbm0(out.subarray(9_600))).toBeLessThan(-90);
    expect(pulled.at(-1)).toBe('silence');
    expect(buffer.figures.concealedMs).toBe(60);
  });

  it('rides on 30 ms of jitter with no late packet after it has settled', () => {
    const { buffer, pulled } = play(evenly(1_000, 30), 20_000);
    const settled = pulled.slice(300, 1_990);
    expect(settled.filter((each) => each !== 'audio').length).toBeLessThan(settled.length * 0.005);
    expect(buffer.figures.late).toBeLessThan(5);
  });

  it('grows for 80 ms of jitter, and shrinks again when the network is calm', () => {
    const random = seededRandom(4);
    const arrivals = Array.from({ length: 1_500 }, (_, index) => ({
      atMs: 1 + index * 20 + (index < 500 ? random.fraction() * 80 : 0),
      packet: packet(index),
    }));
    const { buffer } = play(arrivals, 30_000);
    expect(buffer.figures.inserted).toBeGreaterThan(2);
    expect(buffer.figures.skipped).toBeGreaterThan(2);
    expect(buffer.figures.late).toBeLessThan(25);
  });

  it.each([
    ['faster', 9.99],
    ['slower', 10.01],
  ])('follows a listener whose clock is 0.1 %% %s for a minute without a gap', (_, pullMs) => {
    const { buffer, out, pulled } = play(evenly(3_000), 60_000, pullMs);
    expect(buffer.figures.inserted + buffer.figures.skipped).toBeGreaterThan(2);
    expect(buffer.figures.inserted + buffer.figures.skipped).toBeLessThan(12);
    expect(buffer.figures.late).toBe(0);
    expect(pulled.slice(10, 5_900).includes('silence')).toBe(false);
    expect(soundsThroughout(out, 100, 59_000)).toBe(true);
  });

  it('takes over a new source: at once when the old one is silent, after three packets when not', () => {
    const handedOver = Array.from({ length: 100 }, (_, index) => ({
      atMs: 1 + index * 20,
      packet: packet(index, index < 50 ? {} : { ssrc: 9, start: 77_777 }),
    }));
    const after = play(handedOver, 2_000);
    expect(after.buffer.figures.restarts).toBe(1);
    expect(soundsThroughout(after.out, 1_200, 1_960)).toBe(true);
    const intruded = evenly(100).flatMap((arrival, index) =>
      index === 50 ? [arrival, { atMs: arrival.atMs + 5, packet: packet(3, { ssrc: 9 }) }] : [arrival],
    );
    expect(play(intruded, 2_000).buffer.figures.restarts).toBe(0);
  });

  it('starts anew after a pause in which the time of the sender stood still', () => {
    const arrivals = Array.from({ length: 100 }, (_, index) => ({
      atMs: 1 + index * 20 + (index < 50 ? 0 : 3_000),
      packet: packet(index),
    }));
    const { buffer, out } = play(arrivals, 5_000);
    expect(soundsThroughout(out, 4_100, 4_900)).toBe(true);
    expect(buffer.figures).toMatchObject({ restarts: 1, concealedMs: 60 });
  });

  it('lives through anything, with frames of full length', () => {
    const arrival = fc.record({
      sequence: fc.nat(0xffff),
      timestamp: fc.nat(0xffff_ffff),
      ssrc: fc.nat(2),
      length: fc.nat(2_000),
      pulls: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 60 }), (arrivals) => {
        const buffer = new JitterBuffer();
        const out = new Int16Array(80);
        for (const [index, { length, pulls, ...header }] of arrivals.entries()) {
          buffer.push(
            { ...header, payloadType: 0, marker: false, payload: new Uint8Array(length) },
            index * 10,
          );
          for (let pull = 0; pull < pulls; pull++) {
            expect(['audio', 'concealed', 'silence']).toContain(buffer.pull(out));
          }
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAX_DELAY_SAMPLES, FaxBuffer } from '../../../agent/media/fax-buffer.ts';
import { ulawDecode } from '../../../lib/dsp/g711.ts';

const DELAY_FRAMES = FAX_DELAY_SAMPLES / 80;

/** Packet `index` of a sender, 20 ms each, its bytes different from its neighbours'. */
const packet = (index: number, from = 0, ssrc = 1) => ({
  payloadType: 0,
  marker: false,
  sequence: index & 0xffff,
  timestamp: (from + index * 160) >>> 0,
  ssrc,
  payload: Uint8Array.from({ length: 160 }, (_, at) => (index * 37 + at) & 0xff),
});

/** What is heard of packet `index`, second half when `half` is 1. */
const heardOf = (index: number, half: number) =>
  Int16Array.from({ length: 80 }, (_, at) => ulawDecode((index * 37 + half * 80 + at) & 0xff));

const pull = (buffer: FaxBuffer): Int16Array => {
  const out = new Int16Array(80);
  buffer.pull(out);
  return out;
};

describe('the playout buffer for modems', () => {
  it.each([0, 0xffff_ff00])(
    'plays every sample once, 160 ms late, across the turn of the clock (%i)',
    (from) => {
      const buffer = new FaxBuffer();
      for (let index = 0; index < 60; index++) {
        buffer.push(packet(index, from));
        for (const half of [0, 1]) {
          const frame = index * 2 + half;
          const heard = pull(buffer);
          if (frame < DELAY_FRAMES) continue;
          const played = frame - DELAY_FRAMES;
          expect(heard).toEqual(heardOf(Math.floor(played / 2), played % 2));
        }
      }
      // Only the wait for the first packet was made up.
      expect(buffer.figures).toMatchObject({ late: 0, restarts: 0, concealedMs: 160 });
      buffer.close();
    },
  );

  it('puts packets in order that come within the delay, and fills what does not come with more than silence', () => {
    const buffer = new FaxBuffer();
    for (let index = 0; index < 40; index += 4) {
      for (const at of [3, 1, 0, 2]) if (index + at !== 21) buffer.push(packet(index + at));
      for (let frame = 0; frame < 8; frame++) pull(buffer);
    }
    // The first that came was the fourth that was sent: so much less was waited for it; one is lost.
    expect(buffer.figures).toMatchObject({ late: 0, concealedMs: 100 + 20 });
    buffer.close();
  });

  it('counts what is too late, begins anew with a new sender, and falls silent after a pause', () => {
    const buffer = new FaxBuffer();
    for (let index = 0; index < 20; index++) {
      buffer.push(packet(index));
      pull(buffer);
      pull(buffer);
    }
    buffer.push(packet(2));
    expect(buffer.figures.late).toBe(1);
    buffer.push(packet(500, 0, 2));
    expect(buffer.figures.restarts).toBe(1);
    for (let frame = 0; frame < 200; frame++) pull(buffer);
    expect(pull(buffer)).toEqual(new Int16Array(80));
    buffer.close();
  });

  it('takes any packets', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            timestamp: fc.nat(0xffff_ffff),
            ssrc: fc.nat(2),
            payload: fc.uint8Array({ maxLength: 2_000 }),
          }),
          { maxLength: 30 },
        ),
        (packets) => {
          const buffer = new FaxBuffer();
          for (const one of packets) {
            buffer.push({ payloadType: 0, marker: false, sequence: 0, ...one });
            pull(buffer);
          }
          buffer.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    [0.999, 'slower'],
    [1.001, 'faster'],
  ])('follows a clock that runs at %d of ours (%s) in the silences between the machines', (rate) => {
    const buffer = new FaxBuffer();
    const out = new Int16Array(80);
    const tone = Uint8Array.from({ length: 160 }, (_, at) => (at % 2 === 0 ? 0x90 : 0x10));
    const silence = new Uint8Array(160).fill(0xff);
    let sent = 0;
    let cutTones = 0;
    // Five minutes: 300 ms of drift, twice the delay. Four seconds of signal, one of silence.
    for (let frame = 0; frame < 30_000; frame++) {
      while (sent * 20 < frame * 10 * rate) {
        const speaks = sent % 250 < 200;
        buffer.push({
          ...packet(sent),
          sequence: sent & 0xffff,
          timestamp: (sent * 160) >>> 0,
          payload: speaks ? tone : silence,
        });
        sent++;
      }
      const before = buffer.figures.slips;
      buffer.pull(out);
      if (buffer.figures.slips !== before && out.some((sample) => Math.abs(sample) > 100)) cutTones++;
    }
    const { slips, late, concealedMs, restarts } = buffer.figures;
    expect(Math.abs(slips)).toBeGreaterThan(20);
    expect(Math.sign(slips)).toBe(rate < 1 ? 1 : -1);
    expect({ cutTones, late, restarts }).toEqual({ cutTones: 0, late: 0, restarts: 0 });
    expect(concealedMs).toBeLessThanOrEqual(170);
    buffer.close();
  });
});

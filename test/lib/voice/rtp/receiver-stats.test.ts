import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RtpPacket } from '../../../../lib/voice/rtp/packet.ts';
import { ReceiverStats } from '../../../../lib/voice/rtp/receiver-stats.ts';

function packet(index: number, ssrc = 1, first = 65_500): RtpPacket {
  return {
    payloadType: 0,
    marker: false,
    sequence: (first + index) & 0xffff,
    timestamp: (index * 160) >>> 0,
    ssrc,
    payload: new Uint8Array(160),
  };
}

describe('statistics of a received stream', () => {
  it('counts what is missing, over the wrap of the numbers', () => {
    const stats = new ReceiverStats();
    for (let index = 0; index < 200; index++) if (index % 10 !== 3) stats.note(packet(index), index * 20);
    expect(stats.figures).toMatchObject({
      received: 180,
      lost: 20,
      duplicates: 0,
      reordered: 0,
      restarts: 0,
    });
    expect(stats.figures.extendedHighest).toBe(65_536 + 163);
    expect(stats.takeFractionLost()).toBe(Math.floor((20 * 256) / 200));
    expect(stats.takeFractionLost()).toBe(0);
  });

  it('tells duplicates and reordering from loss', () => {
    const stats = new ReceiverStats();
    for (const index of [0, 1, 3, 2, 2, 4, 4, 5]) stats.note(packet(index), index * 20);
    expect(stats.figures).toMatchObject({ received: 6, lost: 0, duplicates: 2, reordered: 1 });
  });

  it('has no jitter when packets come evenly, and that of RFC 3550 when they do not', () => {
    const even = new ReceiverStats();
    const uneven = new ReceiverStats();
    for (let index = 0; index < 500; index++) {
      even.note(packet(index), index * 20);
      uneven.note(packet(index), index * 20 + (index % 2) * 5);
    }
    expect(even.figures.jitterSamples).toBe(0);
    expect(uneven.figures.jitterSamples / 8).toBeCloseTo(5, 1);
  });

  it('begins anew with another source or a jump, and keeps what was lost before', () => {
    const stats = new ReceiverStats();
    for (const index of [0, 1, 4]) stats.note(packet(index), index * 20);
    for (const index of [5, 6]) stats.note(packet(index, 2, 9_000), index * 20);
    expect(stats.figures).toMatchObject({ received: 5, lost: 2, restarts: 1, ssrc: 2 });
    stats.note(packet(20_000, 2, 9_000), 200);
    stats.note(packet(20_001, 2, 9_000), 220);
    expect(stats.figures).toMatchObject({ received: 7, lost: 2, restarts: 2, strays: 0 });
  });

  it('a stray packet of another source, or from far away, changes nothing (RFC 3550 A.1)', () => {
    const stats = new ReceiverStats();
    for (let index = 0; index < 50; index++) {
      stats.note(packet(index), index * 20);
      if (index % 10 === 5) stats.note(packet(index * 7, 9, 30_000), index * 20);
      if (index % 10 === 7)
        stats.note({ ...packet(index), sequence: (20_000 + 31 * index) & 0xffff }, index * 20);
    }
    expect(stats.figures).toMatchObject({ received: 50, lost: 0, restarts: 0, strays: 10, ssrc: 1 });
    expect(stats.figures.jitterSamples).toBe(0);
  });

  it('reports loss of the source as it is now, below nothing when packets came twice', () => {
    const stats = new ReceiverStats();
    expect(stats.takeReport()).toBeUndefined();
    for (const index of [0, 1, 1, 2, 2, 3]) stats.note(packet(index), index * 20);
    expect(stats.takeReport()).toMatchObject({ ssrc: 1, lost: -2, fractionLost: 0 });
    for (const index of [4, 10, 11]) stats.note(packet(index), index * 20);
    expect(stats.takeReport()).toMatchObject({ lost: 3, fractionLost: Math.floor((5 * 256) / 8) });
  });

  it('tells bursts from single losses (RFC 3611 A.2)', () => {
    const single = new ReceiverStats();
    const heavy = new ReceiverStats();
    for (let index = 0; index < 1_000; index++) {
      if (index % 50 !== 25) single.note(packet(index), index * 20);
      if (index % 200 < 190 || index % 200 === 199) heavy.note(packet(index), index * 20);
    }
    expect(single.figures.bursts).toMatchObject({ burstDensity: 0, burstPackets: 0, burstRatio: 1 });
    expect(single.figures.bursts.gapDensity).toBeCloseTo(0.02, 3);
    expect(heavy.figures.bursts).toMatchObject({ burstDensity: 1, gapDensity: 0, burstPackets: 9 });
    expect(heavy.figures.bursts.burstRatio).toBeGreaterThan(8);
  });

  it('never counts less than nothing, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(0xffff), fc.nat(3)), { maxLength: 200 }), (arrivals) => {
        const stats = new ReceiverStats();
        for (const [index, [sequence, ssrc]] of arrivals.entries()) {
          stats.note({ ...packet(0, ssrc), sequence }, index);
        }
        const { received, lost, duplicates, strays } = stats.figures;
        expect(received + duplicates + strays).toBe(arrivals.length);
        expect(lost).toBeGreaterThanOrEqual(0);
        expect(stats.takeFractionLost()).toBeLessThan(256);
      }),
    );
  });
});

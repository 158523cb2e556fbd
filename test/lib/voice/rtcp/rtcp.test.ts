import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { ReportInterval } from '../../../../lib/voice/rtcp/interval.ts';
import { decodeRtcp, encodeRtcp, isRtcp, type RtcpPacket } from '../../../../lib/voice/rtcp/packet.ts';
import { type RtcpFacts, RtcpSession } from '../../../../lib/voice/rtcp/session.ts';
import type { VoipMetrics } from '../../../../lib/voice/rtcp/voip-metrics.ts';

const REPORT = {
  ssrc: 2,
  fractionLost: 64,
  lost: -3,
  extendedHighest: 70_000,
  jitter: 40,
  lastReport: 0x1234_5678,
  sinceLastReport: 65_536,
};
const METRICS: VoipMetrics = {
  ssrc: 2,
  lossRate: 5,
  discardRate: 1,
  burstDensity: 200,
  gapDensity: 2,
  burstMs: 180,
  gapMs: 4_000,
  roundTripMs: 42,
  endSystemDelayMs: 60,
  rFactor: 91,
  mosListening: 43,
  mosConversational: 42,
  bufferMs: 40,
  bufferMostMs: 60,
  bufferLimitMs: 120,
};
const ALL: readonly RtcpPacket[] = [
  {
    type: 'senderReport',
    ssrc: 1,
    ntpSeconds: 3_900_000_000,
    ntpFraction: 0x8000_0000,
    rtpTimestamp: 0xffff_fff0,
    packets: 100,
    octets: 16_000,
    reports: [REPORT],
  },
  { type: 'sourceDescription', chunks: [{ ssrc: 1, cname: '縁側@127.68.0.1' }] },
  { type: 'extendedReport', ssrc: 1, voip: [METRICS] },
  { type: 'bye', ssrcs: [1], reason: 'SSRC collision' },
];

describe('compound packets (RFC 3550 §6)', () => {
  it('the example of the codec is read', () => {
    const hex = `81c9000700000001${'00000002'}${'40fffffd'}${'00011170'}${'00000028'}${'12345678'}${'00010000'}`;
    expect(decodeRtcp(Buffer.from(hex, 'hex'))).toEqual({
      ok: true,
      value: [{ type: 'receiverReport', ssrc: 1, reports: [REPORT] }],
    });
    expect(encodeRtcp([{ type: 'receiverReport', ssrc: 1, reports: [REPORT] }]).toString('hex')).toBe(hex);
  });

  it('what is written is read again, in whole words', () => {
    const bytes = encodeRtcp(ALL);
    expect(bytes.length % 4).toBe(0);
    expect(isRtcp(bytes)).toBe(true);
    expect(decodeRtcp(bytes)).toEqual({ ok: true, value: ALL });
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (cname, reason) => {
        const packets: RtcpPacket[] = [
          { type: 'receiverReport', ssrc: 9, reports: [] },
          { type: 'sourceDescription', chunks: [{ ssrc: 9, cname }] },
          { type: 'bye', ssrcs: [9], reason },
        ];
        const decoded = decodeRtcp(encodeRtcp(packets));
        expect(decoded.ok && decoded.value.length).toBe(3);
      }),
    );
  });

  it.each([
    ['80c9', 'rtcp.short'],
    ['40c9000100000001', 'rtcp.version'],
    ['80ca000100000001', 'rtcp.first'],
    ['80c9000200000001', 'rtcp.length'],
    ['81c9000100000001', 'rtcp.length'],
    ['a0c900010000000180c9000100000001', 'rtcp.padding'],
    ['80c9000100000001a0cb000100000005', 'rtcp.padding'],
    ['80c900010000000180ca', 'rtcp.length'],
    ['80c900010000000181ca00010000000101ff6162', 'rtcp.length'],
    [`80c9000100000001${'80cc0000'.repeat(32)}`, 'rtcp.long'],
  ])('%s is refused as %s', (hex, code) => {
    expect(decodeRtcp(Buffer.from(hex, 'hex'))).toMatchObject({ ok: false, error: { code, fault: 'peer' } });
  });

  it('packets of applications and feedback are read over', () => {
    const bytes = Buffer.from(
      '80c9000100000001 80cc0001 41424344 80ce0002 00000001 00000002'.replaceAll(' ', ''),
      'hex',
    );
    expect(decodeRtcp(bytes)).toMatchObject({
      ok: true,
      value: [{ type: 'receiverReport' }, { packetType: 204 }, { packetType: 206 }],
    });
  });
});

describe('when reports are sent (RFC 3550 §6.2, §6.3)', () => {
  const two = { members: 2, senders: 2, weSend: true };

  /** When the first `count` reports go, asked every 10 ms. */
  function times(seed: number, count: number, who = two): number[] {
    const interval = new ReportInterval(seededRandom(seed), 0);
    const sent: number[] = [];
    for (let nowMs = 0; sent.length < count && nowMs < 1e9; nowMs += 10) {
      if (interval.expired(who, nowMs)) sent.push(nowMs);
    }
    return sent;
  }

  it('the first between 1 and 4 s, then 5 s in the mean and never regular', () => {
    const gaps: number[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      const [first = 0, ...later] = times(seed, 12);
      expect(first).toBeGreaterThanOrEqual(1_000);
      expect(first).toBeLessThanOrEqual(4_000);
      for (const [index, at] of later.entries())
        gaps.push(at - (index === 0 ? first : (later[index - 1] ?? 0)));
    }
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(2_040);
      expect(gap).toBeLessThanOrEqual(6_300);
    }
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeGreaterThan(4_500);
    expect(mean).toBeLessThan(5_500);
    expect(new Set(gaps).size).toBeGreaterThan(100);
  });

  it('seldom where there are many, and again sooner when they leave (reverse reconsideration)', () => {
    const many = { members: 200, senders: 200, weSend: true };
    const interval = new ReportInterval(seededRandom(3), 0);
    expect(interval.meanMs(many)).toBeGreaterThan(40_000);
    while (!interval.expired(many, interval.dueMs));
    const before = interval.dueMs;
    interval.left(2, 6_000);
    expect(interval.dueMs).toBeLessThan(before / 5);
  });
});

/** Two ends of a call under one clock; `delayMs` one way, `skewMs` the difference of their wall clocks. */
class Pair {
  nowMs = 1_000;
  readonly ends: readonly { session: RtcpSession; packets: number; facts: RtcpFacts }[];
  readonly #onWay: { readonly at: number; readonly to: number; readonly bytes: Buffer }[] = [];
  readonly #delayMs: number;

  constructor(delayMs: number, skewMs: number) {
    this.#delayMs = delayMs;
    this.ends = [0, 1].map((which) => {
      const end = { packets: 0 } as { session: RtcpSession; packets: number; facts: RtcpFacts };
      end.facts = {
        sent: (nowMs) => ({
          ssrc: which + 1,
          packets: end.packets,
          octets: end.packets * 160,
          rtpTimestamp: Math.round(nowMs * 8),
        }),
        heard: () => ({
          ssrc: 2 - which,
          fractionLost: 26,
          lost: 10,
          extendedHighest: 100,
          jitter: 16,
        }),
        voip: () => ({ ...METRICS, ssrc: 2 - which }),
      };
      end.session = new RtcpSession({
        facts: end.facts,
        cname: `end${which}@host`,
        random: seededRandom(which + 5),
        nowMs: this.nowMs,
        wallMs: 1_800_000_000_000 + which * skewMs,
      });
      return end;
    });
  }

  run(ms: number, sends: readonly [boolean, boolean] = [true, true]): readonly Buffer[] {
    const wire: Buffer[] = [];
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 10) {
      for (const [which, end] of this.ends.entries()) {
        if (sends[which] && this.nowMs % 20 === 0) {
          end.packets++;
          this.ends[1 - which]?.session.noteRtp(which + 1, this.nowMs);
        }
        const bytes = end.session.tick(this.nowMs);
        if (bytes === undefined) continue;
        wire.push(bytes);
        this.#onWay.push({ at: this.nowMs + this.#delayMs, to: 1 - which, bytes });
      }
      while ((this.#onWay[0]?.at ?? Infinity) <= this.nowMs) {
        const came = this.#onWay.shift();
        if (came !== undefined) this.ends[came.to]?.session.receive(came.bytes, this.nowMs);
      }
    }
    return wire;
  }
}

describe('a call between two', () => {
  it('both ends know the round trip, whatever their clocks say, and how the other hears', () => {
    const pair = new Pair(70, -3_600_000);
    const wire = pair.run(30_000);
    expect(wire.length).toBeGreaterThan(8);
    for (const { session } of pair.ends) {
      const { roundTripMs, remote, cname, malformed } = session.figures;
      expect(Math.abs((roundTripMs ?? 0) - 140)).toBeLessThan(12);
      expect(remote).toMatchObject({ lost: 10, jitter: 16 });
      expect(remote?.fractionLost).toBeCloseTo(0.1, 2);
      expect(cname).toMatch(/^end[01]@host$/);
      expect(malformed).toBe(0);
    }
  });

  it('who sends gives sender reports with a CNAME and VoIP metrics, who only listens receiver reports', () => {
    const pair = new Pair(10, 0);
    const kinds = (bytes: readonly Buffer[]): string[] =>
      bytes.flatMap((one) => {
        const decoded = decodeRtcp(one);
        return decoded.ok ? [decoded.value.map(({ type }) => type).join('+')] : ['bad'];
      });
    const rest = 'sourceDescription+extendedReport';
    expect(new Set(kinds(pair.run(20_000, [true, false])))).toEqual(
      new Set([`senderReport+${rest}`, `receiverReport+${rest}`]),
    );
    // Two intervals after the last packet it is no sender any more.
    pair.run(20_000, [false, false]);
    expect(new Set(kinds(pair.run(10_000, [false, false])))).toEqual(new Set([`receiverReport+${rest}`]));
  });

  it('says goodbye, and is told of it', () => {
    const pair = new Pair(10, 0);
    pair.run(10_000);
    const [one, other] = pair.ends;
    const bye = one?.session.bye(pair.nowMs, 'over');
    expect(bye && other?.session.receive(bye, pair.nowMs)).toEqual({ bye: true, collision: false });
    expect(new Pair(1, 0).ends[0]?.session.bye(0)).toBeUndefined();
  });

  it('notices somebody else under its own SSRC', () => {
    const pair = new Pair(10, 0);
    const theirs = encodeRtcp([{ type: 'receiverReport', ssrc: 1, reports: [] }]);
    expect(pair.ends[0]?.session.receive(theirs, 2_000)).toEqual({ bye: false, collision: true });
    expect(pair.ends[1]?.session.receive(theirs, 2_000)).toEqual({ bye: false, collision: false });
  });

  it('reports that are lies bend no figure out of bounds', () => {
    const pair = new Pair(10, 0);
    for (const [index, lastReport] of [1, 0xffff_ffff, 0x8000_0000].entries()) {
      const lie: RtcpPacket = {
        type: 'receiverReport',
        ssrc: 2,
        reports: [{ ...REPORT, ssrc: 1, lastReport, sinceLastReport: 0xffff_ffff }],
      };
      pair.ends[0]?.session.receive(encodeRtcp([lie]), 2_000 + index);
      const trip = pair.ends[0]?.session.figures.roundTripMs ?? 0;
      expect(trip).toBeGreaterThanOrEqual(0);
      expect(trip).toBeLessThan(10_000);
    }
    for (let ssrc = 100; ssrc < 200; ssrc++) {
      pair.ends[0]?.session.receive(encodeRtcp([{ type: 'receiverReport', ssrc, reports: [] }]), 3_000);
    }
    expect(pair.run(20_000).length).toBeGreaterThan(4);
  });
});

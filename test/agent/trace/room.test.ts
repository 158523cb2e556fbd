import { describe, expect, it } from 'vitest';
import type { MediaCommand, MediaEvent } from '../../../agent/media/index.ts';
import { TRACE_LIMITS, type Traced, TraceRoom, type TraceWish } from '../../../agent/trace/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { INVITE, mqtt, rtpPacket } from './messages.ts';

const BYE = Buffer.from(
  'BYE sip:x@127.62.0.30 SIP/2.0\r\nCall-ID: c0ffee@127.62.0.30\r\nCSeq: 2 BYE\r\n\r\n',
);
const ENDS = {
  local: { host: '127.62.0.30', port: 40_000 },
  remote: { host: '127.62.0.10', port: 5_061 },
} as const;

const DAY_MS = 86_400_000;

/** What the media process tells at `sentMs` of its own clock: datagrams of a session, when each was. */
function batch(sentMs: number, at: readonly number[]): MediaEvent {
  const data = rtpPacket(1).toString('base64');
  const datagrams = at.map(
    (atMs) => ({ session: 's1', way: 'in', carries: 'rtp', atMs, data, ...ENDS }) as const,
  );
  return { event: 'traced', sentMs, datagrams, sound: [], dropped: 0 };
}

function wishOf(
  changes: Partial<TraceWish['filter']> = {},
  limits: Partial<TraceWish['limits']> = {},
): TraceWish {
  return {
    filter: { kinds: ['sip'], ...changes },
    limits: { seconds: 60, bytes: 1_000_000, perSecond: 100, ...limits },
    ...{ secrets: false, sound: false },
  };
}

function rig() {
  const clock = new VirtualClock();
  const orders: MediaCommand[] = [];
  const room = new TraceRoom({
    clock,
    subjects: {
      userIs: (user) => (user === 'id-000001-1' ? { line: 1 } : undefined),
      hostIs: (host) => (host === '192.168.20.5' ? { phone: 'c074ad000001' } : undefined),
      sessionIs: (session) => (session === 's1' ? { line: 1, call: 'k1' } : undefined),
    },
    order: (command) => orders.push(command),
  });
  const seen: Traced[] = [];
  const ends: string[] = [];
  const watch = (wish: TraceWish) =>
    room.watch(wish, {
      take: (traced) => {
        seen.push(traced);
        return true;
      },
      ended: (end) => ends.push(end),
    });
  const sip = (bytes: Buffer, changes: object = {}): void =>
    room.sip.watch?.({ direction: 'in', transport: 'tls', bytes, ...ENDS, ...changes });
  return { clock, room, orders, seen, ends, watch, sip };
}

describe('who watches what is spoken', () => {
  it('taps are shut while nobody watches, and those that nobody asked for stay shut', () => {
    const { room, orders, watch } = rig();
    expect([room.sip.watch, room.mqtt.watch, room.dhcp.watch]).toEqual([undefined, undefined, undefined]);
    const run = watch(wishOf({ kinds: ['mqtt', 'rtp'] }));
    expect(room.sip.watch).toBeUndefined();
    expect(room.mqtt.watch).toBeDefined();
    expect(orders).toEqual([{ type: 'trace', perSecond: 100, sound: false }]);
    if (run.ok) run.value.stop();
    expect(room.mqtt.watch).toBeUndefined();
    expect(orders.at(-1)).toEqual({ type: 'trace', perSecond: 0, sound: false });
  });

  it('a media process that comes back is told again', () => {
    const { room, orders, watch } = rig();
    watch(wishOf({ kinds: ['rtp'] }));
    room.mediaConnected();
    expect(orders.map((order) => ('perSecond' in order ? order.perSecond : -1))).toEqual([100, 100]);
  });

  it('a call is known by its INVITE from then on', () => {
    const { seen, sip, watch } = rig();
    watch(wishOf({ line: 1, call: 'mfxyz-0000000000000001' }));
    sip(BYE);
    expect(seen).toHaveLength(0);
    sip(INVITE);
    sip(BYE);
    expect(seen.map(({ whose }) => whose.line)).toEqual([1, 1]);
  });

  it('filters by phone and by peer', () => {
    const { seen, sip, watch } = rig();
    watch(wishOf({ phone: 'c074ad000001' }));
    watch(wishOf({ peer: '127.62.0.10:5061' }));
    sip(INVITE);
    sip(INVITE, { remote: { host: '192.168.20.5', port: 5_060 }, transport: 'udp' });
    expect(seen.map(({ remote }) => remote.host)).toEqual(['127.62.0.10', '192.168.20.5']);
  });

  it('hides secrets from one and shows them to another who asked', () => {
    const { seen, sip, watch } = rig();
    watch(wishOf());
    watch({ ...wishOf(), secrets: true });
    sip(INVITE);
    expect(seen.map(({ bytes }) => bytes.includes('0123456789abcdef'))).toEqual([false, true]);
  });

  it('a message to the broker belongs to the call that it names', () => {
    const { room, seen, watch } = rig();
    watch(wishOf({ kinds: ['mqtt'], call: 'k1' }));
    for (const payload of ['{"call":"k1"}', '{"call":"k2"}']) {
      const bytes = mqtt({ cmd: 'publish', topic: 't', payload });
      room.mqtt.watch?.({ direction: 'out', bytes, ...ENDS });
    }
    expect(seen).toHaveLength(1);
  });

  it('counts what is over the rate, and what the media process left out', () => {
    const { clock, room, watch } = rig();
    const run = watch(wishOf({ kinds: ['rtp'] }, { perSecond: 10 }));
    const datagram = { session: 's1', way: 'in', carries: 'rtp', atMs: 1, ...ENDS } as const;
    const datagrams = Array.from({ length: 25 }, (_, at) => ({
      ...datagram,
      data: rtpPacket(at).toString('base64'),
    }));
    room.mediaEvent({ event: 'traced', sentMs: 1, datagrams, sound: [], dropped: 3 });
    clock.advance(500);
    room.mediaEvent({
      event: 'traced',
      sentMs: 501,
      datagrams: datagrams.slice(0, 7),
      sound: [],
      dropped: 0,
    });
    expect(run.ok && [run.value.seen, run.value.lost]).toEqual([15, { rate: 17, slow: 0, media: 3 }]);
  });

  it('ends when its size or its time is reached, and shuts the tap', () => {
    const { clock, room, ends, sip, watch } = rig();
    watch(wishOf({}, { bytes: INVITE.length + 10 }));
    sip(INVITE);
    sip(INVITE);
    expect([ends, room.sip.watch]).toEqual([['size'], undefined]);
    watch(wishOf({}, { seconds: 1 }));
    clock.advance(1_000);
    sip(INVITE);
    expect([ends, room.sip.watch]).toEqual([['size', 'time'], undefined]);
  });

  it('shows the new time from the next message on when the clock is set, forward or back', () => {
    const { clock, room, seen, sip, watch } = rig();
    watch(wishOf({ kinds: ['sip', 'rtp'] }));
    sip(INVITE);
    for (const daysLater of [20, -3]) {
      clock.setNow(instant(clock.now() + daysLater * DAY_MS));
      clock.advance(20);
      sip(BYE);
      expect(seen.at(-1)?.atMs).toBe(clock.now());
      const sentMs = 7_000 + clock.monotonicMs();
      room.mediaEvent(batch(sentMs, [sentMs - 10]));
      expect(seen.at(-1)?.atMs).toBe(clock.now() - 10);
    }
    expect(seen[0]?.atMs).toBe(new VirtualClock().now());
  });

  it('keeps what the media process told in order, however long its batches take', () => {
    const { clock, room, seen, watch } = rig();
    watch(wishOf({ kinds: ['rtp'] }));
    const start = clock.now();
    clock.advance(150);
    room.mediaEvent(batch(7_100, [7_020, 7_080]));
    clock.advance(60);
    room.mediaEvent(batch(7_200, [7_110, 7_180]));
    clock.advance(300);
    room.mediaEvent(batch(7_300, [7_280]));
    room.mediaConnected();
    room.mediaEvent(batch(5, [1]));
    expect(seen.map(({ atMs }) => atMs - start)).toEqual([70, 130, 150, 190, 290, 506]);
  });

  it('does not take a whole millisecond of the clock for another time', () => {
    const { clock, seen, sip, watch } = rig();
    const start = clock.now();
    watch(wishOf());
    for (const wholeMs of [0, 0, 0, 1, 1, 2]) {
      clock.setNow(instant(start + wholeMs));
      sip(INVITE);
      clock.advance(0.4);
    }
    const steps = seen.slice(1).map(({ atMs }, at) => atMs - (seen[at]?.atMs ?? 0));
    for (const step of steps) expect(step).toBeCloseTo(0.4, 2);
  });

  it('who looks for one call is shown it among all sessions, as fast as they come', () => {
    const { orders, watch } = rig();
    watch(wishOf({ kinds: ['rtp'], line: 1 }));
    expect(orders).toEqual([{ type: 'trace', perSecond: TRACE_LIMITS.perSecond.most, sound: false }]);
  });

  it('has room for six, and says so to the seventh', () => {
    const { watch } = rig();
    const runs = Array.from({ length: 7 }, () => watch(wishOf()));
    expect(runs.map(({ ok }) => ok)).toEqual([true, true, true, true, true, true, false]);
  });
});

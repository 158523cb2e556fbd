import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUdptl } from '../../../../lib/voice/t38/udptl.ts';
import { UdptlReceiver } from '../../../../lib/voice/t38/udptl-receiver.ts';
import {
  REPEAT_GAP_MS,
  UdptlSender,
  type UdptlSenderOptions,
} from '../../../../lib/voice/t38/udptl-sender.ts';

const OPTIONS: UdptlSenderOptions = {
  errorCorrection: 'redundancy',
  redundancy: 3,
  maxDatagramBytes: 400,
  generous: false,
};

/** IFP number `index`: never ends in zero, so that the zeros of parity can be told from it. */
const ifpOf = (index: number): Uint8Array =>
  Uint8Array.from({ length: 1 + ((index * 7) % 40) }, (_, at) => 1 + ((index * 31 + at * 17) % 255));

const trimmed = (ifp: Uint8Array): number[] => {
  const bytes = [...ifp];
  while (bytes.at(-1) === 0) bytes.pop();
  return bytes;
};

function decoded(datagram: Uint8Array | undefined) {
  const packet = decodeUdptl(Uint8Array.from(datagram ?? []));
  if (!packet.ok) throw new Error(packet.error.say);
  return packet.value;
}

/** Sends `count` IFPs, loses the datagrams named, and answers what was delivered. */
function transfer(options: Partial<UdptlSenderOptions>, count: number, lost: ReadonlySet<number>) {
  const sender = new UdptlSender({ ...OPTIONS, ...options });
  const receiver = new UdptlReceiver();
  const delivered: { sequence: number; ifp: Uint8Array; recovered: boolean }[] = [];
  for (let index = 0; index < count; index++) {
    for (const datagram of sender.send(ifpOf(index), 1, index * 30))
      if (!lost.has(index)) delivered.push(...receiver.receive(datagram));
  }
  return { delivered, counters: receiver.counters, sender };
}

/** Lost datagrams of 60 such that no more than `inARow` in a row are lost, and the last one arrives. */
const losses = (inARow: number): fc.Arbitrary<Set<number>> =>
  fc.array(fc.boolean(), { minLength: 59, maxLength: 59 }).map((flags) => {
    const lost = new Set<number>();
    let row = 0;
    for (const [index, flag] of flags.entries()) {
      row = flag && row < inARow ? row + 1 : 0;
      if (row > 0) lost.add(index);
    }
    return lost;
  });

describe('UDPTL from a sender to a receiver', () => {
  it.each([1, 2, 3, 7])(
    'redundancy %i restores every loss of so many in a row, in order and exactly',
    (depth) => {
      fc.assert(
        fc.property(losses(depth), fc.integer({ min: 0, max: 0xffff }), (lost, firstSequence) => {
          const { delivered, counters } = transfer({ redundancy: depth, firstSequence }, 60, lost);
          expect(delivered.map(({ sequence }) => sequence)).toEqual(
            Array.from({ length: 60 }, (_, index) => (firstSequence + index) & 0xffff),
          );
          expect(delivered.map(({ ifp }) => [...ifp])).toEqual(
            Array.from({ length: 60 }, (_, index) => [...ifpOf(index)]),
          );
          expect(counters.recovered).toBe(lost.size);
          expect(counters.lost).toBe(0);
        }),
      );
    },
  );

  it('parity restores every loss of so many in a row as it has groups, when what they cover had come', () => {
    // 3 parities of 3: three lost in a row, then nine that arrive.
    const pattern = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(pattern, (bursts) => {
        const lost = new Set(
          bursts.flatMap((length, block) => Array.from({ length }, (_, at) => 9 + block * 12 + at)),
        );
        const { delivered, counters } = transfer({ errorCorrection: 'fec' }, 75, lost);
        expect(delivered.map(({ ifp }) => trimmed(ifp))).toEqual(
          Array.from({ length: 75 }, (_, index) => [...ifpOf(index)]),
        );
        expect(counters.recovered).toBe(lost.size);
      }),
    );
  });

  it('never delivers a number twice or out of order, and never a wrong IFP, whatever is lost, late or doubled', () => {
    const fate = fc.record({
      lost: fc.boolean(),
      lateBy: fc.integer({ min: 0, max: 5 }),
      twice: fc.boolean(),
    });
    const errorCorrection = fc.constantFrom('redundancy' as const, 'fec' as const, 'none' as const);
    fc.assert(
      fc.property(fc.array(fate, { minLength: 80, maxLength: 80 }), errorCorrection, (fates, kind) => {
        const sender = new UdptlSender({ ...OPTIONS, errorCorrection: kind, firstSequence: 65_500 });
        const receiver = new UdptlReceiver();
        const arrivals = fates.flatMap(({ lost, lateBy, twice }, index) => {
          const datagrams = sender.send(ifpOf(index), 1 + (index % 3), index * 30);
          return lost
            ? []
            : datagrams.flatMap((datagram) => [
                { at: index + lateBy, datagram },
                ...(twice ? [{ at: index + 6, datagram }] : []),
              ]);
        });
        const delivered = arrivals
          .sort((one, other) => one.at - other.at)
          .flatMap(({ datagram }) => receiver.receive(datagram));
        const indices = delivered.map(({ sequence }) => (sequence - 65_500) & 0xffff);
        expect(indices).toEqual([...new Set(indices)].sort((one, other) => one - other));
        for (const [at, { ifp }] of delivered.entries())
          expect(trimmed(ifp)).toEqual([...ifpOf(indices[at] ?? -1)]);
      }),
    );
  });

  it('goes on where a peer counts anew, and is not led astray by one stray number', () => {
    const receiver = new UdptlReceiver();
    const first = new UdptlSender(OPTIONS);
    for (let index = 0; index < 300; index++)
      first.send(ifpOf(index), 1, 0).map((one) => receiver.receive(one));
    const stray = new UdptlSender({ ...OPTIONS, firstSequence: 40_000 }).send(ifpOf(1), 1, 0);
    expect(receiver.receive(stray[0] ?? Buffer.alloc(0))).toEqual([]);
    expect(receiver.receive(first.send(ifpOf(300), 1, 0)[0] ?? Buffer.alloc(0))).toHaveLength(1);
    const anew = new UdptlSender(OPTIONS);
    const got = [0, 1, 2].flatMap((index) =>
      anew.send(ifpOf(index), 1, 0).flatMap((one) => receiver.receive(one)),
    );
    expect(got.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(receiver.counters.restarts).toBe(1);
  });

  it('counts what came, what was restored, what is lost, repeats and garbage', () => {
    const { counters } = transfer({ redundancy: 1 }, 10, new Set([3, 6, 7]));
    expect(counters).toEqual({ received: 7, recovered: 2, lost: 1, duplicate: 0, malformed: 0, restarts: 0 });
    const receiver = new UdptlReceiver();
    const [datagram = Buffer.alloc(0)] = new UdptlSender(OPTIONS).send(ifpOf(1), 1, 0);
    receiver.receive(datagram);
    receiver.receive(datagram);
    receiver.receive(Buffer.from('not a fax'));
    expect(receiver.counters).toMatchObject({ received: 2, duplicate: 1, malformed: 1 });
  });
});

describe('UDPTL sender', () => {
  it('sends an IFP as often as asked, the same datagram, the copies apart from each other', () => {
    const sender = new UdptlSender(OPTIONS);
    expect(sender.send(ifpOf(0), 0, 0)).toEqual([]);
    const sent = sender.send(ifpOf(1), 3, 100).map((datagram) => ({ atMs: 100, datagram }));
    for (let nowMs = 101; nowMs < 1_000; nowMs++)
      sent.push(...sender.due(nowMs).map((datagram) => ({ atMs: nowMs, datagram })));
    expect(sent.map(({ atMs }) => atMs)).toEqual([100, 100 + REPEAT_GAP_MS, 100 + 2 * REPEAT_GAP_MS]);
    expect(new Set(sent.map(({ datagram }) => datagram.toString('hex'))).size).toBe(1);
    expect(sender.send(ifpOf(2), 1, 2_000)).toHaveLength(1);
    expect(sender.dueMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('repeats the end of a burst a little longer when it may, and stops when something follows', () => {
    const sender = new UdptlSender({ ...OPTIONS, generous: true });
    sender.send(ifpOf(0), 3, 0);
    const times: number[] = [];
    for (let nowMs = 0; nowMs < 1_000; nowMs++) for (const _ of sender.due(nowMs)) times.push(nowMs);
    expect(times).toEqual([15, 30, 70, 150, 310]);
    sender.send(ifpOf(1), 2, 1_000);
    expect(sender.due(1_015)).toHaveLength(1);
    sender.send(ifpOf(2), 1, 1_020);
    expect(sender.due(9_000)).toEqual([]);
  });

  it('lets the newest datagram stand for copies that are still due, for it holds the older IFP', () => {
    const sender = new UdptlSender(OPTIONS);
    sender.send(ifpOf(0), 3, 0);
    sender.send(ifpOf(1), 1, 5);
    expect(decoded(sender.due(15)[0])).toMatchObject({ sequence: 1, recovery: { ifps: [ifpOf(0)] } });
    expect(sender.due(30)).toHaveLength(1);
    expect(sender.due(60)).toEqual([]);
  });

  it('sends copies that are still due ahead of the next IFP when that does not hold them', () => {
    const sender = new UdptlSender({ ...OPTIONS, errorCorrection: 'none' });
    sender.send(ifpOf(0), 3, 0);
    const out = sender.send(ifpOf(1), 1, 5);
    expect(out.map((datagram) => decoded(datagram).sequence)).toEqual([0, 0, 1]);
    expect(sender.due(100)).toEqual([]);
  });

  it('never sends more than the peer takes, leaves out the oldest first, and never the primary', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 20, maxLength: 20 });
    const errorCorrection = fc.constantFrom('redundancy' as const, 'fec' as const);
    fc.assert(
      fc.property(sizes, fc.integer({ min: 72, max: 500 }), errorCorrection, (lengths, most, kind) => {
        const sender = new UdptlSender({
          ...OPTIONS,
          errorCorrection: kind,
          generous: true,
          maxDatagramBytes: 600,
        });
        sender.limitDatagrams(most);
        for (const [index, length] of lengths.entries()) {
          const ifp = new Uint8Array(length).fill(index + 1);
          const [datagram = Buffer.alloc(0)] = sender.send(ifp, 1, index);
          const packet = decoded(datagram);
          expect([...packet.primary]).toEqual([...ifp]);
          const alone = 2 + 1 + length + (kind === 'fec' ? 5 : 2);
          expect(datagram.length).toBeLessThanOrEqual(Math.max(most, alone));
          if (packet.recovery.kind === 'redundancy')
            expect(packet.recovery.ifps.map((one) => one[0])).toEqual(
              packet.recovery.ifps.map((_, back) => index - back),
            );
        }
      }),
    );
  });

  it('goes deeper than asked where there is room, and only then', () => {
    const depth = (most: number, generous: boolean): number => {
      const sender = new UdptlSender({ ...OPTIONS, maxDatagramBytes: most, generous });
      for (let index = 0; index < 20; index++) sender.send(new Uint8Array(59), 1, 0);
      const { recovery } = decoded(sender.send(new Uint8Array(59), 1, 0)[0]);
      return recovery.kind === 'redundancy' ? recovery.ifps.length : -1;
    };
    expect(depth(400, true)).toBe(5);
    expect(depth(1_400, true)).toBe(7);
    expect(depth(1_400, false)).toBe(3);
    expect(depth(140, true)).toBe(1);
    expect(depth(72, true)).toBe(0);
  });

  it('never sends more than three parities, however many are wished', () => {
    const sender = new UdptlSender({ errorCorrection: 'fec', redundancy: 7, maxDatagramBytes: 1_400 });
    for (let index = 0; index < 40; index++) {
      const [datagram = Buffer.alloc(0)] = sender.send(ifpOf(index), 1, index * 30);
      const decoded = decodeUdptl(datagram);
      const recovery = decoded.ok ? decoded.value.recovery : undefined;
      expect(recovery?.kind === 'fec' ? recovery.parities.length : -1).toBe(Math.min(index, 3));
    }
  });

  it('sends parity only when that is agreed', () => {
    const kinds = (['redundancy', 'fec', 'none'] as const).map((errorCorrection) => {
      const sender = new UdptlSender({ ...OPTIONS, errorCorrection });
      for (let index = 0; index < 12; index++) sender.send(ifpOf(index), 1, 0);
      return decoded(sender.send(ifpOf(12), 1, 0)[0]).recovery;
    });
    expect(kinds).toMatchObject([
      { kind: 'redundancy' },
      { kind: 'fec', span: 3 },
      { kind: 'redundancy', ifps: [] },
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { encodeRtp } from '../../../../lib/voice/rtp/packet.ts';
import {
  decodeUdptl,
  encodeUdptl,
  UDPTL_LIMITS,
  type UdptlPacket,
  udptlBytes,
} from '../../../../lib/voice/t38/udptl.ts';
import { UdptlReceiver } from '../../../../lib/voice/t38/udptl-receiver.ts';
import { hex } from '../../../support/hex.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/[ |]/g, ''), 'hex'));

const refusalOf = (datagram: Uint8Array): string | undefined => {
  const decoded = decodeUdptl(datagram);
  return decoded.ok ? undefined : decoded.error.code;
};

/** Description, bytes, packet: what T.38 §9.1 makes of them. */
const GOLDEN: readonly (readonly [string, string, UdptlPacket])[] = [
  [
    'redundancy, as in the README',
    '00 02 01 08 00 02 01 04 01 02',
    {
      sequence: 2,
      primary: bytes('08'),
      recovery: { kind: 'redundancy', ifps: [bytes('04'), bytes('02')] },
    },
  ],
  [
    'parity, as in the README',
    '00 03 01 06 80 01 03 01 01 0e',
    { sequence: 3, primary: bytes('06'), recovery: { kind: 'fec', span: 3, parities: [bytes('0e')] } },
  ],
  [
    'the first datagram of a gateway: "no signal"',
    '00 00 01 00 00 00',
    { sequence: 0, primary: bytes('00'), recovery: { kind: 'redundancy', ifps: [] } },
  ],
  [
    'V.21 data of one HDLC byte',
    'ff ff 06 c0 01 80 00 00 ff 00 01 01 06',
    {
      sequence: 65_535,
      primary: bytes('c0 01 80 00 00 ff'),
      recovery: { kind: 'redundancy', ifps: [bytes('06')] },
    },
  ],
  [
    'an IFP of 128 bytes, whose length takes two',
    `01 00 80 80 ${'ab '.repeat(128)}00 00`,
    { sequence: 256, primary: new Uint8Array(128).fill(0xab), recovery: { kind: 'redundancy', ifps: [] } },
  ],
  [
    'parity of a sender that has sent nothing yet',
    '00 00 01 06 80 01 00 00',
    { sequence: 0, primary: bytes('06'), recovery: { kind: 'fec', span: 0, parities: [] } },
  ],
];

describe('UDPTL datagram', () => {
  it.each(GOLDEN)('%s', (_name, text, packet) => {
    expect(hex(encodeUdptl(packet))).toBe(hex(bytes(text)));
    expect(decodeUdptl(bytes(text))).toEqual({ ok: true, value: packet });
  });

  it('comes back as it was, whatever it carried', () => {
    const ifp = fc.uint8Array({ maxLength: 200 });
    const list = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
    const recovery = fc.oneof(
      fc.record({ kind: fc.constant('redundancy' as const), ifps: list }),
      fc.record({
        kind: fc.constant('fec' as const),
        span: fc.integer({ min: 0, max: 255 }),
        parities: list,
      }),
    );
    const packet = fc.record({ sequence: fc.integer({ min: 0, max: 0xffff }), primary: ifp, recovery });
    fc.assert(
      fc.property(packet, (value) => {
        const datagram = encodeUdptl(value);
        expect(datagram.length).toBe(udptlBytes(value));
        expect(decodeUdptl(Uint8Array.from(datagram))).toEqual({ ok: true, value });
      }),
    );
  });

  it('says what is wrong with a datagram that it does not take', () => {
    expect(refusalOf(bytes(''))).toBe('udptl.short');
    expect(refusalOf(bytes('00 02 05 06 00'))).toBe('udptl.short');
    expect(refusalOf(bytes('00 02 01 06'))).toBe('udptl.short');
    expect(refusalOf(bytes('00 02 c1 06 00 00'))).toBe('udptl.fragmented');
    expect(refusalOf(bytes('00 02 01 06 00 41'))).toBe('udptl.excess');
    expect(refusalOf(bytes('00 02 01 06 40 00'))).toBe('udptl.malformed');
    expect(refusalOf(bytes('00 02 01 06 80 02 00 03 00'))).toBe('udptl.malformed');
    expect(refusalOf(bytes('00 02 01 06 00 00 00'))).toBe('udptl.malformed');
    expect(refusalOf(new Uint8Array(UDPTL_LIMITS.datagramBytes + 1))).toBe('udptl.long');
  });

  it('refuses RTP that strays in after the switch, whatever its number and sound', () => {
    const random = seededRandom(38);
    for (let round = 0; round < 20_000; round++) {
      const payload = round % 4 === 0 ? Buffer.alloc(160, 0xff) : random.bytes(160);
      const rtp = encodeRtp({
        payloadType: 0,
        marker: round % 50 === 0,
        sequence: round * 7,
        timestamp: round * 160,
        ssrc: random.bytes(4).readUInt32BE(0),
        payload,
      });
      expect(decodeUdptl(rtp).ok).toBe(false);
    }
  });

  it('takes 100,000 random and mutated datagrams without a throw and without growing', () => {
    const random = seededRandom(9);
    const receiver = new UdptlReceiver();
    const seeds = GOLDEN.map(([, text]) => bytes(text));
    for (let round = 0; round < 100_000; round++) {
      const datagram =
        round % 3 === 0 ? random.bytes(Math.floor(random.fraction() * 80)) : mutated(seeds, random, round);
      decodeUdptl(datagram);
      const ready = receiver.receive(datagram);
      if (ready.length > 200) expect.fail(`${ready.length} IFPs from ${hex(datagram)}`);
    }
    const { received, malformed } = receiver.counters;
    expect(received + malformed).toBe(100_000);
    expect(received).toBeGreaterThan(1_000);
    expect(malformed).toBeGreaterThan(1_000);
    expect(receiver.remembered).toBeLessThanOrEqual(256);
  });
});

function mutated(
  seeds: readonly Uint8Array[],
  random: ReturnType<typeof seededRandom>,
  round: number,
): Buffer {
  const out = Buffer.from(seeds[round % seeds.length] ?? new Uint8Array());
  for (let flips = round % 4; flips > 0; flips--) {
    const at = Math.floor(random.fraction() * out.length);
    out[at] = random.bytes(1)[0] ?? 0;
  }
  return random.fraction() < 0.2 ? out.subarray(0, Math.floor(random.fraction() * out.length)) : out;
}

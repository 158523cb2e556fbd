import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { decodeRtp, encodeRtp } from '../../../../lib/voice/rtp/packet.ts';
import { PortRange } from '../../../../lib/voice/rtp/port-range.ts';
import { RtpSender } from '../../../../lib/voice/rtp/sender.ts';
import { sequenceDistance, timestampDistance } from '../../../../lib/voice/rtp/serial.ts';
import {
  decodeTelephoneEvent,
  encodeTelephoneEvent,
  TelephoneEventReceiver,
} from '../../../../lib/voice/rtp/telephone-event.ts';

describe('RTP packet', () => {
  it('is the bytes of RFC 3550 §5.1', () => {
    const packet = {
      payloadType: 0,
      marker: true,
      sequence: 65_534,
      timestamp: 320,
      ssrc: 0xdeadbeef,
      payload: Buffer.from([0xd5, 0x55]),
    };
    const bytes = encodeRtp(packet);
    expect(bytes.toString('hex')).toBe('8080fffe00000140deadbeefd555');
    expect(decodeRtp(bytes)).toEqual({ ok: true, value: packet });
  });

  it('comes back as it was, whatever it carried', () => {
    fc.assert(
      fc.property(
        fc.record({
          payloadType: fc.integer({ min: 0, max: 63 }),
          marker: fc.boolean(),
          sequence: fc.integer({ min: 0, max: 0xffff }),
          timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
          ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
          payload: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
        }),
        (packet) => {
          expect(decodeRtp(encodeRtp(packet))).toEqual({ ok: true, value: packet });
        },
      ),
    );
  });

  it('reads over contributing sources, extension and padding', () => {
    const bytes = Buffer.from('b2000001000000020000000300000004000000050001000100000000aabb000003', 'hex');
    const read = decodeRtp(bytes);
    expect(read.ok && Buffer.from(read.value.payload).toString('hex')).toBe('aabb');
  });

  it.each([
    ['80', 'rtp.short'],
    ['00000001000000020000000300', 'rtp.version'],
    ['8f0000010000000200000003', 'rtp.short'],
    ['900000010000000200000003', 'rtp.short'],
    ['90000001000000020000000300010005', 'rtp.short'],
    ['a0000001000000020000000300', 'rtp.padding'],
    ['a00000010000000200000003ff', 'rtp.padding'],
    ['80c80001000000020000000300', 'rtp.isRtcp'],
  ])('refuses %s as %s', (hex, code) => {
    expect(decodeRtp(Buffer.from(hex, 'hex'))).toMatchObject({ ok: false, error: { code } });
  });

  it('never throws on garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_600 }), (bytes) => {
        decodeRtp(Buffer.from(bytes));
        decodeTelephoneEvent(bytes);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('serial numbers', () => {
  it('wrap', () => {
    expect(sequenceDistance(65_535, 0)).toBe(1);
    expect(sequenceDistance(0, 65_535)).toBe(-1);
    expect(timestampDistance(0xffff_ffff, 159)).toBe(160);
    expect(timestampDistance(100, 0xffff_fff0)).toBe(-116);
  });
});

describe('RTP sender', () => {
  it('numbers packets, marks the start of talk and wraps', () => {
    const sender = new RtpSender({
      bytes: () => Buffer.from('11223344ffffffffff60', 'hex'),
      fraction: () => 0,
    });
    const payload = Buffer.alloc(160);
    expect(sender.next(0, payload)).toMatchObject({ marker: true, sequence: 65_535, timestamp: 0xffff_ff60 });
    expect(sender.next(0, payload)).toMatchObject({ marker: false, sequence: 0, timestamp: 0 });
    sender.skip(80);
    expect(sender.next(0, payload)).toMatchObject({ marker: true, sequence: 1, timestamp: 240 });
    expect([sender.packets, sender.octets]).toEqual([3, 480]);
  });
});

describe('telephone events', () => {
  it('are the bytes of RFC 4733 §2.3', () => {
    const event = { digit: '#', end: true, volume: 10, duration: 800 };
    expect(encodeTelephoneEvent(event)?.toString('hex')).toBe('0b8a0320');
    expect(decodeTelephoneEvent(Buffer.from('0b8a0320', 'hex'))).toEqual(event);
    expect(encodeTelephoneEvent({ ...event, digit: '' })).toBeUndefined();
    expect(decodeTelephoneEvent(Buffer.from('100a0320', 'hex'))).toBeUndefined();
  });

  it('give one digit a press, though every packet is repeated and the first is lost', () => {
    const receiver = new TelephoneEventReceiver();
    const press = (digit: string, timestamp: number, sequence: number) =>
      receiver.push({
        payloadType: 101,
        marker: false,
        sequence,
        timestamp,
        ssrc: 7,
        payload: encodeTelephoneEvent({ digit, end: false, volume: 10, duration: 160 }) ?? Buffer.alloc(0),
      });
    expect([press('1', 800, 2), press('1', 800, 3), press('1', 800, 4), press('1', 2_400, 5)]).toEqual([
      '1',
      undefined,
      undefined,
      '1',
    ]);
  });
});

describe('port range', () => {
  it('gives even ports, each once, all of them, and again what came back', () => {
    const range = new PortRange(seededRandom(1), { from: 20_001, to: 20_011 });
    const taken = [1, 2, 3, 4, 5].map(() => range.take());
    expect([...taken].sort()).toEqual([20_002, 20_004, 20_006, 20_008, 20_010]);
    expect(range.take()).toBeUndefined();
    range.giveBack(20_006);
    expect(range.take()).toBe(20_006);
  });
});

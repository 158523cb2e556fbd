import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFaxDescription, writeFaxDescription } from '../../../cloud-stub/foreign/fax-description.ts';
import { FixedDelay } from '../../../cloud-stub/foreign/fixed-delay.ts';
import { readUdptl, UdptlReceiver, UdptlSender, writeUdptl } from '../../../cloud-stub/foreign/udptl.ts';
import { hex } from '../../support/hex.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });

describe('UDPTL of the other side', () => {
  it('is as its diagram says', () => {
    const packet = { sequence: 5, newest: Buffer.from([0x06]), older: [Buffer.from([0x0c])] };
    expect(hex(writeUdptl(packet))).toBe('00 05 01 06 00 01 01 0c');
    expect(readUdptl(Buffer.from('000501060001010c', 'hex'))).toEqual(packet);
  });

  it('comes back as it was written', () => {
    const sequence = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(sequence, bytes, fc.array(bytes, { maxLength: 3 }), (number, newest, older) => {
        const read = readUdptl(writeUdptl({ sequence: number, newest, older }));
        expect(read?.sequence).toBe(number);
        expect([read?.newest, ...(read?.older ?? [])].map((one) => hex(one ?? new Uint8Array()))).toEqual(
          [newest, ...older].map(hex),
        );
      }),
    );
  });

  it('anything at all is read or refused, never thrown at', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1_100 }), (any) => void readUdptl(any)));
  });

  it('of what parity protects the newest packet is used; fragments and cut datagrams are refused', () => {
    expect(readUdptl(Buffer.from('0005010680010303', 'hex'))).toMatchObject({ sequence: 5, older: [] });
    expect(readUdptl(Buffer.from('0005c1060000', 'hex'))).toBeUndefined();
    expect(readUdptl(Buffer.from('000502060001', 'hex'))).toBeUndefined();
    expect(readUdptl(Buffer.from('80000000ffff', 'hex'))).toBeUndefined();
  });

  it.each([1, 2, 3])('up to %i lost in a row are repaired, in order, once', (lost) => {
    const sender = new UdptlSender({ redundancy: 3, largestDatagram: 400 });
    const receiver = new UdptlReceiver();
    const datagrams = Array.from({ length: 20 }, (_, index) => sender.next(Buffer.from([index])));
    const arrived = datagrams.filter((_, index) => index < 5 || index >= 5 + lost);
    const got = [...arrived, ...arrived.slice(-2)].flatMap((one) => receiver.take(one));
    expect(got.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(got.map(({ ifp }) => ifp[0])).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect([receiver.lost, receiver.ignored]).toEqual([0, 2]);
  });

  it('older packets are left out where the datagram would be longer than the other side takes', () => {
    const sender = new UdptlSender({ redundancy: 3, largestDatagram: 150 });
    const sizes = Array.from({ length: 5 }, () => sender.next(new Uint8Array(60)).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(150);
    expect(sizes.at(-1)).toBeGreaterThan(100);
  });
});

describe('T.38 descriptions of the other side', () => {
  const media = fc.array(fc.constantFrom('fax', 'audio', 'noAudio', 'noOther'), { maxLength: 4 });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(media, fc.constantFrom(0, 1, 2, 3), (lines, version) => {
        const one = { host: '127.0.0.1', port: 4_002, sdpVersion: 1, version, media: lines } as const;
        const read = readFaxDescription(
          writeFaxDescription(one as Parameters<typeof writeFaxDescription>[0]),
        );
        if (lines.includes('fax')) expect(read).toMatchObject({ port: 4_002, version, largestDatagram: 400 });
        else expect(read).toBeUndefined();
        if (read !== undefined) expect(read.media.length).toBe(lines.length);
      }),
    );
  });

  it('take capitals as they come, the other name of the limit, and a limit that cannot be meant', () => {
    const sdp = (limit: string): string =>
      `v=0\r\nc=IN IP4 127.0.0.1\r\nm=image 9 UDPTL t38\r\na=t38faxversion:2\r\n${limit}\r\n`;
    expect(readFaxDescription(sdp('a=T38MaxDatagram:272'))).toMatchObject({
      version: 2,
      largestDatagram: 272,
    });
    expect(readFaxDescription(sdp('a=T38FaxMaxDatagram:48'))).toMatchObject({ largestDatagram: 400 });
  });

  it('anything at all is read or refused, never thrown at', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (any) => void readFaxDescription(`m=image ${any}`)));
  });
});

describe('the fixed delay before a modem', () => {
  const frame = (value: number): Uint8Array => new Uint8Array(160).fill(value);

  it('gives every packet its place 160 ms later, and says which are missing', () => {
    const delay = new FixedDelay();
    const heard: (number | undefined)[] = [];
    for (let index = 0; index < 30; index++) {
      if (index !== 10) delay.take(index * 160, frame(index), 1);
      heard.push(delay.next()?.[0] === undefined ? undefined : index);
    }
    expect(heard.slice(0, 8).every((one) => one === undefined)).toBe(true);
    expect(heard.slice(8, 30).filter((one) => one === undefined)).toHaveLength(1);
    expect(delay.missing).toBe(1);
  });

  it('begins anew when the sender did, or when its clock stood still', () => {
    const delay = new FixedDelay();
    for (let index = 0; index < 20; index++) {
      delay.take(index * 160, frame(1), 1);
      delay.next();
    }
    for (let index = 0; index < 30; index++) delay.next();
    for (let index = 20; index < 60; index++) {
      delay.take(index * 160, frame(2), 1);
      delay.next();
    }
    delay.take(60 * 160, frame(2), 1);
    expect(delay.next()).toBeDefined();
    delay.take(5, frame(3), 2);
    expect(delay.next()).toBeUndefined();
  });
});

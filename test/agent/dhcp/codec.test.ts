import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePacket } from '../../../agent/dhcp/decode.ts';
import { encodePacket } from '../../../agent/dhcp/encode.ts';
import { OPTION } from '../../../agent/dhcp/option-codes.ts';
import { optionBytesOf } from '../../../agent/dhcp/option-values.ts';
import { type DhcpPacket, MESSAGE_TYPES } from '../../../agent/dhcp/packet.ts';
import type { DhcpOptionValue } from '../../../lib/contract/lan-config.ts';
import type { Ipv4 } from '../../../lib/net/ipv4.ts';
import { ipBytes, packet } from './packets.ts';

const address = fc.integer({ min: 0, max: 0xffff_ffff }).map((value) => value as Ipv4);
const option = fc.tuple(
  fc.integer({ min: 1, max: 254 }).filter((code) => code !== OPTION.messageType && code !== OPTION.overload),
  fc.uint8Array({ maxLength: 60 }),
);
const anyPacket: fc.Arbitrary<DhcpPacket> = fc.record({
  op: fc.constantFrom('request', 'reply'),
  type: fc.constantFrom(...MESSAGE_TYPES),
  hops: fc.nat(255),
  transaction: fc.nat(0xffff_ffff),
  seconds: fc.nat(0xffff),
  broadcast: fc.boolean(),
  clientAddress: address,
  yourAddress: address,
  serverAddress: address,
  relayAddress: address,
  hardwareType: fc.nat(255),
  hardwareAddress: fc.uint8Array({ maxLength: 16 }),
  options: fc.array(option, { maxLength: 12 }).map((each) => new Map(each)),
});

function decoded(bytes: Uint8Array): DhcpPacket {
  const result = decodePacket(bytes);
  if (!result.ok) throw new Error(result.error.say);
  return result.value;
}

/** A message with these bytes as its options field. */
function withOptions(...bytes: number[]): Uint8Array {
  const base = Buffer.from(encodePacket(packet('discover', 1)).bytes.subarray(0, 240));
  return Buffer.concat([base, Uint8Array.from(bytes)]);
}

describe('the DHCP codec (RFC 2131, 2132)', () => {
  it('reads back everything that it writes', () => {
    fc.assert(
      fc.property(anyPacket, (original) => {
        const { bytes, leftOut } = encodePacket(original, 1_472);
        const back = decoded(bytes);
        expect(leftOut).toEqual([]);
        expect({ ...back, options: undefined }).toEqual({
          ...original,
          hardwareAddress: Buffer.from(original.hardwareAddress),
          options: undefined,
        });
        for (const [code, value] of original.options) {
          expect(Buffer.from(back.options.get(code) ?? [99])).toEqual(Buffer.from(value));
        }
      }),
    );
  });

  it('joins the parts of a long option and writes them (RFC 3396)', () => {
    const long = Uint8Array.from({ length: 600 }, (_, index) => index & 0xff);
    const { bytes } = encodePacket(packet('offer', 1, { with: [[43, long]] }), 1_472);
    expect(Buffer.from(decoded(bytes).options.get(43) ?? [])).toEqual(Buffer.from(long));
    expect(bytes[243]).toBe(43);
    expect(bytes[244]).toBe(255);
  });

  it('joins parts that stand apart, with pads between', () => {
    const bytes = withOptions(53, 1, 1, 12, 2, 0x61, 0x62, 0, 0, 55, 1, 3, 12, 1, 0x63, 255);
    expect(Buffer.from(decoded(bytes).options.get(12) ?? []).toString()).toBe('abc');
    expect([...(decoded(bytes).options.get(55) ?? [])]).toEqual([3]);
  });

  it('reads options out of file and sname when option 52 says so', () => {
    const bytes = Buffer.from(withOptions(53, 1, 1, 52, 1, 3, 255));
    bytes.set([12, 1, 0x78, 255], 108);
    bytes.set([15, 1, 0x79, 255], 44);
    const { options } = decoded(bytes);
    expect([Buffer.from(options.get(12) ?? []), Buffer.from(options.get(15) ?? [])].map(String)).toEqual([
      'x',
      'y',
    ]);
  });

  it('takes a packet whose end mark is missing', () => {
    expect(decoded(withOptions(53, 1, 3)).type).toBe('request');
  });

  it.each([
    ['dhcp.short', new Uint8Array(239)],
    ['dhcp.long', new Uint8Array(5_000)],
    ['dhcp.header', Buffer.from(withOptions(53, 1, 1)).fill(7, 0, 1)],
    ['dhcp.header', Buffer.from(withOptions(53, 1, 1)).fill(17, 2, 3)],
    ['dhcp.cookie', Buffer.from(withOptions(53, 1, 1)).fill(0, 236, 240)],
    ['dhcp.options', withOptions(53, 1, 1, 12, 200, 1)],
    ['dhcp.options', withOptions(53, 1, 1, 12)],
    ['dhcp.notDhcp', withOptions(12, 1, 1, 255)],
    ['dhcp.notDhcp', withOptions(53, 1, 9, 255)],
    ['dhcp.notDhcp', withOptions(53, 2, 1, 1, 255)],
  ])('refuses what is none: %s', (code, bytes) => {
    const result = decodePacket(bytes);
    expect(result.ok ? 'read' : result.error.code).toBe(code);
  });

  it('keeps to the size that the client takes, and leaves out whole options, the latest first', () => {
    const big = new Uint8Array(200);
    const options: [number, Uint8Array][] = [1, 3, 6, 66].map((code) => [code, big]);
    const { bytes, leftOut } = encodePacket(packet('offer', 1, { with: options }), 548);
    expect(bytes.length).toBeLessThanOrEqual(548);
    expect(leftOut).toEqual([3, 6, 66]);
  });

  it('writes at least 300 bytes, relay information last before the end mark (RFC 3046)', () => {
    const options: [number, Uint8Array][] = [
      [82, Uint8Array.of(1, 1, 9)],
      [3, ipBytes('192.168.20.1')],
    ];
    const { bytes } = encodePacket(packet('ack', 1, { with: options }));
    expect(bytes.length).toBe(300);
    const end = bytes.indexOf(255, 240);
    expect([...bytes.subarray(end - 5, end)]).toEqual([82, 3, 1, 1, 9]);
  });
});

describe('values of options', () => {
  it.each<[string, DhcpOptionValue, string]>([
    ['text', { as: 'text', text: 'http://h/p/' }, Buffer.from('http://h/p/').toString('hex')],
    ['addresses', { as: 'addresses', addresses: ['10.0.0.1', '10.0.0.2'] }, '0a0000010a000002'],
    ['a number', { as: 'number', bytes: 2, value: 300 }, '012c'],
    ['hex', { as: 'hex', hex: '00FF' }, '00ff'],
    [
      'suboptions',
      { as: 'suboptions', suboptions: [{ code: 1, value: { as: 'text', text: 'a' } }] },
      '010161',
    ],
    [
      'an enterprise (RFC 3925)',
      {
        as: 'enterprise',
        enterprise: 3561,
        suboptions: [{ code: 1, value: { as: 'text', text: 'a' } }],
      },
      '00000de903010161',
    ],
    ['SIP servers by address (RFC 3361)', { as: 'sipServers', servers: ['10.0.0.1'] }, '010a000001'],
    ['SIP servers by name', { as: 'sipServers', servers: ['a.bc'] }, '00016102626300'],
  ])('%s', (_what, value, hex) => {
    expect(Buffer.from(optionBytesOf(value) ?? []).toString('hex')).toBe(hex);
  });

  it.each<DhcpOptionValue>([
    { as: 'addresses', addresses: ['10.0.0.256'] },
    { as: 'number', bytes: 1, value: 256 },
    { as: 'number', bytes: 4, value: -1 },
    { as: 'hex', hex: 'abc' },
    { as: 'text', text: 'x'.repeat(1_021) },
    { as: 'sipServers', servers: ['-bad-'] },
    { as: 'suboptions', suboptions: [{ code: 255, value: { as: 'text', text: '' } }] },
  ])('refuses what cannot be written: %j', (value) => {
    expect(optionBytesOf(value)).toBeUndefined();
  });
});

import { isIPv6 } from 'node:net';
import type { Place } from './traced.ts';

const UDP = 17;
const UDP_HEAD = 8;
const IPV4_HEAD = 20;
const IPV6_HEAD = 40;
const HOP_LIMIT = 64;

/** An IP packet with one UDP datagram, as it would stand on the wire; for capture files (LINKTYPE_RAW). */
export function ipPacket(from: Place, to: Place, payload: Uint8Array): Buffer {
  const six = isIPv6(from.host) || isIPv6(to.host);
  const head = six ? IPV6_HEAD : IPV4_HEAD;
  const length = UDP_HEAD + payload.length;
  const out = Buffer.alloc(head + length);
  const source = addressBytes(from.host, six);
  const target = addressBytes(to.host, six);
  if (six) {
    out[0] = 0x60;
    out.writeUInt16BE(length, 4);
    out[6] = UDP;
    out[7] = HOP_LIMIT;
    out.set(source, 8);
    out.set(target, 24);
  } else {
    out[0] = 0x45;
    out.writeUInt16BE(out.length, 2);
    out[8] = HOP_LIMIT;
    out[9] = UDP;
    out.set(source, 12);
    out.set(target, 16);
    out.writeUInt16BE(checksum([out.subarray(0, IPV4_HEAD)]), 10);
  }
  const udp = out.subarray(head);
  udp.writeUInt16BE(from.port, 0);
  udp.writeUInt16BE(to.port, 2);
  udp.writeUInt16BE(length, 4);
  udp.set(payload, UDP_HEAD);
  const pseudo = Buffer.from([0, UDP, length >> 8, length & 0xff]);
  // Zero says that there is none (RFC 768).
  udp.writeUInt16BE(checksum([source, target, pseudo, udp]) || 0xffff, 6);
  return out;
}

/** The Internet checksum, RFC 1071. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** Tags of Wireshark's "exported PDU" (LINKTYPE_WIRESHARK_UPPER_PDU): what a message is, and where it went. */
const TAG = { end: 0, dissector: 12, v4Source: 20, v4Target: 21, v6Source: 22, v6Target: 23 } as const;
const PORT_TAG = { type: 24, source: 25, target: 26 } as const;
/** `none`: ports that belong to no conversation, so that what was said of it elsewhere in the file is not applied. */
const PORT_TYPE = { none: 0, tcp: 2, tls: 2, udp: 3 } as const;

/**
 * A message with its true ends and the name of its protocol, so that Wireshark decodes it whatever port it went to, and
 * although it was encrypted on the wire.
 */
export function exportedPdu(
  protocol: string,
  transport: keyof typeof PORT_TYPE,
  ends: { readonly from: Place; readonly to: Place },
  payload: Uint8Array,
): Buffer {
  const { from, to } = ends;
  const six = isIPv6(from.host) || isIPv6(to.host);
  return Buffer.concat([
    tag(TAG.dissector, Buffer.from(protocol)),
    tag(six ? TAG.v6Source : TAG.v4Source, addressBytes(from.host, six)),
    tag(six ? TAG.v6Target : TAG.v4Target, addressBytes(to.host, six)),
    tag(PORT_TAG.type, long(PORT_TYPE[transport])),
    tag(PORT_TAG.source, long(from.port)),
    tag(PORT_TAG.target, long(to.port)),
    tag(TAG.end, Buffer.alloc(0)),
    payload,
  ]);
}

function tag(code: number, value: Uint8Array): Buffer {
  const padded = (value.length + 3) & ~3;
  const out = Buffer.alloc(4 + padded);
  out.writeUInt16BE(code, 0);
  out.writeUInt16BE(padded, 2);
  out.set(value, 4);
  return out;
}

function long(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value, 0);
  return out;
}

/** Network order. What is no address (a name that nobody has looked up) becomes zeros. */
function addressBytes(host: string, six: boolean): Buffer {
  if (six) return isIPv6(host) ? sixBytes(host) : Buffer.concat([MAPPED, fourBytes(host)]);
  return fourBytes(host);
}

const MAPPED = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);

function fourBytes(host: string): Buffer {
  const parts = host.split('.').map(Number);
  const good = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256);
  return Buffer.from(good ? parts : [0, 0, 0, 0]);
}

function sixBytes(host: string): Buffer {
  const [plain = ''] = host.split('%');
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  const four =
    dotted === null
      ? []
      : [fourBytes(dotted[2] ?? '').readUInt16BE(0), fourBytes(dotted[2] ?? '').readUInt16BE(2)];
  const text = dotted === null ? plain : (dotted[1] ?? '').replace(/:$/, '');
  const [left = '', right] = text.split('::');
  const words = (part: string | undefined): number[] =>
    (part ?? '')
      .split(':')
      .filter(Boolean)
      .map((word) => Number.parseInt(word, 16) & 0xffff);
  const before = words(left);
  const after = [...words(right), ...four];
  const all =
    right === undefined
      ? [...before, ...four]
      : [...before, ...zeros(8 - before.length - after.length), ...after];
  const out = Buffer.alloc(16);
  for (const [index, word] of all.slice(0, 8).entries()) out.writeUInt16BE(word, index * 2);
  return out;
}

function zeros(count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, () => 0);
}

import { exportedPdu, ipPacket } from './packet-bytes.ts';
import { TRACE_KINDS, type Traced, type TraceLosses } from './traced.ts';

/** `pcapng` tells whose a message is and what was dropped; `pcap` is for programs of old that know no other. */
export type CaptureFormat = 'pcapng' | 'pcap';

/** By the name of the file; pcapng unless it says otherwise. */
export function formatOf(path: string): CaptureFormat {
  return /\.(?:pcap|cap|dmp)$/i.test(path) ? 'pcap' : 'pcapng';
}

/** Link types of the registry at tcpdump.org. */
const LINK_RAW = 101;
const LINK_EXPORTED_PDU = 252;

const BLOCK = { section: 0x0a0d0d0a, interface: 1, statistics: 5, packet: 6 } as const;
const OPTION = { end: 0, comment: 1 } as const;
const SECTION_OPTION = { hardware: 2, system: 3, program: 4 } as const;
const INTERFACE_OPTION = { name: 2, description: 3 } as const;
const PACKET_FLAGS = 2;
/** After the block's type and length, and the packet's interface. */
const PACKET_TIME_AT = 12;
const STATISTICS_OPTION = { received: 4, dropped: 5 } as const;
const INBOUND = 1;
const OUTBOUND = 2;

/** One "interface" of a file a kind; datagrams that were on the wire as they are have one of their own. */
const INTERFACES = [
  ...TRACE_KINDS.map((kind) => ({ name: kind, link: LINK_EXPORTED_PDU })),
  { name: 'sip-udp', link: LINK_RAW },
  { name: 'dhcp-udp', link: LINK_RAW },
] as const;

/** What begins a file. `about` stands in the file's properties: who wrote it, on which box. */
export function fileHead(
  format: CaptureFormat,
  about: { readonly box: string; readonly program: string },
): Buffer {
  if (format === 'pcap') {
    const head = Buffer.alloc(24);
    head.writeUInt32LE(0xa1b2c3d4, 0);
    head.writeUInt16LE(2, 4);
    head.writeUInt16LE(4, 6);
    head.writeUInt32LE(0x40000, 16);
    head.writeUInt32LE(LINK_EXPORTED_PDU, 20);
    return head;
  }
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(0x1a2b3c4d, 0);
  fixed.writeUInt16LE(1, 4);
  // Length of the section: not known.
  fixed.writeBigInt64LE(-1n, 8);
  const section = block(BLOCK.section, fixed, [
    [SECTION_OPTION.hardware, Buffer.from(about.box)],
    [SECTION_OPTION.program, Buffer.from(about.program)],
  ]);
  return Buffer.concat([section, ...INTERFACES.map(interfaceBlock)]);
}

function interfaceBlock({ name, link }: { readonly name: string; readonly link: number }): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(link, 0);
  const how = link === LINK_RAW ? 'as it was on the wire' : 'as it was spoken, decrypted';
  return block(BLOCK.interface, fixed, [
    [INTERFACE_OPTION.name, Buffer.from(name)],
    [INTERFACE_OPTION.description, Buffer.from(`${name}: ${how}`)],
  ]);
}

/** One message in the file. */
export function filePacket(format: CaptureFormat, traced: Traced): Buffer {
  const wire = format === 'pcapng' && asOnTheWire(traced);
  const ends =
    traced.direction === 'in'
      ? { from: traced.remote, to: traced.local }
      : { from: traced.local, to: traced.remote };
  const data = wire
    ? ipPacket(ends.from, ends.to, traced.bytes)
    : exportedPdu(protocolOf(traced), portsOf(traced), ends, traced.bytes);
  return format === 'pcap' ? pcapRecord(traced.atMs, data) : pcapngPacket(traced, wire, data);
}

/** Gives a packet that `filePacket` wrote as pcapng another time, in its place. */
export function retime(packet: Buffer, atMs: number): void {
  writeTime(packet, PACKET_TIME_AT, atMs);
}

function pcapRecord(atMs: number, data: Buffer): Buffer {
  const micros = microsOf(atMs);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(Number((micros / 1_000_000n) & 0xffffffffn), 0);
  head.writeUInt32LE(Number(micros % 1_000_000n), 4);
  head.writeUInt32LE(data.length, 8);
  head.writeUInt32LE(data.length, 12);
  return Buffer.concat([head, data]);
}

function pcapngPacket(traced: Traced, wire: boolean, data: Buffer): Buffer {
  const fixed = Buffer.alloc(20);
  const name = wire ? `${traced.kind}-udp` : traced.kind;
  fixed.writeUInt32LE(
    INTERFACES.findIndex((each) => each.name === name),
    0,
  );
  writeTime(fixed, 4, traced.atMs);
  fixed.writeUInt32LE(data.length, 12);
  fixed.writeUInt32LE(data.length, 16);
  const comment = commentOf(traced);
  return block(BLOCK.packet, Buffer.concat([fixed, padded(data)]), [
    ...(comment === '' ? [] : [[OPTION.comment, Buffer.from(comment)] as const]),
    [PACKET_FLAGS, uint32(traced.direction === 'in' ? INBOUND : OUTBOUND)],
  ]);
}

/** What ends a file: how many messages came, and how many are missing. Nothing in `pcap`, which has no place for it. */
export function fileEnd(
  format: CaptureFormat,
  at: { readonly atMs: number; readonly seen: number; readonly lost: TraceLosses },
): Buffer {
  if (format === 'pcap') return Buffer.alloc(0);
  const { lost, seen } = at;
  const dropped = lost.rate + lost.slow + lost.media;
  const fixed = Buffer.alloc(12);
  writeTime(fixed, 4, at.atMs);
  return block(BLOCK.statistics, fixed, [
    [
      OPTION.comment,
      Buffer.from(
        `of all kinds together; not shown: ${lost.rate} over the rate, ${lost.slow + lost.media} too slow`,
      ),
    ],
    [STATISTICS_OPTION.received, uint64(seen + dropped)],
    [STATISTICS_OPTION.dropped, uint64(dropped)],
  ]);
}

/** Plain datagrams that Wireshark knows by their port or their looks; everything else carries its protocol's name. */
function asOnTheWire({ kind, transport }: Traced): boolean {
  return transport === 'udp' && (kind === 'sip' || kind === 'dhcp');
}

/** Where the SDP in the same file speaks of SRTP, a reader would take what is decrypted for encrypted. */
function portsOf({ decrypted, transport }: Traced): Traced['transport'] | 'none' {
  return decrypted === true ? 'none' : transport;
}

function protocolOf({ kind, carries }: Traced): string {
  return kind === 'rtp' ? (carries ?? 'rtp') : kind;
}

function commentOf({ whose }: Traced): string {
  const parts = [
    ...(whose.line === undefined ? [] : [`line ${whose.line}`]),
    ...(whose.phone === undefined ? [] : [`phone ${whose.phone}`]),
    ...(whose.call === undefined ? [] : [`call ${whose.call}`]),
  ];
  return parts.join(', ');
}

/** A block of pcapng: type, length, content, options, length again; all little-endian. */
function block(
  type: number,
  content: Buffer,
  options: readonly (readonly [code: number, value: Buffer])[],
): Buffer {
  const written = options.map(([code, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(code, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, padded(value)]);
  });
  const end = Buffer.alloc(4);
  const body = Buffer.concat([content, ...written, ...(options.length > 0 ? [end] : [])]);
  const length = uint32(12 + body.length);
  return Buffer.concat([uint32(type), length, body, length]);
}

/** Microseconds in two halves, the high one first. */
function writeTime(into: Buffer, at: number, atMs: number): void {
  const micros = microsOf(atMs);
  into.writeUInt32LE(Number((micros >> 32n) & 0xffffffffn), at);
  into.writeUInt32LE(Number(micros & 0xffffffffn), at + 4);
}

function microsOf(atMs: number): bigint {
  return BigInt(Math.max(0, Math.round(atMs * 1_000)));
}

function padded(bytes: Buffer): Buffer {
  const rest = (4 - (bytes.length % 4)) % 4;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(rest)]);
}

function uint32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value, 0);
  return out;
}

/** High half first in the number, as everywhere in a little-endian file low half first in the bytes. */
function uint64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value), 0);
  return out;
}

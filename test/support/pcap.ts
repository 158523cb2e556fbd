/** A datagram as a capture holds it. */
export interface Captured {
  readonly atMs: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly payload: Uint8Array;
}

/** LINKTYPE_IPV4: each record is an IPv4 packet. */
const LINK_IPV4 = 228;
const IP_BYTES = 20;
const UDP_BYTES = 8;
const TCP_BYTES = 20;
/** Of an Ethernet, as nearly every capture has it. */
const SEGMENT_BYTES = 1_460;
const [SYN, PUSH, ACK] = [0x02, 0x08, 0x10];

/** A capture file (classic pcap, microseconds) of UDP datagrams between 192.0.2.1 and 192.0.2.2. */
export function pcapOf(datagrams: readonly Captured[]): Buffer {
  return fileOf(datagrams.map(datagramRecord));
}

/** Bytes of one TCP connection, in the order in which they went, by who sent them. */
export interface CapturedStream {
  readonly clientPort: number;
  readonly serverPort: number;
  readonly pieces: readonly { readonly by: 'client' | 'server'; readonly bytes: Uint8Array }[];
}

/** A capture file of TCP connections from 192.0.2.1 to 192.0.2.2, each with its handshake. */
export function tcpPcapOf(streams: readonly CapturedStream[]): Buffer {
  let atMs = 0;
  const records = streams.flatMap(({ clientPort, serverPort, pieces }) => {
    const next = { client: 1_000, server: 5_000 };
    const segment = (by: 'client' | 'server', flags: number, bytes: Uint8Array): Buffer => {
      const other = by === 'client' ? 'server' : 'client';
      const ports = by === 'client' ? [clientPort, serverPort] : [serverPort, clientPort];
      const tcp = Buffer.alloc(TCP_BYTES + bytes.length);
      tcp.writeUInt16BE(ports[0] ?? 0, 0);
      tcp.writeUInt16BE(ports[1] ?? 0, 2);
      tcp.writeUInt32BE(next[by], 4);
      tcp.writeUInt32BE(flags === SYN ? 0 : next[other], 8);
      tcp[12] = 0x50;
      tcp[13] = flags;
      tcp.writeUInt16BE(0xffff, 14);
      tcp.set(bytes, TCP_BYTES);
      next[by] += bytes.length + ((flags & SYN) === 0 ? 0 : 1);
      return recordOf(atMs++, 6, tcp, by === 'client' ? [1, 2] : [2, 1]);
    };
    const nothing = new Uint8Array(0);
    return [
      segment('client', SYN, nothing),
      segment('server', SYN | ACK, nothing),
      segment('client', ACK, nothing),
      ...pieces.flatMap(({ by, bytes }) =>
        Array.from({ length: Math.ceil(bytes.length / SEGMENT_BYTES) }, (_, at) =>
          segment(by, ACK | PUSH, bytes.subarray(at * SEGMENT_BYTES, (at + 1) * SEGMENT_BYTES)),
        ),
      ),
    ];
  });
  return fileOf(records);
}

function fileOf(records: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(LINK_IPV4, 20);
  return Buffer.concat([head, ...records]);
}

function datagramRecord({ atMs, fromPort, toPort, payload }: Captured): Buffer {
  const udp = Buffer.alloc(UDP_BYTES + payload.length);
  udp.writeUInt16BE(fromPort, 0);
  udp.writeUInt16BE(toPort, 2);
  udp.writeUInt16BE(udp.length, 4);
  udp.set(payload, UDP_BYTES);
  return recordOf(atMs, 17, udp, [1, 2]);
}

/** An IPv4 packet between hosts of 192.0.2.0/24. */
function recordOf(
  atMs: number,
  protocol: number,
  payload: Buffer,
  [from, to]: readonly [number, number],
): Buffer {
  const bytes = IP_BYTES + payload.length;
  const out = Buffer.alloc(16 + bytes);
  out.writeUInt32LE(Math.floor(atMs / 1_000), 0);
  out.writeUInt32LE(Math.round((atMs % 1_000) * 1_000), 4);
  out.writeUInt32LE(bytes, 8);
  out.writeUInt32LE(bytes, 12);
  const ip = out.subarray(16);
  ip[0] = 0x45;
  ip.writeUInt16BE(bytes, 2);
  ip[8] = 64;
  ip[9] = protocol;
  ip.set([192, 0, 2, from], 12);
  ip.set([192, 0, 2, to], 16);
  ip.set(payload, IP_BYTES);
  return out;
}

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

/** A capture file (classic pcap, microseconds) of UDP datagrams between 192.0.2.1 and 192.0.2.2. */
export function pcapOf(datagrams: readonly Captured[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(LINK_IPV4, 20);
  return Buffer.concat([head, ...datagrams.map(recordOf)]);
}

function recordOf({ atMs, fromPort, toPort, payload }: Captured): Buffer {
  const bytes = IP_BYTES + UDP_BYTES + payload.length;
  const out = Buffer.alloc(16 + bytes);
  out.writeUInt32LE(Math.floor(atMs / 1_000), 0);
  out.writeUInt32LE(Math.round((atMs % 1_000) * 1_000), 4);
  out.writeUInt32LE(bytes, 8);
  out.writeUInt32LE(bytes, 12);
  const ip = out.subarray(16);
  ip[0] = 0x45;
  ip.writeUInt16BE(bytes, 2);
  ip[8] = 64;
  ip[9] = 17;
  ip.set([192, 0, 2, 1], 12);
  ip.set([192, 0, 2, 2], 16);
  const udp = ip.subarray(IP_BYTES);
  udp.writeUInt16BE(fromPort, 0);
  udp.writeUInt16BE(toPort, 2);
  udp.writeUInt16BE(UDP_BYTES + payload.length, 4);
  udp.set(payload, UDP_BYTES);
  return out;
}

import { type ChildProcess, spawn } from 'node:child_process';

/** A packet of sound on one of the box's networks, as it passed. */
export interface WirePacket {
  /** Epoch ms by the kernel's clock. */
  readonly atMs: number;
  /** Whether the box sent it. */
  readonly sent: boolean;
  /** Address and port of the box's socket: one for each session, both ways. */
  readonly socket: string;
  readonly ssrc: number;
  readonly sequence: number;
}

/** Sound of 20 ms in G.711, with its UDP header; reports and keepalives are shorter. */
const LEAST_UDP_BYTES = 150;
const SNAP_BYTES = 96;
/** libpcap's file format: the file's header, a packet's header, and the link header of "any" interface (SLL). */
const FILE_HEADER = 24;
const PACKET_HEADER = 16;
const LINK_HEADER = 16;
const MAGIC_US = 0xa1b2c3d4;
const MAGIC_NS = 0xa1b23c4d;

/**
 * Takes every packet of sound that the box at `boxes` (one address for each network) sends or gets, in the order in which
 * the kernel saw them. The file of dumpcap is read here: to have each packet dissected would cost more than the calls do.
 */
export function listenToWire(
  boxes: readonly string[],
  filter: string,
  take: (packet: WirePacket) => void,
): ChildProcess {
  const rule = `udp and udp[4:2] >= ${LEAST_UDP_BYTES} and (${filter})`;
  const child = spawn(
    'dumpcap',
    ['-q', '-i', 'any', '-s', String(SNAP_BYTES), '-B', '16', '-f', rule, '-P', '-w', '-'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const reader = new PcapReader(new Set(boxes), take);
  child.stdout.on('data', (chunk: Buffer) => reader.read(chunk));
  return child;
}

/** Reads a capture as it grows. */
export class PcapReader {
  readonly #boxes: ReadonlySet<string>;
  readonly #take: (packet: WirePacket) => void;
  #rest: Buffer = Buffer.alloc(0);
  /** Parts of a millisecond in the second field of a packet's time; undefined before the file's header has come. */
  #perMs: number | undefined;

  constructor(boxes: ReadonlySet<string>, take: (packet: WirePacket) => void) {
    this.#boxes = boxes;
    this.#take = take;
  }

  read(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#perMs === undefined) {
      if (bytes.length < FILE_HEADER) {
        this.#rest = bytes;
        return;
      }
      this.#perMs = perMsOf(bytes.readUInt32LE(0));
      bytes = bytes.subarray(FILE_HEADER);
    }
    let at = 0;
    while (bytes.length - at >= PACKET_HEADER) {
      const kept = bytes.readUInt32LE(at + 8);
      if (bytes.length - at < PACKET_HEADER + kept) break;
      const atMs = bytes.readUInt32LE(at) * 1_000 + bytes.readUInt32LE(at + 4) / this.#perMs;
      at += PACKET_HEADER;
      this.#packet(atMs, bytes.subarray(at, at + kept));
      at += kept;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  #packet(atMs: number, bytes: Buffer): void {
    const ip = bytes.subarray(LINK_HEADER);
    if (ip.length < 20 || ip.readUInt8(0) >> 4 !== 4) return;
    const udp = ip.subarray((ip.readUInt8(0) & 0x0f) * 4);
    const rtp = udp.subarray(8);
    if (rtp.length < 12 || rtp.readUInt8(0) >> 6 !== 2) return;
    const [from, to] = [address(ip, 12), address(ip, 16)];
    const sent = this.#boxes.has(from);
    if (!sent && !this.#boxes.has(to)) return;
    const socket = sent ? `${from}:${udp.readUInt16BE(0)}` : `${to}:${udp.readUInt16BE(2)}`;
    this.#take({ atMs, sent, socket, ssrc: rtp.readUInt32BE(8), sequence: rtp.readUInt16BE(2) });
  }
}

function perMsOf(magic: number): number {
  if (magic === MAGIC_US) return 1_000;
  if (magic === MAGIC_NS) return 1_000_000;
  throw new Error(`not a capture file: it begins with ${magic.toString(16)}`);
}

function address(ip: Buffer, at: number): string {
  return ip.subarray(at, at + 4).join('.');
}

import { type CodedError, ok, type Result, refuse } from '../../base/errors.ts';

/**
 * What one UDPTL datagram may hold here. `datagramBytes`: nothing longer crosses an Ethernet in one piece. `items`:
 * redundant IFPs or parities, more than any gateway sends; a datagram that claims more is refused.
 */
export const UDPTL_LIMITS = { datagramBytes: 1_500, items: 64 } as const;

/** What a datagram carries beside its own IFP, to repair the loss of earlier ones (ITU-T T.38 §9.1.4). */
export type UdptlRecovery =
  | {
      readonly kind: 'redundancy';
      /** Earlier IFPs, newest first: entry i is that of `sequence − 1 − i`. */
      readonly ifps: readonly Uint8Array[];
    }
  | {
      readonly kind: 'fec';
      /** How many IFPs each parity covers, 0–255. Gateways begin with 0: there is nothing to cover yet. */
      readonly span: number;
      /** Parity j of n is the exclusive-or of the IFPs `sequence − n + j − i·n`, i = 0 … span − 1. */
      readonly parities: readonly Uint8Array[];
    };

/** One datagram. */
export interface UdptlPacket {
  /** 16 bits. */
  readonly sequence: number;
  readonly primary: Uint8Array;
  readonly recovery: UdptlRecovery;
}

/** Why a datagram is not UDPTL of ours. */
export type UdptlRefusal = CodedError & {
  readonly code: 'udptl.short' | 'udptl.long' | 'udptl.fragmented' | 'udptl.excess' | 'udptl.malformed';
  readonly fault: 'peer';
};

const NO_IFPS: readonly Uint8Array[] = [];

/** Recovery of a sender that repairs nothing: an empty list. */
export const NO_RECOVERY: UdptlRecovery = { kind: 'redundancy', ifps: NO_IFPS };

/** Bytes of a length or count below `0x4000` (X.691 §10.9). */
function lengthBytes(length: number): number {
  return length < 0x80 ? 1 : 2;
}

/** Bytes that a list of octet strings takes, its count included. */
export function udptlListBytes(items: readonly Uint8Array[]): number {
  return items.reduce((sum, item) => sum + lengthBytes(item.length) + item.length, lengthBytes(items.length));
}

/** Bytes of {@link encodeUdptl}'s result. */
export function udptlBytes(packet: UdptlPacket): number {
  const { primary, recovery } = packet;
  const tail =
    recovery.kind === 'redundancy' ? udptlListBytes(recovery.ifps) : 2 + udptlListBytes(recovery.parities);
  return 2 + lengthBytes(primary.length) + primary.length + 1 + tail;
}

class Writer {
  readonly out: Buffer;
  #at = 0;

  constructor(bytes: number) {
    this.out = Buffer.allocUnsafe(bytes);
  }

  byte(value: number): void {
    this.out[this.#at++] = value;
  }

  length(value: number): void {
    if (value >= 0x80) this.byte(0x80 | (value >> 8));
    this.byte(value & 0xff);
  }

  string(value: Uint8Array): void {
    this.length(value.length);
    this.out.set(value, this.#at);
    this.#at += value.length;
  }

  list(values: readonly Uint8Array[]): void {
    this.length(values.length);
    for (const value of values) this.string(value);
  }
}

/**
 * Writes a datagram (ITU-T T.38 §9.1, aligned PER of X.691). The caller keeps to {@link UDPTL_LIMITS}.
 *
 * ```
 * |   sequence (2)   | len (1–2) | primary IFP | 00 | count | count × (len, IFP)                       redundancy
 * |   sequence (2)   | len (1–2) | primary IFP | 80 | 01 | span | count | count × (len, parity)        parity FEC
 * ```
 * `00 02 | 01 08 | 00 | 02 | 01 04 | 01 02`: IFP `08` as number 2, behind it `04` and `02`, numbers 1 and 0.
 */
export function encodeUdptl(packet: UdptlPacket): Buffer {
  const writer = new Writer(udptlBytes(packet));
  writer.byte((packet.sequence >> 8) & 0xff);
  writer.byte(packet.sequence & 0xff);
  writer.string(packet.primary);
  if (packet.recovery.kind === 'redundancy') {
    writer.byte(0x00);
    writer.list(packet.recovery.ifps);
  } else {
    writer.byte(0x80);
    writer.byte(0x01);
    writer.byte(packet.recovery.span);
    writer.list(packet.recovery.parities);
  }
  return writer.out;
}

/** Leaves {@link decodeUdptl}'s reading; never gets out of this file. */
class Unreadable {
  readonly code: UdptlRefusal['code'];
  readonly say: string;

  constructor(code: UdptlRefusal['code'], say: string) {
    this.code = code;
    this.say = say;
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new Unreadable('udptl.short', 'The datagram ends too early for UDPTL.');
    return value;
  }

  length(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    if (first < 0xc0) return ((first & 0x3f) << 8) | this.byte();
    const say =
      'The datagram announces an IFP of 16,384 bytes or more, in fragments. No fax packet is that long.';
    throw new Unreadable('udptl.fragmented', say);
  }

  string(): Uint8Array {
    const length = this.length();
    if (length > this.left) {
      const say = `The datagram announces ${length} bytes where ${this.left} are left.`;
      throw new Unreadable('udptl.short', say);
    }
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  list(): Uint8Array[] {
    const count = this.length();
    if (count > UDPTL_LIMITS.items) {
      const say = `The datagram announces ${count} items, at most ${UDPTL_LIMITS.items} are read.`;
      throw new Unreadable('udptl.excess', say);
    }
    return Array.from({ length: count }, () => this.string());
  }
}

/**
 * Reads a datagram; the IFPs are views of `datagram`, not copies. Never throws. Errors: too short, too long (1,500 bytes),
 * a fragmented length, more items than {@link UDPTL_LIMITS}, what is neither redundancy nor parity, bytes behind the end.
 * RTP that strays in here ends in one of these: its bytes do not fall into the lengths that they would have to say.
 */
export function decodeUdptl(datagram: Uint8Array): Result<UdptlPacket, UdptlRefusal> {
  if (datagram.length > UDPTL_LIMITS.datagramBytes)
    return refuse({ code: 'udptl.long', fault: 'peer', say: `The datagram has ${datagram.length} bytes.` });
  try {
    return ok(readPacket(new Reader(datagram)));
  } catch (error) {
    if (error instanceof Unreadable) return refuse({ code: error.code, fault: 'peer', say: error.say });
    throw error;
  }
}

function readPacket(reader: Reader): UdptlPacket {
  const sequence = (reader.byte() << 8) | reader.byte();
  const primary = reader.string();
  const recovery = readRecovery(reader);
  if (reader.left > 0)
    throw new Unreadable('udptl.malformed', `${reader.left} bytes follow the end of the UDPTL packet.`);
  return { sequence, primary, recovery };
}

/** The seven bits behind the choice are padding; what stands in them is no UDPTL. */
function readRecovery(reader: Reader): UdptlRecovery {
  const kind = reader.byte();
  if (kind === 0x00) return { kind: 'redundancy', ifps: reader.list() };
  if (kind !== 0x80)
    throw new Unreadable(
      'udptl.malformed',
      'The datagram has neither redundancy nor parity where UDPTL has one.',
    );
  // The span is an INTEGER without bounds: its length in bytes comes first.
  if (reader.length() !== 1)
    throw new Unreadable(
      'udptl.malformed',
      "The number of packets that the datagram's parity covers is not one byte.",
    );
  return { kind: 'fec', span: reader.byte(), parities: reader.list() };
}

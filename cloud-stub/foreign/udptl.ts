/**
 * A UDPTL packet (ITU-T T.38 Annex A): a sequence number, the newest IFP packet, and older ones again, newest first. Every
 * packet is an open type: a length (one byte under 128, else two with the top bits 10), then the bytes.
 *
 *     +--------+--------+--------+---------------+--------+--------+--------+---------------+----
 *     |   sequence u16  | length | newest packet |  0x00  |  count | length | the one before|  …
 *     +--------+--------+--------+---------------+--------+--------+--------+---------------+----
 *
 * Example: sequence 5, packet `06`, before it `0c`: `00 05 01 06 00 01 01 0c`. A second byte of 0x80 announces parity (FEC).
 */
export interface UdptlPacket {
  readonly sequence: number;
  readonly newest: Uint8Array;
  /** Older packets: the first is `sequence − 1`. Empty with parity, which this side does not use. */
  readonly older: readonly Uint8Array[];
}

const LARGEST_PACKET = 1_024;
const LARGEST_LENGTH = 0x3fff;
const MOST_OLDER = 16;

/** The datagram. Packets longer than 16,383 bytes are a mistake of ours and throw. */
export function writeUdptl(packet: UdptlPacket): Buffer {
  const head = Buffer.from([packet.sequence >> 8, packet.sequence & 0xff]);
  const older = packet.older.slice(0, MOST_OLDER);
  const tail = older.flatMap((one) => openType(one));
  return Buffer.concat([head, ...openType(packet.newest), Buffer.from([0, older.length]), ...tail]);
}

function openType(bytes: Uint8Array): Uint8Array[] {
  const { length } = bytes;
  if (length > LARGEST_LENGTH) throw new RangeError(`an IFP packet of ${length} bytes`);
  return [length < 0x80 ? Buffer.from([length]) : Buffer.from([0x80 | (length >> 8), length & 0xff]), bytes];
}

/** What is in a datagram, or undefined when it is none. Never throws. */
export function readUdptl(datagram: Uint8Array): UdptlPacket | undefined {
  if (datagram.length < 4 || datagram.length > LARGEST_PACKET) return undefined;
  const reader = new Reader(datagram);
  const sequence = (reader.byte() << 8) | reader.byte();
  const newest = reader.openType();
  const recovery = reader.byte();
  if (newest.length === 0 || reader.short) return undefined;
  if ((recovery & 0x80) !== 0) return { sequence, newest, older: [] };
  const count = reader.byte();
  if (recovery !== 0 || count > MOST_OLDER) return undefined;
  const older = Array.from({ length: count }, () => reader.openType());
  return reader.short ? undefined : { sequence, newest, older };
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;
  short = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) this.short = true;
    return value ?? 0;
  }

  /** A length with 11 on top would be a fragment, which no fax packet needs. */
  openType(): Uint8Array {
    const first = this.byte();
    if (first >= 0xc0) this.short = true;
    const length = first < 0x80 ? first : ((first & 0x3f) << 8) | this.byte();
    const end = this.#at + length;
    if (end > this.#bytes.length) this.short = true;
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}

/** Numbers packets and gives each the last ones along, as many as the datagram limit allows. */
export class UdptlSender {
  readonly #redundancy: number;
  readonly #largest: number;
  #sequence = 0;
  #sent: Uint8Array[] = [];

  constructor(limits: { readonly redundancy: number; readonly largestDatagram: number }) {
    this.#redundancy = Math.min(limits.redundancy, MOST_OLDER);
    this.#largest = limits.largestDatagram;
  }

  next(ifp: Uint8Array): Buffer {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    let older = this.#sent.slice(0, this.#redundancy);
    let datagram = writeUdptl({ sequence, newest: ifp, older });
    while (datagram.length > this.#largest && older.length > 0) {
      older = older.slice(0, -1);
      datagram = writeUdptl({ sequence, newest: ifp, older });
    }
    this.#sent = [ifp, ...this.#sent].slice(0, this.#redundancy);
    return datagram;
  }
}

/** Puts packets in order: what was lost is taken from later datagrams, what came twice is left out. */
export class UdptlReceiver {
  #expected: number | undefined;
  /** Packets that came too late, twice, or were no packet. */
  ignored = 0;
  lost = 0;

  take(datagram: Uint8Array): readonly { readonly sequence: number; readonly ifp: Uint8Array }[] {
    const packet = readUdptl(datagram);
    if (packet === undefined) {
      this.ignored++;
      return [];
    }
    const expected = this.#expected ?? packet.sequence;
    const ahead = (packet.sequence - expected) & 0xffff;
    if (ahead >= 0x8000) {
      this.ignored++;
      return [];
    }
    this.#expected = (packet.sequence + 1) & 0xffff;
    const recovered = packet.older.slice(0, ahead).reverse();
    this.lost += ahead - recovered.length;
    const all = [...recovered, packet.newest];
    return all.map((ifp, index) => ({
      sequence: (packet.sequence - (all.length - 1 - index)) & 0xffff,
      ifp,
    }));
  }
}

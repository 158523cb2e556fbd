import { ReplayWindow } from './replay-window.ts';
import { type Protection, protectionOf } from './session-keys.ts';
import { type SrtpSuite, sizesOf } from './suites.ts';

/** Why a datagram is not taken as SRTP. */
export type SrtpRefusal = 'short' | 'forged' | 'replayed' | 'streams';

const HEADER_BYTES = 12;
const SEQUENCES = 0x1_0000;
/** Streams that are told apart; who holds the key and sends with more is broken or wicked. */
const STREAMS_LIMIT = 8;
const SENT_STREAMS_LIMIT = 64;

/** Where the payload begins, or undefined when the packet ends before. The header is authenticated, never encrypted. */
function payloadStart(packet: Uint8Array, end: number): number | undefined {
  if (end < HEADER_BYTES) return undefined;
  const first = packet[0] ?? 0;
  if (first >> 6 !== 2) return undefined;
  let start = HEADER_BYTES + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (start + 4 > end) return undefined;
    start += 4 + 4 * ((packet[start + 2] ?? 0) * 256 + (packet[start + 3] ?? 0));
  }
  return start > end ? undefined : start;
}

function sequenceOf(packet: Uint8Array): number {
  return (packet[2] ?? 0) * 256 + (packet[3] ?? 0);
}

function ssrcOf(packet: Uint8Array): number {
  return (
    (((packet[8] ?? 0) << 24) | ((packet[9] ?? 0) << 16) | ((packet[10] ?? 0) << 8) | (packet[11] ?? 0)) >>> 0
  );
}

/** Encrypts the packets of a sender (RFC 3711 §3.3). Counts the rollovers of their sequence numbers. */
export class SrtpSender {
  readonly #protection: Protection;
  readonly #tagBytes: number;
  readonly #streams = new Map<number, { rollover: number; highest: number }>();

  /** `master` is key and salt (`readSrtpKey`). */
  constructor(suite: SrtpSuite, master: Uint8Array) {
    this.#protection = protectionOf(suite, master, 'rtp');
    this.#tagBytes = sizesOf(suite).tagBytes;
  }

  /** The packet encrypted and with its tag, as a buffer of its own; undefined for what is no RTP packet, or one stream too many. */
  protect(packet: Uint8Array): Buffer | undefined {
    const start = payloadStart(packet, packet.length);
    if (start === undefined) return undefined;
    const ssrc = ssrcOf(packet);
    // A stream that was forgotten would begin anew, with a key stream that has been used.
    if (this.#streams.size >= SENT_STREAMS_LIMIT && !this.#streams.has(ssrc)) return undefined;
    const index = this.#indexOf(ssrc, sequenceOf(packet));
    const out = Buffer.allocUnsafe(packet.length + this.#tagBytes);
    out.set(packet);
    this.#protection.cipher.apply(out.subarray(start, packet.length), ssrc, index);
    const rollover = Math.floor(index / SEQUENCES);
    const tag = this.#protection.authenticator.tag(out.subarray(0, packet.length), rollover);
    tag.copy(out, packet.length, 0, this.#tagBytes);
    return out;
  }

  /** A packet that is passed on out of order across a rollover belongs to the round before. */
  #indexOf(ssrc: number, sequence: number): number {
    let stream = this.#streams.get(ssrc);
    if (stream === undefined) {
      stream = { rollover: 0, highest: sequence };
      this.#streams.set(ssrc, stream);
    }
    const rollover = guessRollover(stream.rollover, stream.highest, sequence);
    if (rollover > stream.rollover || (rollover === stream.rollover && sequence > stream.highest)) {
      stream.rollover = rollover;
      stream.highest = sequence;
    }
    return rollover * SEQUENCES + sequence;
  }
}

/** RFC 3711 §3.3.1: the round in which `sequence` lies nearest to the highest number so far. */
export function guessRollover(rollover: number, highest: number, sequence: number): number {
  if (highest < 0x8000) return sequence - highest > 0x8000 && rollover > 0 ? rollover - 1 : rollover;
  return highest - 0x8000 > sequence ? rollover + 1 : rollover;
}

interface IncomingStream {
  /** Of the packet with the highest index, or of the first that came. */
  rollover: number;
  highest: number;
  readonly window: ReplayWindow;
}

/** Checks and decrypts what a far end sends. A forged packet changes nothing. */
export class SrtpReceiver {
  readonly #protection: Protection;
  readonly #tagBytes: number;
  readonly #streams = new Map<number, IncomingStream>();
  #forged = 0;
  #replayed = 0;

  constructor(suite: SrtpSuite, master: Uint8Array) {
    this.#protection = protectionOf(suite, master, 'rtp');
    this.#tagBytes = sizesOf(suite).tagBytes;
  }

  get forged(): number {
    return this.#forged;
  }

  get replayed(): number {
    return this.#replayed;
  }

  /** The packet in the clear, in the memory of `datagram`, or why it is refused. */
  unprotect(datagram: Buffer): Buffer | SrtpRefusal {
    const end = datagram.length - this.#tagBytes;
    const start = payloadStart(datagram, end);
    if (start === undefined || datagram.length > 1_500) return 'short';
    const ssrc = ssrcOf(datagram);
    const sequence = sequenceOf(datagram);
    const known = this.#streams.get(ssrc);
    if (known === undefined && this.#streams.size >= STREAMS_LIMIT) return 'streams';
    const rollover = known === undefined ? 0 : guessRollover(known.rollover, known.highest, sequence);
    const index = rollover * SEQUENCES + sequence;
    if (known !== undefined && !known.window.allows(index)) {
      this.#replayed++;
      return 'replayed';
    }
    const { authenticator, cipher } = this.#protection;
    if (!authenticator.agrees(datagram.subarray(0, end), datagram.subarray(end), rollover)) {
      this.#forged++;
      return 'forged';
    }
    this.#note(ssrc, known, rollover, sequence);
    cipher.apply(datagram.subarray(start, end), ssrc, index);
    return datagram.subarray(0, end);
  }

  #note(ssrc: number, known: IncomingStream | undefined, rollover: number, sequence: number): void {
    const stream = known ?? { rollover, highest: sequence, window: new ReplayWindow() };
    if (known === undefined) this.#streams.set(ssrc, stream);
    stream.window.note(rollover * SEQUENCES + sequence);
    if (rollover > stream.rollover || (rollover === stream.rollover && sequence > stream.highest)) {
      stream.rollover = rollover;
      stream.highest = sequence;
    }
  }
}

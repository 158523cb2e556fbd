import { ReplayWindow } from './replay-window.ts';
import type { SrtpRefusal } from './rtp-protection.ts';
import { type Protection, protectionOf } from './session-keys.ts';
import type { SrtpSuite } from './suites.ts';

/** Header and SSRC of the first packet stay readable. */
const CLEAR_BYTES = 8;
const INDEX_BYTES = 4;
/** Always 80 bits, whatever RTP has (RFC 4568 §6.2.2). */
const TAG_BYTES = 10;
const ENCRYPTED = 0x8000_0000;
const STREAMS_LIMIT = 8;
const DATAGRAM_LIMIT_BYTES = 1_500;

/**
 * Encrypts compound RTCP packets (RFC 3711 §3.4):
 *
 * ```
 * | header, SSRC (clear) | rest (encrypted) | E | index (31 bits) | tag (80 bits) |
 * ```
 */
export class SrtcpSender {
  readonly #protection: Protection;
  #index = 0;

  constructor(suite: SrtpSuite, master: Uint8Array) {
    this.#protection = protectionOf(suite, master, 'rtcp');
  }

  /** Undefined for what is no compound packet, and when the key has been used up (2³¹ packets). */
  protect(packet: Uint8Array): Buffer | undefined {
    if (packet.length < CLEAR_BYTES || this.#index >= ENCRYPTED) return undefined;
    const out = Buffer.alloc(packet.length + INDEX_BYTES + TAG_BYTES);
    out.set(packet);
    const index = this.#index++;
    this.#protection.cipher.apply(out.subarray(CLEAR_BYTES, packet.length), out.readUInt32BE(4), index);
    const end = out.writeUInt32BE((ENCRYPTED | index) >>> 0, packet.length);
    this.#protection.authenticator.tag(out.subarray(0, end)).copy(out, end, 0, TAG_BYTES);
    return out;
  }
}

/** Checks and decrypts compound RTCP packets. */
export class SrtcpReceiver {
  readonly #protection: Protection;
  readonly #windows = new Map<number, ReplayWindow>();

  constructor(suite: SrtpSuite, master: Uint8Array) {
    this.#protection = protectionOf(suite, master, 'rtcp');
  }

  /** The packet in the clear, in the memory of `datagram`, or why it is refused. */
  unprotect(datagram: Buffer): Buffer | SrtpRefusal {
    const end = datagram.length - TAG_BYTES;
    const bodyEnd = end - INDEX_BYTES;
    if (bodyEnd < CLEAR_BYTES || datagram.length > DATAGRAM_LIMIT_BYTES) return 'short';
    const word = datagram.readUInt32BE(bodyEnd);
    const index = word % ENCRYPTED;
    const ssrc = datagram.readUInt32BE(4);
    const known = this.#windows.get(ssrc);
    if (known === undefined && this.#windows.size >= STREAMS_LIMIT) return 'streams';
    if (known?.allows(index) === false) return 'replayed';
    const { authenticator, cipher } = this.#protection;
    if (!authenticator.agrees(datagram.subarray(0, end), datagram.subarray(end))) return 'forged';
    const window = known ?? new ReplayWindow();
    if (known === undefined) this.#windows.set(ssrc, window);
    window.note(index);
    if (word >= ENCRYPTED) cipher.apply(datagram.subarray(CLEAR_BYTES, bodyEnd), ssrc, index);
    return datagram.subarray(0, bodyEnd);
  }
}

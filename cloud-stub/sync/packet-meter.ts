/** Largest MQTT packet that is taken, in bytes, header included. A batch of 50 records has about 30 kB. */
export const PACKET_LIMIT_BYTES = 131_072;
/** A CONNECT with its will has less; more before that is a stranger filling our memory. */
export const CONNECT_LIMIT_BYTES = 4_096;

/** Why a byte stream cannot be MQTT that we take. */
export type MeterVerdict = 'ok' | 'tooLarge' | 'badLength';

/**
 * Watches the sizes of MQTT packets in a byte stream, so that nothing large is ever collected: the broker's parser would
 * gather 256 MB before it looks. Never throws.
 *
 * ```
 *  byte 1      bytes 2..5 (MQTT 3.1.1 section 2.2.3)       remaining length bytes
 * ┌────────┬──────────────────────────────────────────┬─ ─ ─ ─ ─ ─ ─┐
 * │ type   │ remaining length, 7 bits a byte, low      │ packet      │
 * │ flags  │ part first, bit 7 = one more byte follows │             │
 * └────────┴──────────────────────────────────────────┴─ ─ ─ ─ ─ ─ ─┘
 *  30 80 01 …   a PUBLISH of 128 bytes after its header
 * ```
 */
export class PacketMeter {
  #at: 'type' | 'length' | 'body' = 'type';
  #remaining = 0;
  #lengthBytes = 0;
  #packets = 0;

  /** Looks at the next bytes of the stream. After anything but `ok` the connection is to be closed. */
  push(chunk: Uint8Array): MeterVerdict {
    for (let at = 0; at < chunk.length; ) {
      if (this.#at === 'body') {
        const taken = Math.min(this.#remaining, chunk.length - at);
        this.#remaining -= taken;
        at += taken;
        if (this.#remaining === 0) this.#at = 'type';
        continue;
      }
      const verdict = this.#header(chunk[at] ?? 0);
      if (verdict !== 'ok') return verdict;
      at++;
    }
    return 'ok';
  }

  #header(byte: number): MeterVerdict {
    if (this.#at === 'type') {
      this.#at = 'length';
      this.#remaining = 0;
      this.#lengthBytes = 0;
      return 'ok';
    }
    this.#remaining += (byte & 0x7f) * 128 ** this.#lengthBytes++;
    if ((byte & 0x80) !== 0) return this.#lengthBytes < 4 ? 'ok' : 'badLength';
    const limit = this.#packets++ === 0 ? CONNECT_LIMIT_BYTES : PACKET_LIMIT_BYTES;
    if (1 + this.#lengthBytes + this.#remaining > limit) return 'tooLarge';
    this.#at = this.#remaining === 0 ? 'type' : 'body';
    return 'ok';
  }
}

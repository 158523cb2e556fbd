import type { Random } from '../../base/random.ts';
import type { RtpPacket } from './packet.ts';

/** Numbers the packets of one outgoing stream (RFC 3550 §5.1): random start, marker at the start of talk. */
export class RtpSender {
  readonly ssrc: number;
  #sequence: number;
  #timestamp: number;
  #markNext = true;
  #packets = 0;
  #octets = 0;

  constructor(random: Random) {
    const start = random.bytes(10);
    this.ssrc = start.readUInt32BE(0);
    this.#sequence = start.readUInt16BE(4);
    this.#timestamp = start.readUInt32BE(6);
  }

  get packets(): number {
    return this.#packets;
  }

  /** Payload bytes sent. */
  get octets(): number {
    return this.#octets;
  }

  /** RTP time of the next packet's first sample. */
  get timestamp(): number {
    return this.#timestamp;
  }

  /** The packet that carries `payload`, one sample a byte. Time moves on by its length. */
  next(payloadType: number, payload: Uint8Array): RtpPacket {
    const packet: RtpPacket = {
      payloadType,
      marker: this.#markNext,
      sequence: this.#sequence,
      timestamp: this.#timestamp,
      ssrc: this.ssrc,
      payload,
    };
    this.#markNext = false;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + payload.length) >>> 0;
    this.#packets++;
    this.#octets += payload.length;
    return packet;
  }

  /** Time passes unsent (nobody listens to the line): the next packet is marked as a start of talk. */
  skip(samples: number): void {
    this.#timestamp = (this.#timestamp + samples) >>> 0;
    this.#markNext = true;
  }
}

import type { Random } from '../../base/random.ts';
import type { RtpPacket } from './packet.ts';
import { sequenceDistance, timestampDistance } from './serial.ts';

/** A source that jumps further than this begins a new row. */
const RELAY_JUMP_PACKETS = 1_000;

/** Numbers the packets of one outgoing stream (RFC 3550 §5.1): random start, marker at the start of talk. */
export class RtpSender {
  #ssrc: number;
  #sequence: number;
  #timestamp: number;
  #markNext = true;
  #packets = 0;
  #octets = 0;
  #relaying: { readonly ssrc: number; readonly sequence: number; readonly timestamp: number } | undefined;

  constructor(random: Random) {
    const start = random.bytes(10);
    this.#ssrc = start.readUInt32BE(0);
    this.#sequence = start.readUInt16BE(4);
    this.#timestamp = start.readUInt32BE(6);
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  /** Another SSRC and another row of numbers: somebody else speaks under ours (RFC 3550 §8.2). Time goes on. */
  renew(random: Random): void {
    const start = random.bytes(6);
    this.#ssrc = start.readUInt32BE(0);
    this.#sequence = start.readUInt16BE(4);
    this.#relaying = undefined;
    this.#markNext = true;
    this.#packets = 0;
    this.#octets = 0;
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
      ssrc: this.#ssrc,
      payload,
    };
    this.#markNext = false;
    this.#relaying = undefined;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + payload.length) >>> 0;
    this.#packets++;
    this.#octets += payload.length;
    return packet;
  }

  /**
   * The packet of an event that began at `timestamp` (RFC 4733 §2.5.1.2): each of them has the time of the beginning. The
   * stream's own time is not moved.
   */
  event(payloadType: number, payload: Uint8Array, timestamp: number, marker: boolean): RtpPacket {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    this.#relaying = undefined;
    this.#markNext = false;
    this.#packets++;
    this.#octets += payload.length;
    return { payloadType, marker, sequence, timestamp, ssrc: this.#ssrc, payload };
  }

  /** The stream's time is at least this: an event has lasted so long. */
  reach(timestamp: number): void {
    if (timestampDistance(this.#timestamp, timestamp) > 0) this.#timestamp = timestamp >>> 0;
  }

  /**
   * A packet of somebody else as one of this stream (a translator, RFC 3550 §7.2): gaps, order and the time of a key press
   * stay as the source made them. A new source, or a jump of it, goes on where this stream stands.
   */
  relayed(packet: RtpPacket, payloadType: number): RtpPacket {
    const { sequence, timestamp, marker } = this.#translate(packet);
    if (sequenceDistance(this.#sequence, sequence) >= 0) this.#sequence = (sequence + 1) & 0xffff;
    if (timestampDistance(this.#timestamp, timestamp) >= 0) {
      this.#timestamp = (timestamp + packet.payload.length) >>> 0;
    }
    this.#markNext = false;
    this.#packets++;
    this.#octets += packet.payload.length;
    return { payloadType, marker, sequence, timestamp, ssrc: this.#ssrc, payload: packet.payload };
  }

  #translate(packet: RtpPacket): { sequence: number; timestamp: number; marker: boolean } {
    const known = this.#relaying;
    const sequence = (packet.sequence + (known?.sequence ?? 0)) & 0xffff;
    if (
      known?.ssrc === packet.ssrc &&
      Math.abs(sequenceDistance(this.#sequence, sequence)) <= RELAY_JUMP_PACKETS
    ) {
      const timestamp = (packet.timestamp + known.timestamp) >>> 0;
      return { sequence, timestamp, marker: packet.marker };
    }
    this.#relaying = {
      ssrc: packet.ssrc,
      sequence: this.#sequence - packet.sequence,
      timestamp: this.#timestamp - packet.timestamp,
    };
    return { sequence: this.#sequence, timestamp: this.#timestamp, marker: true };
  }

  /** Time passes unsent (nobody listens to the line): the next packet is marked as a start of talk. */
  skip(samples: number): void {
    this.#timestamp = (this.#timestamp + samples) >>> 0;
    this.#markNext = true;
  }
}

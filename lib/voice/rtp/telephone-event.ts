import type { RtpPacket } from './packet.ts';

/** A key press as it travels beside the sound (RFC 4733 §2.3). */
export interface TelephoneEvent {
  readonly digit: string;
  /** Last packet of the press. */
  readonly end: boolean;
  /** 0 to 63, a level of −0 to −63 dBm0. */
  readonly volume: number;
  /** Since the event began, in samples. */
  readonly duration: number;
}

const DIGITS = '0123456789*#ABCD';
const PAYLOAD_BYTES = 4;

/**
 * Reads the payload; undefined for anything else than a digit (hook flash is event 16 and no digit), or when it is short.
 *
 * ```
 * |     event     |E|R| volume    |          duration             |
 * ```
 * `0b 8a 03 20`: #, end, −10 dBm0, 800 samples.
 */
export function decodeTelephoneEvent(payload: Uint8Array): TelephoneEvent | undefined {
  const [event, flags, high, low] = payload;
  if (event === undefined || flags === undefined || high === undefined || low === undefined) return undefined;
  const digit = DIGITS[event];
  if (digit === undefined) return undefined;
  return { digit, end: (flags & 0x80) !== 0, volume: flags & 0x3f, duration: high * 256 + low };
}

/** Writes the payload; undefined when `digit` is not one. */
export function encodeTelephoneEvent(event: TelephoneEvent): Buffer | undefined {
  const code = event.digit.length === 1 ? DIGITS.indexOf(event.digit) : -1;
  if (code < 0) return undefined;
  const out = Buffer.alloc(PAYLOAD_BYTES);
  out[0] = code;
  out[1] = (event.end ? 0x80 : 0) | (event.volume & 0x3f);
  out.writeUInt16BE(Math.min(0xffff, Math.max(0, Math.round(event.duration))), 2);
  return out;
}

/** Turns the packets of presses (each is sent many times over) into one digit for each press. */
export class TelephoneEventReceiver {
  #lastTimestamp: number | undefined;
  #lastSsrc = 0;

  /** The digit, at the first packet of a press that arrives, whichever that is; otherwise undefined. */
  push(packet: RtpPacket): string | undefined {
    const event = decodeTelephoneEvent(packet.payload);
    if (event === undefined) return undefined;
    if (packet.timestamp === this.#lastTimestamp && packet.ssrc === this.#lastSsrc) return undefined;
    this.#lastTimestamp = packet.timestamp;
    this.#lastSsrc = packet.ssrc;
    return event.digit;
  }
}

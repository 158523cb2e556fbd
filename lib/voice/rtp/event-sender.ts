import { encodeTelephoneEvent } from './telephone-event.ts';

/** One packet of a press, for `RtpSender.event`. */
export interface EventPacket {
  readonly payload: Buffer;
  /** Since the press began, in samples. */
  readonly offset: number;
  /** First packet of a press. */
  readonly marker: boolean;
  /** Last of the packets of a press: the next may begin after a pause. */
  readonly last: boolean;
}

/** Digits that wait to be pressed, and what a press lasts; one that is held ends by itself after `heldMs`, which fits into 16 bits of samples. */
export const EVENT_LIMITS = { digits: 64, leastMs: 40, mostMs: 2_000, usualMs: 100, heldMs: 8_000 } as const;

const SAMPLES_PER_MS = 8;
const STEP_SAMPLES = 160;
/** The last packet is sent three times: nothing else tells of the end (RFC 4733 §2.5.1.4). */
const END_PACKETS = 3;
/** Between presses: what a receiver of tones needs, too (at least 65 ms in the rules of Japan with some to spare). */
const PAUSE_STEPS = 4;
/** −10 dBm0. */
const VOLUME = 10;

interface Press {
  readonly digit: string;
  samples: number;
}

/** Makes the packets of key presses (RFC 4733 §2.5): one each 20 ms, growing durations, three ends, a pause. */
export class EventSender {
  readonly #waiting: Press[] = [];
  #press: Press | undefined;
  #sent = 0;
  #ends = 0;
  #pause = 0;
  /** A key that is still down. */
  #held: Press | undefined;

  /** Whether a press is going on or waits; the pause behind the last one counts. */
  get active(): boolean {
    return this.#press !== undefined || this.#waiting.length > 0 || this.#pause > 0;
  }

  /** Adds digits; false when they are too many or one of them is none. */
  press(digits: string, durationMs: number = EVENT_LIMITS.usualMs): boolean {
    if (this.#waiting.length + digits.length > EVENT_LIMITS.digits) return false;
    const ms = Math.min(EVENT_LIMITS.mostMs, Math.max(EVENT_LIMITS.leastMs, durationMs));
    const presses = [...digits].map((digit) => ({ digit, samples: Math.round(ms * SAMPLES_PER_MS) }));
    const known = presses.every(({ digit }) => packetOf(digit, 0, false) !== undefined);
    if (known) this.#waiting.push(...presses);
    return known;
  }

  /** A key goes down, and stays down until {@link release}. False when too many wait, or it is no key. */
  hold(digit: string): boolean {
    this.release(0);
    const room = this.#waiting.length < EVENT_LIMITS.digits;
    if (!room || packetOf(digit, 0, false) === undefined) return false;
    this.#held = { digit, samples: EVENT_LIMITS.heldMs * SAMPLES_PER_MS };
    this.#waiting.push(this.#held);
    return true;
  }

  /** The key that was held is up, after so long; what was told of it already stays. */
  release(afterMs: number): void {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    const told = held === this.#press ? this.#sent : 0;
    const samples = Math.max(EVENT_LIMITS.leastMs, afterMs) * SAMPLES_PER_MS;
    held.samples = Math.min(held.samples, Math.max(told, Math.round(samples)));
  }

  /** What is to be sent in this step of 20 ms; undefined in a pause and when nothing waits. */
  next(): EventPacket | undefined {
    if (this.#pause > 0) {
      this.#pause--;
      return undefined;
    }
    this.#press ??= this.#begin();
    const press = this.#press;
    if (press === undefined) return undefined;
    const marker = this.#sent === 0;
    this.#sent += STEP_SAMPLES;
    const ended = this.#sent >= press.samples;
    const duration = Math.min(this.#sent, press.samples);
    const payload = packetOf(press.digit, duration, ended);
    if (ended) this.#ends++;
    const last = this.#ends === END_PACKETS;
    if (last) {
      this.#press = undefined;
      this.#pause = PAUSE_STEPS;
    }
    return payload === undefined ? undefined : { payload, offset: duration, marker, last };
  }

  #begin(): Press | undefined {
    this.#sent = 0;
    this.#ends = 0;
    return this.#waiting.shift();
  }
}

function packetOf(digit: string, duration: number, end: boolean): Buffer | undefined {
  return encodeTelephoneEvent({ digit, end, volume: VOLUME, duration });
}

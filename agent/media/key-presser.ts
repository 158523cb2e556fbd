import { BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { dtmfSamples } from '../../lib/dsp/dtmf-generator.ts';
import { ulawEncodeBlock } from '../../lib/dsp/g711.ts';
import { EVENT_LIMITS, EventSender } from '../../lib/voice/rtp/event-sender.ts';
import { encodeTelephoneEvent } from '../../lib/voice/rtp/telephone-event.ts';
import type { Keyed } from './key-watch.ts';
import type { RtpSession } from './rtp-session.ts';

const STEP_MS = 20;
/** After a longer stall the presses go on from where they are. */
const CATCH_UP_LIMIT_MS = 200;
const EACH_TONE_DBM0 = -9;
const TONE_PAUSE_MS = 80;
const SAMPLES_PER_MS = 8;

/** Keys that are pressed on one session: as events where the far end takes them, as tones in the sound otherwise. */
interface Pressing {
  readonly events: EventSender;
  /** Samples of tones that wait, and how many are gone. */
  tones: Int16Array;
  toneAt: number;
}

/**
 * Presses keys at far ends (RFC 4733). With a timer of its own, because a session that is joined to another has no clock of
 * sound here. The session holds its other sound back while a key is down.
 */
export class KeyPresser {
  readonly #clock: Clock;
  readonly #pressing = new Map<RtpSession, Pressing>();
  #timer: Timer | undefined;
  #dueMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds digits; false when they are too many, or one of them is no key. */
  press(session: RtpSession, digits: string, durationMs: number = EVENT_LIMITS.usualMs): boolean {
    const pressing = this.#of(session);
    const taken = session.takesEvents
      ? pressing.events.press(digits, durationMs)
      : addTones(pressing, digits, durationMs);
    if (taken && digits.length > 0) this.#begin(session, pressing);
    return taken;
  }

  /**
   * What was heard of a party's keys goes on to a far end that it talks to: as an event that lasts as long as the key is down,
   * or as a tone of the usual length where no events are taken.
   */
  heard(session: RtpSession, { upAfterMs, down }: Keyed): void {
    if (upAfterMs !== undefined) this.#pressing.get(session)?.events.release(upAfterMs);
    if (down === undefined || session.transparent || !session.connected) return;
    if (!session.takesEvents) {
      this.press(session, down);
      return;
    }
    const pressing = this.#of(session);
    if (pressing.events.hold(down)) this.#begin(session, pressing);
  }

  #of(session: RtpSession): Pressing {
    return this.#pressing.get(session) ?? { events: new EventSender(), tones: new Int16Array(0), toneAt: 0 };
  }

  #begin(session: RtpSession, pressing: Pressing): void {
    this.#pressing.set(session, pressing);
    session.holdBack(true);
    if (this.#timer !== undefined) return;
    this.#dueMs = this.#clock.monotonicMs();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const session of this.#pressing.keys()) session.holdBack(false);
    this.#pressing.clear();
  }

  #arm(): void {
    const inMs = Math.max(0, this.#dueMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.after(inMs, 'media keys', () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#dueMs > CATCH_UP_LIMIT_MS) this.#dueMs = nowMs;
    for (; this.#dueMs <= nowMs; this.#dueMs += STEP_MS) this.#step(nowMs);
    if (this.#pressing.size > 0) this.#arm();
    else this.#timer = undefined;
  }

  #step(nowMs: number): void {
    for (const [session, pressing] of this.#pressing) {
      // Whoever held the key has left.
      if (!session.hasCompany) pressing.events.release(0);
      const goesOn = !session.closed && (tone(session, pressing, nowMs) || event(session, pressing, nowMs));
      if (goesOn) continue;
      this.#pressing.delete(session);
      session.holdBack(false);
    }
  }
}

function event(session: RtpSession, { events }: Pressing, nowMs: number): boolean {
  if (!events.active) return false;
  const packet = events.next();
  if (packet !== undefined) session.sendEvent(packet, nowMs);
  return true;
}

/** The next 20 ms of tones; false when there are none. */
function tone(session: RtpSession, pressing: Pressing, nowMs: number): boolean {
  if (pressing.toneAt >= pressing.tones.length) return false;
  for (let frame = 0; frame < STEP_MS / 10; frame++) {
    const linear = new Int16Array(BOARD_FRAME_SAMPLES);
    linear.set(pressing.tones.subarray(pressing.toneAt, pressing.toneAt + BOARD_FRAME_SAMPLES));
    pressing.toneAt += BOARD_FRAME_SAMPLES;
    session.sendTone(ulawEncodeBlock(linear), nowMs);
  }
  return true;
}

function addTones(pressing: Pressing, digits: string, durationMs: number): boolean {
  if (digits.length > EVENT_LIMITS.digits) return false;
  const known = [...digits].every(
    (digit) => encodeTelephoneEvent({ digit, end: false, volume: 0, duration: 0 }) !== undefined,
  );
  if (!known) return false;
  const ms = Math.min(EVENT_LIMITS.mostMs, Math.max(EVENT_LIMITS.leastMs, durationMs));
  const rest = pressing.tones.subarray(pressing.toneAt);
  const each = (ms + TONE_PAUSE_MS) * SAMPLES_PER_MS;
  const tones = new Int16Array(rest.length + digits.length * each);
  tones.set(rest);
  for (const [index, digit] of [...digits].entries()) {
    tones.set(dtmfSamples(digit, ms, EACH_TONE_DBM0), rest.length + index * each);
  }
  pressing.tones = tones;
  pressing.toneAt = 0;
  return true;
}

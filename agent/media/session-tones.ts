import { BOARD_FRAME_MS, BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { ulawEncodeBlock } from '../../lib/dsp/g711.ts';
import type { Player } from './guidance/guidance.ts';
import { tonePlayer } from './line.ts';
import type { ToneName } from './protocol.ts';
import type { RtpSession } from './rtp-session.ts';

const TICK_MS = 2 * BOARD_FRAME_MS;
/** After a longer stall the tone goes on from where it is, instead of making up for it. */
const CATCH_UP_LIMIT_MS = 200;

/**
 * Tones to the far ends of sessions that no line speaks to: somebody on hold. The board's clock may stand still here (all
 * phones down), so this is the one place with a timer of its own; it is the caller's ear and nobody answers back.
 */
export class SessionTones {
  readonly #clock: Clock;
  readonly #playing = new Map<RtpSession, Player>();
  readonly #linear = new Int16Array(BOARD_FRAME_SAMPLES);
  readonly #ulaw = new Uint8Array(BOARD_FRAME_SAMPLES);
  #timer: Timer | undefined;
  #dueMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins the tone anew, or ends it. */
  play(session: RtpSession, tone: ToneName | null): void {
    if (tone === null) this.#playing.delete(session);
    else this.#playing.set(session, tonePlayer(tone));
    if (this.#playing.size === 0) this.stop();
    else if (this.#timer === undefined) {
      this.#dueMs = this.#clock.monotonicMs();
      this.#arm();
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#playing.clear();
  }

  #arm(): void {
    const inMs = Math.max(0, this.#dueMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.after(inMs, 'media session tones', () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#dueMs > CATCH_UP_LIMIT_MS) this.#dueMs = nowMs;
    for (; this.#dueMs <= nowMs; this.#dueMs += TICK_MS) this.#send(nowMs);
    if (this.#playing.size > 0) this.#arm();
    else this.#timer = undefined;
  }

  #send(nowMs: number): void {
    for (const [session, player] of this.#playing) {
      if (session.attached || session.bridgedTo !== undefined || session.closed) {
        this.#playing.delete(session);
        continue;
      }
      for (let frame = 0; frame < TICK_MS / BOARD_FRAME_MS; frame++) {
        player.fill(this.#linear);
        session.speak(ulawEncodeBlock(this.#linear, this.#ulaw), nowMs);
      }
    }
  }
}

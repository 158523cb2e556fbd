import { BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { ulawEncodeBlock } from '../../lib/dsp/g711.ts';
import { NoiseMaker } from '../../lib/voice/rtp/comfort-noise.ts';
import type { RtpSession } from './rtp-session.ts';

const STEP_MS = 20;
/** After a longer stall the noise goes on from where it is. */
const CATCH_UP_LIMIT_MS = 200;

/**
 * Noise in place of a silence that one far end only tells of (RFC 3389), for another one that takes no such word: it would hear
 * nothing at all, and take the call for lost.
 */
export class QuietFiller {
  readonly #clock: Clock;
  readonly #quiet = new Map<RtpSession, NoiseMaker>();
  #timer: Timer | undefined;
  #dueMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Noise of this level from now on; undefined where there is sound again. */
  set(session: RtpSession, levelDbov: number | undefined): void {
    session.filled = levelDbov !== undefined;
    if (levelDbov === undefined) {
      this.#quiet.delete(session);
      return;
    }
    const maker = this.#quiet.get(session) ?? new NoiseMaker();
    maker.level(levelDbov);
    this.#quiet.set(session, maker);
    if (this.#timer !== undefined) return;
    this.#dueMs = this.#clock.monotonicMs();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const session of [...this.#quiet.keys()]) this.set(session, undefined);
  }

  #arm(): void {
    const inMs = Math.max(0, this.#dueMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.after(inMs, 'media quiet', () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#dueMs > CATCH_UP_LIMIT_MS) this.#dueMs = nowMs;
    for (; this.#dueMs <= nowMs; this.#dueMs += STEP_MS) this.#step(nowMs);
    if (this.#quiet.size > 0) this.#arm();
    else this.#timer = undefined;
  }

  #step(nowMs: number): void {
    for (const [session, maker] of this.#quiet) {
      if (session.closed || session.bridgedTo === undefined) {
        this.set(session, undefined);
        continue;
      }
      if (session.heldBack) continue;
      for (let at = 0; at < STEP_MS / 10; at++) {
        const noise = new Int16Array(BOARD_FRAME_SAMPLES);
        maker.fill(noise);
        session.sendTone(ulawEncodeBlock(noise), nowMs);
      }
    }
  }
}

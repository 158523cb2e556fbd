import { BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import { ulawEncodeBlock } from '../../lib/dsp/g711.ts';
import type { Line } from './line.ts';
import type { RtpSession } from './rtp-session.ts';

const MOST = 32_767;
const LEAST = -32_768;

/**
 * Lines and sessions that hear each other. The clock is the board's: every 10 ms each member's sound is taken once, and
 * each member gets the sum of the others, clipped and never itself. Sound goes on while one line is left; a session
 * alone with another one is a bridge and not a conference.
 */
export class Conference {
  readonly #lines = new Map<Line, Int16Array>();
  readonly #sessions = new Map<RtpSession, Int16Array>();
  readonly #sum = new Int32Array(BOARD_FRAME_SAMPLES);
  readonly #out = new Int16Array(BOARD_FRAME_SAMPLES);
  readonly #ulaw = new Uint8Array(BOARD_FRAME_SAMPLES);

  get lines(): readonly Line[] {
    return [...this.#lines.keys()];
  }

  get sessions(): readonly RtpSession[] {
    return [...this.#sessions.keys()];
  }

  addLine(line: Line): void {
    if (!this.#lines.has(line)) this.#lines.set(line, new Int16Array(BOARD_FRAME_SAMPLES));
  }

  addSession(session: RtpSession): void {
    if (this.#sessions.has(session)) return;
    this.#sessions.set(session, new Int16Array(BOARD_FRAME_SAMPLES));
    session.attach(true);
  }

  /** A line is gone; the last one lets the sessions go. */
  removeLine(line: Line): void {
    this.#lines.delete(line);
    if (this.#lines.size > 0) return;
    for (const session of this.sessions) this.removeSession(session);
  }

  removeSession(session: RtpSession): void {
    if (this.#sessions.delete(session)) session.attach(false);
  }

  /** Whether it joins exactly these. */
  joins(lines: readonly Line[], sessions: readonly RtpSession[]): boolean {
    return (
      lines.length === this.#lines.size &&
      sessions.length === this.#sessions.size &&
      lines.every((line) => this.#lines.has(line)) &&
      sessions.every((session) => this.#sessions.has(session))
    );
  }

  /** 10 ms: after the microphones were taken, before the ears are asked for. */
  mix(nowMs: number): void {
    this.#sum.fill(0);
    for (const line of this.#lines.keys()) this.#add(line.spoken);
    for (const [session, voice] of this.#sessions) {
      session.listen(voice);
      this.#add(voice);
    }
    for (const [line, ear] of this.#lines) this.#without(line.spoken, ear);
    for (const [session, voice] of this.#sessions) {
      this.#without(voice, this.#out);
      session.speak(ulawEncodeBlock(this.#out, this.#ulaw), nowMs);
    }
  }

  /** What the last {@link mix} has for a line's ear. */
  earOf(line: Line): Int16Array {
    return this.#lines.get(line) ?? this.#out.fill(0);
  }

  #add(voice: Int16Array): void {
    for (let index = 0; index < BOARD_FRAME_SAMPLES; index++) {
      this.#sum[index] = (this.#sum[index] ?? 0) + (voice[index] ?? 0);
    }
  }

  #without(own: Int16Array, out: Int16Array): void {
    for (let index = 0; index < BOARD_FRAME_SAMPLES; index++) {
      const others = (this.#sum[index] ?? 0) - (own[index] ?? 0);
      out[index] = Math.max(LEAST, Math.min(MOST, others));
    }
  }
}

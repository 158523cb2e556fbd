import type { Clock, Timer } from '../../../lib/base/clock.ts';
import type { SipResponse } from './message.ts';

const T1_MS = 500;
const T2_MS = 4_000;
const ACK_LIMIT_MS = 32_000;

/** A 200 to an INVITE goes out again until its ACK has come (RFC 3261 §13.3.1.4), which the package leaves to its user. */
export class FinalAnswer {
  readonly #clock: Clock;
  readonly #send: (response: SipResponse) => void;
  readonly #unheard: () => void;
  #timer: Timer | undefined;

  /** `unheard`: nobody has acknowledged for 32 s. */
  constructor(clock: Clock, send: (response: SipResponse) => void, unheard: () => void) {
    this.#clock = clock;
    this.#send = send;
    this.#unheard = unheard;
  }

  begin(response: SipResponse): void {
    this.stop();
    this.#again(response, T1_MS, this.#clock.monotonicMs());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #again(response: SipResponse, waitMs: number, sinceMs: number): void {
    this.#send(response);
    this.#timer = this.#clock.after(waitMs, 'phone resends 200', () => {
      if (this.#clock.monotonicMs() - sinceMs > ACK_LIMIT_MS) this.#unheard();
      else this.#again(response, Math.min(waitMs * 2, T2_MS), sinceMs);
    });
  }
}

import type { Clock, Timer } from '../../../base/clock.ts';
import type { SipCounters, SipHeaders } from '../api.ts';
import type { DialogLink } from './link.ts';

/** Pauses before a BYE is said again; the last one stays. */
const AGAIN_MS = [4_000, 8_000, 15_000] as const;
/** By then a peer that lives has asked whether we know the call, and was told no. */
const GIVE_UP_MS = 240_000;
/** Not of the peer's own: somebody between could not reach it (RFC 3261 §21.5). */
const NOT_REACHED = [408, 503, 504];
/** Calls whose BYE waits; what comes beyond is not said again. */
const LIMIT = 1_000;

/**
 * BYEs that nobody has answered. For us the call is over with the first one (RFC 3261 §15.1.1); a peer that was out of reach takes it
 * for alive: it holds a channel of the office and counts the minutes. So it is told again until it answers, whatever that is:
 * a peer that knows of no such call says 481.
 */
export class LastByes {
  readonly #clock: Clock;
  readonly #counters: Pick<SipCounters, 'byesGivenUp'>;
  readonly #waiting = new Set<Timer>();
  #stopped = false;

  constructor(clock: Clock, counters: Pick<SipCounters, 'byesGivenUp'>) {
    this.#clock = clock;
    this.#counters = counters;
  }

  say(link: DialogLink, headers: SipHeaders): void {
    this.#say(link, headers, 0, this.#clock.monotonicMs() + GIVE_UP_MS);
  }

  /** Nothing is said any more. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#waiting) timer.cancel();
    this.#waiting.clear();
  }

  #say(link: DialogLink, headers: SipHeaders, tries: number, untilMs: number): void {
    const again = (): void => {
      if (this.#stopped) return;
      const delayMs = AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)] ?? 0;
      if (this.#waiting.size >= LIMIT || this.#clock.monotonicMs() + delayMs > untilMs) {
        this.#counters.byesGivenUp++;
        return;
      }
      const timer = this.#clock.after(delayMs, 'SIP BYE again', () => {
        this.#waiting.delete(timer);
        this.#say(link, headers, tries + 1, untilMs);
      });
      this.#waiting.add(timer);
    };
    link.request(
      'BYE',
      { headers },
      {
        done: (_status, response) => {
          if (response === undefined || NOT_REACHED.includes(response.status)) again();
        },
      },
    );
  }
}

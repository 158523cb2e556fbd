import type { Clock, Timer } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';

/** Bindings of address translators live 30 s at the least that is seen (RFC 5626 §4.4.2). */
const PING_MS = 28_000;
/** Pings in a row without an answer until a peer that has answered before counts as lost. */
const UNANSWERED = 3;

export const UDP_PING = Buffer.from('\r\n\r\n');
export const UDP_PONG = Buffer.from('\r\n');

/**
 * Keeps one UDP way open: two empty lines every 22 to 28 s, as RFC 5626 has it for connections. Not every peer answers a
 * datagram of that kind; of one that ever did, silence is a sign.
 */
export class UdpKeepalive {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #send: () => void;
  readonly #lost: () => void;
  #timer: Timer | undefined;
  #answers = false;
  #unanswered = 0;

  constructor(clock: Clock, random: Random, send: () => void, lost: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#send = send;
    this.#lost = lost;
  }

  start(): void {
    const delayMs = PING_MS * (0.8 + 0.2 * this.#random.fraction());
    this.#timer = this.#clock.after(delayMs, 'SIP UDP ping', () => {
      if (this.#answers && this.#unanswered >= UNANSWERED) {
        this.#lost();
        return;
      }
      this.#unanswered++;
      this.#send();
      this.start();
    });
  }

  /** Something came from the peer: a pong, or any message. */
  heard(pong: boolean): void {
    if (pong) this.#answers = true;
    this.#unanswered = 0;
  }

  stop(): void {
    this.#timer?.cancel();
  }
}

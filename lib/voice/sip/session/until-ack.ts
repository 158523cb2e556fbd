import type { Clock, Timer } from '../../../base/clock.ts';
import type { ResponseDraft, SipRequest } from '../codec/message.ts';
import { T1_MS, T2_MS } from '../limits.ts';
import type { ServerTransaction } from '../transaction/server.ts';

/** A 2xx of ours that waits for its ACK. */
interface Waiting {
  readonly sequence: number;
  readonly acknowledged: (request: SipRequest) => void;
  repeat: Timer;
  readonly limit: Timer;
}

/** Sends a 2xx to an INVITE and repeats it until its ACK, over any transport (RFC 3261 §13.3.1.4). */
export class UntilAck {
  readonly #clock: Clock;
  readonly #never: () => void;
  #waiting: Waiting | undefined;

  /** `never`: 64·T1 have gone by. */
  constructor(clock: Clock, never: () => void) {
    this.#clock = clock;
    this.#never = never;
  }

  get waits(): boolean {
    return this.#waiting !== undefined;
  }

  send(
    transaction: ServerTransaction,
    draft: ResponseDraft,
    acknowledged: (request: SipRequest) => void,
  ): void {
    this.stop();
    const sequence = transaction.request.cseq.number;
    transaction.respond(draft);
    const again = (delayMs: number): Timer =>
      this.#clock.after(delayMs, 'SIP 2xx', () => {
        if (this.#waiting === undefined) return;
        transaction.respond(draft);
        this.#waiting.repeat = again(Math.min(delayMs * 2, T2_MS));
      });
    this.#waiting = {
      sequence,
      acknowledged,
      repeat: again(T1_MS),
      limit: this.#clock.after(64 * T1_MS, 'SIP ACK limit', () => {
        this.stop();
        this.#never();
      }),
    };
  }

  /** False when it is the ACK of nothing that waits. */
  acknowledge(request: SipRequest): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.sequence !== request.cseq.number) return false;
    this.stop();
    waiting.acknowledged(request);
    return true;
  }

  stop(): void {
    this.#waiting?.repeat.cancel();
    this.#waiting?.limit.cancel();
    this.#waiting = undefined;
  }
}

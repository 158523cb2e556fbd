import type { Timer } from '../../../base/clock.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { SessionEvents } from './events.ts';
import type { DialogLink } from './link.ts';

/** An offer that nobody answers is refused after this long. */
const OFFER_LIMIT_MS = 10_000;

/** An offer of the peer's that waits for what the user says to it; one at a time. */
export class TheirOffer {
  readonly #link: DialogLink;
  readonly #events: SessionEvents;
  #open: ServerTransaction | undefined;
  #limit: Timer | undefined;

  constructor(link: DialogLink, events: SessionEvents) {
    this.#link = link;
    this.#events = events;
  }

  get open(): boolean {
    return this.#open !== undefined;
  }

  /** `accept` answers the request; `refused` is told when it was refused. */
  ask(
    transaction: ServerTransaction,
    sdp: string,
    accept: (local: string) => void,
    refused: () => void = () => undefined,
  ): void {
    this.#open = transaction;
    const settle = (run: () => void): void => {
      if (this.#open !== transaction) return;
      this.#open = undefined;
      this.#limit?.cancel();
      run();
    };
    const refuse = (status: number): void =>
      settle(() => {
        this.#link.reply(transaction, status);
        refused();
      });
    this.#limit = this.#link.core.clock.after(OFFER_LIMIT_MS, 'SIP offer', () => refuse(488));
    transaction.onFailed(() => settle(() => undefined));
    const answer = (local: string): void => settle(() => accept(local));
    this.#events.emit({ type: 'offer', sdp, answer, refuse });
  }

  /** The dialog is over. */
  giveUp(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#limit?.cancel();
    if (open !== undefined) this.#link.reply(open, 487);
  }
}

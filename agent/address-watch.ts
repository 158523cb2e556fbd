import type { Clock, Timer } from '../lib/base/clock.ts';
import type { Logger } from '../lib/base/log.ts';
import { hostNow, NO_HOST, type OwnHost } from '../lib/base/own-host.ts';

const LOOK_MS = 2_000;

export interface AddressWatchOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: OwnHost;
  /** The box has an address, and it is not the one that it had: what hangs on that one is begun anew. */
  readonly changed: () => void;
  /** There is an address that was not there a moment ago, or another one: who waits between two tries need not. */
  readonly came: () => void;
}

/**
 * Follows the address of the box towards the service: it may come long after the start (no cable, a slow router) and may become
 * another one. An address that goes is waited for: mostly the same one comes back.
 */
export class AddressWatch {
  readonly #options: AddressWatchOptions;
  #known: string;
  #away: boolean;
  #timer: Timer | undefined;

  constructor(options: AddressWatchOptions) {
    this.#options = options;
    this.#known = hostNow(options.host);
    this.#away = this.#known === NO_HOST;
  }

  start(): void {
    if (typeof this.#options.host === 'string') return;
    this.#timer = this.#options.clock.after(LOOK_MS, 'own address', () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const { host, log, changed, came } = this.#options;
    const [now, wasAway] = [hostNow(host), this.#away];
    this.#away = now === NO_HOST;
    if (this.#away || (now === this.#known && !wasAway)) return;
    if (now !== this.#known) {
      log.warn({ event: 'address', from: this.#known, to: now }, 'the box has another address');
      this.#known = now;
      changed();
    }
    came();
  }
}

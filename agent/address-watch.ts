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
}

/**
 * Follows the address of the box towards the service: it may come long after the start (no cable, a slow router) and may become
 * another one. An address that goes is waited for: mostly the same one comes back.
 */
export class AddressWatch {
  readonly #options: AddressWatchOptions;
  #known: string;
  #timer: Timer | undefined;

  constructor(options: AddressWatchOptions) {
    this.#options = options;
    this.#known = hostNow(options.host);
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
    const { host, log, changed } = this.#options;
    const now = hostNow(host);
    if (now === NO_HOST || now === this.#known) return;
    log.warn({ event: 'address', from: this.#known, to: now }, 'the box has another address');
    this.#known = now;
    changed();
  }
}

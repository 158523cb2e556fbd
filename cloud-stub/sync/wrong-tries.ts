import { sourceKey } from '../../lib/voice/sip/transport/source.ts';
import { TokenBucket } from './token-bucket.ts';

/** What fails, of one asker: 5 at once, then one each 10 s. What succeeds is free. */
const WRONG_BURST = 5;
const WRONG_PER_S = 0.1;
/** What fails, of all strangers together: whoever has many addresses is no better off. */
const ALL_WRONG_BURST = 100;
const ALL_WRONG_PER_S = 2;
const ASKERS_LIMIT = 10_000;

/** Who asks: somebody at an address, or the holder of a certificate of ours. */
export type Asker =
  | { readonly is: 'stranger'; readonly address: string }
  | { readonly is: 'holder'; readonly serial: string };

/**
 * Slows those who ask wrong. A holder of a certificate is counted by that alone: strangers who guess, from however many
 * addresses or from behind the same router, keep no box from renewing its certificate or from fetching a system.
 */
export class WrongTries {
  readonly #each = new Map<string, TokenBucket>();
  readonly #strangers: TokenBucket;

  constructor(nowMs: number) {
    this.#strangers = new TokenBucket(ALL_WRONG_PER_S, ALL_WRONG_BURST, nowMs);
  }

  /** Looks at what is left without taking of it: only what fails costs. */
  mayAsk(asker: Asker, nowMs: number): boolean {
    const own = this.#each.get(keyOf(asker));
    if (own !== undefined && own.left(nowMs) < 1) return false;
    return asker.is === 'holder' || this.#strangers.left(nowMs) >= 1;
  }

  failed(asker: Asker, nowMs: number): void {
    if (asker.is === 'stranger') this.#strangers.take(nowMs);
    const key = keyOf(asker);
    let own = this.#each.get(key);
    if (own === undefined) {
      // The oldest is forgotten: all askers together have a limit as well.
      const [oldest] = this.#each.keys();
      if (this.#each.size >= ASKERS_LIMIT && oldest !== undefined) this.#each.delete(oldest);
      own = new TokenBucket(WRONG_PER_S, WRONG_BURST, nowMs);
      this.#each.set(key, own);
    }
    own.take(nowMs);
  }
}

function keyOf(asker: Asker): string {
  return asker.is === 'holder' ? `serial ${asker.serial}` : sourceKey(asker.address);
}

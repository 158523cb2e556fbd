import type { MacAddress } from '../../lib/net/mac-address.ts';

/** Told and not come: told again after so long, and then let be until the next change. */
const AGAIN_MS = 15 * 60_000;
const TIMES_MOST = 4;
/** Between two phones: an office that changes a phone book does not fetch it in one moment. */
const APART_MS = 1_000;

interface Told {
  readonly wanted: string;
  readonly times: number;
  readonly lastMs: number;
}

/** Which phones are told to fetch, and when. No clock; times are monotonic ms. */
export class ResyncPlan {
  readonly #told = new Map<MacAddress, Told>();
  #lastMs = Number.NEGATIVE_INFINITY;

  /**
   * The next phone to tell, or undefined. `stale` are those that lack something, each with a mark of what they lack: with
   * another mark they are told anew.
   */
  next(
    stale: readonly { readonly mac: MacAddress; readonly wanted: string }[],
    nowMs: number,
  ): MacAddress | undefined {
    for (const mac of this.#told.keys()) {
      if (!stale.some((each) => each.mac === mac)) this.#told.delete(mac);
    }
    if (nowMs - this.#lastMs < APART_MS) return undefined;
    for (const { mac, wanted } of stale) {
      const told = this.#told.get(mac);
      const anew = told === undefined || told.wanted !== wanted;
      if (!anew && (told.times >= TIMES_MOST || nowMs - told.lastMs < AGAIN_MS)) continue;
      this.#told.set(mac, { wanted, times: anew ? 1 : told.times + 1, lastMs: nowMs });
      this.#lastMs = nowMs;
      return mac;
    }
    return undefined;
  }

  /** It was told as often as it is, and lacks the same still. */
  isTired(mac: MacAddress): boolean {
    return (this.#told.get(mac)?.times ?? 0) >= TIMES_MOST;
  }

  get timesMost(): number {
    return TIMES_MOST;
  }

  /** It has come back by itself: it is told at once what it lacks. */
  forget(mac: MacAddress): void {
    this.#told.delete(mac);
  }
}

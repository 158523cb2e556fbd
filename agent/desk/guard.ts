/** Wrong passwords of one source until it is shunned, and for how long they count. */
const WRONG_LIMIT = 8;
const FORGET_AFTER_MS = 60_000;
const SHUN_MS = { first: 30_000, longest: 900_000 } as const;
/** Sources that are remembered; the one that was heard longest ago goes first. */
const SOURCES = 256;

interface Standing {
  wrong: number;
  heardMs: number;
  shunnedUntilMs: number;
  times: number;
}

/**
 * Slows down those who guess passwords: after some wrong ones nothing of a source is read for a while, each time twice as
 * long. A right password is forgiven at once.
 */
export class Guard {
  readonly #sources = new Map<string, Standing>();

  /** True when this source has just become shunned. */
  wrong(source: string, nowMs: number): boolean {
    const before = this.#sources.get(source);
    const fresh = before === undefined || nowMs - before.heardMs > FORGET_AFTER_MS + SHUN_MS.longest;
    const standing = fresh ? { wrong: 0, heardMs: nowMs, shunnedUntilMs: 0, times: 0 } : before;
    if (nowMs - standing.heardMs > FORGET_AFTER_MS) standing.wrong = 0;
    standing.wrong++;
    standing.heardMs = nowMs;
    this.#sources.delete(source);
    this.#sources.set(source, standing);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > SOURCES && oldest !== undefined) this.#sources.delete(oldest);
    if (standing.wrong < WRONG_LIMIT) return false;
    standing.shunnedUntilMs = nowMs + Math.min(SHUN_MS.first * 2 ** standing.times, SHUN_MS.longest);
    standing.times++;
    standing.wrong = 0;
    return true;
  }

  /** Nothing of a source is read for a while, whatever it did before. True when that is new. */
  ban(source: string, nowMs: number): boolean {
    if (this.shuns(source, nowMs)) return false;
    for (let count = 0; count < WRONG_LIMIT; count++) if (this.wrong(source, nowMs)) return true;
    return true;
  }

  right(source: string): void {
    this.#sources.delete(source);
  }

  shuns(source: string, nowMs: number): boolean {
    const standing = this.#sources.get(source);
    return standing !== undefined && standing.shunnedUntilMs > nowMs;
  }
}

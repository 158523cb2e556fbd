/** Wrong passwords of one source until it is shunned, and for how long they count. */
const WRONG_LIMIT = 8;
const FORGET_AFTER_MS = 60_000;
const FIRST_SHUN_MS = 30_000;
/** Sources that are remembered; the one that was heard longest ago goes first. */
const SOURCES = 256;
/** Names come from the wire. No account is so long that two of them would be taken for one. */
const NAME_LENGTH = 64;

/** How hard a guard is. */
export interface GuardHabit {
  /** Each time a source is shunned twice as long, up to this. */
  readonly longestMs: number;
  /** After it nothing counts for so long, so that whoever has a right to be heard gets a turn. */
  readonly restMs: number;
}

/** For what can only have come from the source itself. */
export const STRICT: GuardHabit = { longestMs: 900_000, restMs: 0 };
/** For what anybody may have sent in its name. */
export const MILD: GuardHabit = { longestMs: FIRST_SHUN_MS, restMs: 60_000 };

interface Standing {
  /** By user; fewer than the limit of them, because they end with it. */
  readonly wrongs: Map<string, number>;
  heardMs: number;
  shunnedUntilMs: number;
  times: number;
}

/** Slows down those who guess passwords: after some wrong ones a source is shunned for a while, each time twice as long. */
export class Guard {
  readonly #habit: GuardHabit;
  readonly #sources = new Map<string, Standing>();

  constructor(habit: GuardHabit = STRICT) {
    this.#habit = habit;
  }

  /** True when this source has just become shunned. */
  wrong(source: string, user: string, nowMs: number): boolean {
    const standing = this.#heard(source, nowMs);
    if (this.#spared(standing, nowMs)) return false;
    const name = user.slice(0, NAME_LENGTH);
    standing.wrongs.set(name, (standing.wrongs.get(name) ?? 0) + 1);
    const count = [...standing.wrongs.values()].reduce((sum, each) => sum + each, 0);
    if (count < WRONG_LIMIT) return false;
    this.#shun(standing, nowMs);
    return true;
  }

  /** A source is shunned whatever it did before. True when that is new. */
  ban(source: string, nowMs: number): boolean {
    const standing = this.#heard(source, nowMs);
    if (this.#spared(standing, nowMs)) return false;
    this.#shun(standing, nowMs);
    return true;
  }

  /**
   * Forgives what was wrong for this user, as when somebody mistypes a password. Nothing else: who has one account may still be
   * guessing the others.
   */
  right(source: string, user: string): void {
    this.#sources.get(source)?.wrongs.delete(user.slice(0, NAME_LENGTH));
  }

  shuns(source: string, nowMs: number): boolean {
    const standing = this.#sources.get(source);
    return standing !== undefined && standing.shunnedUntilMs > nowMs;
  }

  /** Shunned already, or so shortly ago that nothing counts yet. */
  #spared({ shunnedUntilMs }: Standing, nowMs: number): boolean {
    return nowMs < shunnedUntilMs + this.#habit.restMs;
  }

  #shun(standing: Standing, nowMs: number): void {
    standing.shunnedUntilMs = nowMs + Math.min(FIRST_SHUN_MS * 2 ** standing.times, this.#habit.longestMs);
    standing.times++;
    standing.wrongs.clear();
  }

  #heard(source: string, nowMs: number): Standing {
    const before = this.#sources.get(source);
    const silentMs = before === undefined ? Number.POSITIVE_INFINITY : nowMs - before.heardMs;
    const standing =
      before === undefined || silentMs > FORGET_AFTER_MS + STRICT.longestMs
        ? { wrongs: new Map(), heardMs: nowMs, shunnedUntilMs: Number.NEGATIVE_INFINITY, times: 0 }
        : before;
    if (silentMs > FORGET_AFTER_MS) standing.wrongs.clear();
    standing.heardMs = nowMs;
    this.#sources.delete(source);
    this.#sources.set(source, standing);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > SOURCES && oldest !== undefined) this.#sources.delete(oldest);
    return standing;
  }
}

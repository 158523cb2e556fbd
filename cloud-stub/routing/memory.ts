import type { Instant } from '../../lib/base/clock.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import type { Decision, RoutingSnapshot, Turn } from './types.ts';

/**
 * What routing itself remembers from one decision to the next, beside the pure decisions: where percentages stand, and
 * how many calls each ID made today. Whoever keeps calls keeps the turns with them, and puts both back after a restart.
 * [S2-033]
 */
export class RoutingMemory {
  readonly #turns = new Map<string, Turn>();
  readonly #calls = new Map<ServiceId, number>();
  #day = '';

  /** The snapshot with what is remembered. */
  over(snapshot: RoutingSnapshot, now: Instant): RoutingSnapshot {
    return {
      ...snapshot,
      turn: (key) => this.#turns.get(key),
      callsOutToday: (id) => (this.#day === japanDate(now) ? (this.#calls.get(id) ?? 0) : 0),
    };
  }

  /** Puts back where percentages stood, and how many calls out each ID has made on the day of `now` in Japan. */
  restore(turns: readonly Turn[], callsToday: ReadonlyMap<ServiceId, number>, now: Instant): void {
    for (const turn of turns) this.#turns.set(turn.key, turn);
    this.#day = japanDate(now);
    for (const [id, calls] of callsToday) this.#calls.set(id, calls);
  }

  /** Takes note of a decision that is carried out. One that is only looked at is not shown to it. */
  remember({ plan, nextTurn }: Decision, now: Instant): void {
    if (nextTurn !== undefined) this.#turns.set(nextTurn.key, nextTurn);
    if (plan.verb !== 'network' || plan.emergency) return;
    const today = japanDate(now);
    if (today !== this.#day) this.#calls.clear();
    this.#day = today;
    this.#calls.set(plan.id, (this.#calls.get(plan.id) ?? 0) + 1);
  }
}

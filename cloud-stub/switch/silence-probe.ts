import type { Clock } from '../../lib/base/clock.ts';
import type { Session } from '../../lib/voice/sip/api.ts';
import type { SwitchLimits } from './switch-limits.ts';

/** A party of a call that is up, and how long nothing has come from it. */
export interface QuietParty {
  readonly session: Session;
  readonly silentMs: number;
}

/** A box that starts anew is reached a moment before it has taken up its calls. */
const DENIALS = 2;

interface Asked {
  atMs: number;
  waits: boolean;
  denials: number;
}

/**
 * Asks boxes that have fallen silent whether they still know the call; they send sound all the time, but on hold and while a fax
 * scans a page. One whose power failed, or whose agent was killed between
 * its BYE and our answer, is registered again after a moment and says nothing of its own: the far end would play on, the
 * office would pay for it, and its channel would not be free.
 */
export class SilenceProbe {
  readonly #clock: Clock;
  readonly #times: SwitchLimits['ask'];
  readonly #asked = new WeakMap<Session, Asked>();

  constructor(clock: Clock, times: SwitchLimits['ask']) {
    this.#clock = clock;
    this.#times = times;
  }

  /** To be called about once a second. `forgotten`: a party has said twice that it knows of no such call. */
  look(parties: readonly QuietParty[], forgotten: () => void): void {
    const nowMs = this.#clock.monotonicMs();
    for (const { session, silentMs } of parties) {
      if (silentMs < this.#times.quietMs) this.#asked.delete(session);
      else if (this.#isDue(session, nowMs)) this.#ask(session, nowMs, forgotten);
    }
  }

  #isDue(session: Session, nowMs: number): boolean {
    const asked = this.#asked.get(session);
    return asked === undefined || (!asked.waits && nowMs - asked.atMs >= this.#times.everyMs);
  }

  #ask(session: Session, atMs: number, forgotten: () => void): void {
    const asked: Asked = { atMs, waits: true, denials: this.#asked.get(session)?.denials ?? 0 };
    this.#asked.set(session, asked);
    session.probe?.((knows) => {
      asked.waits = false;
      asked.denials = knows === false ? asked.denials + 1 : 0;
      if (asked.denials >= DENIALS && this.#asked.get(session) === asked) forgotten();
    });
  }
}

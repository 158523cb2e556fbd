import type { Clock } from '../../lib/base/clock.ts';
import type { CallId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import { writeEnd } from './book-writes.ts';
import type { CallBook, SwitchLegStart } from './ports.ts';

interface OpenLeg {
  /** There is a row to close. */
  begun: boolean;
  /** Everything that is asked of the book about this leg, one after the other. */
  work: Promise<void>;
  answeredMs: number | null;
  ended: boolean;
}

/** Writes the legs of one call, each in its own order, and measures how long each was talked on. */
export class LegRecords {
  readonly #book: CallBook;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #call: CallId;
  readonly #legs = new Map<number, OpenLeg>();

  constructor(needs: { readonly book: CallBook; readonly clock: Clock; readonly log: Logger }, call: CallId) {
    this.#book = needs.book;
    this.#clock = needs.clock;
    this.#log = needs.log;
    this.#call = call;
  }

  /** A leg is sent out. What the book refuses here is found out at the answer, which waits for it. */
  begin(start: SwitchLegStart): void {
    const written = this.#book.legBegin?.(start) ?? Promise.resolve();
    const open: OpenLeg = { begun: false, work: Promise.resolve(), answeredMs: null, ended: false };
    open.work = written.then(() => {
      open.begun = true;
    });
    open.work.catch((error: unknown) => {
      this.#log.error({ err: error, call: this.#call, leg: start.leg }, 'cannot write a leg');
    });
    this.#legs.set(start.leg, open);
  }

  /** Rejects when the beginning or the answer of the leg cannot be written. */
  async answered(leg: number): Promise<void> {
    const open = this.#legs.get(leg);
    if (open === undefined) return;
    open.answeredMs = this.#clock.monotonicMs();
    const at = this.#clock.now();
    open.work = open.work.then(() => this.#book.legAnswered?.(this.#call, leg, at));
    await open.work;
  }

  /** Closes a leg once; the later calls change nothing. */
  ended(leg: number, end: EndReason, because: string): void {
    const open = this.#legs.get(leg);
    if (open === undefined || open.ended) return;
    open.ended = true;
    const { legEnded } = this.#book;
    if (legEnded === undefined) return;
    const talkMs =
      open.answeredMs === null ? 0 : Math.max(0, Math.round(this.#clock.monotonicMs() - open.answeredMs));
    const ending = { endedAt: this.#clock.now(), talkMs, end, because };
    const needs = { book: this.#book, clock: this.#clock, log: this.#log };
    // A leg whose beginning was refused has no row to close; one whose answer was refused has.
    open.work = open.work
      .catch(() => undefined)
      .then(() => (open.begun ? writeEnd(needs, this.#call, ending, leg) : undefined));
  }

  /** Closes what is open, and resolves when everything is written or given up. */
  async settle(end: EndReason, because: string): Promise<void> {
    for (const leg of this.#legs.keys()) this.ended(leg, end, because);
    await Promise.allSettled([...this.#legs.values()].map((open) => open.work));
  }
}

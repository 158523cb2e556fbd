import type { Clock } from '../../lib/base/clock.ts';
import { parseKeptSpend, type SpendReport } from '../../lib/contract/spend.ts';
import type { CallStatus } from '../status.ts';
import type { Outbox, StoreTexts } from '../store/index.ts';
import { hasCeiling, spendBar, type UnreckonedCall } from './spend-guard.ts';

/** What is said to a caller who may not call outside. */
export interface OutsideNo {
  readonly guide: 'guideRecordsFull' | 'guideCeiling';
  readonly because: string;
}

export interface OutsideGuardOptions {
  readonly outbox: Pick<Outbox, 'noRoom' | 'unreckoned' | 'keepAcknowledged' | 'reckoned'>;
  readonly texts: StoreTexts;
  /** Whether the service is there: then it is the one to ask. */
  readonly cloudUp: () => boolean;
  readonly calls: () => readonly CallStatus[];
  readonly clock: Clock;
}

/** A report from further in the future was written by a clock that was wrong, and does not shut out those that come after it. */
const CLOCK_TRUST_MS = 3_600_000;
/** Name of the last report in the store. */
const KEPT = 'spend';

/** Whether a call with the outside may begin. Emergency calls are never asked about. */
export class OutsideGuard {
  readonly #options: OutsideGuardOptions;
  #report: SpendReport | undefined;

  constructor(options: OutsideGuardOptions) {
    this.#options = options;
    const kept = options.texts.read(KEPT);
    this.#report = kept === undefined ? undefined : parseKeptSpend(kept);
    options.outbox.keepAcknowledged(hasCeiling(this.#report));
  }

  /**
   * What came on `spend`; it outlives a restart. False for a report that is older than the last: who holds an old one back could
   * give money again that is spent.
   */
  told(report: SpendReport): boolean {
    const last = this.#report;
    const ours = last !== undefined && last.gateway === report.gateway;
    if (ours && report.at < last.at && last.at <= this.#options.clock.now() + CLOCK_TRUST_MS) return false;
    this.#report = report;
    const { outbox, texts } = this.#options;
    texts.write(KEPT, JSON.stringify(report));
    outbox.keepAcknowledged(hasCeiling(report));
    // The same one again, as the broker has it for every new connection, has reckoned nothing since; so no clock of the box that is
    // behind can make it.
    if (!ours || report.at !== last.at) outbox.reckoned(report.at);
    return true;
  }

  /** Of a call out: the record must be kept, and the ceiling held. */
  barOut(serviceId: string, number: string): OutsideNo | undefined {
    const full = this.barIn();
    if (full !== undefined) return full;
    if (this.#options.cloudUp()) return undefined;
    const bar = spendBar(this.#report, { serviceId, number }, this.#unreckoned(), this.#options.clock.now());
    return bar === undefined ? undefined : { guide: 'guideCeiling', because: bar.because };
  }

  /** Of a call in: the record must be kept. */
  barIn(): OutsideNo | undefined {
    const noRoom = this.#options.outbox.noRoom();
    if (noRoom === undefined) return undefined;
    return { guide: 'guideRecordsFull', because: `records.full: ${noRoom}` };
  }

  *#unreckoned(): Iterable<UnreckonedCall> {
    yield* this.#options.outbox.unreckoned();
    const now = this.#options.clock.now();
    for (const { direction, to, startedAt, answeredAt, endedAt } of this.#options.calls()) {
      if (direction !== 'out' || answeredAt === null || endedAt !== null) continue;
      yield { number: to, startedAt, talkMs: Math.max(1, now - answeredAt) };
    }
  }
}

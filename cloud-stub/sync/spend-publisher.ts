import type { KeyObject } from 'node:crypto';
import type { Clock, Instant } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import { sealSpend } from '../../lib/contract/spend.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';
import type { Contract } from '../contracts/index.ts';
import { gatewaysOf } from './compile.ts';
import { ratesAt, type Spending, spendReportOf } from './spend-report.ts';

/** What the publisher needs from outside. */
export interface SpendPublisherNeeds {
  readonly contracts: () => readonly Contract[];
  /** Cheap, from memory. */
  readonly spendingOf: (contract: Contract) => Spending;
  readonly publish: (topic: string, payload: string, retain: boolean) => Promise<void>;
  /** Signs configurations, and what may be spent. */
  readonly privateKey: KeyObject;
  readonly clock: Clock;
}

/**
 * A box with a ceiling is told again though nothing has changed: it forgets calls that are acknowledged only by a report that was
 * written later. Mostly those of the last change, so soon after it; then for those that came late.
 */
const TELL_AGAIN_MS = { first: 300_000, later: 3_600_000 } as const;

/** What a box was told last. */
interface Told {
  /** The whole report but for its time: lines move and prices change while every sum stays the same. */
  readonly mark: string;
  readonly at: Instant;
  /** It was the same as the one before. */
  readonly again: boolean;
}

/** Tells every box what may still be spent, when it is another report than before. */
export class SpendPublisher {
  readonly #needs: SpendPublisherNeeds;
  readonly #told = new Map<GatewayId, Told>();

  constructor(needs: SpendPublisherNeeds) {
    this.#needs = needs;
  }

  /** `again`: the broker has forgotten what it was told. Answers how many boxes were told. */
  async publish(again: boolean): Promise<number> {
    const { clock, contracts } = this.#needs;
    if (again) this.#told.clear();
    let told = 0;
    const rates = ratesAt(clock.now());
    for (const contract of contracts()) {
      for (const gateway of gatewaysOf(contract, clock.now())) {
        if (await this.#tell(contract, gateway, rates)) told++;
      }
    }
    return told;
  }

  async #tell(contract: Contract, gateway: GatewayId, rates: ReturnType<typeof ratesAt>): Promise<boolean> {
    const { clock, privateKey, publish, spendingOf } = this.#needs;
    // The time and the sum are of one moment: everything that was acknowledged before it is in the report.
    const now = clock.now();
    const spending = spendingOf(contract);
    const report = spendReportOf(contract, gateway, spending, now, rates);
    const { at: _, ...said } = report;
    const mark = JSON.stringify(said);
    const last = this.#told.get(gateway);
    const again = last?.mark === mark;
    const waitMs = last?.again === true ? TELL_AGAIN_MS.later : TELL_AGAIN_MS.first;
    if (again && (spending.limitMicroYen === null || now - last.at < waitMs)) return false;
    await publish(gatewayTopics(gateway).spend, sealSpend(report, privateKey).toString('utf8'), true);
    this.#told.set(gateway, { mark, at: now, again });
    return true;
  }
}

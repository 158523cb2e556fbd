import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import { sealSpend } from '../../lib/contract/spend.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';
import { periodOf } from '../billing/index.ts';
import type { Contract } from '../contracts/index.ts';
import { gatewaysOf } from './compile.ts';
import { type Spending, spendReportOf } from './spend-report.ts';

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

/** Tells every box what may still be spent, when it is another figure than before. */
export class SpendPublisher {
  readonly #needs: SpendPublisherNeeds;
  readonly #told = new Map<GatewayId, string>();

  constructor(needs: SpendPublisherNeeds) {
    this.#needs = needs;
  }

  /** `again`: the broker has forgotten what it was told. Answers how many boxes were told. */
  async publish(again: boolean): Promise<number> {
    const { clock, contracts, privateKey, publish, spendingOf } = this.#needs;
    if (again) this.#told.clear();
    let told = 0;
    const now = clock.now();
    const period = periodOf(now).name;
    for (const contract of contracts()) {
      const spending = spendingOf(contract);
      const gateways = gatewaysOf(contract, now);
      for (const gateway of gateways) {
        const { limitMicroYen, spentMicroYen } = spending;
        const mark = JSON.stringify([
          ...[limitMicroYen, spentMicroYen, contract.ids.length, gateways.length, period],
        ]);
        if (this.#told.get(gateway) === mark) continue;
        const report = spendReportOf(contract, gateway, spending, now);
        await publish(gatewayTopics(gateway).spend, sealSpend(report, privateKey).toString('utf8'), true);
        this.#told.set(gateway, mark);
        told++;
      }
    }
    return told;
  }
}

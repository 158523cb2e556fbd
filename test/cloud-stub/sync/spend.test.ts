import { describe, expect, it } from 'vitest';
import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import { standardRules } from '../../../cloud-stub/store/index.ts';
import { SpendPublisher } from '../../../cloud-stub/sync/spend-publisher.ts';
import { type Spending, spendReportOf } from '../../../cloud-stub/sync/spend-report.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { costOf, parseSpend, spendReport } from '../../../lib/contract/spend.ts';

const GATEWAY = 'gw-000001' as GatewayId;
const rater = standardRules().rater(exampleOffice.product ?? 'cloudPhone');
const clock = new VirtualClock();

function spending(changes: Partial<Spending> = {}): Spending {
  return { limitMicroYen: 1_000_000_000, spentMicroYen: 0, rater, ...changes };
}

describe('what a box is told of spending', () => {
  it('is what is left, for each of its IDs, and never less than nothing', () => {
    const report = spendReportOf(
      exampleOffice,
      GATEWAY,
      spending({ spentMicroYen: 400_000_000 }),
      clock.now(),
    );
    expect(spendReport.parse(report).ids).toEqual(
      exampleOffice.ids.map(({ id }) => ({
        ...{ serviceId: id, remainingMicroYen: 600_000_000, limitMicroYen: 1_000_000_000 },
      })),
    );
    const over = spendReportOf(exampleOffice, GATEWAY, spending({ spentMicroYen: 2e9 }), clock.now());
    expect(over.ids[0]?.remainingMicroYen).toBe(0);
    expect(parseSpend(Buffer.from(JSON.stringify(over)))).toEqual(over);
  });

  it('prices calls as the service does', () => {
    const now = clock.now();
    const { rates } = spendReportOf(exampleOffice, GATEWAY, spending(), now);
    const kinds = [
      ['0355550123', 'geographic'],
      ['09012345678', 'mobile'],
      ['05055551234', 'ip050'],
      ['0120555123', 'tollFree'],
      ['0570555123', 'naviDial'],
    ] as const;
    for (const [number, destination] of kinds) {
      for (const talkMs of [1, 59_999, 60_000, 60_001, 180_000, 180_001, 900_000]) {
        const call = {
          kind: 'out',
          device: 'adapter',
          destination,
          number,
          answeredAt: now,
          talkMs,
        } as const;
        expect([number, talkMs, costOf(rates, number, talkMs)]).toEqual([
          number,
          talkMs,
          rater.amountOf(call) ?? 0,
        ]);
      }
    }
    expect(costOf(rates, '0120555123', 60_000)).toBe(0);
    expect(costOf(rates, '09012345678', 60_000)).toBeGreaterThan(0);
  });

  it('says where there is no ceiling that there is none', () => {
    const report = spendReportOf(exampleOffice, GATEWAY, spending({ limitMicroYen: null }), clock.now());
    expect(report.rates).toEqual([]);
    expect(report.ids.every(({ remainingMicroYen }) => remainingMicroYen === null)).toBe(true);
  });

  it('is published when it is another figure, and again when the broker is another one', async () => {
    const sent: string[] = [];
    let spentMicroYen = 0;
    const publisher = new SpendPublisher({
      contracts: () => [exampleOffice],
      spendingOf: () => spending({ spentMicroYen }),
      publish: async (topic, _payload, retain) => void sent.push(`${topic} ${retain}`),
      clock,
    });
    expect(await publisher.publish(true)).toBe(1);
    expect(await publisher.publish(false)).toBe(0);
    spentMicroYen = 5;
    expect(await publisher.publish(false)).toBe(1);
    expect(await publisher.publish(true)).toBe(1);
    expect(sent).toEqual(Array(3).fill('v1/engawa/gw/gw-000001/down/spend true'));
  });
});

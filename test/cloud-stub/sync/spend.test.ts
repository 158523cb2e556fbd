import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { type Contract, exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import { allowanceOf } from '../../../cloud-stub/rating/index.ts';
import { standardRules } from '../../../cloud-stub/store/index.ts';
import { SpendPublisher } from '../../../cloud-stub/sync/spend-publisher.ts';
import { type Spending, spendReportOf } from '../../../cloud-stub/sync/spend-report.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { microYen } from '../../../lib/base/units.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { costOf, openSpend, type SpendReport, spendReport } from '../../../lib/contract/spend.ts';

const GATEWAY = 'gw-000001' as GatewayId;
const OTHER = 'gw-000002' as GatewayId;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const rater = standardRules().rater(exampleOffice.product ?? 'cloudPhone');
const clock = new VirtualClock();

function spending(changes: Partial<Spending> = {}): Spending {
  return { limitMicroYen: 1_000_000_000, spentMicroYen: 0, rater, ...changes };
}

/** The example office with a second box that has a line of its own, and a third line that is on one of the two. */
function twoBoxes(third: 'here' | 'there'): Contract {
  const [first] = exampleOffice.devices;
  const [id] = exampleOffice.ids;
  if (first === undefined || id === undefined) throw new Error('no example');
  const other = { ...first, id: 'another-adapter' as typeof first.id, gateway: OTHER };
  const line = (n: number, device: typeof first.id) => ({
    ...id,
    id: `id-000001-${n}` as typeof id.id,
    device,
  });
  const moves = line(8, third === 'here' ? first.id : other.id);
  return {
    ...exampleOffice,
    devices: [...exampleOffice.devices, other],
    ids: [...exampleOffice.ids, line(9, other.id), moves],
  };
}

/** A publisher of one contract, with what it has told. */
function publisherOf(state: { contract: Contract; spending: Spending }) {
  const reports: SpendReport[] = [];
  const time = new VirtualClock();
  const publisher = new SpendPublisher({
    contracts: () => [state.contract],
    spendingOf: () => state.spending,
    publish: async (topic, payload) => {
      const gateway = topic.split('/')[3] as GatewayId;
      const opened = openSpend(Buffer.from(payload), { gateway, publicKey });
      if (!opened.ok) throw new Error(opened.error.say);
      reports.push(opened.value);
    },
    ...{ privateKey, clock: time },
  });
  return { publisher, reports, time };
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
  });

  it('is an equal part, where several boxes share the ceiling: together they never pass it', () => {
    const two = twoBoxes('here');
    const parts = [GATEWAY, OTHER].map(
      (gateway) => spendReportOf(two, gateway, spending({ spentMicroYen: 1 }), clock.now()).ids[0],
    );
    expect(parts).toMatchObject([
      { remainingMicroYen: 499_999_999, limitMicroYen: 500_000_000 },
      { serviceId: 'id-000001-9', remainingMicroYen: 499_999_999, limitMicroYen: 500_000_000 },
    ]);
  });

  it('knows of no free minutes: they are sold for calls of apps alone, which no box carries [S0-016]', () => {
    const now = clock.now();
    const [id] = exampleOffice.ids.map((one) => one.id);
    const allowance = allowanceOf(catalogue, [
      { item: 'option.tenMinutes', on: id ?? '', from: now, until: null },
    ]);
    for (const device of ['adapter', 'deskPhone', 'app'] as const) {
      const number = '0355550123';
      const call = {
        kind: 'out',
        device,
        destination: 'geographic',
        number,
        answeredAt: now,
        talkMs: 1,
      } as const;
      const amount = rater.amountOf({ ...call, ...(id === undefined ? {} : { id }) }, allowance) ?? 0;
      expect([device, amount > 0]).toEqual([device, device !== 'app']);
    }
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
    const open = (payload: string, gateway: GatewayId) =>
      openSpend(Buffer.from(payload), { gateway, publicKey });
    let spentMicroYen = 0;
    const publisher = new SpendPublisher({
      contracts: () => [exampleOffice],
      spendingOf: () => spending({ spentMicroYen }),
      publish: async (topic, payload, retain) => {
        expect(open(payload, GATEWAY)).toMatchObject({ ok: true, value: { gateway: GATEWAY } });
        expect(open(payload, 'gw-000002' as GatewayId)).toMatchObject({
          error: { code: 'spend.otherGateway' },
        });
        sent.push(`${topic} ${retain}`);
      },
      privateKey,
      clock,
    });
    expect(await publisher.publish(true)).toBe(1);
    expect(await publisher.publish(false)).toBe(0);
    spentMicroYen = 5;
    expect(await publisher.publish(false)).toBe(1);
    expect(await publisher.publish(true)).toBe(1);
    expect(sent).toEqual(Array(3).fill('v1/engawa/gw/gw-000001/down/spend true'));
  });

  it('is told to both boxes when a line moves between them, though every sum stays the same', async () => {
    const state = { contract: twoBoxes('here'), spending: spending() };
    const { publisher, reports } = publisherOf(state);
    expect(await publisher.publish(false)).toBe(2);
    state.contract = twoBoxes('there');
    expect(await publisher.publish(false)).toBe(2);
    const lines = reports.map(({ gateway, ids }) => [
      gateway,
      ids.some((id) => id.serviceId === 'id-000001-8'),
    ]);
    expect(lines).toEqual([
      [GATEWAY, true],
      [OTHER, false],
      [GATEWAY, false],
      [OTHER, true],
    ]);
    expect(await publisher.publish(false)).toBe(0);
  });

  it('is told anew when a price changes', async () => {
    const state = { contract: exampleOffice, spending: spending() };
    const { publisher, reports } = publisherOf(state);
    await publisher.publish(false);
    const dearer: Spending['rater'] = {
      amountOf: (call) => microYen((rater.amountOf(call) ?? 0) * 2),
    };
    state.spending = spending({ rater: dearer });
    expect(await publisher.publish(false)).toBe(1);
    const costs = reports.map(({ rates }) => costOf(rates, '09012345678', 60_000));
    expect(costs[1]).toBe(2 * (costs[0] ?? 0));
  });

  it('is told again after five minutes and then every hour where there is a ceiling, and nowhere else: boxes go by its time', async () => {
    const state = { contract: exampleOffice, spending: spending() };
    const { publisher, reports, time } = publisherOf(state);
    await publisher.publish(false);
    time.advance(299_000);
    expect(await publisher.publish(false)).toBe(0);
    time.advance(1_000);
    expect(await publisher.publish(false)).toBe(1);
    expect(await publisher.publish(false)).toBe(0);
    const [first, second] = reports;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(300_000);
    time.advance(3_599_000);
    expect(await publisher.publish(false)).toBe(0);
    time.advance(1_000);
    expect(await publisher.publish(false)).toBe(1);
    state.spending = spending({ spentMicroYen: 5_000_000 });
    expect(await publisher.publish(false)).toBe(1);
    time.advance(300_000);
    expect(await publisher.publish(false)).toBe(1);
    state.spending = spending({ limitMicroYen: null });
    expect(await publisher.publish(false)).toBe(1);
    time.advance(86_400_000);
    expect(await publisher.publish(false)).toBe(0);
  });

  it('says of each box the time at which it was reckoned: a slow broker makes no report look younger', async () => {
    const time = new VirtualClock();
    const reckoned: number[] = [];
    const told: number[] = [];
    const publisher = new SpendPublisher({
      contracts: () => [twoBoxes('here')],
      spendingOf: () => {
        reckoned.push(time.now());
        return spending();
      },
      publish: async (topic, payload) => {
        const opened = openSpend(Buffer.from(payload), {
          gateway: topic.split('/')[3] as GatewayId,
          publicKey,
        });
        if (opened.ok) told.push(opened.value.at);
        time.advance(30_000);
      },
      ...{ privateKey, clock: time },
    });
    await publisher.publish(true);
    expect(told).toEqual(reckoned);
    expect(new Set(told).size).toBe(2);
  });
});

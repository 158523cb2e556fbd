import { describe, expect, it } from 'vitest';
import {
  closeContract,
  standardBillingPolicy,
  sumUsage,
  usageWindow,
} from '../../../cloud-stub/billing/index.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import type { Adjustment } from '../../../cloud-stub/rating/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { microYen, yen } from '../../../lib/base/units.ts';
import { amountsOf, charge, close, DECEMBER, IN_DECEMBER, IN_OCTOBER, period, sub } from './office.ts';

describe('toll-free usage', () => {
  const charges = [charge(14, 'tollFreeIn', IN_OCTOBER), charge(20.5, 'tollFreeIn', IN_OCTOBER)];

  it('[A-25] [S0-165] of October is on the invoice of December, dated, and on no other', () => {
    for (const [name, lines] of [
      ['2026-10', []],
      ['2026-11', []],
      ['2026-12', [['lateUsage:tollFreeIn', 34]]],
    ] as const) {
      expect(amountsOf(close({ charges, period: period(name) }))).toEqual(lines);
    }
    expect(close({ charges }).body?.lines).toMatchObject([
      {
        of: { name: '2026-10', firstDay: '2026-09-26', closesOn: '2026-10-25' },
        quantity: 2,
        exactMicroYen: 34_500_000,
      },
    ]);
  });

  it('[A-25] waits and says so', () => {
    const closing = close({ charges, period: period('2026-11') });
    expect(closing.body).toBeNull();
    expect(closing.deferred).toEqual({ uses: 2, exactMicroYen: 34_500_000 });
    expect(close({ charges }).deferred.uses).toBe(0);
  });

  it.each([
    [2, '2026-12'],
    [1, '2026-11'],
    [0, '2026-10'],
  ] as const)('[A-25] late by %d periods it is billed in %s', (tollFreeLatePeriods, name) => {
    expect(close({ charges, period: period(name) }, { tollFreeLatePeriods }).body?.subtotalYen).toBe(34);
    const before = period(name).from;
    expect(
      close({ charges, period: period(name) }, { tollFreeLatePeriods: tollFreeLatePeriods + 1 }).body,
    ).toBeNull();
    expect(before).toBeLessThan(period(name).until);
    expect(standardBillingPolicy.tollFreeLatePeriods).toBe(2);
  });

  it('[A-25] fixed fees of the toll-free number are billed in their own month', () => {
    const subscriptions = [sub('tollFree', DECEMBER.from)];
    expect(amountsOf(close({ subscriptions, charges }))).toEqual([
      ['tollFree', 2_250],
      ['lateUsage:tollFreeIn', 34],
    ]);
  });

  it('[A-25] what comes even later is on the next invoice, with its own period', () => {
    const later = [...charges, charge(7, 'tollFreeIn', instant(period('2026-11').from))];
    const lines = close({ charges: later, period: period('2027-01') }).body?.lines ?? [];
    expect(lines.map((line) => [line.kind === 'lateUsage' && line.of.name, line.amountYen])).toEqual([
      ['2026-10', 34],
      ['2026-11', 7],
    ]);
  });

  it('[A-25] tells a store which charges to take', () => {
    const window = usageWindow(DECEMBER);
    expect(window).toEqual({ ordinaryUntil: DECEMBER.until, tollFreeUntil: period('2026-10').until });
    expect(usageWindow(period('2027-01')).tollFreeUntil).toBe(period('2026-11').until);
  });

  it('is taxed at the rate of its own day', () => {
    const changed = {
      ...catalogue,
      taxRates: [...catalogue.taxRates, { percent: 12, validFrom: DECEMBER.from }],
    };
    const made = close({ charges: [...charges, charge(100)], catalogue: changed }).body;
    expect(made?.taxes).toEqual([
      { percent: 12, taxableYen: 100, taxYen: 12 },
      { percent: 10, taxableYen: 34, taxYen: 3 },
    ]);
  });
});

describe('ordinary usage', () => {
  it('[A-65] [S0-161] belongs to the period of its answer: 26th 00:00 to 25th 24:00 in Japan', () => {
    const charges = [
      charge(1, 'deviceCalls', DECEMBER.from, 'first'),
      charge(2, 'deviceCalls', instant(DECEMBER.until - 1), 'last'),
      charge(4, 'deviceCalls', DECEMBER.until, 'next'),
    ];
    expect(amountsOf(close({ charges }))).toEqual([['usage:deviceCalls', 3]]);
  });

  it('of an earlier period that arrived late is on the next invoice with its dates', () => {
    expect(close({ charges: [charge(8, 'deviceCalls', IN_OCTOBER), charge(8)] }).body?.lines).toMatchObject([
      { kind: 'usage', amountYen: 8 },
      { kind: 'lateUsage', amountYen: 8, of: { name: '2026-10' } },
    ]);
  });

  it.each([
    ['category', 'floor', 52],
    ['category', 'nearest', 53],
    ['category', 'ceil', 53],
    ['use', 'floor', 51],
    ['use', 'ceil', 54],
    ['use', 'nearest', 54],
  ] as const)('[A-43] three calls of 17.5 rounded by %s, %s: %d', (roundedBy, usageRounding, expected) => {
    const charges = [1, 2, 3].map(() => charge(17.5));
    expect(close({ charges }, { roundedBy, usageRounding }).body?.subtotalYen).toBe(expected);
    expect([standardBillingPolicy.roundedBy, standardBillingPolicy.usageRounding]).toEqual([
      'category',
      'floor',
    ]);
  });

  it('[A-53] each category is rounded by itself', () => {
    const categories = [
      'appCalls',
      'deviceCalls',
      'forwardedLegs',
      'cloudFax',
      'botBlocks',
      'answeringCalls',
      'ip050Calls',
      'groupForwarding',
    ] as const;
    const made = close({ charges: categories.flatMap((one) => [charge(0.5, one), charge(0.75, one)]) });
    expect(made.body?.lines.map((line) => line.amountYen)).toEqual(categories.map(() => 1));
    expect(new Set(amountsOf(made).map(([code]) => code)).size).toBe(categories.length);
  });

  it('sums that a store made by itself give the same invoice as the charges', () => {
    const charges = [charge(17.5), charge(8), charge(20, 'appCalls'), charge(7, 'tollFreeIn', IN_OCTOBER)];
    const summed = close({ charges: [], sums: sumUsage(catalogue, charges) });
    expect(JSON.stringify(summed)).toBe(JSON.stringify(close({ charges })));
    const half = close({ charges: charges.slice(2), sums: sumUsage(catalogue, charges.slice(0, 2)) });
    expect(JSON.stringify(half)).toBe(JSON.stringify(close({ charges })));
  });

  it('a charge that is there twice refuses the closing by name', () => {
    const twice = charge(8);
    const closing = closeContract({
      contract: { id: 'c', name: { ja: '', en: '' } },
      issuer: { name: '', registrationNumber: '', address: '' },
      period: DECEMBER,
      catalogue,
      subscriptions: [],
      charges: [twice, twice],
    });
    expect(closing).toMatchObject({ ok: false, error: { code: 'billing.useTwice' } });
    expect(!closing.ok && closing.error.say).toContain(twice.call);
  });
});

describe('tax', () => {
  it.each([
    ['floor', 31],
    ['nearest', 32],
    ['ceil', 32],
  ] as const)('is rounded once for each rate, %s: 315 at 10 %% is %d', (taxRounding, taxYen) => {
    const charges = (['appCalls', 'deviceCalls', 'cloudFax'] as const).map((one) => charge(105, one));
    expect(close({ charges }, { taxRounding }).body).toMatchObject({ subtotalYen: 315, taxYen });
    expect(standardBillingPolicy.taxRounding).toBe('floor');
  });

  it('a month’s fee is taxed at the rate in force when the period closes', () => {
    const changed = {
      ...catalogue,
      taxRates: [...catalogue.taxRates, { percent: 12, validFrom: instant(DECEMBER.until - 1) }],
    };
    expect(close({ subscriptions: [sub('id.base')], catalogue: changed }).body?.taxes).toEqual([
      { percent: 12, taxableYen: 700, taxYen: 84 },
    ]);
  });
});

describe('adjustments', () => {
  const adjustment = (
    use: string,
    before: number,
    after: number,
    more: Partial<Adjustment> = {},
  ): Adjustment => {
    const of = { units: 1, item: 'call.app', category: 'appCalls' } as const;
    return {
      id: `o/${use}`,
      order: 'o',
      use,
      usedAt: IN_DECEMBER,
      decidedAt: IN_DECEMBER,
      reason: '再計算',
      before: { ...of, amount: yen(before) },
      after: { ...of, amount: yen(after) },
      differenceMicroYen: microYen(yen(after) - yen(before)),
      trace: [],
      ...more,
    };
  };

  it('[A-08] stand on a line of their own beside the charges, which stay', () => {
    const charges = [charge(0, 'appCalls', IN_DECEMBER, 'a')];
    const made = close({ charges, adjustments: [adjustment('a', 0, 40)] });
    expect(amountsOf(made)).toEqual([
      ['usage:appCalls', 0],
      ['adjustment:appCalls', 40],
    ]);
    expect(made.body?.lines[1]).toMatchObject({
      reasons: ['再計算'],
      quantity: 1,
      exactMicroYen: 40_000_000,
    });
  });

  it('[A-08] [A-43] leave the total that the new charges would have given, to the yen', () => {
    const charges = [charge(17.5, 'appCalls', IN_DECEMBER, 'a'), charge(20, 'appCalls', IN_DECEMBER, 'b')];
    const adjusted = close({ charges, adjustments: [adjustment('a', 17.5, 0), adjustment('b', 20, 17.5)] });
    const fresh = close({ charges: [charge(0, 'appCalls'), charge(17.5, 'appCalls')] });
    expect(adjusted.body?.subtotalYen).toBe(fresh.body?.subtotalYen);
  });

  it('[A-08] of usage that was billed before stand alone, rounded for the customer', () => {
    const made = close({ adjustments: [adjustment('a', 17.5, 0, { usedAt: IN_OCTOBER })] });
    expect(made.body?.lines).toMatchObject([
      { kind: 'adjustment', amountYen: -18, exactMicroYen: -17_500_000, of: { name: '2026-10' } },
    ]);
    expect(made.body).toMatchObject({ subtotalYen: -18, taxYen: -1, totalYen: -19 });
  });

  it('[A-08] [A-25] of toll-free usage wait until it is billed', () => {
    const tollFree = { units: 1, item: 'call.tollFreeIn.fixed', category: 'tollFreeIn' } as const;
    const more = {
      usedAt: IN_OCTOBER,
      before: { ...tollFree, amount: yen(14) },
      after: { ...tollFree, amount: yen(7) },
    };
    const adjustments = [adjustment('a', 14, 7, more)];
    const charges = [charge(14, 'tollFreeIn', IN_OCTOBER, 'a')];
    expect(close({ charges, adjustments, period: period('2026-11') }).body).toBeNull();
    expect(close({ charges, adjustments }).body?.subtotalYen).toBe(7);
  });

  it('[A-08] that move a use to another category take it from the one and give it to the other', () => {
    const after = { amount: yen(8), units: 1, item: 'call.device.fixed', category: 'deviceCalls' } as const;
    const made = close({ adjustments: [adjustment('a', 20, 0, { after })] });
    expect(amountsOf(made)).toEqual([
      ['adjustment:deviceCalls', 8],
      ['adjustment:appCalls', -20],
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { taxTotals } from '../../../cloud-stub/billing/body.ts';
import { exTax } from '../../../cloud-stub/billing/fees.ts';
import { draftInvoice, periodNamed, periodOf, type RatedCall } from '../../../cloud-stub/billing/index.ts';
import type { DraftInput, DraftInvoice } from '../../../cloud-stub/billing/types.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { exampleOffice, type Subscription, subscriptionsOf } from '../../../cloud-stub/contracts/index.ts';
import { rate, tariffOf } from '../../../cloud-stub/rating/index.ts';
import type { RatableCall } from '../../../cloud-stub/rating/types.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { yen } from '../../../lib/base/units.ts';

const tariff = tariffOf(catalogue);
const applied = periodOf(japanMidnight(2024, 5, 1));
const later = periodOf(japanMidnight(2026, 12, 1));
const IN_LATER = instant(later.from + 86_400_000);

function rated(facts: Partial<RatableCall>, call = 'c'): RatedCall {
  const one: RatableCall = {
    kind: 'out',
    device: 'adapter',
    destination: 'geographic',
    answeredAt: IN_LATER,
    talkMs: 10_000,
    ...facts,
  };
  const rating = rate(one, tariff);
  if (!rating.ok) throw new Error(rating.say);
  return { call, answeredAt: one.answeredAt, charge: rating.charge };
}

function draft(more: Partial<DraftInput> = {}): DraftInvoice {
  const made = draftInvoice({
    contract: exampleOffice,
    issuer: { name: '縁側電話', registrationNumber: 'T1234567890123', address: '' },
    period: later,
    catalogue,
    subscriptions: subscriptionsOf(exampleOffice),
    calls: [],
    ...more,
  });
  if (!made.ok) throw new Error(made.error.say);
  return made.value;
}

const sub = (item: string, from: Instant, until: Instant | null = null): Subscription => ({
  item,
  on: 'x',
  from,
  until,
});
const amounts = (invoice: DraftInvoice) =>
  invoice.lines.map((line) => ['item' in line ? line.item : line.category, line.quantity, line.amountYen]);

describe('the draft invoice', () => {
  it('[S0-001] [S0-003] [S0-004] [S0-009] holds the monthly fees of the example office', () => {
    const invoice = draft();
    expect(amounts(invoice)).toEqual([
      ['number.contract', 1, 280],
      ['id.base', 1, 700],
      ['id.additional', 1, 700],
      ['device.adapter', 1, 500],
    ]);
    expect([invoice.subtotalYen, invoice.taxYen, invoice.totalYen]).toEqual([2_180, 218, 2_398]);
  });

  it('[S0-162] adds the initial fees in the period of the application, and only there', () => {
    const first = draft({ period: applied });
    expect(amounts(first).slice(4)).toEqual([
      ['id.base.initial', 1, 5_000],
      ['id.additional.initial', 1, 5_000],
      ['device.adapter.initial', 1, 9_800],
    ]);
    expect(first.totalYen).toBe(24_178);
    expect(draft().lines.some((line) => line.kind === 'initial')).toBe(false);
  });

  it('[S0-162] [S0-163] [A-22] charges a whole month for one day, none before or after', () => {
    const lines = (from: Instant, until: Instant | null) =>
      amounts(draft({ subscriptions: [sub('id.base', from, until)] }));
    const whole = [['id.base', 1, 700]];
    expect(lines(instant(later.until - 1), null)).toEqual(whole);
    expect(lines(later.until, null)).toEqual([]);
    expect(lines(instant(0 + applied.from), instant(later.from + 1))).toEqual(whole);
    expect(lines(applied.from, later.from)).toEqual([]);
    // Applied for on 20 January, switched on 31 January: charged for January all the same.
    const january = periodNamed('2027-01');
    if (january === undefined) throw new Error('no period');
    expect(
      amounts(draft({ period: january, subscriptions: [sub('id.base', japanMidnight(2027, 1, 20))] })),
    ).toEqual(whole);
  });

  it('puts equal items into one line with their quantity and what they are on', () => {
    const subscriptions = [
      { ...sub('id.additional', applied.from), on: 'b' },
      { ...sub('id.additional', applied.from), on: 'a' },
    ];
    expect(draft({ subscriptions }).lines).toMatchObject([
      {
        item: 'id.additional',
        quantity: 2,
        amountYen: 1_400,
        on: ['a', 'b'],
        unitPriceMicroYen: 700_000_000,
      },
    ]);
  });

  it('[A-02] takes a set off as a fixed discount', () => {
    const items = ['option.voicemail', 'option.afterHours', 'set.basic'];
    expect(draft({ subscriptions: items.map((item) => sub(item, applied.from)) }).subtotalYen).toBe(780);
  });

  it('[A-40] keeps a deposit off the lines and away from tax', () => {
    expect(draft({ subscriptions: [sub('tollFree.presentNumber.deposit', later.from)] }).totalYen).toBe(0);
  });

  it('[A-43] [A-53] sums a category exactly and floors it once: three calls of 17.5 yen are 52', () => {
    const calls = [1, 2, 3].map((n) => rated({ destination: 'mobile' }, `m${n}`));
    const [line] = draft({ subscriptions: [], calls }).lines;
    expect(line).toMatchObject({
      kind: 'usage',
      category: 'deviceCalls',
      quantity: 3,
      exactMicroYen: 52_500_000,
      amountYen: 52,
    });
  });

  it('[A-53] floors each category by itself, whatever the destinations in it', () => {
    const calls = [
      rated({ destination: 'mobile' }, 'a'),
      rated({ destination: 'mobile', device: 'deskPhone' }, 'b'),
      rated({ destination: 'geographic' }, 'c'),
      rated({ device: 'app' }, 'd'),
      rated({ kind: 'internal' }, 'e'),
    ];
    const invoice = draft({ subscriptions: [], calls });
    expect(amounts(invoice)).toEqual([
      ['deviceCalls', 3, 43],
      ['appCalls', 1, 20],
      ['free', 1, 0],
    ]);
    const [devices] = invoice.lines;
    expect(devices?.kind === 'usage' && devices.details).toMatchObject([
      { item: 'call.device.fixed', calls: 1, units: 1, exactMicroYen: 8_000_000, facts: ['S0-046'] },
      { item: 'call.device.mobile', calls: 2, units: 2, exactMicroYen: 35_000_000, facts: ['S0-046'] },
    ]);
  });

  it('[A-65] counts a call in the period of its answer, and an unanswered one in none', () => {
    const calls = [
      rated({ answeredAt: instant(later.from - 1) }, 'before'),
      rated({ answeredAt: later.from }, 'first'),
      rated({ answeredAt: instant(later.until - 1) }, 'last'),
      rated({ answeredAt: later.until }, 'after'),
      rated({ answeredAt: null, talkMs: 0 }, 'unanswered'),
    ];
    expect(amounts(draft({ subscriptions: [], calls }))).toEqual([['deviceCalls', 2, 16]]);
  });

  it('taxes once for each rate: three lines of 105 at 10 % are taxed 31, not 30', () => {
    const line = { amountYen: 105, taxPercent: 10 };
    expect(taxTotals([line, line, line])).toEqual([{ percent: 10, taxableYen: 315, taxYen: 31 }]);
    expect(taxTotals([line, { amountYen: 99, taxPercent: 8 }])).toEqual([
      { percent: 10, taxableYen: 105, taxYen: 10 },
      { percent: 8, taxableYen: 99, taxYen: 7 },
    ]);
  });

  it('[A-30] takes the tax out of a price that has it inside, or says that it cannot exactly', () => {
    expect(exTax({ priceMicroYen: yen(1_100), taxBasis: 'inclusive' }, 10)).toBe(1_000_000_000);
    expect(exTax({ priceMicroYen: yen(1_000), taxBasis: 'inclusive' }, 10)).toBeUndefined();
    expect(exTax({ priceMicroYen: yen(1_100), taxBasis: 'exclusive' }, 10)).toBe(1_100_000_000);
  });

  it('[S4-001] [A-30] bills the loan number of 1,100 with tax as 1,000 without', () => {
    const invoice = draft({ subscriptions: [sub('answering.loanNumber', applied.from)] });
    expect([invoice.subtotalYen, invoice.taxYen, invoice.totalYen]).toEqual([1_000, 100, 1_100]);
  });

  it('carries the fields of a qualified invoice', () => {
    expect(draft()).toMatchObject({
      status: 'draft',
      number: null,
      issuer: { name: '縁側電話', registrationNumber: 'T1234567890123' },
      recipient: { contract: 'c-000001', name: { ja: '縁側商店', en: 'Engawa Shoten' } },
      period: { name: '2026-12', firstDay: '2026-11-26', closesOn: '2026-12-25' },
      taxes: [{ percent: 10, taxableYen: 2_180, taxYen: 218 }],
    });
  });

  it('is refused by name when something has no price', () => {
    const base = { contract: exampleOffice, issuer: draft().issuer, period: later, catalogue, calls: [] };
    expect(draftInvoice({ ...base, subscriptions: [sub('no.such.item', applied.from)] })).toMatchObject({
      ok: false,
      error: { code: 'billing.noPrice', fault: 'us' },
    });
    expect(
      draftInvoice({ ...base, catalogue: { ...catalogue, taxRates: [] }, subscriptions: [] }),
    ).toMatchObject({ ok: false, error: { code: 'billing.noTaxRate' } });
  });
});

describe('properties of the draft', () => {
  const anyCall = fc
    .record({
      kind: fc.constantFrom('out' as const, 'internal' as const, 'in' as const),
      device: fc.constantFrom('adapter' as const, 'deskPhone' as const, 'app' as const),
      destination: fc.constantFrom('geographic' as const, 'mobile' as const, 'naviDial' as const),
      answeredAt: fc.integer({ min: later.from, max: later.until - 1 }).map(instant),
      talkMs: fc.integer({ min: 0, max: 7_200_000 }),
    })
    .map((facts) => rated(facts));
  const calls = fc.array(anyCall, { maxLength: 60 });

  it('the charges of the calls add up to the invoice before rounding', () => {
    fc.assert(
      fc.property(calls, (some) => {
        const { lines } = draft({ subscriptions: [], calls: some });
        const charged = some.reduce((sum, one) => sum + one.charge.amount, 0);
        expect(lines.reduce((sum, line) => sum + line.exactMicroYen, 0)).toBe(charged);
        for (const line of lines) {
          expect(line.exactMicroYen - line.amountYen * 1_000_000).toBeGreaterThanOrEqual(0);
          expect(line.exactMicroYen - line.amountYen * 1_000_000).toBeLessThan(1_000_000);
        }
      }),
    );
  });

  it('the order of calls and subscriptions changes nothing, to the byte', () => {
    const subscriptions = subscriptionsOf(exampleOffice);
    const shuffled = fc.tuple(
      calls.chain((some) =>
        fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
      ),
      fc.shuffledSubarray([...subscriptions], { minLength: subscriptions.length }),
    );
    fc.assert(
      fc.property(shuffled, ([[some, other], subs]) => {
        const one = JSON.stringify(draft({ period: later, calls: some }));
        expect(JSON.stringify(draft({ period: later, calls: other, subscriptions: subs }))).toBe(one);
      }),
      { numRuns: 60 },
    );
  });

  it('tax is within one yen of the exact tenth, and the total is what it says', () => {
    fc.assert(
      fc.property(calls, (some) => {
        const invoice = draft({ calls: some });
        expect(invoice.taxYen).toBe(Math.floor(invoice.subtotalYen / 10));
        expect(invoice.totalYen).toBe(invoice.subtotalYen + invoice.taxYen);
        expect(invoice.subtotalYen).toBe(invoice.lines.reduce((sum, line) => sum + line.amountYen, 0));
      }),
    );
  });
});

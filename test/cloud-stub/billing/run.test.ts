import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  billPeriods,
  canonicalJson,
  newSeries,
  numberFaults,
  type RunInput,
} from '../../../cloud-stub/billing/index.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { type NamedUsage, tariffOf } from '../../../cloud-stub/rating/index.ts';
import type { RatableUsage } from '../../../cloud-stub/rating/types.ts';
import { instant } from '../../../lib/base/clock.ts';
import { codeOf, OCTOBER, period, sub } from './office.ts';

const ID = 'id-1';
const NUMBER = '0355550100';
const day = 86_400_000;
const NOVEMBER = period('2026-11');

const call = (atMs: number, more: object = {}): RatableUsage =>
  ({
    kind: 'out',
    device: 'app',
    destination: 'mobile',
    answeredAt: instant(OCTOBER.from + atMs),
    talkMs: 630_000,
    id: ID,
    ...more,
  }) as RatableUsage;
const fax = (atMs: number, pages: number): RatableUsage => ({
  kind: 'fax',
  direction: 'send',
  client: 'app',
  id: ID,
  answeredAt: instant(OCTOBER.from + atMs),
  talkMs: pages * 30_000,
  pages,
  pagesConfirmed: pages,
});

const uses: readonly NamedUsage[] = [
  { id: 'free-and-30s', usage: call(day) },
  { id: 'toll-free', usage: call(day, { kind: 'tollFreeIn', destination: 'geographic', talkMs: 60_001 }) },
  { id: 'fax-400', usage: fax(2 * day, 400) },
  { id: 'fax-150', usage: fax(3 * day, 150) },
  { id: 'fax-next-month', usage: fax(NOVEMBER.from - OCTOBER.from, 150) },
  { id: 'unanswered', usage: call(0, { answeredAt: null, talkMs: 0 }) },
  { id: 'abroad', usage: call(day, { destination: 'international' }) },
];

function run(more: Partial<RunInput> = {}) {
  const made = billPeriods({
    contract: { id: 'c-000001', name: { ja: '縁側商店', en: '' } },
    issuer: { name: '縁側電話', registrationNumber: 'T1234567890123', address: '' },
    catalogue,
    tariff: tariffOf(catalogue),
    subscriptions: [
      sub('id.base', OCTOBER.from, null, ID),
      sub('id.base.initial', OCTOBER.from, null, ID),
      sub('option.tenMinutes', OCTOBER.from, null, ID),
      sub('option.faxUnlimited500', OCTOBER.from, null, ID),
      sub('tollFree', OCTOBER.from, NOVEMBER.until, NUMBER),
    ],
    uses,
    first: OCTOBER,
    last: period('2027-01'),
    numbers: newSeries('E'),
    ...more,
  });
  if (!made.ok) throw new Error(made.error.say);
  return made.value;
}

describe('billing several periods from facts alone', () => {
  it('[A-25] [A-13] [S0-167] gives each period its invoice', () => {
    const { invoices } = run();
    const lines = invoices.map((invoice) => [
      invoice.period.name,
      invoice.number,
      invoice.issuedOn,
      Object.fromEntries(invoice.lines.map((line) => [codeOf(line), line.amountYen])),
    ]);
    const fees = { 'id.base': 700, 'option.faxUnlimited500': 1_000, 'option.tenMinutes': 1_000 };
    const october = { 'id.base.initial': 5_000, tollFree: 2_250, 'usage:appCalls': 20 };
    expect(lines).toEqual([
      ['2026-10', 'E-00000001', '2026-10-26', { ...fees, ...october, 'usage:cloudFax': 1_000 }],
      ['2026-11', 'E-00000002', '2026-11-26', { ...fees, tollFree: 2_250, 'usage:cloudFax': 0 }],
      ['2026-12', 'E-00000003', '2026-12-26', { ...fees, 'lateUsage:tollFreeIn': 14 }],
      ['2027-01', 'E-00000004', '2027-01-26', fees],
    ]);
  });

  it('names what has no price, and numbers have no gaps', () => {
    const { ratings, numbers, invoices } = run();
    expect(ratings.get('abroad')).toMatchObject({ ok: false, code: 'rating.noPrice' });
    expect(ratings.get('unanswered')).toMatchObject({ ok: true, charge: { amount: 0 } });
    expect(ratings.size).toBe(uses.length);
    expect(
      numberFaults(
        numbers,
        invoices.map((invoice) => invoice.number),
      ),
    ).toEqual([]);
  });

  it('is the same to the byte in any order of arrival, and with every fact handed in twice', () => {
    const once = canonicalJson(run().invoices);
    expect(canonicalJson(run({ uses: [...uses].reverse() }).invoices)).toBe(once);
    expect(canonicalJson(run({ uses: [...uses, ...uses] }).invoices)).toBe(once);
  });

  it('bills any facts alike, permuted and partly sent again', () => {
    const at = fc.integer({ min: 0, max: 80 * day });
    const fact = fc.oneof(
      fc
        .record({
          at,
          talkMs: fc.integer({ min: 0, max: 900_000 }),
          device: fc.constantFrom('app', 'adapter'),
        })
        .map(({ at: ms, ...more }) => call(ms, { ...more, destination: 'geographic' })),
      fc
        .record({
          at,
          talkMs: fc.integer({ min: 1, max: 900_000 }),
          from: fc.constantFrom('geographic', 'mobile'),
        })
        .map(({ at: ms, talkMs, from }) => call(ms, { kind: 'tollFreeIn', destination: from, talkMs })),
      fc.record({ at, pages: fc.integer({ min: 1, max: 600 }) }).map(({ at: ms, pages }) => fax(ms, pages)),
    );
    const both = fc.array(fact, { maxLength: 25 }).chain((list) => {
      const named = list.map((usage, n): NamedUsage => ({ id: `u${n}`, usage }));
      return fc.tuple(
        fc.constant(named),
        fc.shuffledSubarray(named, { minLength: named.length }),
        fc.subarray(named),
      );
    });
    fc.assert(
      fc.property(both, ([inOrder, permuted, again]) => {
        const once = canonicalJson(run({ uses: inOrder }).invoices);
        expect(canonicalJson(run({ uses: [...permuted, ...again] }).invoices)).toBe(once);
      }),
      { numRuns: 40 },
    );
  });

  it('balances its ledger', () => {
    const sides = run().ledger.reduce((sum, entry) => sum + entry.debitYen - entry.creditYen, 0);
    expect(sides).toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type RatedCall } from '../../../cloud-stub/billing/index.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import type { Subscription } from '../../../cloud-stub/contracts/index.ts';
import {
  type Adjustment,
  allowanceOf,
  noAllowance,
  rateInOrder,
  rerate,
  tariffOf,
} from '../../../cloud-stub/rating/index.ts';
import type { Allowance, RatableUsage, UsageCategory } from '../../../cloud-stub/rating/types.ts';
import { instant } from '../../../lib/base/clock.ts';
import { microYen } from '../../../lib/base/units.ts';
import { close, DECEMBER, OCTOBER } from './office.ts';

const categories = fc.constantFrom<UsageCategory>(
  'deviceCalls',
  'appCalls',
  'forwardedLegs',
  'cloudFax',
  'tollFreeIn',
  'free',
);
const charges: fc.Arbitrary<RatedCall[]> = fc
  .array(
    fc.record({
      category: categories,
      answeredAt: fc.integer({ min: OCTOBER.from, max: DECEMBER.until + 1_000 }).map(instant),
      halves: fc.nat(400),
    }),
    { maxLength: 40 },
  )
  .map((list) =>
    list.map(({ category, answeredAt, halves }, n) => ({
      call: `u${n}`,
      answeredAt,
      charge: { amount: microYen(halves * 500_000), units: 1, item: `item.${category}`, category },
    })),
  );
const fixed = catalogue.items.filter((item) => item.kind !== 'usage');
const subscriptions: fc.Arbitrary<Subscription[]> = fc.array(
  fc.record({
    item: fc.constantFrom(...fixed.filter((item) => item.validUntil === null).map((item) => item.id)),
    on: fc.constantFrom('a', 'b', 'c'),
    from: fc.integer({ min: OCTOBER.from, max: DECEMBER.until }).map(instant),
    until: fc.option(fc.integer({ min: DECEMBER.from, max: DECEMBER.until }).map(instant)),
  }),
  { maxLength: 20 },
);
const adjustments = charges.map((list): Adjustment[] =>
  list.slice(0, 5).map(({ call, answeredAt, charge }) => ({
    id: `o/${call}`,
    order: 'o',
    use: call,
    usedAt: answeredAt ?? DECEMBER.from,
    decidedAt: DECEMBER.from,
    reason: 'again',
    before: charge,
    after: { ...charge, amount: microYen(charge.amount + 17_500_000) },
    differenceMicroYen: microYen(17_500_000),
    trace: [],
  })),
);

const shuffled = <Value>(list: Value[]) => fc.shuffledSubarray(list, { minLength: list.length });

describe('properties of closing', () => {
  it('closing twice gives the same bytes, and so does any order of arrival', () => {
    const facts = fc.tuple(charges, subscriptions, adjustments);
    const both = facts.chain(([c, s, a]) =>
      fc.tuple(fc.constant({ c, s, a }), shuffled(c), shuffled(s), shuffled(a)),
    );
    fc.assert(
      fc.property(both, ([{ c, s, a }, c2, s2, a2]) => {
        const once = canonicalJson(close({ charges: c, subscriptions: s, adjustments: a }));
        expect(canonicalJson(close({ charges: c, subscriptions: s, adjustments: a }))).toBe(once);
        expect(canonicalJson(close({ charges: c2, subscriptions: s2, adjustments: a2 }))).toBe(once);
      }),
      { numRuns: 80 },
    );
  });

  it('what is due adds up to the micro-yen: charges, adjustments, and what waits', () => {
    fc.assert(
      fc.property(charges, adjustments, (c, a) => {
        const { body, deferred } = close({ charges: c, adjustments: a });
        const lines = body?.lines ?? [];
        const exact = (kinds: readonly string[]) =>
          lines
            .filter((line) => kinds.includes(line.kind))
            .reduce((sum, line) => sum + line.exactMicroYen, 0);
        const within = c.filter((one) => (one.answeredAt ?? 0) < DECEMBER.until);
        const later = c.filter((one) => (one.answeredAt ?? 0) >= DECEMBER.until);
        const sum = (list: readonly RatedCall[]) => list.reduce((total, one) => total + one.charge.amount, 0);
        const waiting = deferred.exactMicroYen - sum(later);
        expect(exact(['usage', 'lateUsage']) + waiting).toBe(sum(within));
        expect(exact(['adjustment'])).toBeLessThanOrEqual(a.length * 17_500_000);
      }),
      { numRuns: 100 },
    );
  });

  it('[A-08] an invoice with adjustments comes to what rating afresh would have come to', () => {
    const grants = allowanceOf(catalogue, [
      { item: 'option.tenMinutes', on: 'id-1', from: OCTOBER.from, until: null },
    ]);
    const tariff = tariffOf(catalogue);
    const calls = fc.array(
      fc.record({
        device: fc.constantFrom('app' as const, 'adapter' as const),
        talkMs: fc.integer({ min: 1, max: 1_500_000 }),
        at: fc.nat(1_000_000),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(calls, (list) => {
        const uses = list.map(({ device, talkMs, at }, n) => ({
          id: `u${n}`,
          usage: {
            kind: 'out',
            device,
            destination: 'mobile',
            answeredAt: instant(DECEMBER.from + at),
            talkMs,
            id: 'id-1',
          } satisfies RatableUsage,
        }));
        const rated = (allowance: Allowance) =>
          [...rateInOrder(uses, tariff, allowance).ratings].map(([call, rating]) => {
            const use = uses.find((one) => one.id === call);
            if (!rating.ok || use === undefined) throw new Error(call);
            return { call, answeredAt: use.usage.answeredAt, charge: rating.charge };
          });
        const charges = rated(grants);
        const charged = uses.map((use) => {
          const found = charges.find((one) => one.call === use.id);
          if (found === undefined) throw new Error(use.id);
          return { ...use, charge: found.charge };
        });
        const order = { id: 'o', decidedAt: DECEMBER.from, reason: 'removed' };
        const { adjustments } = rerate(charged, order, tariff, noAllowance);
        const adjusted = close({ charges, adjustments }).body?.subtotalYen;
        expect(adjusted).toBe(close({ charges: rated(noAllowance) }).body?.subtotalYen);
      }),
      { numRuns: 60 },
    );
  });

  it('every amount is whole yen below its exact sum, the total is the sum of its parts, and the ledger balances', () => {
    fc.assert(
      fc.property(charges, subscriptions, adjustments, (c, s, a) => {
        const { body, ledger } = close({ charges: c, subscriptions: s, adjustments: a });
        const sides = ledger.reduce((sum, entry) => sum + entry.debitYen - entry.creditYen, 0);
        expect(sides).toBe(0);
        if (body === null) return;
        for (const line of body.lines) {
          expect(Number.isSafeInteger(line.amountYen)).toBe(true);
          expect(Math.abs(line.exactMicroYen - line.amountYen * 1_000_000)).toBeLessThan(1_000_000);
        }
        const lines = body.lines.reduce((sum, line) => sum + line.amountYen, 0);
        expect(body.subtotalYen).toBe(lines);
        expect(body.totalYen).toBe(lines + body.taxYen);
        expect(body.dueYen).toBe(body.totalYen + body.depositYen);
        expect(body.taxes.reduce((sum, tax) => sum + tax.taxableYen, 0)).toBe(lines);
      }),
      { numRuns: 80 },
    );
  });

  it('billed over the following periods, every charge is on exactly one invoice', () => {
    fc.assert(
      fc.property(charges, (c) => {
        let left = c;
        let exact = 0;
        for (const name of ['2026-10', '2026-11', '2026-12', '2027-01', '2027-02', '2027-03']) {
          const [year, month] = name.split('-').map(Number) as [number, number];
          const period = { ...DECEMBER, ...closing(year, month) };
          const window = { ordinary: period.until, tollFree: closing(year, month - 2).until };
          const taken = (one: RatedCall) =>
            (one.answeredAt ?? 0) <
            (one.charge.category === 'tollFreeIn' ? window.tollFree : window.ordinary);
          const { body } = close({ charges: left, period });
          exact += (body?.lines ?? []).reduce((sum, line) => sum + line.exactMicroYen, 0);
          left = left.filter((one) => !taken(one));
        }
        expect(left).toEqual([]);
        expect(exact).toBe(c.reduce((sum, one) => sum + one.charge.amount, 0));
      }),
      { numRuns: 60 },
    );
  });
});

/** A period reckoned another way: from Japan's midnight of the 26th. */
function closing(year: number, month: number) {
  const midnight = (m: number) => instant(Date.UTC(year, m - 1, 26) - 9 * 3_600_000);
  const day = (m: number, d: number) => new Date(Date.UTC(year, m - 1, d)).toISOString().slice(0, 10);
  const closesOn = day(month, 25);
  return {
    name: closesOn.slice(0, 7),
    from: midnight(month - 1),
    until: midnight(month),
    firstDay: day(month - 1, 26),
    closesOn,
  };
}

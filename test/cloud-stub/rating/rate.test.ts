import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import {
  allowanceOf,
  noAllowance,
  prepareRater,
  rate,
  tariffAt,
  tariffOf,
} from '../../../cloud-stub/rating/index.ts';
import type { RatableCall, RatableUsage, Tariff } from '../../../cloud-stub/rating/types.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { yen } from '../../../lib/base/units.ts';

const tariff = tariffOf(catalogue);
const NOW = japanMidnight(2026, 11, 21);
const call = (more: Partial<RatableCall>): RatableCall => ({
  kind: 'out',
  device: 'adapter',
  destination: 'geographic',
  answeredAt: NOW,
  talkMs: 1,
  ...more,
});

function amount(more: Partial<RatableCall>): number {
  const rating = rate(call(more), tariff);
  if (!rating.ok) throw new Error(rating.say);
  return rating.charge.amount;
}

describe('the price of a call', () => {
  it.each([
    // fact, device, destination, talk ms, micro-yen
    ['S0-046', 'adapter', 'geographic', 1, 8_000_000],
    ['S0-046', 'adapter', 'geographic', 179_999, 8_000_000],
    ['S0-046', 'adapter', 'geographic', 180_000, 8_000_000],
    ['S0-046', 'adapter', 'geographic', 180_001, 16_000_000],
    ['S0-046', 'adapter', 'geographic', 360_000, 16_000_000],
    ['S0-046', 'deskPhone', 'geographic', 180_001, 16_000_000],
    ['S0-046', 'adapter', 'mobile', 60_000, 17_500_000],
    ['S0-046', 'adapter', 'mobile', 60_001, 35_000_000],
    ['S0-046', 'deskPhone', 'mobile', 1, 17_500_000],
    ['A-61', 'adapter', 'ip050', 60_000, 17_500_000],
    ['S0-045', 'app', 'geographic', 30_000, 20_000_000],
    ['S0-045', 'app', 'geographic', 30_001, 40_000_000],
    ['S0-045', 'app', 'mobile', 1, 20_000_000],
    ['S0-045', 'app', 'ip050', 1, 20_000_000],
    ['S0-048', 'app', 'naviDial', 30_000, 20_000_000],
    ['S0-048', 'adapter', 'naviDial', 30_001, 40_000_000],
    ['A-10', 'app', 'tollFree', 3_600_000, 0],
    ['A-10', 'adapter', 'tollFree', 3_600_000, 0],
    ['A-36', 'adapter', 'emergency', 3_600_000, 0],
  ] as const)('[%s] from %s to %s for %d ms is %d micro-yen', (fact, device, destination, talkMs, micro) => {
    const rating = rate(call({ device, destination, talkMs }), tariff);
    expect(rating.ok && rating.charge.amount).toBe(micro);
    expect(rating.trace.flatMap((line) => line.facts)).toContain(fact);
  });

  it('says how it was computed, as a person would', () => {
    const one = rate(call({ talkMs: 12_345 }), tariff);
    expect(one.trace.map((line) => line.say)).toContain('8 yen per started 3 min × 1 = 8 yen [S0-046]');
    const two = rate(call({ destination: 'mobile', talkMs: 61_000 }), tariff);
    expect(two.trace.map((line) => line.say)).toContain('17.5 yen per started 1 min × 2 = 35 yen [S0-046]');
    const app = rate(call({ device: 'app', talkMs: 31_000 }), tariff);
    expect(app.trace.map((line) => line.say)).toContain('20 yen per started 30 s × 2 = 40 yen [S0-045]');
  });

  it('[A-53] puts desk phone and adapter into one category, the app into another, free calls into a third', () => {
    const category = (more: Partial<RatableCall>) => {
      const rating = rate(call(more), tariff);
      return rating.ok ? rating.charge.category : rating.code;
    };
    expect(category({ device: 'adapter' })).toBe('deviceCalls');
    expect(category({ device: 'deskPhone', destination: 'naviDial' })).toBe('deviceCalls');
    expect(category({ device: 'app' })).toBe('appCalls');
    expect(category({ device: 'app', destination: 'tollFree' })).toBe('free');
    expect(category({ kind: 'internal' })).toBe('free');
  });

  it('[S0-050] charges nothing for internal and incoming calls', () => {
    expect(amount({ kind: 'internal', talkMs: 86_400_000 })).toBe(0);
    expect(amount({ kind: 'in', talkMs: 86_400_000, destination: 'mobile' })).toBe(0);
  });

  it('[A-44] charges nothing for a call that nobody answered or that had no length', () => {
    expect(rate(call({ answeredAt: null, talkMs: 0 }), tariff)).toMatchObject({
      ok: true,
      charge: { amount: 0, units: 0 },
    });
    expect(rate(call({ talkMs: 0 }), tariff)).toMatchObject({ ok: true, charge: { amount: 0, units: 0 } });
    expect(rate(call({ answeredAt: null, talkMs: 5_000 }), tariff)).toMatchObject({
      ok: true,
      charge: { amount: 0 },
    });
  });

  it('[A-44] needs no price for a call that had no length', () => {
    expect(rate(call({ destination: 'international', talkMs: 0 }), tariff)).toMatchObject({
      ok: true,
      charge: { amount: 0, item: 'call.unanswered' },
    });
  });

  it('[A-44] charges the first unit from the first instant of talk', () => {
    expect(amount({ talkMs: 0.25 })).toBe(8_000_000);
  });

  it.each(['international', 'premium', 'm2m', 'unknown', 'special1xy'] as const)(
    '[A-10] refuses to call %s free for want of a price',
    (destination) => {
      const rating = rate(call({ destination, number: '117' }), tariff);
      expect(rating).toMatchObject({ ok: false, code: 'rating.noPrice' });
      expect(rating.trace.map((line) => line.rule)).toEqual(['rate.noPrice']);
      expect(!rating.ok && rating.say).toContain('has no price from an analog adapter');
    },
  );

  it('[A-10] names the day on which there was no price, where there was an answer', () => {
    const refused = (more: Partial<RatableCall>) => {
      const rating = rate(call({ destination: 'premium', ...more }), tariff);
      return rating.ok ? '' : rating.say;
    };
    expect(refused({})).toContain('has no price from an analog adapter to premium on 2026-11-21;');
    expect(refused({ answeredAt: instant(NOW - 1) })).toContain('on 2026-11-20;');
  });

  it('[A-10] does not ask for a price where the facts of the call are wrong', () => {
    const wrong = rate(call({ destination: 'premium', talkMs: -1 }), tariff);
    expect(wrong).toMatchObject({ ok: false, code: 'rating.badCall' });
    expect(wrong.trace.map((line) => line.rule)).toEqual(['rate.badCall']);
    expect(!wrong.ok && wrong.say).toBe("A call cannot last -1 ms; look at the record's talkMs.");
  });

  it('[S0-049] [A-11] prices 104, and nothing else of its class, until 2026-03-31', () => {
    const at = instant(japanMidnight(2026, 4, 1) - 1);
    const enquiry = { destination: 'special1xy', talkMs: 600_000 } as const;
    expect(amount({ ...enquiry, number: '104', answeredAt: at })).toBe(265_000_000);
    expect(rate(call({ ...enquiry, number: '117', answeredAt: at }), tariff).ok).toBe(false);
    expect(rate(call({ ...enquiry, answeredAt: at }), tariff).ok).toBe(false);
    expect(rate(call({ ...enquiry, number: '104', answeredAt: japanMidnight(2026, 4, 1) }), tariff).ok).toBe(
      false,
    );
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e300])(
    'refuses a length of %d ms by name',
    (talkMs) => {
      expect(rate(call({ talkMs }), tariff)).toMatchObject({ ok: false, code: 'rating.badCall' });
    },
  );

  it('[A-65] takes the price of the time of answer when a price changes', () => {
    const change = japanMidnight(2027, 4, 1);
    const row = tariff.prices.find(
      (price) => price.item === 'call.device.fixed' && price.device === 'adapter',
    );
    if (row === undefined) throw new Error('no row');
    const changed: Tariff = {
      name: 'with a change',
      prices: [
        { ...row, validUntil: change },
        { ...row, pricePerUnit: yen(9), validFrom: change },
      ],
    };
    const at = (answeredAt: Instant) => {
      const rating = rate(call({ answeredAt }), changed);
      return rating.ok ? rating.charge.amount : rating.code;
    };
    expect(at(instant(change - 1))).toBe(8_000_000);
    expect(at(change)).toBe(9_000_000);
    expect(at(instant(row.validFrom - 1))).toBe('rating.noPrice');
  });

  it('prefers a price for the device to one for any device', () => {
    const row = tariff.prices[0];
    if (row === undefined) throw new Error('no row');
    const both: Tariff = {
      name: 'two',
      prices: [
        { ...row, device: 'any', destinations: ['geographic'], pricePerUnit: yen(1) },
        { ...row, device: 'adapter', destinations: ['geographic'], pricePerUnit: yen(2) },
      ],
    };
    expect(rate(call({}), both)).toMatchObject({ ok: true, charge: { amount: 2_000_000 } });
    expect(rate(call({ device: 'app' }), both)).toMatchObject({ ok: true, charge: { amount: 1_000_000 } });
  });
});

describe('the tariff', () => {
  it('[A-11] at a moment holds only the prices of that moment', () => {
    const items = (at: Instant) => new Set(tariffAt(catalogue, at).prices.map((price) => price.item));
    expect(items(japanMidnight(2026, 3, 31)).has('call.directory104')).toBe(true);
    expect(items(japanMidnight(2026, 4, 1)).has('call.directory104')).toBe(false);
  });

  it('keeps what devices call apart from what is forwarded or paid by the callee', () => {
    const out = tariff.prices.filter((price) => price.direction === 'out');
    const items = [...new Set(out.map((price) => price.item))].sort();
    expect(items).toEqual([
      'call.app',
      'call.device.fixed',
      'call.device.ip050',
      'call.device.mobile',
      'call.directory104',
      'call.emergency',
      'call.naviDial',
      'call.tollFree',
    ]);
  });

  it('[S3-033] keeps a price for free partners from making every 050 call free', () => {
    const rating = rate(call({ device: 'app', destination: 'ip050' }), tariffOf(catalogue, 'ip050'));
    expect(rating).toMatchObject({ ok: true, charge: { item: 'ip050.call.mobile', category: 'ip050Calls' } });
  });

  it('has no prices of another service: a product without calls out rates none', () => {
    expect(rate(call({}), tariffOf(catalogue, 'answering'))).toMatchObject({
      ok: false,
      code: 'rating.noPrice',
    });
  });

  it('rates a call as the whole tariff does', () => {
    const anyDevice = fc.constantFrom('adapter', 'deskPhone', 'app');
    const anyEnd = fc.constantFrom('geographic', 'mobile', 'ip050', 'naviDial', 'tollFree', 'international');
    fc.assert(
      fc.property(
        anyDevice,
        anyEnd,
        fc.integer({ min: 0, max: 10_000_000 }),
        (device, destination, talkMs) => {
          const one = call({ device, destination, talkMs } as Partial<RatableCall>);
          expect(rate(one, tariffAt(catalogue, NOW))).toMatchObject({ ok: rate(one, tariff).ok });
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('what a price brings by itself', () => {
  const NUMBER = '0355550100';
  const item: RatableUsage = { kind: 'botItem', number: NUMBER, at: NOW };
  const answer: RatableUsage = { kind: 'answeredCall', number: NUMBER, at: NOW, refusedSales: false };

  it('[S0-164] [S0-168] may be a single piece, which is free; the second is charged', () => {
    const uses = (tariff.uses ?? []).map((price) => ({ ...price, included: 1 }));
    const stream = prepareRater({ ...tariff, uses }).stream(noAllowance);
    expect([item, item].map(stream.amountOf)).toEqual([0, 2_000_000_000]);
    expect([answer, answer].map(stream.amountOf)).toEqual([0, 320_000_000]);
  });

  it('[S0-164] [S0-168] an option that is older than its list brings what the list says', () => {
    const from = japanMidnight(2019, 1, 1);
    const options = ['option.answerBot', 'option.operator'];
    const { grants } = allowanceOf(
      catalogue,
      options.map((option) => ({ item: option, on: NUMBER, from, until: null })),
    );
    expect(grants[NUMBER]?.map(({ count }) => count)).toEqual([100, 20]);
  });
});

describe('properties of rating', () => {
  const priced = fc.record({
    device: fc.constantFrom('adapter' as const, 'deskPhone' as const, 'app' as const),
    destination: fc.constantFrom(
      'geographic' as const,
      'mobile' as const,
      'ip050' as const,
      'naviDial' as const,
    ),
  });
  const length = fc.integer({ min: 1, max: 86_400_000 });

  it('is exact: the amount is units times price, and the units cover the talk and no unit more', () => {
    fc.assert(
      fc.property(priced, length, (where, talkMs) => {
        const rating = rate(call({ ...where, talkMs }), tariff);
        if (!rating.ok) throw new Error(rating.say);
        const row = tariff.prices.find(
          (price) => price.item === rating.charge.item && price.device === where.device,
        );
        if (row === undefined) throw new Error('charged by a price that is not there');
        const { units, amount: micro } = rating.charge;
        expect(BigInt(micro)).toBe(BigInt(units) * BigInt(row.pricePerUnit));
        expect(units * row.unitMs).toBeGreaterThanOrEqual(talkMs);
        expect((units - 1) * row.unitMs).toBeLessThan(talkMs);
      }),
    );
  });

  it('never gets cheaper by talking longer', () => {
    fc.assert(
      fc.property(priced, length, length, (where, a, b) => {
        expect(amount({ ...where, talkMs: a + b })).toBeGreaterThanOrEqual(amount({ ...where, talkMs: a }));
      }),
    );
  });
});

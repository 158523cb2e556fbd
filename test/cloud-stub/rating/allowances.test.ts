import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import {
  allowanceOf,
  noAllowance,
  prepareRater,
  type RatingPolicy,
  rate,
  rateInOrder,
  standardRatingPolicy,
  tariffOf,
} from '../../../cloud-stub/rating/index.ts';
import type { Allowance, RatableCall, RatableFax, RatableUsage } from '../../../cloud-stub/rating/types.ts';
import { startedUnitsOfShare } from '../../../cloud-stub/rating/units.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const tariff = tariffOf(catalogue);
const FROM = japanMidnight(2026, 11, 26);
const NOW = japanMidnight(2026, 12, 1);
const ID = 'id-000001-1';
const NUMBER = '0355550100';

const held = (item: string, on: string, until: number | null = null) => ({
  item,
  on,
  from: FROM,
  until: until === null ? null : instant(until),
});
const all = allowanceOf(catalogue, [
  held('option.tenMinutes', ID),
  held('option.faxUnlimited500', ID),
  held('option.answerBot', NUMBER),
  held('option.operator', NUMBER),
]);

function micro(usage: RatableUsage, allowance: Allowance = all, policy: Partial<RatingPolicy> = {}) {
  const rating = rate(usage, tariff, allowance, { ...standardRatingPolicy, ...policy });
  return rating.ok ? rating.charge.amount : rating.code;
}

const call = (more: Partial<RatableCall>): RatableCall => ({
  kind: 'out',
  device: 'app',
  destination: 'mobile',
  answeredAt: NOW,
  talkMs: 600_000,
  id: ID,
  ...more,
});

describe('ten free minutes', () => {
  it.each([
    ['excess', 600_000, 0],
    ['excess', 600_001, 20_000_000],
    ['excess', 630_000, 20_000_000],
    ['excess', 630_001, 40_000_000],
    ['wholeCall', 600_000, 0],
    ['wholeCall', 600_001, 21 * 20_000_000],
    ['wholeCall', 630_000, 21 * 20_000_000],
  ] as const)('[A-07] [S0-091] read as %s: %d ms cost %d micro-yen', (tenMinutes, talkMs, expected) => {
    expect(micro(call({ talkMs }), all, { tenMinutes })).toBe(expected);
    expect(standardRatingPolicy.tenMinutes).toBe('excess');
  });

  it('[S0-016] belong to the ID that holds the option, call by call, without end', () => {
    for (let n = 0; n < 40; n++) expect(micro(call({ talkMs: 599_000 }))).toBe(0);
    expect(micro(call({ id: 'id-000001-2' }))).toBe(400_000_000);
    expect(micro(call({}), noAllowance)).toBe(400_000_000);
  });

  it('[S0-016] [A-45] count for contracts that are older than the list', () => {
    const old = allowanceOf(catalogue, [
      { item: 'option.tenMinutes', on: ID, from: japanMidnight(2019, 1, 1), until: null },
    ]);
    expect(micro(call({}), old)).toBe(0);
  });

  it('[A-65] say that all of a call is free only when nothing of it is charged', () => {
    const free = (talkMs: number) =>
      rate(call({ talkMs }), tariff, all).trace.find((line) => line.rule === 'rate.freeMinutes')?.say;
    expect(free(600_000)).toMatch(/; all of it$/);
    expect(free(600_001)).toMatch(/; 0\.001 s are charged \(excess\)$/);
  });

  it('[S0-048] never cover navi-dial', () => {
    expect(micro(call({ destination: 'naviDial', talkMs: 30_000 }))).toBe(20_000_000);
  });

  it('[S0-049] never cover 104', () => {
    const at = instant(japanMidnight(2026, 4, 1) - 1);
    const earlier = allowanceOf(catalogue, [
      { item: 'option.tenMinutes', on: ID, from: instant(at - 1_000), until: null },
    ]);
    const enquiry = call({ destination: 'special1xy', number: '104', answeredAt: at, talkMs: 60_000 });
    expect(micro(enquiry, earlier)).toBe(265_000_000);
  });

  it('[S0-092] never cover desk phones and adapters', () => {
    for (const device of ['deskPhone', 'adapter'] as const) {
      expect(micro(call({ device, talkMs: 60_000 }))).toBe(17_500_000);
    }
  });

  it('[A-08] [S0-095] after the removal every call is charged from its first second; calls before stay free', () => {
    const removed = allowanceOf(catalogue, [held('option.tenMinutes', ID, NOW)]);
    expect(micro(call({ answeredAt: instant(NOW - 1), talkMs: 60_000 }), removed)).toBe(0);
    expect(micro(call({ answeredAt: NOW, talkMs: 60_000 }), removed)).toBe(40_000_000);
    expect(micro(call({ answeredAt: NOW, talkMs: 1 }), removed)).toBe(20_000_000);
  });

  it('[S0-091] [S0-016] are explained where they count and not where they do not', () => {
    const { trace } = rate(call({ talkMs: 615_000 }), tariff, all);
    const rules = (usage: RatableUsage, allowance: Allowance) =>
      rate(usage, tariff, allowance).trace.map((line) => line.rule);
    expect(rules(call({}), all)).toEqual(['rate.price', 'rate.freeMinutes', 'rate.units']);
    expect(rules(call({}), noAllowance)).toEqual(['rate.price', 'rate.units']);
    expect(rate(call({}), tariff, all).trace[1]?.say).toBe(
      'option.tenMinutes: the first 600 s of a call are free; all of it',
    );
    const say = trace.map((line) => line.say);
    expect(say).toContain('option.tenMinutes: the first 600 s of a call are free; 15 s are charged (excess)');
    expect(say).toContain('20 yen per started 30 s × 1 = 20 yen [S0-045]');
  });
});

const fax = (more: Partial<RatableFax>): RatableFax => ({
  kind: 'fax',
  direction: 'send',
  client: 'app',
  id: ID,
  answeredAt: NOW,
  talkMs: 90_000,
  pages: 3,
  pagesConfirmed: 3,
  ...more,
});
const sheetsUsed = (sheets: number, from: Allowance = all): Allowance => ({
  grants: from.grants,
  used: { [`faxSheets ${ID}`]: sheets },
});

describe('cloud fax', () => {
  it('[S0-014] [A-44] sending costs 20 yen per started 30 s', () => {
    expect(micro(fax({ talkMs: 30_000 }), noAllowance)).toBe(20_000_000);
    expect(micro(fax({ talkMs: 30_001 }), noAllowance)).toBe(40_000_000);
    const rating = rate(fax({}), tariff, noAllowance);
    expect(rating).toMatchObject({ charge: { category: 'cloudFax', item: 'fax.send', units: 3 } });
    expect(rating.trace.map((line) => line.rule)).toEqual(['rate.price', 'rate.units']);
  });

  it('[S0-013] receiving is free, however long', () => {
    const received = rate(fax({ direction: 'receive', talkMs: 3_600_000 }), tariff, all);
    expect(received).toMatchObject({ ok: true, charge: { amount: 0, units: 0, item: 'fax.receive' } });
    expect(received.allowance).toEqual(all);
  });

  it('[S0-013] [A-13] of no page or of no time there is no unit to charge', () => {
    const nothing = fax({ direction: 'receive', pages: 0, pagesConfirmed: 0 });
    expect(rate(nothing, tariff, all)).toMatchObject({ ok: true, charge: { amount: 0, units: 0 } });
    expect(startedUnitsOfShare(0, 1, 0, 30_000)).toBe(0);
  });

  it('[S0-015] [S0-167] 500 sheets of a period are free and counted', () => {
    const first = rate(fax({}), tariff, all);
    expect(first).toMatchObject({ ok: true, charge: { amount: 0 } });
    expect(first.allowance.used).toEqual({ [`faxSheets ${ID}`]: 3 });
    expect(micro(fax({}), sheetsUsed(497))).toBe(0);
    expect(micro(fax({}), sheetsUsed(500))).toBe(60_000_000);
  });

  it.each([
    // used before, policy, expected: 90 s of three pages
    [498, 'shareOfPages', 20_000_000],
    [499, 'shareOfPages', 40_000_000],
    [498, 'wholeJob', 60_000_000],
    [497, 'wholeJob', 0],
  ] as const)(
    '[A-13] [S0-105] a job that starts at %d of 500, read as %s, costs %d',
    (used, faxCrossing, expected) => {
      expect(micro(fax({}), sheetsUsed(used), { faxCrossing })).toBe(expected);
      expect(standardRatingPolicy.faxCrossing).toBe('shareOfPages');
    },
  );

  it('[S0-104] [S0-105] says which sheets are free and how many pages are charged', () => {
    const { trace } = rate(fax({}), tariff, sheetsUsed(498));
    expect(trace.map((line) => line.rule)).toEqual(['rate.price', 'rate.freeSheets', 'rate.units']);
    expect(trace[1]?.say).toBe(
      'option.faxUnlimited500: sheets 499 to 501 of 500 free ones; 1 pages are charged',
    );
    const without = rate(fax({}), tariff, noAllowance).trace.map((line) => line.rule);
    expect(without).toEqual(['rate.price', 'rate.units']);
  });

  it('[A-13] the share of the time is rounded up to units of 30 s', () => {
    // One page of three in 91 s is 30.33 s: two units.
    expect(micro(fax({ talkMs: 91_000 }), sheetsUsed(498))).toBe(40_000_000);
    expect(micro(fax({ talkMs: 90_000 }), sheetsUsed(498))).toBe(20_000_000);
    expect(micro(fax({ talkMs: 1 }), sheetsUsed(498))).toBe(20_000_000);
  });

  it.each([
    ['charged', 60_000_000],
    ['freeSheets', 0],
  ] as const)('[A-50] a PC browser, read as %s, pays %d', (browserFax, expected) => {
    expect(micro(fax({ client: 'browser' }), all, { browserFax })).toBe(expected);
    const { trace } = rate(fax({ client: 'browser' }), tariff, all, { ...standardRatingPolicy, browserFax });
    const told = trace.filter((line) => line.rule === 'rate.freeSheets').flatMap((line) => line.facts);
    expect(told.includes('A-50')).toBe(browserFax === 'freeSheets');
    expect(standardRatingPolicy.browserFax).toBe('charged');
  });

  it('[S0-104] only the app on the ID that holds the add-on has free sheets', () => {
    expect(micro(fax({ id: 'id-000001-2' }))).toBe(60_000_000);
    expect(micro(fax({ client: 'machine' }))).toBe(60_000_000);
    expect(rate(fax({ client: 'browser' }), tariff, all).allowance.used).toEqual({});
  });

  it.each([
    [0, 'confirmedPages', 0],
    [1, 'confirmedPages', 20_000_000],
    [2, 'confirmedPages', 40_000_000],
    [0, 'allTime', 60_000_000],
    [1, 'allTime', 60_000_000],
  ] as const)(
    '[A-64] of three pages %d were confirmed, read as %s: %d',
    (pagesConfirmed, failedFax, expected) => {
      expect(micro(fax({ pagesConfirmed }), noAllowance, { failedFax })).toBe(expected);
      expect(standardRatingPolicy.failedFax).toBe('confirmedPages');
    },
  );

  it('[A-64] says how many pages were confirmed when not all were', () => {
    const said = (pagesConfirmed: number) =>
      rate(fax({ pagesConfirmed }), tariff, noAllowance)
        .trace.filter((line) => line.rule === 'rate.confirmedPages')
        .map((line) => line.say);
    expect(said(2)).toEqual(['the far machine confirmed 2 of 3 pages (confirmedPages)']);
    expect(said(3)).toEqual([]);
  });

  it('[A-64] only confirmed pages use up sheets', () => {
    expect(rate(fax({ pagesConfirmed: 2 }), tariff, all).allowance.used).toEqual({ [`faxSheets ${ID}`]: 2 });
    expect(rate(fax({ pagesConfirmed: 0 }), tariff, all).allowance.used).toEqual({});
  });

  it('[A-44] nobody answered: nothing', () => {
    expect(micro(fax({ answeredAt: null, talkMs: 0 }), noAllowance)).toBe(0);
  });

  it.each([
    [{ talkMs: -1 }],
    [{ talkMs: Number.NaN }],
    [{ pages: 0, pagesConfirmed: 0 }],
    [{ pagesConfirmed: 4 }],
    [{ pages: 1.5, pagesConfirmed: 1 }],
    [{ pagesConfirmed: -1 }],
  ])('refuses %j by name', (more) => {
    expect(rate(fax(more), tariff, all)).toMatchObject({ ok: false, code: 'rating.badCall' });
  });
});

const item = (number = NUMBER): RatableUsage => ({ kind: 'botItem', number, at: NOW });
const itemsUsed = (count: number, key = `botItems ${NUMBER}`): Allowance => ({
  grants: all.grants,
  used: { [key]: count },
});

describe('answer bot', () => {
  it.each([
    [0, 'firstItem', 0],
    [99, 'firstItem', 0],
    [100, 'firstItem', 2_000_000_000],
    [101, 'firstItem', 0],
    [199, 'firstItem', 0],
    [200, 'firstItem', 2_000_000_000],
    [100, 'fullBlock', 0],
    [199, 'fullBlock', 2_000_000_000],
    [299, 'fullBlock', 2_000_000_000],
  ] as const)(
    '[S0-023] [A-24] after %d items the next one, read as %s, costs %d',
    (used, botBlock, expected) => {
      expect(micro(item(), itemsUsed(used), { botBlock })).toBe(expected);
      expect(standardRatingPolicy.botBlock).toBe('firstItem');
    },
  );

  it.each([
    [100, 0],
    [101, 2_000],
    [200, 2_000],
    [201, 4_000],
    [300, 4_000],
  ])('[A-24] [S0-164] %d items in a period cost %d yen', (items, yen) => {
    const stream = prepareRater(tariff).stream(all);
    let sum = 0;
    for (let n = 0; n < items; n++) sum += stream.amountOf(item()) ?? Number.NaN;
    expect(sum).toBe(yen * 1_000_000);
    expect(stream.allowance().used).toEqual({ [`botItems ${NUMBER}`]: items });
  });

  it.each([
    ['perNumber', 0],
    ['perContract', 2_000_000_000],
  ] as const)('[A-56] counted %s, an item on a second number costs %d', (botItems, expected) => {
    const two = allowanceOf(catalogue, [
      held('option.answerBot', NUMBER),
      held('option.answerBot', '0355550101'),
    ]);
    const used = { [`botItems ${NUMBER}`]: 100, 'botItems contract': 100 };
    expect(micro(item('0355550101'), { grants: two.grants, used }, { botItems })).toBe(expected);
    expect(standardRatingPolicy.botItems).toBe('perNumber');
  });

  it('an item on a number without the bot has no price and is named', () => {
    const rating = rate(item('0355550199'), tariff, all);
    expect(rating).toMatchObject({ ok: false, code: 'rating.noPrice' });
    expect(!rating.ok && rating.say).toContain('0355550199');
  });
});

const answer = (refusedSales = false): RatableUsage => ({
  kind: 'answeredCall',
  number: NUMBER,
  at: NOW,
  refusedSales,
});
const answersUsed = (count: number): Allowance => ({
  grants: all.grants,
  used: { [`answeredCalls ${NUMBER}`]: count },
});

describe('calls that operators answer', () => {
  it('[S0-157] [S0-028] [S0-168] twenty a period are included, each further one is 320 yen', () => {
    expect(micro(answer(), answersUsed(0))).toBe(0);
    expect(micro(answer(), answersUsed(19))).toBe(0);
    expect(micro(answer(), answersUsed(20))).toBe(320_000_000);
    expect(micro(answer(), answersUsed(21))).toBe(320_000_000);
    expect(rate(answer(), tariff, answersUsed(20))).toMatchObject({
      charge: { category: 'answeringCalls', item: 'option.operator.over', units: 1 },
    });
  });

  it.each([
    ['counted', 320_000_000, 21],
    ['notCounted', 0, 20],
  ] as const)('[A-21] a refused sales call, read as %s, costs %d', (refusedSales, expected, used) => {
    const policy = { ...standardRatingPolicy, refusedSales };
    const rating = rate(answer(true), tariff, answersUsed(20), policy);
    expect(rating.ok && rating.charge.amount).toBe(expected);
    expect(rating.allowance.used[`answeredCalls ${NUMBER}`]).toBe(used);
    expect(standardRatingPolicy.refusedSales).toBe('counted');
  });

  it('[S0-028] the answering service by itself has the same price, without an option that brings it', () => {
    const own = tariffOf(catalogue, 'answering');
    const used = { [`answeredCalls ${NUMBER}`]: 20 };
    expect(rate(answer(), own, noAllowance)).toMatchObject({ charge: { amount: 0 } });
    expect(rate(answer(), own, { grants: {}, used })).toMatchObject({ charge: { amount: 320_000_000 } });
  });

  it('[S4-003] [S4-018] cost nothing in the free trial, and count again from its end', () => {
    const until = NOW + 86_400_000;
    const trial = allowanceOf(catalogue, [held('answering.trial', 'c-000001', until)]);
    const own = tariffOf(catalogue, 'answering');
    const used = { [`answeredCalls ${NUMBER}`]: 20 };
    const inTrial = rate(answer(), own, { grants: trial.grants, used });
    expect(inTrial).toMatchObject({ charge: { amount: 0, category: 'free' } });
    expect(inTrial.allowance.used).toEqual(used);
    const after = { ...answer(), at: instant(until) } as RatableUsage;
    expect(rate(after, own, { grants: trial.grants, used })).toMatchObject({
      charge: { amount: 320_000_000 },
    });
  });
});

describe('a new period', () => {
  it('[S0-167] [S0-164] [S0-168] begins with everything included once more, for whoever holds the option', () => {
    const next = allowanceOf(catalogue, [
      held('option.faxUnlimited500', ID),
      held('option.answerBot', NUMBER),
      held('option.operator', NUMBER),
      held('option.voicemail', NUMBER),
    ]);
    expect(next.used).toEqual({});
    expect(Object.keys(next.grants).sort()).toEqual([NUMBER, ID].sort());
    const counts = Object.values(next.grants).flatMap((list) => list.map(({ of, count }) => [of, count]));
    expect(counts).toEqual(
      expect.arrayContaining([
        ['faxSheets', 500],
        ['botItems', 100],
        ['answeredCalls', 20],
      ]),
    );
    expect(counts).toHaveLength(3);
    for (const usage of [fax({}), item(), answer()]) expect(micro(usage, next)).toBe(0);
    expect(micro(fax({}), sheetsUsed(500))).toBeGreaterThan(0);
    expect(micro(item(), itemsUsed(100))).toBeGreaterThan(0);
    expect(micro(answer(), answersUsed(20))).toBeGreaterThan(0);
  });
});

describe('directory listings', () => {
  const listing = (at: number, issue = '2025-10'): RatableUsage => ({
    kind: 'listing',
    number: '0120000001',
    issue,
    at: instant(at),
  });

  it('[S2-012] one of a number in an issue is free, each further one is 500 yen', () => {
    const stream = prepareRater(tariffOf(catalogue, 'calleePays')).stream(noAllowance);
    const at = japanMidnight(2025, 10, 1);
    expect([1, 2, 3].map(() => stream.amountOf(listing(at)))).toEqual([0, 500_000_000, 500_000_000]);
    expect(stream.amountOf(listing(at, '2026-03'))).toBe(0);
  });

  it('[A-11] are no longer sold after the printed directories ended', () => {
    const rating = rate(listing(japanMidnight(2026, 4, 1)), tariffOf(catalogue, 'calleePays'));
    expect(rating).toMatchObject({ ok: false, code: 'rating.noPrice' });
  });
});

describe('properties of allowances', () => {
  const anyUse: fc.Arbitrary<RatableUsage> = fc.oneof(
    fc
      .record({ talkMs: fc.integer({ min: 0, max: 900_000 }), at: fc.nat(1_000_000) })
      .map(({ talkMs, at }): RatableUsage => call({ talkMs, answeredAt: instant(NOW + at) })),
    fc
      .record({ pages: fc.integer({ min: 1, max: 200 }), at: fc.nat(1_000_000) })
      .map(
        ({ pages, at }): RatableUsage =>
          fax({ pages, pagesConfirmed: pages, talkMs: pages * 20_000, answeredAt: instant(NOW + at) }),
      ),
    fc.nat(1_000_000).map((at): RatableUsage => ({ ...item(), at: instant(NOW + at) }) as RatableUsage),
    fc.nat(1_000_000).map((at): RatableUsage => ({ ...answer(), at: instant(NOW + at) }) as RatableUsage),
  );
  const uses = fc
    .array(anyUse, { maxLength: 60 })
    .map((list) => list.map((usage, n) => ({ id: `u${n}`, usage })));

  it('the order of arrival changes no charge and no counter', () => {
    const shuffled = uses.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const a = rateInOrder(one, tariff, all);
        const b = rateInOrder(other, tariff, all);
        for (const { id } of one) expect(b.ratings.get(id)).toEqual(a.ratings.get(id));
        expect(b.allowance).toEqual(a.allowance);
      }),
      { numRuns: 60 },
    );
  });

  it('what is handed in stays as it was, and the stream rates as the single function does', () => {
    fc.assert(
      fc.property(uses, (list) => {
        const before = JSON.stringify(all);
        const stream = prepareRater(tariff).stream(all);
        const fast = prepareRater(tariff).stream(all);
        let allowance = all;
        for (const { usage } of list) {
          const single = rate(usage, tariff, allowance);
          allowance = single.allowance;
          expect(stream.rate(usage)).toEqual(single);
          expect(fast.amountOf(usage)).toBe(single.ok ? single.charge.amount : undefined);
        }
        expect(JSON.stringify(all)).toBe(before);
        expect(fast.allowance().used).toEqual(allowance.used);
      }),
      { numRuns: 60 },
    );
  });

  it('a use that is handed in twice is rated once', () => {
    const once = rateInOrder([{ id: 'a', usage: fax({}) }], tariff, all);
    const twice = rateInOrder(
      [
        { id: 'a', usage: fax({}) },
        { id: 'a', usage: fax({}) },
      ],
      tariff,
      all,
    );
    expect(twice).toEqual(once);
  });
});

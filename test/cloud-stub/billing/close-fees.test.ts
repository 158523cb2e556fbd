import { describe, expect, it } from 'vitest';
import {
  closeContract,
  periodOf,
  portingInstead,
  standardBillingPolicy,
} from '../../../cloud-stub/billing/index.ts';
import { daysIn } from '../../../cloud-stub/billing/proration.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { amountsOf, charge, close, DECEMBER, fee, IN_DECEMBER, OCTOBER, period, sub } from './office.ts';

const held = (...items: string[]) => ({ subscriptions: items.map((item) => sub(item)) });
const applied = (...items: string[]) => ({ subscriptions: items.map((item) => sub(item, IN_DECEMBER)) });
const totalOf = (more: Parameters<typeof close>[0], policy: Parameters<typeof close>[1] = {}) =>
  close(more, policy).body?.subtotalYen;

describe('fees of the five services', () => {
  it('[S0-030] [A-04] one ported number: 8,000 to begin with and 2,080 a month', () => {
    const items = ['number.contract', 'id.base.initial', 'id.base', 'number.portIn.initial', 'number.portIn'];
    const first = close(applied(...items)).body?.lines ?? [];
    const sum = (kind: string) =>
      first.filter((line) => line.kind === kind).reduce((total, line) => total + line.amountYen, 0);
    expect(sum('initial')).toBe(8_000);
    expect(sum('recurring')).toBe(2_080);
    expect(totalOf(held(...items))).toBe(2_080);
  });

  it('[S0-006] [S0-007] [A-41] a desk phone is bought once and costs 500 a month besides', () => {
    expect(totalOf(applied('device.grandstream.purchase', 'device.grandstream'))).toBe(12_500);
    expect(totalOf(applied('device.panasonic.purchase', 'device.panasonic'))).toBe(25_300);
    expect(totalOf(held('device.panasonic.purchase', 'device.panasonic'))).toBe(500);
  });

  it('[S0-185] [S0-186] a reception app on a new ID costs the ID as well, on an existing one no ID fee', () => {
    const app = ['option.receptionApp.initial', 'option.receptionApp'];
    expect(totalOf(applied(...app, 'id.additional.initial', 'id.additional'))).toBe(3_500 + 5_700);
    expect(totalOf(applied(...app))).toBe(3_500);
  });

  it('[S0-020] [A-20] an IVR costs 3,000 for each number', () => {
    const numbers = ['0355550100', '0355550101'];
    const subscriptions = numbers.map((on) => sub('option.ivr', OCTOBER.from, null, on));
    expect(fee(close({ subscriptions }), 'option.ivr')).toMatchObject({ quantity: 2, amountYen: 6_000 });
  });

  it('[S0-106] [S0-107] [A-12] cloud fax costs 500 on each that holds it', () => {
    const on = ['0355550100', 'id-000001-1', 'id-000001-2'];
    const subscriptions = on.map((one) => sub('option.fax', OCTOBER.from, null, one));
    expect(totalOf({ subscriptions })).toBe(1_500);
  });

  it('[S1-004] [S1-018] the first month of group forwarding is paid once more; ten terminals and three representatives', () => {
    const kinds = [...Array(10).fill('standard'), ...Array(3).fill('representative')] as string[];
    const subscriptions = kinds.flatMap((kind, n) =>
      [`groupForwarding.${kind}`, `groupForwarding.${kind}.initial`].map((item) =>
        sub(item, IN_DECEMBER, null, `n${n}`),
      ),
    );
    const closing = close({ subscriptions });
    for (const [kind, count] of [
      ['standard', 10],
      ['representative', 3],
    ] as const) {
      const monthly = fee(closing, `groupForwarding.${kind}`);
      expect(monthly.quantity).toBe(count);
      expect(fee(closing, `groupForwarding.${kind}.initial`).amountYen).toBe(monthly.amountYen);
    }
    expect(totalOf({ subscriptions })).toBe(2 * (10 * 500 + 3 * 1_000));
  });

  it('[S1-003] group forwarding is a flat fee and the metered calls', () => {
    const subscriptions = [sub('groupForwarding.representative')];
    const charges = [charge(35, 'groupForwarding')];
    expect(amountsOf(close({ subscriptions, charges }))).toEqual([
      ['groupForwarding.representative', 1_000],
      ['usage:groupForwarding', 35],
    ]);
  });

  it('[S2-011] unlocking customer control costs 2,000 for each application', () => {
    const subscriptions = [1, 2].map((n) => sub('calleePays.unlock', instant(IN_DECEMBER + n)));
    expect(totalOf({ subscriptions })).toBe(4_000);
  });

  const functions = ['calleePays.basic', 'calleePays.region', 'calleePays.control'];
  it.each([
    ['perOrder', 1_000],
    ['perFunction', 2_000],
  ] as const)(
    '[S2-002] [A-28] one application for two numbers, construction %s: %d',
    (construction, expected) => {
      const subscriptions = [
        sub('calleePays.construction', IN_DECEMBER, null, '0120000001'),
        sub('calleePays.construction', IN_DECEMBER, null, '0120000002'),
        ...functions.map((item) => sub(item, IN_DECEMBER, null, '0120000001')),
      ];
      expect(fee(close({ subscriptions }, { construction }), 'calleePays.construction').amountYen).toBe(
        expected,
      );
      expect(standardBillingPolicy.construction).toBe('perOrder');
    },
  );

  it('[A-28] a later application is another construction', () => {
    const subscriptions = [1, 2].map((n) => sub('calleePays.construction', instant(IN_DECEMBER + n)));
    expect(totalOf({ subscriptions })).toBe(2_000);
  });

  it.each([
    ['on top', [], 5_000],
    ['instead', portingInstead, 3_000],
  ] as const)('[A-58] [S0-026] toll-free porting, %s: %d', (_name, insteadOf, expected) => {
    const more = applied('tollFree.initial', 'tollFree.portIn.initial', 'tollFree.portIn');
    expect(totalOf(more, { insteadOf })).toBe(expected);
    expect(standardBillingPolicy.insteadOf).toEqual([]);
  });

  it('[A-58] the other reading leaves the fee of another number alone', () => {
    const subscriptions = [
      sub('tollFree.initial', IN_DECEMBER, null, '0120000001'),
      sub('tollFree.portIn.initial', IN_DECEMBER, null, '0120000002'),
    ];
    expect(totalOf({ subscriptions }, { insteadOf: portingInstead })).toBe(5_000);
  });

  it('[S4-001] [S4-002] [A-30] a loan number is 1,000 without tax whatever it is used for, also after the rate changes', () => {
    const later = {
      ...catalogue,
      taxRates: [...catalogue.taxRates, { percent: 12, validFrom: DECEMBER.from }],
    };
    const subscriptions = [sub('answering.loanNumber')];
    expect(close({ subscriptions }).body).toMatchObject({ subtotalYen: 1_000, taxYen: 100, totalYen: 1_100 });
    expect(close({ subscriptions, catalogue: later }).body).toMatchObject({
      subtotalYen: 1_000,
      taxYen: 120,
    });
  });

  it('[S4-003] [S4-022] a trial that was stopped bills nothing but a line of zero', () => {
    const subscriptions = [sub('answering.trial', IN_DECEMBER, instant(IN_DECEMBER + 86_400_000))];
    expect(close({ subscriptions }).body).toMatchObject({ totalYen: 0 });
  });

  it('[S4-021] [S4-022] leaving early costs nothing beyond the month that has begun', () => {
    const subscriptions = [sub('answering.loanNumber', IN_DECEMBER, instant(IN_DECEMBER + 1))];
    expect(amountsOf(close({ subscriptions }))).toEqual([['answering.loanNumber', 1_000]]);
    expect(close({ subscriptions, period: period('2027-01') }).body).toBeNull();
  });

  it('[S2-001] [S1-006] amounts of the toll-free and forwarding lists are without tax, which is added', () => {
    expect(close(held('calleePays.basic')).body).toMatchObject({ subtotalYen: 1_000, totalYen: 1_100 });
    expect(close(held('groupForwarding.standard')).body).toMatchObject({ subtotalYen: 500, totalYen: 550 });
    const lists = catalogue.items.filter((item) => ['calleePays', 'groupForwarding'].includes(item.product));
    expect(new Set(lists.map((item) => item.taxBasis))).toEqual(new Set(['exclusive']));
  });

  it('[S3-001] [S3-002] the app and web billing of the 050 service cost nothing', () => {
    expect(totalOf(applied('ip050.app', 'ip050.billingStation'))).toBe(0);
  });
});

describe('sets', () => {
  const standardSet = [
    'set.standard',
    'option.voicemail',
    'option.fax',
    'id.additional',
    'number.additional',
  ];
  it.each([
    ['S0-033', 'printed', ['set.basic', 'option.voicemail', 'option.afterHours'], 780],
    ['S0-034', 'waivedMembers', ['set.basic', 'option.voicemail', 'option.afterHours'], 800],
    ['S0-035', 'printed', standardSet, 1_180],
    ['S0-036', 'waivedMembers', standardSet, 1_180],
    [
      'S0-037',
      'printed',
      [
        'set.premium',
        'option.voicemail',
        'option.afterHours',
        'option.fax',
        'option.phoneBook',
        'option.forwarding',
      ],
      1_780,
    ],
    [
      'S0-038',
      'waivedMembers',
      [
        'set.premium',
        'option.voicemail',
        'option.afterHours',
        'option.fax',
        'option.phoneBook',
        'option.forwarding',
      ],
      1_800,
    ],
  ] as const)('[%s] [A-02] read as %s: %j is %d a month', (_fact, setPrice, items, expected) => {
    expect(totalOf(held(...items), { setPrice })).toBe(expected);
    expect(standardBillingPolicy.setPrice).toBe('printed');
  });

  it('[A-54] the initial fee of an additional ID inside a set is due: a set takes off monthly fees only', () => {
    const more = applied(...standardSet, 'id.additional.initial');
    expect(fee(close(more), 'id.additional.initial').amountYen).toBe(5_000);
    expect(totalOf(more)).toBe(1_180 + 5_000);
  });

  it.each([
    ['nextPeriod', 780, 800],
    ['atOnce', 1_080, 800],
  ] as const)(
    '[A-03] [S0-042] a member is cancelled in December, discount lost %s: %d, then %d',
    (dissolvedSet, december, january) => {
      const subscriptions = [
        sub('option.afterHours'),
        sub('option.voicemail', OCTOBER.from, IN_DECEMBER),
        sub('set.basic', OCTOBER.from, IN_DECEMBER),
      ];
      expect(totalOf({ subscriptions }, { dissolvedSet })).toBe(december);
      expect(totalOf({ subscriptions, period: period('2027-01') }, { dissolvedSet })).toBe(january);
      expect(standardBillingPolicy.dissolvedSet).toBe('nextPeriod');
    },
  );

  it('[A-55] [S0-041] of two Basic sets the other one stays', () => {
    const subscriptions = [
      ...[1, 2].flatMap((n) => [
        sub('option.afterHours', OCTOBER.from, null, `n${n}`),
        sub('option.voicemail', OCTOBER.from, null, `n${n}`),
      ]),
      sub('set.basic', OCTOBER.from, IN_DECEMBER, 'basic-1'),
      sub('set.basic', OCTOBER.from, null, 'basic-2'),
    ];
    expect(totalOf({ subscriptions })).toBe(1_560);
    expect(totalOf({ subscriptions, period: period('2027-01') })).toBe(1_860);
  });

  it('[A-52] [S0-032] the end of sale leaves the discount of existing sets alone', () => {
    const ended = {
      ...catalogue,
      items: catalogue.items.map((item) =>
        item.id === 'set.basic' ? { ...item, soldUntil: OCTOBER.from } : item,
      ),
    };
    const more = held('set.basic', 'option.voicemail', 'option.afterHours');
    expect(totalOf({ ...more, catalogue: ended })).toBe(780);
  });
});

describe('a month that is held for a part', () => {
  const half = { subscriptions: [sub('id.base', instant(DECEMBER.until - 15 * 86_400_000))] };

  it.each([
    ['none', 700],
    ['daily', 350],
  ] as const)('[A-22] [S0-162] half of December, proration %s: %d', (proration, expected) => {
    expect(totalOf(half, { proration })).toBe(expected);
    expect(standardBillingPolicy.proration).toBe('none');
  });

  it('[A-22] days count as begun in Japan, and periods have 28 to 31 of them', () => {
    const lines = (name: string, from: number, until: number | null) => {
      const { from: start } = period(name);
      const subscriptions = [
        sub('id.base', instant(start + from), until === null ? null : instant(start + until)),
      ];
      return fee(close({ subscriptions, period: period(name) }, { proration: 'daily' }), 'id.base');
    };
    const day = 86_400_000;
    expect(lines('2026-12', 29 * day + 1, null).days).toEqual({ held: 1, of: 30 });
    expect(lines('2027-03', 0, day).days).toEqual({ held: 1, of: 28 });
    expect(lines('2027-01', 0, day + 1).days).toEqual({ held: 2, of: 31 });
    // 700 × 1 / 30 = 23.3 yen, floored on the line.
    expect(lines('2026-12', 29 * day, null)).toMatchObject({
      unitPriceMicroYen: 700_000_000,
      amountYen: 23,
      exactMicroYen: 23_333_333,
    });
    expect(lines('2026-12', 0, null).days).toBeUndefined();
  });

  it('[A-22] what ended as the month began, or begins as it ends, has no day in it', () => {
    const { from, until } = DECEMBER;
    expect(daysIn(DECEMBER, { from: OCTOBER.from, until: from })).toEqual({ held: 0, of: 30 });
    expect(daysIn(DECEMBER, { from: until, until: null })).toEqual({ held: 0, of: 30 });
  });

  it('[A-22] prorated and whole months of one item stand on lines of their own', () => {
    const subscriptions = [
      sub('id.additional', OCTOBER.from, null, 'a'),
      sub('id.additional', instant(DECEMBER.until - 1), null, 'b'),
    ];
    expect(amountsOf(close({ subscriptions }, { proration: 'daily' }))).toEqual([
      ['id.additional', 700],
      ['id.additional', 23],
    ]);
    expect(amountsOf(close({ subscriptions }))).toEqual([['id.additional', 1_400]]);
  });

  it('[A-22] what is given up and taken again in one month costs it once; what is held twice costs twice', () => {
    const again = [
      sub('option.voicemail', OCTOBER.from, IN_DECEMBER),
      sub('option.voicemail', IN_DECEMBER, instant(IN_DECEMBER + 5)),
      sub('option.voicemail', instant(IN_DECEMBER + 10)),
    ];
    expect(totalOf({ subscriptions: again })).toBe(280);
    expect(totalOf({ subscriptions: [...again].reverse() })).toBe(280);
    const two = [sub('groupForwarding.target'), sub('groupForwarding.target')];
    expect(totalOf({ subscriptions: two })).toBe(1_000);
    expect(totalOf({ subscriptions: [...again, sub('option.voicemail', IN_DECEMBER, null, 'y')] })).toBe(560);
  });

  it('[A-22] initial fees are never prorated', () => {
    const late = { subscriptions: [sub('id.base.initial', instant(DECEMBER.until - 1))] };
    expect(totalOf(late, { proration: 'daily' })).toBe(5_000);
  });

  it('[S0-162] applied for on 20 January, usable from the 31st: January is charged, with the initial fee', () => {
    const january = period('2027-01');
    const subscriptions = ['id.base', 'id.base.initial'].map((item) => sub(item, japanMidnight(2027, 1, 20)));
    expect(totalOf({ subscriptions, period: january })).toBe(5_700);
    expect(totalOf({ subscriptions, period: period('2027-02') })).toBe(700);
    expect(close({ subscriptions }).body).toBeNull();
    const ended = [sub('id.base', OCTOBER.from, january.from)];
    expect(totalOf({ subscriptions: ended })).toBe(700);
    expect(close({ subscriptions: ended, period: january }).body).toBeNull();
  });

  it('[S0-163] applying on the 26th avoids the month before', () => {
    const subscriptions = [sub('id.base', DECEMBER.until)];
    expect(periodOf(DECEMBER.until).name).toBe('2027-01');
    expect(periodOf(japanMidnight(2026, 12, 27)).name).toBe('2027-01');
    expect(periodOf(japanMidnight(2026, 12, 25)).name).toBe('2026-12');
    expect(periodOf(japanMidnight(2027, 1, 3)).name).toBe('2027-01');
    expect(close({ subscriptions }).body).toBeNull();
    expect(totalOf({ subscriptions, period: period('2027-01') })).toBe(700);
  });
});

describe('prices that change', () => {
  it('a fee has the price that holds when the period begins; old periods keep theirs', () => {
    const change = japanMidnight(2026, 11, 26);
    const [old] = catalogue.items.filter((item) => item.id === 'id.base');
    if (old === undefined) throw new Error('no entry');
    const items = catalogue.items.flatMap((item) =>
      item === old
        ? [
            { ...old, validUntil: change },
            {
              ...old,
              priceMicroYen: (old.priceMicroYen + 50_000_000) as typeof old.priceMicroYen,
              validFrom: change,
            },
          ]
        : [item],
    );
    const more = { ...held('id.base'), catalogue: { ...catalogue, items } };
    expect(totalOf({ ...more, period: period('2026-11') })).toBe(700);
    expect(totalOf(more)).toBe(750);
  });

  it('what has no price refuses the closing by name', () => {
    const closing = closeContract({
      contract: { id: 'c', name: { ja: '', en: '' } },
      issuer: { name: '', registrationNumber: '', address: '' },
      period: DECEMBER,
      catalogue,
      subscriptions: [sub('no.such.item')],
      charges: [],
    });
    expect(closing).toMatchObject({ ok: false, error: { code: 'billing.noPrice' } });
  });
});

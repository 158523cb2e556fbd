import { describe, expect, it } from 'vitest';
import type {
  Application,
  Order,
  TollFreeChange,
  TollFreeOrder,
} from '../../../../cloud-stub/contracts/orders/types.ts';
import type { AnswerGroup, OriginArea } from '../../../../cloud-stub/contracts/toll-free.ts';
import { plainTollFree } from '../../../../cloud-stub/contracts/toll-free.ts';
import { japanMidnight } from '../../../../lib/base/japan-time.ts';
import { yen } from '../../../../lib/base/units.ts';
import { application, cancel, Desk, MAIN, MONDAY, option, SECOND } from './desk.ts';

const FREE = '0120555123';
const TOKYO = '0312345678';
const OSAKA = '0612345678';
const plain: TollFreeOrder = { prefix: '0120', number: FREE, answeredBy: MAIN };
const apply = (more: Partial<TollFreeOrder> = {}): Order => ({
  kind: 'applyTollFree',
  tollFree: { ...plain, ...more },
});

describe('toll-free numbers of the cloud phone', () => {
  it('[S0-146] are applied for once the contract is complete', () => {
    expect(new Desk().refuses(application(2, [MAIN], { tollFree: [plain] }))).toBe(
      'order.tollFreeFirst S0-146',
    );
    expect(Desk.with(application(2)).refuses(apply())).toBe('accepted');
  });

  it('[S0-024] come to a contract with two IDs, with their three fees', () => {
    const desk = Desk.with(application(2)).takes(apply());
    expect(desk.paysFor().filter((one) => one.endsWith(FREE))).toEqual([
      `tollFree ${FREE}`,
      `tollFree.initial ${FREE}`,
      `tollFree.listing ${FREE}`,
    ]);
  });

  it('[S0-149] need several IDs, for as long as they are held', () => {
    expect(Desk.with().refuses(apply())).toBe('contract.tollFreeIds S0-149');
    const desk = Desk.with(application(2)).takes(apply());
    expect(
      desk.refuses({
        kind: 'cancelId',
        id: desk.contract.ids[1]?.id ?? desk.contract.ids[0]?.id ?? ('' as never),
      }),
    ).toBe('contract.tollFreeIds S0-149');
  });

  it('[S0-147] leave only the prefix to choose', () => {
    const desk = Desk.with(application(2));
    expect(desk.refuses(apply({ wishes: '555000' }))).toBe('order.tollFreeDigits S0-147 S0-148');
    expect(desk.refuses(apply({ prefix: '0800' }))).toBe('order.tollFreeDigits S0-147 S0-148');
    expect(desk.refuses(apply({ prefix: '0800', number: '08005551234' }))).toBe('accepted');
    expect(desk.refuses(apply({ number: '01205551234' }))).toBe('order.tollFreeDigits S0-147 S0-148');
  });

  it('[S0-148] have 6 digits behind 0120 and 7 behind 0800, ported in or not', () => {
    const desk = Desk.with(application(2));
    for (const [prefix, number] of [
      ['0120', '01205551234'],
      ['0800', '0800555123'],
      ['0800', '0120555123'],
    ] as const)
      for (const portIn of [true, false])
        expect(desk.refuses(apply({ prefix, number, portIn }))).toBe('order.tollFreeDigits S0-147 S0-148');
    expect(desk.refuses(apply({ prefix: '0800', number: '08005551234', portIn: true }))).toBe('accepted');
  });

  it('[S0-148] [S0-026] [A-58] can be ported in, the porting fee on top', () => {
    const desk = Desk.with(application(2)).takes(apply({ portIn: true, wishes: '555123' }));
    expect(desk.paysFor().filter((one) => one.endsWith(FREE))).toEqual([
      `tollFree ${FREE}`,
      `tollFree.initial ${FREE}`,
      `tollFree.listing ${FREE}`,
      `tollFree.portIn ${FREE}`,
      `tollFree.portIn.initial ${FREE}`,
    ]);
    expect(desk.notes[0]?.facts).toEqual(['S0-207']);
  });

  it('[S0-187] [S0-188] [A-26] open after about 12 business days when new, 20 when ported in', () => {
    const fresh = Desk.with(application(2)).takes(apply());
    expect(fresh.promises).toMatchObject([
      { what: 'tollFreeOpens', businessDays: 12, by: japanMidnight(2026, 12, 3), facts: ['S0-187', 'A-26'] },
    ]);
    const ported = Desk.with(application(2)).takes(apply({ portIn: true }));
    expect(ported.promises).toMatchObject([
      { businessDays: 20, by: japanMidnight(2026, 12, 15), facts: ['S0-188', 'A-26'] },
    ]);
  });

  it('[S0-096] [S0-025] [A-40] show themselves only with specific number notification, for a deposit', () => {
    const desk = Desk.with(application(2)).takes(apply());
    const show: Order = { kind: 'changeTollFree', number: FREE, change: { presents: true } };
    expect(desk.refuses(show)).toMatch(/^contract.tollFreeFunction .*S0-096/);
    expect(desk.refuses(option('tollFree.presentNumber', MAIN))).toMatch(/^order.wrongPlace/);
    desk.takes(option('tollFree.presentNumber', FREE), show);
    expect(desk.paysFor()).toContain(`tollFree.presentNumber.deposit ${FREE}`);
    expect(desk.contract.deposits).toMatchObject([{ amountMicroYen: yen(100_000) }]);
    desk.takes(cancel('tollFree.presentNumber', FREE));
    expect(desk.contract.tollFree?.[0]?.presents).toBe(false);
    expect(desk.contract.deposits?.[0]?.held.until).toBe(MONDAY);
  });

  it('[S0-152] the deposit can be raised or lowered', () => {
    const desk = Desk.with(application(2))
      .takes(apply({ options: ['tollFree.presentNumber'] }))
      .later(30);
    const deposit = (amount: number, on = FREE): Order => ({
      kind: 'deposit',
      item: 'tollFree.presentNumber.deposit',
      on,
      amountMicroYen: yen(amount),
    });
    desk.takes(deposit(250_000));
    expect(desk.contract.deposits?.map((one) => [one.amountMicroYen, one.held.until])).toEqual([
      [yen(100_000), desk.now],
      [yen(250_000), null],
    ]);
    expect(desk.refuses(deposit(50_000, MAIN))).toBe('order.deposit S0-152 S0-166');
    expect(desk.refuses(deposit(-1))).toBe('order.deposit S0-152 S0-166');
    expect(desk.refuses(deposit(0))).toBe('accepted');
  });

  it('[S2-031] a number that answers one stays until it is answered elsewhere', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND])).takes(apply({ answeredBy: SECOND }));
    expect(desk.refuses({ kind: 'cancelNumber', number: SECOND })).toBe(
      'order.answersTollFree S2-031 S0-145',
    );
    desk.takes({ kind: 'cancelTollFree', number: FREE }, { kind: 'cancelNumber', number: SECOND });
    expect(desk.paysFor().some((one) => one.endsWith(FREE))).toBe(false);
    expect(desk.refuses({ kind: 'cancelTollFree', number: FREE })).toBe('order.unknown S0-062');
  });

  it('[A-04] follow a number that is ported in', () => {
    const desk = Desk.with(application(2)).takes(apply(), {
      kind: 'portIn',
      number: '0355559999',
      replaces: MAIN,
    });
    expect(desk.contract.tollFree?.[0]).toMatchObject({
      answerNumbers: [{ number: '0355559999' }],
      groups: [{ numbers: ['0355559999'] }],
    });
  });

  it('[S2-042] optional functions of the other service are not sold here', () => {
    const desk = Desk.with(application(2)).takes(apply());
    const group = plainTollFree(FREE, MAIN, { from: MONDAY, until: null }).groups[0];
    const groups = group === undefined ? [] : [{ ...group, busyDetour: [MAIN] }];
    expect(desk.refuses({ kind: 'changeTollFree', number: FREE, change: { groups } })).toMatch(
      /^contract.tollFreeFunction/,
    );
  });
});

/** A toll-free contract of its own, with some functions. */
function calleePays(functions: readonly string[], setting: TollFreeChange = {}): Application {
  return {
    ...application(0, []),
    product: 'calleePays',
    tollFree: [
      { ...plain, answeredBy: TOKYO, options: functions.map((one) => `calleePays.${one}`), setting },
    ],
  };
}

function group(id: string, more: Partial<AnswerGroup> = {}): AnswerGroup {
  return {
    id,
    origins: 'rest',
    mobile: true,
    numbers: [TOKYO],
    distribution: { by: 'order' },
    busyDetour: [],
    destinationChange: null,
    ...more,
  };
}

const answerNumbers = [TOKYO, OSAKA].map((number) => ({ number, hours: null }));
const all = ['multiLine', 'region', 'destinationChange', 'afterHours', 'control'];

describe('each function of the toll-free service', () => {
  it.each([
    ['S2-003', 'multiLine', 1_000],
    ['S2-004', 'region', 350],
    ['S2-005', 'busyDetour', 800],
    ['S2-006', 'percentage', 700],
    ['S2-007', 'destinationChange', 1_000],
    ['S2-008', 'afterHours', 650],
    ['S2-010', 'presentNumber', 100],
  ])('[%s] %s costs %d a month on top of the number, without any ID of ours', (_fact, name, monthly) => {
    const [bare, desk] = [Desk.with(calleePays([])), Desk.with(calleePays([name]))];
    expect(desk.paysFor().map((one) => one.split(' ')[0])).toEqual(
      expect.arrayContaining(['calleePays.basic', `calleePays.${name}`, 'calleePays.construction']),
    );
    expect(desk.paysFor()).toHaveLength(3);
    expect([bare.monthlyYen(), desk.monthlyYen()]).toEqual([1_000, 1_000 + monthly]);
  });
});

describe('toll-free numbers with optional functions', () => {
  it('[S2-002] [A-28] cost one construction an order, or one for each function by policy', () => {
    const fees = (more: { construction?: 'perFunction' }): number =>
      Desk.with(calleePays(['multiLine', 'region']), MONDAY, more)
        .paysFor()
        .filter((one) => one === `calleePays.construction ${FREE}`).length;
    expect(fees({})).toBe(1);
    expect(fees({ construction: 'perFunction' })).toBe(3);
    const later = Desk.with(calleePays([]), MONDAY, { construction: 'perFunction' });
    later.takes(option('calleePays.region', FREE));
    expect(later.paysFor().filter((one) => one.startsWith('calleePays.construction'))).toHaveLength(2);
    expect(
      Desk.with(calleePays([]))
        .takes(option('calleePays.region', FREE))
        .paysFor()
        .filter((one) => one.startsWith('calleePays.construction')),
    ).toHaveLength(2);
  });

  it('[S2-042] never have busy detour and percentage distribution both', () => {
    const desk = Desk.with(calleePays(['busyDetour', 'multiLine']));
    expect(desk.refuses(option('calleePays.percentage', FREE))).toBe('contract.excludes S2-042');
    const groups = [
      group('all', {
        numbers: [TOKYO, OSAKA],
        busyDetour: [OSAKA],
        distribution: {
          by: 'percentage',
          shares: [
            { number: TOKYO, percent: 50 },
            { number: OSAKA, percent: 50 },
          ],
        },
      }),
    ];
    expect(desk.refuses({ kind: 'changeTollFree', number: FREE, change: { groups, answerNumbers } })).toBe(
      'contract.detourAndPercentage S2-042',
    );
  });

  it.each([
    ['[S2-030] multiLine', { groups: [group('all', { numbers: [TOKYO, OSAKA] })] }],
    ['[S2-031] region', { groups: [group('all', { origins: [{ area: 'japan' } as const] })] }],
    ['[S2-032] busyDetour', { groups: [group('all', { busyDetour: [OSAKA] })] }],
    [
      '[S2-033] percentage',
      {
        groups: [
          group('all', { distribution: { by: 'percentage', shares: [{ number: TOKYO, percent: 100 }] } }),
        ],
      },
    ],
    [
      '[S2-034] destinationChange',
      { groups: [group('all', { destinationChange: { intervals: [], holidays: 'own', otherwise: null } })] },
    ],
    ['[S2-035] afterHours', { guidance: { connection: 'nobody', restriction: true, afterHours: true } }],
    ['[S2-014] presentNumber', { presents: true }],
  ] as const)('use a function only when it is contracted: %s', (name, change) => {
    const item = name.split(' ')[1] ?? '';
    const order: Order = { kind: 'changeTollFree', number: FREE, change: { answerNumbers, ...change } };
    expect(Desk.with(calleePays([])).refuses(order)).toMatch(/^contract.tollFreeFunction/);
    expect(Desk.with(calleePays([item])).refuses(order)).toBe('accepted');
    const desk = Desk.with(calleePays([item])).takes(order);
    expect(desk.refuses(cancel(`calleePays.${item}`, FREE))).toMatch(
      item === 'presentNumber' ? /^accepted/ : /^contract.tollFreeFunction/,
    );
  });

  const regions = (...origins: readonly (readonly OriginArea[])[]): Order => ({
    kind: 'changeTollFree',
    number: FREE,
    change: {
      answerNumbers,
      groups: origins.map((one, index) => group(`g${index}`, { origins: one, mobile: false })),
    },
  });

  it('[S2-040] have no origin region in two answer groups, not even as a part of a larger one', () => {
    const desk = Desk.with(calleePays(all));
    const tokyo = { area: 'prefecture', name: '東京都' } as const;
    const kanto = { area: 'region', name: '関東' } as const;
    const osaka = { area: 'chargeArea', name: '大阪' } as const;
    expect(desk.refuses(regions([tokyo], [tokyo]))).toBe('contract.regionTwice S2-040');
    expect(desk.refuses(regions([tokyo], [kanto]))).toBe('contract.regionTwice S2-040');
    expect(desk.refuses(regions([{ area: 'japan' }], [osaka]))).toBe('contract.regionTwice S2-040');
    expect(desk.refuses(regions([tokyo], [osaka]))).toBe('accepted');
    const rest = { groups: [group('a'), group('b')] };
    expect(desk.refuses({ kind: 'changeTollFree', number: FREE, change: rest })).toBe(
      'contract.regionTwice S2-040',
    );
  });

  it('[S2-021] [S2-023] name areas as the numbering plan does', () => {
    const desk = Desk.with(calleePays(all));
    expect(desk.refuses(regions([{ area: 'prefecture', name: '東京' }]))).toBe(
      'contract.unknownArea S2-021 S2-023',
    );
    const accepts: OriginArea[] = [{ area: 'region', name: 'アトランティス' }];
    expect(desk.refuses({ kind: 'changeTollFree', number: FREE, change: { accepts } })).toBe(
      'contract.unknownArea S2-021 S2-023',
    );
  });

  it('[S2-041] of the groups that split a prefecture by charge area, one takes mobile calls', () => {
    const desk = Desk.with(calleePays(all));
    const split = (one: boolean, other: boolean): Order => ({
      kind: 'changeTollFree',
      number: FREE,
      change: {
        groups: [
          group('city', { origins: [{ area: 'chargeArea', name: '大阪' }], mobile: one }),
          group('south', { origins: [{ area: 'chargeArea', name: '堺' }], mobile: other }),
          group('sendai', { origins: [{ area: 'chargeArea', name: '仙台' }], mobile: true }),
        ],
      },
    });
    expect(desk.refuses(split(true, true))).toBe('contract.mobileTwice S2-041');
    expect(desk.refuses(split(true, false))).toBe('accepted');
    expect(desk.refuses(split(false, false))).toBe('accepted');
  });

  it('[S2-033] have whole percentages above 0 that add up to 100, for numbers of the group', () => {
    const desk = Desk.with(calleePays(['percentage', 'multiLine']));
    const shares = (...percents: readonly number[]): Order => ({
      kind: 'changeTollFree',
      number: FREE,
      change: {
        answerNumbers,
        groups: [
          group('all', {
            numbers: [TOKYO, OSAKA],
            distribution: {
              by: 'percentage',
              shares: percents.map((percent, index) => ({ number: index === 0 ? TOKYO : OSAKA, percent })),
            },
          }),
        ],
      },
    });
    expect(desk.refuses(shares(70, 30))).toBe('accepted');
    for (const wrong of [
      shares(70, 29),
      shares(70, 31),
      shares(99.5, 0.5),
      shares(100, 0),
      shares(120, -20),
    ]) {
      expect(desk.refuses(wrong)).toBe('contract.percentages S2-033');
    }
    expect(desk.refuses(shares(50, 25, 25))).toMatch(/^contract.answerNumber/);
  });

  it('[S2-031] name only answer numbers that they have, in groups of different names', () => {
    const desk = Desk.with(calleePays(all));
    const change = (setting: TollFreeChange): Order => ({
      kind: 'changeTollFree',
      number: FREE,
      change: setting,
    });
    expect(desk.refuses(change({ groups: [] }))).toMatch(/^contract.answerNumber/);
    expect(desk.refuses(change({ groups: [group('a', { numbers: [] })] }))).toMatch(/^contract.answerNumber/);
    expect(desk.refuses(change({ groups: [group('a', { numbers: [OSAKA] })] }))).toMatch(
      /^contract.answerNumber/,
    );
    expect(desk.refuses(change({ groups: [group('a'), group('a', { origins: [] })] }))).toMatch(
      /^contract.answerNumber/,
    );
    const table = { intervals: [], holidays: 'own', otherwise: [OSAKA] } as const;
    expect(desk.refuses(change({ groups: [group('a', { destinationChange: table })] }))).toMatch(
      /^contract.answerNumber/,
    );
    const hours = {
      intervals: [{ on: { days: ['mon'] }, fromMinute: 60, untilMinute: 30, value: 'open' }],
      holidays: 'own',
      otherwise: 'closed',
    } as const;
    expect(desk.refuses(change({ answerNumbers: [{ number: TOKYO, hours }] }))).toMatch(
      /^contract.timeTable/,
    );
  });

  it('[S2-038] [S2-039] customer control changes ratios and schedules, nothing else', () => {
    const closed = { intervals: [], holidays: 'own', otherwise: 'closed' } as const;
    const hours: TollFreeChange = { answerNumbers: [{ number: TOKYO, hours: closed }] };
    const mine = (change: TollFreeChange): Order => ({
      kind: 'changeTollFree',
      number: FREE,
      change,
      by: 'customer',
    });
    expect(Desk.with(calleePays([])).refuses(mine(hours))).toBe('order.control S2-038 S2-039');
    const desk = Desk.with(calleePays(all)).takes(mine(hours));
    const moved = { intervals: [], holidays: 'own', otherwise: null } as const;
    desk.takes(mine({ groups: [group('all', { destinationChange: moved })] }));
    expect(desk.refuses(mine({ acceptsMobile: false }))).toBe('order.control S2-038 S2-039');
    expect(desk.refuses(mine({ answerNumbers }))).toBe('order.control S2-038 S2-039');
    expect(desk.refuses(mine({ groups: [group('all', { mobile: false })] }))).toBe(
      'order.control S2-038 S2-039',
    );
    expect(desk.refuses({ kind: 'changeTollFree', number: OSAKA, change: {} })).toBe('order.unknown S0-062');
  });

  it('[S2-011] [S2-049] a locked login is unlocked at a fee', () => {
    const unlock: Order = { kind: 'unlockControl', number: FREE };
    expect(Desk.with(calleePays([])).refuses(unlock)).toBe('order.unknown S0-062');
    expect(
      Desk.with(calleePays(['control']))
        .takes(unlock)
        .paysFor(),
    ).toContain(`calleePays.unlock ${FREE}`);
  });
});

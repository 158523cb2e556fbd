import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contractAt, optionsOn } from '../../../../cloud-stub/contracts/held.ts';
import { type OrderHistory, record, replay } from '../../../../cloud-stub/contracts/orders/history.ts';
import type { Order, SwitchName } from '../../../../cloud-stub/contracts/orders/types.ts';
import { checkContract } from '../../../../cloud-stub/contracts/rules/check.ts';
import { featuresOf } from '../../../../cloud-stub/contracts/rules/features.ts';
import { subscriptionsOf } from '../../../../cloud-stub/contracts/subscriptions.ts';
import type { Contract } from '../../../../cloud-stub/contracts/types.ts';
import { type Instant, instant } from '../../../../lib/base/clock.ts';
import type { PortNumber } from '../../../../lib/base/ids.ts';
import { microYen } from '../../../../lib/base/units.ts';
import { RINGS } from '../../../../lib/contract/site-config.ts';
import { application, context, id, MAIN, MONDAY, OUTSIDE, SECOND, THIRD } from './desk.ts';

const HOUR_MS = 3_600_000;
const FREE = '0120555123';

/** Most of all the one whose switches can be turned. */
const number = fc.constantFrom(MAIN, MAIN, MAIN, SECOND, THIRD);
const ids = fc.integer({ min: 1, max: 5 }).map(id);
const numberOption = fc.constantFrom(
  'option.voicemail',
  'option.afterHours',
  'option.forwarding',
  'option.answerBot',
  'option.fax',
  'option.recording',
  'option.ivr',
  'option.operator',
);
const idOption = fc.constantFrom(
  'option.tenMinutes',
  'option.fax',
  'option.faxUnlimited500',
  'option.phoneBook',
);
const device = fc.constantFrom('app-1', 'app-2', 'adapter-1', 'phone-1');
const port = fc.constantFrom(1, 2).map((one) => one as PortNumber);
const lineChange = fc.oneof(
  fc.record({ rings: fc.array(fc.record({ number, ring: fc.constantFrom(...RINGS) }), { maxLength: 2 }) }),
  fc.record({ presentable: fc.array(number, { maxLength: 2 }) }),
  fc.record({ gains: fc.record({ earDb: fc.integer({ min: -13, max: 7 }) }), echo: fc.boolean() }),
);
const switches = fc.constantFrom<SwitchName>('forwarding', 'afterHours', 'bot', 'ivr');

/** Anything a customer with three numbers and five IDs could order, sensible or not. */
const anyOrder: fc.Arbitrary<Order> = fc.oneof(
  fc.record({ kind: fc.constant('switch' as const), number, what: switches, on: fc.boolean() }),
  fc.record({ kind: fc.constant('switch' as const), number, what: switches, on: fc.constant(true) }),
  fc.record({ kind: fc.constant('addOption' as const), item: numberOption, on: number }),
  fc.record({ kind: fc.constant('cancelOption' as const), item: numberOption, on: number }),
  fc.record({ kind: fc.constant('addOption' as const), item: idOption, on: ids }),
  fc.record({ kind: fc.constant('cancelOption' as const), item: idOption, on: ids }),
  fc.record({ kind: fc.constant('moveId' as const), id: ids, device }),
  fc.record({ kind: fc.constant('cancelId' as const), id: ids }),
  fc.record({ kind: fc.constant('changeLine' as const), id: ids, change: lineChange }),
  fc.record({ kind: fc.constant('moveId' as const), id: ids, device: fc.constant('adapter-1'), port }),
  fc.record({ kind: fc.constant('cancelNumber' as const), number }),
  number.map((one): Order => ({ kind: 'addNumber', number: { number: one } })),
  ids.map(
    (one): Order => ({ kind: 'addId', id: { id: one, device: 'app-1', extension: `2${one.slice(-1)}` } }),
  ),
  number.map((one): Order => ({ kind: 'changeNumber', number: one, change: { forwardTo: OUTSIDE } })),
  fc.constantFrom<Order>(
    { kind: 'verifyIdentity', method: 'icChip' },
    { kind: 'applyTollFree', tollFree: { prefix: '0120', number: FREE, answeredBy: MAIN } },
    { kind: 'cancelTollFree', number: FREE },
    { kind: 'addOption', item: 'tollFree.presentNumber', on: FREE },
    { kind: 'set', action: 'cancel', set: 'basic' },
    { kind: 'portIn', number: '0312349999', replaces: MAIN },
  ),
);

/** An office that has taken a set, with an adapter and a desk phone at hand. */
const first: Order = application(4, [MAIN, SECOND], {
  sets: [{ set: 'basic', number: SECOND }],
  options: ['option.afterHours', 'option.forwarding', 'option.answerBot'].map((item) => ({ item, on: MAIN })),
  devices: [
    ...[1, 2, 3, 4].map((index) => ({ id: `app-${index}`, model: 'app' })),
    { id: 'adapter-1', model: 'adapter' },
    { id: 'phone-1', model: 'grandstream' },
  ],
});

/** Puts the main number in a state in which every switch can be turned. */
const ready: readonly Order[] = [
  { kind: 'verifyIdentity', method: 'icChip' },
  { kind: 'changeNumber', number: MAIN, change: { forwardTo: OUTSIDE } },
];

interface Lived {
  readonly history: OrderHistory;
  readonly contract: Contract | null;
  /** The contract after every entry. */
  readonly states: readonly { readonly at: Instant; readonly contract: Contract | null }[];
}

function live(orders: readonly Order[], begin: readonly Order[] = [first, ...ready]): Lived {
  let history: OrderHistory = [];
  let contract: Contract | null = null;
  const states: { at: Instant; contract: Contract | null }[] = [];
  for (const [index, order] of [...begin, ...orders].entries()) {
    const now = instant(MONDAY + index * HOUR_MS);
    const before: string = JSON.stringify([history, contract]);
    const done = record(history, contract, order, context(now));
    if (!done.ok) {
      expect(JSON.stringify([history, contract])).toBe(before);
      expect(done.error.facts.length).toBeGreaterThan(0);
      continue;
    }
    history = done.value.history;
    contract = done.value.outcome.contract;
    states.push({ at: now, contract });
  }
  return { history, contract, states };
}

const replayed = (history: OrderHistory, until: Instant): Contract | null => {
  const done = replay(history, until, context());
  if (!done.ok) throw new Error(done.error.say);
  return done.value;
};

describe('the history of orders', () => {
  it('gives the same contract when it is replayed, to any moment', () => {
    fc.assert(
      fc.property(fc.array(anyOrder, { maxLength: 25 }), (orders) => {
        const { history, states } = live(orders);
        for (const { at, contract } of states) expect(replayed(history, at)).toEqual(contract);
        expect(replayed(history, instant(MONDAY - 1))).toBeNull();
      }),
      { numRuns: 25 },
    );
  });

  it('survives being written down as JSON', () => {
    fc.assert(
      fc.property(fc.array(anyOrder, { maxLength: 15 }), (orders) => {
        const { history, contract } = live(orders);
        const read = JSON.parse(JSON.stringify(history)) as OrderHistory;
        expect(replayed(read, instant(MONDAY + 100 * HOUR_MS))).toEqual(contract);
        expect(JSON.parse(JSON.stringify(contract))).toEqual(contract);
      }),
      { numRuns: 30 },
    );
  });

  it('numbers its entries without gaps, and takes none of the past', () => {
    const { history, contract } = live([]);
    expect(history.map((one) => one.seq)).toEqual([1, 2, 3]);
    const late = record(history, contract, { kind: 'pause' }, context(MONDAY));
    expect(late).toMatchObject({ ok: false, error: { code: 'order.inThePast' } });
    const same = record(history, contract, { kind: 'pause' }, context(instant(MONDAY + 2 * HOUR_MS)));
    expect(same.ok).toBe(true);
  });

  it('stops at an order that could never have been accepted', () => {
    const { history } = live([]);
    const bad = [
      ...history.slice(0, 1),
      { seq: 2, at: MONDAY, order: { kind: 'cancelNumber', number: MAIN } as Order },
    ];
    expect(replay(bad, MONDAY, context())).toMatchObject({
      ok: false,
      error: { code: 'order.contractNumber' },
    });
  });
});

describe('after any sequence of orders', () => {
  const always = (holds: (contract: Contract, at: Instant) => void): void => {
    fc.assert(
      fc.property(fc.array(anyOrder, { maxLength: 40 }), (orders) => {
        for (const { at, contract } of live(orders).states) {
          if (contract !== null) holds(contractAt(contract, at), at);
        }
      }),
      { numRuns: 40 },
    );
  };

  it('[S0-140] [S0-141] [A-17] forwarding is never on together with after-hours or the bot', () => {
    always((contract) => {
      for (const one of contract.numbers) {
        const { answer } = featuresOf(one);
        if (answer.mode !== 'toggles' || !answer.forwarding) continue;
        expect([answer.afterHours, answer.bot]).toEqual([false, false]);
      }
    });
  });

  it('[S0-125] [A-57] voicemail and the bot never stand on one number', () => {
    always((contract, at) => {
      for (const one of contract.numbers) {
        const held = optionsOn(contract, one.number, at);
        expect(held.includes('option.voicemail') && held.includes('option.answerBot')).toBe(false);
      }
    });
  });

  it('[S0-092] [A-49] no ID with ten free minutes sits on a desk phone or adapter', () => {
    always((contract, at) => {
      for (const one of contract.ids) {
        if (!optionsOn(contract, one.id, at).includes('option.tenMinutes')) continue;
        expect(contract.devices.find((found) => found.id === one.device)?.kind).toBe('app');
      }
    });
  });

  it('[S0-058] [A-01] additional numbers keep to two and to the additional IDs', () => {
    always((contract) => {
      const additional = contract.ids.filter((one) => one.role === 'additional').length;
      const numbers = contract.numbers.filter((one) => one.role === 'additional').length;
      expect(numbers).toBeLessThanOrEqual(Math.min(2, additional));
    });
  });

  it('[S0-144] nothing is forwarded without an identity check, and [S0-149] nothing is toll-free on one ID', () => {
    always((contract) => {
      const forwards = contract.numbers.some((one) => featuresOf(one).forwardTo !== null);
      expect(forwards && !contract.identityVerified).toBe(false);
      expect((contract.tollFree ?? []).length > 0 && contract.ids.length < 2).toBe(false);
    });
  });

  it('[S0-042] [S0-043] a set is held exactly while all its members have been', () => {
    fc.assert(
      fc.property(fc.array(anyOrder, { maxLength: 40 }), (orders) => {
        const gone = new Set<string>();
        for (const { at, contract } of live(orders).states) {
          if (contract === null) continue;
          for (const set of contract.sets ?? []) {
            const whole = set.members.every(({ item, on }) =>
              subscriptionsOf(contract).some(
                (one) =>
                  one.item === item &&
                  one.on === on &&
                  one.from <= at &&
                  (one.until === null || at < one.until),
              ),
            );
            if (!whole) gone.add(set.id);
            expect(set.held.until === null).toBe(!gone.has(set.id));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('every rule of the contract holds, and what has ended stays ended', () => {
    fc.assert(
      fc.property(fc.array(anyOrder, { maxLength: 40 }), (orders) => {
        let ended: readonly string[] = [];
        for (const { at, contract } of live(orders).states) {
          if (contract === null) continue;
          expect(checkContract(contract, { at }).ok).toBe(true);
          const now = contract.options.flatMap((one, index) =>
            one.held.until === null ? [] : [`${index} ${one.held.until}`],
          );
          expect(now).toEqual(expect.arrayContaining([...ended]));
          ended = now;
        }
      }),
      { numRuns: 30 },
    );
  });
});

/** The first orders of the other services. */
const BEGINNINGS: Readonly<Record<string, readonly Order[]>> = {
  groupForwarding: [
    application(1, ['05012340001'], {
      product: 'groupForwarding',
      numbers: [
        { number: '05012340001', kind: 'standard', rings: [id(1)] },
        { number: '05012349000', kind: 'representativeOnly', rings: [id(1)] },
      ],
      ids: [{ id: id(1), device: 'app-1', extension: '11', ownNumber: '05012340001' }],
    }),
  ],
  calleePays: [
    application(0, [], {
      product: 'calleePays',
      tollFree: [{ prefix: '0120', number: FREE, answeredBy: OUTSIDE, options: ['calleePays.multiLine'] }],
    }),
  ],
  ip050: [
    application(1, ['05055000001'], {
      product: 'ip050',
      business: true,
      numbers: [{ number: '05055000001', kind: 'ip050', rings: [id(1)] }],
      ids: [{ id: id(1), device: 'app-1', extension: '11', ownNumber: '05055000001', handset: OUTSIDE }],
    }),
  ],
  answering: [
    application(0, [], {
      product: 'answering',
      answering: {
        company: '縁側',
        reportTo: ['a@engawa.example'],
        trial: true,
        loanNumbers: [{ number: '0312340001', use: 'forwardingTarget' }],
      },
    }),
  ],
};

const tollFreeOption = fc.constantFrom('region', 'busyDetour', 'percentage', 'afterHours', 'presentNumber');
const otherOrder: fc.Arbitrary<Order> = fc.oneof(
  anyOrder,
  tollFreeOption.map((one): Order => ({ kind: 'addOption', item: `calleePays.${one}`, on: FREE })),
  tollFreeOption.map((one): Order => ({ kind: 'cancelOption', item: `calleePays.${one}`, on: FREE })),
  fc.integer({ min: -1, max: 9_000_000_000 }).map((limitMicroYen): Order => {
    return { kind: 'ceiling', limitMicroYen: microYen(limitMicroYen) };
  }),
  fc.constantFrom<Order>(
    { kind: 'groupForwarding', action: 'start' },
    { kind: 'groupForwarding', action: 'cancel' },
    { kind: 'forwardingTargets', number: '05012349000', extra: 1 },
    {
      kind: 'changeGroups',
      groups: [{ id: 'g', how: 'relay', steps: [{ members: [{ external: OUTSIDE }], forMs: 9_000 }] }],
    },
    { kind: 'mobileMode', action: 'start', billingStation: true },
    { kind: 'mobileMode', action: 'cancel' },
    { kind: 'trial', action: 'convert' },
    { kind: 'trial', action: 'stop' },
    { kind: 'loanNumber', action: 'add', number: '0312340002', use: 'published' },
    { kind: 'loanNumber', action: 'return', number: '0312340001' },
    { kind: 'changeTollFree', number: FREE, change: { acceptsMobile: false } },
    { kind: 'pause' },
    { kind: 'resume' },
    { kind: 'cancelContract' },
  ),
);

describe('the history of the other services', () => {
  it.each(Object.keys(BEGINNINGS))(
    '%s: replays to the same contract, and every rule holds after every order',
    (name) => {
      fc.assert(
        fc.property(fc.array(otherOrder, { maxLength: 20 }), (orders) => {
          const { history, states } = live(orders, BEGINNINGS[name]);
          expect(states.length).toBeGreaterThan(0);
          for (const { at, contract } of states) {
            expect(replayed(history, at)).toEqual(contract);
            if (contract !== null) expect(checkContract(contract, { at }).ok).toBe(true);
          }
        }),
        { numRuns: 15 },
      );
    },
  );
});

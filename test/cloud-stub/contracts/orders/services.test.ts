import { describe, expect, it } from 'vitest';
import type { AnsweringOrder, Application, Order } from '../../../../cloud-stub/contracts/orders/types.ts';
import { presentedByRelay } from '../../../../cloud-stub/contracts/rules/groups.ts';
import { instant } from '../../../../lib/base/clock.ts';
import type { ContractId } from '../../../../lib/base/ids.ts';
import { japanMidnight } from '../../../../lib/base/japan-time.ts';
import { yen } from '../../../../lib/base/units.ts';
import { application, Desk, id, MAIN, MONDAY, OUTSIDE, option, SECOND } from './desk.ts';

const OTHER = '0459998888';
const DAY_MS = 86_400_000;

describe('external members in ring groups', () => {
  const STANDARD = '05012340001';
  const REPRESENTATIVE = '05012349000';

  /** A company with `users` terminals, each with a standard number, and some representative-only numbers. */
  function company(users: number, representatives: number): Application {
    const order = application(users, []);
    const standard = order.ids.map((one, index) => ({
      number: `0501234${String(index + 1).padStart(4, '0')}`,
      kind: 'standard' as const,
      rings: [one.id],
    }));
    const shared = Array.from({ length: representatives }, (_, index) => ({
      number: `0501234${9_000 + index}`,
      kind: 'representativeOnly' as const,
      rings: order.ids.map((one) => one.id),
    }));
    return {
      ...order,
      product: 'groupForwarding',
      numbers: [...standard, ...shared],
      ids: order.ids.map((one, index) => ({ ...one, ownNumber: standard[index]?.number ?? '' })),
    };
  }

  const start: Order = { kind: 'groupForwarding', action: 'start' };
  const relay = (...externals: readonly string[]): Order => ({
    kind: 'changeId',
    id: id(1),
    change: { relay: externals.map((external) => ({ members: [{ external }], forMs: 20_000 })) },
  });
  const group = (...externals: readonly string[]): Order => ({
    kind: 'changeGroups',
    groups: [
      {
        id: 'front',
        how: 'relay',
        steps: [
          { members: [{ id: id(1) }], forMs: 10_000 },
          ...externals.map((external) => ({ members: [{ external }], forMs: 10_000 })),
        ],
      },
    ],
  });
  const front: Order = { kind: 'changeNumber', number: REPRESENTATIVE, change: { group: 'front' } };

  it('[S1-008] has standard, representative-only and IVR numbers', () => {
    const kinds = Desk.with(company(1, 1)).contract.numbers.map((one) => one.kind);
    expect(kinds).toEqual(['standard', 'representativeOnly']);
    expect(
      Desk.with().refuses({ kind: 'addNumber', number: { number: STANDARD, kind: 'standard' } }),
    ).toMatch(/^contract.numberKind/);
    expect(
      Desk.with(company(1, 0)).refuses({ kind: 'addNumber', number: { number: OTHER, kind: 'ivr' } }),
    ).toBe('accepted');
  });

  it('[S1-002] [S1-017] needs its option, which is provided for the whole company', () => {
    const desk = Desk.with(company(2, 1));
    expect(desk.refuses(relay(OUTSIDE))).toBe('contract.externalMember S1-002 S1-017');
    expect(desk.refuses({ ...start, only: STANDARD } as Order)).toBe('order.forwardingScope S1-017');
    expect(Desk.with().refuses(start)).toBe('order.unknownItem S0-154');
    desk.takes(start, relay(OUTSIDE));
    expect(desk.refuses(start)).toBe('order.alreadyHeld S0-010');
    expect(desk.refuses({ kind: 'groupForwarding', action: 'cancel' })).toBe(
      'contract.externalMember S1-002 S1-017',
    );
    desk.takes(relay(), { kind: 'groupForwarding', action: 'cancel' });
    expect(desk.paysFor()).toEqual([]);
  });

  it('[S1-018] [S1-004] ten users and three representative-only numbers pay for ten and three', () => {
    const desk = Desk.with(company(10, 3)).takes(start);
    const items = desk.paysFor().map((one) => one.split(' ')[0]);
    const count = (item: string): number => items.filter((one) => one === item).length;
    expect(count('groupForwarding.standard')).toBe(10);
    expect(count('groupForwarding.standard.initial')).toBe(10);
    expect(count('groupForwarding.representative')).toBe(3);
    expect(count('groupForwarding.representative.initial')).toBe(3);
  });

  it('[S1-019] may be taken for representative numbers alone', () => {
    const desk = Desk.with(company(10, 3)).takes({ ...start, scope: 'representatives' } as Order);
    expect(desk.paysFor().filter((one) => one.startsWith('groupForwarding.standard'))).toEqual([]);
    expect(desk.paysFor()).toHaveLength(6);
  });

  it('[S1-015] [A-38] allows one outside target for a standard number, two for a representative-only one', () => {
    const desk = Desk.with(company(2, 1)).takes(start, group(OUTSIDE, OTHER), front, relay(OUTSIDE));
    expect(desk.refuses(relay(OUTSIDE, OTHER))).toBe('contract.externalTargets S1-015 S1-016 A-38');
    expect(desk.refuses(group(OUTSIDE, OTHER, '0312345678'))).toBe(
      'contract.externalTargets S1-015 S1-016 A-38',
    );
    expect(desk.refuses(group(OUTSIDE, OTHER, OUTSIDE))).toBe('accepted');
  });

  it('[S1-016] needs an additional forwarding target for each further one', () => {
    const desk = Desk.with(company(2, 1)).takes(start, {
      kind: 'forwardingTargets',
      number: STANDARD,
      extra: 1,
    });
    desk.takes(relay(OUTSIDE, OTHER));
    expect(desk.paysFor().filter((one) => one.startsWith('groupForwarding.target'))).toEqual([
      `groupForwarding.target ${STANDARD}`,
    ]);
    const none: Order = { kind: 'forwardingTargets', number: STANDARD, extra: 0 };
    expect(desk.refuses(none)).toBe('contract.externalTargets S1-015 S1-016 A-38');
    expect(desk.refuses({ ...none, extra: -1 })).toBe('order.unknown S0-062');
    expect(Desk.with(company(1, 0)).refuses(none)).toBe('order.unknown S0-062');
  });

  it('[S1-014] [A-39] shows the own number of a terminal, else that of its representative, else is refused', () => {
    const bare = company(2, 1);
    const order = { ...bare, ids: bare.ids.map(({ ownNumber: _own, ...one }) => one) };
    const desk = Desk.with(order).takes(start, relay(OUTSIDE));
    const first = desk.contract.ids[0];
    expect(first === undefined ? '' : presentedByRelay(desk.contract, first)).toBe(REPRESENTATIVE);
    expect(desk.refuses({ kind: 'changeNumber', number: REPRESENTATIVE, rings: [id(2)] })).toBe(
      'contract.relayPresents S1-014 A-39',
    );
    const own = Desk.with(bare).takes(start, relay(OUTSIDE)).contract;
    expect(own.ids[0] === undefined ? '' : presentedByRelay(own, own.ids[0])).toBe(STANDARD);
  });

  it('[S1-009] has members that are there: IDs of the contract and numbers outside', () => {
    const desk = Desk.with(company(2, 1)).takes(start);
    expect(desk.refuses(group('110'))).toBe('contract.groupMember S1-009 S0-062');
    expect(desk.refuses(group(STANDARD))).toBe('contract.groupMember S1-009 S0-062');
    expect(desk.refuses(relay('sales'))).toBe('contract.groupMember S1-009 S0-062');
    const empty: Order = { kind: 'changeGroups', groups: [{ id: 'front', how: 'relay', steps: [] }] };
    expect(desk.refuses(empty)).toBe('contract.groupMember S1-009 S0-062');
    const one = {
      id: 'front',
      how: 'simultaneous',
      members: [{ id: id(1) }],
      forMs: 9_000,
      deskFirstMs: 0,
    } as const;
    expect(desk.refuses({ kind: 'changeGroups', groups: [one, one] })).toBe(
      'contract.groupMember S1-009 S0-062',
    );
    expect(desk.refuses({ kind: 'changeGroups', groups: [{ ...one, forMs: 0 }] })).toBe(
      'contract.groupMember S1-009 S0-062',
    );
    desk.takes(
      { kind: 'changeGroups', groups: [{ ...one, members: [{ id: id(1) }, { id: id(2) }] }] },
      {
        kind: 'cancelId',
        id: id(2),
      },
    );
    expect(desk.contract.groups).toMatchObject([{ members: [{ id: id(1) }] }]);
  });
});

describe('the 050 business service', () => {
  function business(ids: number, more: Partial<Application> = {}): Application {
    const order = application(ids, []);
    return {
      ...order,
      contract: 'c-000005' as ContractId,
      product: 'ip050',
      business: true,
      numbers: order.ids.map((one, index) => ({
        number: `05055${String(index).padStart(6, '0')}`,
        kind: 'ip050',
        rings: [one.id],
      })),
      ids: order.ids.map((one, index) => ({
        ...one,
        handset: `0901234${String(index).padStart(4, '0')}`,
        ownNumber: `05055${String(index).padStart(6, '0')}`,
      })),
      ...more,
    };
  }
  const start: Order = { kind: 'mobileMode', action: 'start', billingStation: true };

  it('[S3-022] [S3-023] is for businesses with an address in Japan, and cannot be paused', () => {
    expect(new Desk().refuses(business(1, { business: false }))).toBe('order.businessOnly S3-023');
    const address = { inJapan: false, inTokyoWards: false, sharedOffice: false };
    expect(new Desk().refuses(business(1, { address }))).toBe('order.inJapanOnly S3-022');
    const desk = Desk.with(business(1));
    expect(desk.refuses({ kind: 'pause' })).toBe('order.notPausable S3-022');
    expect(desk.refuses({ kind: 'changeAddress', address })).toBe('order.inJapanOnly S3-022');
  });

  it('[S3-045] [S0-058] has 050 numbers and extensions only, and is not held to the limit of shared numbers', () => {
    const desk = Desk.with(business(1));
    expect(desk.refuses({ kind: 'addNumber', number: { number: MAIN } })).toBe('contract.number050 S3-045');
    expect(desk.refuses({ kind: 'addNumber', number: { number: MAIN, kind: 'shared' } })).toMatch(
      /^contract.numberKind/,
    );
  });

  it('[S3-001] [S3-002] pays for its numbers; app and web billing cost nothing', () => {
    expect(Desk.with(business(2)).takes(start).paysFor()).toEqual([
      'ip050.number 05055000000',
      'ip050.number 05055000001',
      'ip050.app id-000001-1',
      'ip050.app id-000001-2',
      'ip050.billingStation c-000005',
    ]);
  });

  it('[S3-028] takes mobile mode for at most 500 numbers', () => {
    expect(Desk.with(business(500)).refuses(start)).toBe('accepted');
    const desk = Desk.with(business(501));
    expect(desk.refuses(start)).toBe('contract.mobileModeNumbers S3-028');
    const full = Desk.with(business(500)).takes(start);
    expect(full.refuses({ kind: 'addNumber', number: { number: '05055999999' } })).toBe(
      'contract.mobileModeNumbers S3-028',
    );
  });

  it('[S3-029] needs web billing for mobile mode', () => {
    const desk = Desk.with(business(1));
    expect(desk.refuses({ kind: 'mobileMode', action: 'start' })).toBe('contract.billingStation S3-029');
    expect(desk.takes(start).refuses(start)).toBe('order.mobileMode S3-028 S3-029');
    expect(Desk.with().refuses(start)).toBe('order.mobileMode S3-028 S3-029');
  });

  it('[S3-030] ends web billing at the end of the second month after mobile mode is cancelled', () => {
    const desk = Desk.with(business(1)).takes(start);
    expect(Desk.with(business(1)).refuses({ kind: 'mobileMode', action: 'cancel' })).toBe(
      'order.mobileMode S3-028 S3-029',
    );
    desk.takes({ kind: 'mobileMode', action: 'cancel' });
    expect(desk.contract.mobileMode?.billingStation.until).toBe(japanMidnight(2027, 2, 1));
    const ended = Desk.with(business(1)).takes(start, { kind: 'cancelContract' });
    expect(ended.contract.mobileMode).toEqual({
      held: { from: MONDAY, until: MONDAY },
      billingStation: { from: MONDAY, until: japanMidnight(2027, 2, 1) },
    });
  });

  it('[S3-027] refuses handsets that are registered with the other business service', () => {
    const desk = Desk.with(business(2));
    expect(desk.refuses({ ...start, registeredElsewhere: ['09012340001'] } as Order)).toBe(
      'order.mobileElsewhere S3-027',
    );
    expect(desk.refuses({ ...start, registeredElsewhere: ['09099999999'] } as Order)).toBe('accepted');
  });

  it('[S3-021] pairs one handset number with one 050 number', () => {
    const desk = Desk.with(business(2));
    const pair = (handset: string): Order => ({ kind: 'changeId', id: id(2), change: { handset } });
    expect(desk.refuses(pair('09012340000'))).toBe('contract.handsetTwice S3-021');
    expect(desk.refuses(pair('0312345678'))).toBe('contract.handsetTwice S3-021');
    expect(desk.refuses(pair('08012340000'))).toBe('accepted');
    expect(desk.refuses({ kind: 'changeId', id: id(2), change: { handset: null } })).toBe('accepted');
  });

  it('[S3-046] gives feature phones mobile mode or nothing', () => {
    const desk = Desk.with(business(1)).takes({
      kind: 'addDevice',
      device: { id: 'clam', model: 'featurePhone' },
    });
    const move: Order = { kind: 'moveId', id: id(1), device: 'clam' };
    expect(desk.refuses(move)).toBe('contract.featurePhone S3-046');
    expect(desk.takes(start).refuses(move)).toBe('accepted');
  });

  it.each(['androidTablet', 'pc', 'ipad'])('[S3-048] [S3-020] pairs no handset number with a %s', (model) => {
    const desk = Desk.with(business(1)).takes({ kind: 'addDevice', device: { id: 'other', model } });
    const move: Order = { kind: 'moveId', id: id(1), device: 'other' };
    expect(desk.refuses(move)).toBe('contract.voiceTerminal S3-048 S3-020');
    desk.takes({ kind: 'changeId', id: id(1), change: { handset: null } });
    expect(desk.refuses(move)).toBe('accepted');
  });

  it('[S3-059] [S3-060] has a phone book from 30 IDs on, the administrator among them', () => {
    const set: Order = { kind: 'phoneBook', action: 'set', administrator: id(1) };
    expect(Desk.with(business(29)).refuses(set)).toMatch(/^contract.phoneBook S3-059 S3-060/);
    const desk = Desk.with(business(30));
    expect(desk.refuses({ ...set, administrator: id(31) } as Order)).toMatch(/^contract.phoneBook/);
    expect(desk.refuses({ kind: 'phoneBook', action: 'set' })).toBe('order.unknown S0-062');
    expect(desk.refuses({ kind: 'phoneBook', action: 'cancel' })).toBe('order.unknown S0-062');
    desk.takes(set);
    expect(desk.refuses({ kind: 'cancelId', id: id(30) })).toMatch(/^contract.phoneBook/);
    desk.takes({ kind: 'phoneBook', action: 'cancel' }, { kind: 'cancelId', id: id(30) });
    expect(Desk.with().refuses(set)).toMatch(/^contract.phoneBook/);
  });

  it('[S3-061] [S3-066] covers no feature phones and Android tablets', () => {
    const desk = Desk.with(business(30)).takes(
      { kind: 'addDevice', device: { id: 'tablet', model: 'androidTablet' } },
      { kind: 'changeId', id: id(2), change: { handset: null } },
      { kind: 'moveId', id: id(2), device: 'tablet' },
    );
    const messages = (...users: readonly number[]): Order => ({
      kind: 'phoneBook',
      action: 'set',
      administrator: id(1),
      messages: users.map(id),
    });
    expect(desk.refuses(messages(2))).toMatch(/^contract.phoneBook .*S3-061/);
    expect(desk.refuses(messages(3))).toBe('accepted');
    expect(desk.refuses(messages(99))).toMatch(/^contract.phoneBook .*S3-067/);
  });

  it('[S3-031] may be asked for a deposit', () => {
    const ask: Order = {
      kind: 'deposit',
      item: 'ip050.deposit',
      on: 'c-000005',
      amountMicroYen: yen(300_000),
    };
    expect(Desk.with(business(1)).takes(ask).contract.deposits).toMatchObject([
      { amountMicroYen: yen(300_000) },
    ]);
    expect(Desk.with().refuses({ ...ask, on: 'c-000001' } as Order)).toBe('order.deposit S0-152 S0-166');
  });

  it('[S3-032] [A-36] may have a ceiling, which warns at 80 %', () => {
    const desk = Desk.with(business(1)).takes({ kind: 'ceiling', limitMicroYen: yen(1_000_000) });
    expect(desk.contract.ceiling).toEqual({ limitMicroYen: yen(1_000_000), warnPercent: 80 });
    expect(desk.refuses({ kind: 'ceiling', limitMicroYen: yen(0) })).toBe('order.ceiling S3-032 A-36');
    expect(desk.refuses({ kind: 'ceiling', limitMicroYen: yen(5), warnPercent: 101 })).toBe(
      'order.ceiling S3-032 A-36',
    );
  });
});

describe('the answering service', () => {
  const info: AnsweringOrder = { company: '縁側商店', reportTo: ['office@engawa.example'] };
  const order = (answering: Partial<AnsweringOrder> = {}): Application => ({
    ...application(0, []),
    contract: 'c-000006' as ContractId,
    product: 'answering',
    answering: { ...info, ...answering },
  });
  const convert: Order = { kind: 'trial', action: 'convert' };
  const stop: Order = { kind: 'trial', action: 'stop' };
  const loans = [{ number: '0312340001', use: 'forwardingTarget' } as const];

  it('[S4-018] has a trial of 10 days, which becomes a contract', () => {
    const desk = Desk.with(order({ trial: true, loanNumbers: loans }));
    expect(desk.contract.answering?.trial).toEqual({
      from: MONDAY,
      until: japanMidnight(2026, 11, 26),
      outcome: 'running',
    });
    desk.later(9).takes(convert);
    expect(desk.contract.answering).toMatchObject({ trial: { outcome: 'converted' }, paidFrom: desk.now });
    expect(desk.refuses(stop)).toBe('order.noTrial S4-018');
    const over = Desk.with(order({ trial: true })).later(10);
    expect(over.refuses(convert)).toBe('order.trialOver S4-018 S4-003');
    over.now = japanMidnight(2026, 11, 26);
    expect(over.refuses(stop)).toBe('order.trialOver S4-018 S4-003');
    over.now = instant(over.now - 1);
    expect(over.refuses(stop)).toBe('accepted');
    expect(Desk.with(order()).refuses(convert)).toBe('order.noTrial S4-018');
    expect(Desk.with(application()).refuses(stop)).toBe('order.noTrial S4-018');
  });

  it('[S4-003] costs nothing when it is stopped within the trial', () => {
    const two = [...loans, { number: '0312340002', use: 'published' } as const];
    const desk = Desk.with(order({ trial: true, loanNumbers: two }))
      .later(5)
      .takes(stop);
    expect(desk.contract.state).toBe('ended');
    expect(desk.notes[0]?.facts).toEqual(['S4-003']);
    expect(desk.paysFor().filter((one) => one.startsWith('answering.loanNumber'))).toEqual([]);
  });

  it('[S4-019] [A-46] has one trial for a legal entity', () => {
    const desk = new Desk(MONDAY, { hadTrial: (entity) => entity === '縁側商店株式会社' });
    expect(desk.refuses(order({ trial: true }))).toBe('order.trialOnce S4-019 A-46');
    expect(desk.refuses({ ...order({ trial: true }), legalEntity: '別会社' })).toBe('accepted');
    expect(desk.refuses(order())).toBe('accepted');
  });

  it('[S4-020] [A-46] has no trial for a campaign', () => {
    expect(new Desk().refuses(order({ trial: true, campaign: true }))).toBe(
      'order.trialCampaign S4-020 A-46',
    );
    expect(new Desk().refuses(order({ campaign: true }))).toBe('accepted');
  });

  it('[S4-008] [S4-009] takes the calls of one party; another one applies for itself', () => {
    const parties = ['縁側商店株式会社', '別会社'];
    expect(new Desk().refuses(order({ parties }))).toBe('order.oneParty S4-008 S4-009 S4-010');
    expect(new Desk().refuses(order({ parties: parties.slice(0, 1) }))).toBe('accepted');
  });

  it('[S4-010] wants an approval for a number on which two companies take calls', () => {
    const desk = new Desk(MONDAY, { answeredFor: (number) => number === OTHER });
    expect(desk.refuses(order({ answers: [OTHER] }))).toBe('order.sharedNumber S4-010');
    expect(desk.refuses(order({ answers: [OTHER], approved: true }))).toBe('accepted');
    expect(desk.refuses(order({ answers: [MAIN] }))).toBe('accepted');
  });

  it('[S4-023] begins on one exact day, or when the number is notified', () => {
    expect(Desk.with(order({ startsOn: '2026-11-20' })).contract.answering?.startsOn).toBe('2026-11-20');
    expect(Desk.with(order()).contract.answering?.startsOn).toBeNull();
    for (const startsOn of ['soon', '2026-11-15', '2026-11-31', '2026-11']) {
      expect(new Desk().refuses(order({ startsOn })), startsOn).toBe('order.startDate S4-023');
    }
    const desk = Desk.with(order({ startsOn: '2026-11-20' }));
    expect(desk.refuses({ kind: 'changeAnswering', change: { startsOn: 'soon' } })).toBe(
      'order.startDate S4-023',
    );
    desk.takes({ kind: 'changeAnswering', change: { company: '縁側' } });
    expect(desk.contract.answering?.startsOn).toBe('2026-11-20');
  });

  it('[S4-024] registers "early August" as Monday the 3rd, unless another day is told', () => {
    const desk = Desk.with(order({ startsOn: '2026-08 early' }), japanMidnight(2026, 7, 1));
    expect(desk.contract.answering?.startsOn).toBe('2026-08-03');
    desk.takes({ kind: 'changeAnswering', change: { startsOn: '2026-08-05' } });
    expect(desk.contract.answering?.startsOn).toBe('2026-08-05');
    expect(Desk.with(order({ startsOn: '2026-12 late' })).contract.answering?.startsOn).toBe('2026-12-21');
    expect(desk.refuses({ kind: 'changeAnswering', change: { startsOn: '2026-06 early' } })).toBe(
      'order.startDate S4-023',
    );
  });

  it('[S4-001] [S4-016] lends one number with the contract and further ones at a price', () => {
    const desk = Desk.with(order({ loanNumbers: loans })).takes({
      kind: 'loanNumber',
      action: 'add',
      number: '0312340002',
      use: 'published',
    });
    expect(desk.paysFor()).toEqual(['answering.loanNumber 0312340002']);
    desk.takes({ kind: 'loanNumber', action: 'return', number: '0312340002' });
    expect(desk.paysFor()).toEqual([]);
    expect(desk.refuses({ kind: 'loanNumber', action: 'return', number: '0312340002' })).toBe(
      'order.unknown S0-062',
    );
    expect(Desk.with().refuses({ kind: 'loanNumber', action: 'add', number: OTHER })).toMatch(
      /^order.noAnswering/,
    );
  });

  it('[S4-015] [S4-016] uses a loan number as a target or published, never both', () => {
    const desk = Desk.with(order({ loanNumbers: loans }));
    const again: Order = { kind: 'loanNumber', action: 'add', number: '0312340001', use: 'published' };
    expect(desk.refuses(again)).toBe('contract.loanNumberTwice S4-014 S4-015');
    desk.takes({ kind: 'loanNumber', action: 'changeUse', number: '0312340001', use: 'published' });
    expect(desk.contract.answering?.loanNumbers).toMatchObject([{ use: 'published' }]);
  });

  it('[S4-014] lends a number to one customer', () => {
    const desk = Desk.with(order(), MONDAY, { taken: (number) => number === OTHER });
    expect(desk.refuses({ kind: 'loanNumber', action: 'add', number: OTHER })).toBe('order.taken S0-054');
    const lend: Order = { kind: 'loanNumber', action: 'add', number: '0312340009' };
    desk.takes(lend);
    expect(desk.refuses(lend)).toBe('contract.loanNumberTwice S4-014 S4-015');
    desk.takes({ kind: 'loanNumber', action: 'return', number: '0312340009' });
    expect(desk.refuses(lend)).toBe('accepted');
  });

  it('[S4-017] a loan number rings no device of the customer', () => {
    const answering = { ...info, loanNumbers: [{ number: SECOND, use: 'published' } as const] };
    const desk = Desk.with(application(2, [MAIN, SECOND])).takes(option('option.forwarding'));
    expect(desk.refuses({ kind: 'addOption', item: 'option.operator', on: MAIN, answering })).toBe(
      'contract.publishedNumber S4-017',
    );
  });

  it('[S0-153] [S4-007] says what operators are told, and [S0-156] agrees on out-of-hours at application', () => {
    expect(new Desk().refuses({ ...order(), answering: { ...info, reportTo: [] } })).toMatch(
      /^order.noAnswering/,
    );
    const { answering: _none, ...bare } = order();
    expect(new Desk().refuses(bare)).toMatch(/^order.noAnswering/);
    const late: Order = { kind: 'changeAnswering', change: { outOfHours: true } };
    const desk = Desk.with(order());
    expect(desk.refuses(late)).toBe('order.outOfHours S0-156');
    desk.takes({ kind: 'changeAnswering', change: { company: '縁側', refusesSales: true } });
    expect(desk.contract.answering).toMatchObject({ company: '縁側', refusesSales: true });
    expect(Desk.with(order({ outOfHours: true })).refuses(late)).toBe('accepted');
    expect(Desk.with().refuses(late)).toMatch(/^order.noAnswering/);
  });

  it('[S0-158] ends with the contract that it stands on', () => {
    const desk = Desk.with(order({ loanNumbers: loans }))
      .later(20)
      .takes({ kind: 'cancelContract' });
    expect(desk.contract.answering?.loanNumbers[0]?.held.until).toBe(MONDAY + 20 * DAY_MS);
  });
});

import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../cloud-stub/catalogue/index.ts';
import { checkContract, exampleOffice } from '../../../../cloud-stub/contracts/index.ts';
import type { AnsweringOrder, Application, Order } from '../../../../cloud-stub/contracts/orders/types.ts';
import type { Contract } from '../../../../cloud-stub/contracts/types.ts';
import type { ContractId } from '../../../../lib/base/ids.ts';
import { japanMidnight } from '../../../../lib/base/japan-time.ts';
import { application, Desk, id, MAIN, MONDAY, OUTSIDE } from './desk.ts';

describe('outside targets', () => {
  const STANDARD = '05012340001';

  /** A company of two terminals; the first has a standard number of its own. */
  function company(): Application {
    const order = application(2, []);
    return {
      ...order,
      product: 'groupForwarding',
      numbers: [
        { number: STANDARD, kind: 'standard', rings: [id(1)] },
        { number: '05012349000', kind: 'representativeOnly', rings: [id(1)] },
      ],
      ids: order.ids.map((one, index) => (index === 0 ? { ...one, ownNumber: STANDARD } : one)),
    };
  }

  const start: Order = { kind: 'groupForwarding', action: 'start' };
  const relay: Order = {
    kind: 'changeId',
    id: id(1),
    change: { relay: [{ members: [{ external: OUTSIDE }], forMs: 20_000 }] },
  };

  it('[S1-015] [S1-016] [A-38] an option that includes no target allows none but additional ones', () => {
    const bare = { ...catalogue, items: catalogue.items.map(({ included: _included, ...one }) => one) };
    const desk = Desk.with(company(), MONDAY, { catalogue: bare }).takes(start);
    expect(desk.refuses(relay)).toBe('contract.externalTargets S1-015 S1-016 A-38');
    desk.takes({ kind: 'forwardingTargets', number: STANDARD, extra: 1 });
    expect(desk.refuses(relay)).toBe('accepted');
  });

  it('[S1-015] [S1-016] [A-38] are not counted for a number of a kind that has no such option', () => {
    const [main, ...others] = exampleOffice.numbers;
    if (main === undefined) throw new Error('the example office has no number');
    const features = Desk.with().features();
    const office: Contract = {
      ...exampleOffice,
      groupForwarding: { held: main.held, scope: 'everything', extraTargets: {} },
      groups: [{ id: 'front', how: 'relay', steps: [{ members: [{ external: OUTSIDE }], forMs: 10_000 }] }],
      numbers: [{ ...main, features: { ...features, group: 'front' } }, ...others],
    };
    expect(checkContract(office)).toEqual({ ok: true, value: office });
  });

  it('[A-39] a terminal without a number to show may be there as long as it forwards nothing outside', () => {
    const desk = Desk.with(company()).takes(start, relay);
    const outside: Order = { ...relay, id: id(2) } as Order;
    expect(desk.refuses(outside)).toBe('contract.relayPresents S1-014 A-39');
  });
});

describe('the 050 business service', () => {
  function business(ids: number): Application {
    const order = application(ids, []);
    const number = (index: number): string => `05055${String(index).padStart(6, '0')}`;
    return {
      ...order,
      contract: 'c-000005' as ContractId,
      product: 'ip050',
      business: true,
      numbers: order.ids.map((one, index) => ({ number: number(index), kind: 'ip050', rings: [one.id] })),
      ids: order.ids.map((one, index) => ({ ...one, ownNumber: number(index) })),
    };
  }
  const start: Order = { kind: 'mobileMode', action: 'start', billingStation: true };
  const stop: Order = { kind: 'mobileMode', action: 'cancel' };

  it('[S3-028] [S3-029] cancels a mobile mode that runs, once, and none that never ran', () => {
    const desk = Desk.with(business(1));
    expect(desk.refuses(stop)).toBe('order.mobileMode S3-028 S3-029');
    desk.takes(start).later(1).takes(stop);
    expect(desk.contract.mobileMode?.held).toEqual({ from: MONDAY, until: desk.now });
    expect(desk.refuses(stop)).toBe('order.mobileMode S3-028 S3-029');
    expect(desk.refuses(start)).toBe('accepted');
  });

  it('[S3-048] a feature phone, which has a voice line but no app, is there with mobile mode only', () => {
    const desk = Desk.with(business(1)).takes(
      { kind: 'addDevice', device: { id: 'clam', model: 'featurePhone' } },
      { kind: 'changeId', id: id(1), change: { handset: '09012340000' } },
    );
    const move: Order = { kind: 'moveId', id: id(1), device: 'clam' };
    expect(desk.refuses(move)).toBe('contract.featurePhone S3-046');
    expect(desk.takes(start).refuses(move)).toBe('accepted');
  });

  it('[A-01] does not count numbers by additional IDs: a shared number is refused for its kind', () => {
    const desk = Desk.with(business(1));
    const shared: Order = { kind: 'addNumber', number: { number: MAIN, kind: 'shared' } };
    expect(desk.refuses(shared)).toMatch(/^contract.numberKind /);
  });
});

describe('the answering service', () => {
  const OWNER = '縁側商店株式会社';
  const order = (answering: Partial<AnsweringOrder> = {}): Application => ({
    ...application(0, []),
    contract: 'c-000006' as ContractId,
    product: 'answering',
    answering: { company: '縁側商店', reportTo: ['office@engawa.example'], ...answering },
  });

  it('[S4-003] a trial can be stopped until just before its end, and not at its end', () => {
    const desk = Desk.with(order({ trial: true })).later(9);
    const stop: Order = { kind: 'trial', action: 'stop' };
    expect(desk.refuses(stop)).toBe('accepted');
    desk.now = japanMidnight(2026, 11, 26);
    expect(desk.contract.answering?.trial?.until).toBe(desk.now);
    expect(desk.refuses(stop)).toBe('order.trialOver S4-018 S4-003');
  });

  it('[S4-010] [S4-018] one other party is one too many, on trial and with an approval as well', () => {
    const parties = [OWNER, '別会社'];
    expect(new Desk().refuses(order({ trial: true, approved: true, parties }))).toBe(
      'order.oneParty S4-008 S4-009 S4-010',
    );
    expect(new Desk().refuses(order({ trial: true, approved: true, parties: [OWNER] }))).toBe('accepted');
  });

  it('[S4-014] [S4-015] a number that rings devices of the contract is lent for neither use', () => {
    for (const use of ['forwardingTarget', 'published'] as const) {
      const loanNumbers = [{ number: MAIN, use }];
      const operators: Order = {
        kind: 'addOption',
        item: 'option.operator',
        on: MAIN,
        answering: { company: '縁側商店', reportTo: ['office@engawa.example'], loanNumbers },
      };
      const desk = Desk.with().takes({ kind: 'addOption', item: 'option.forwarding', on: MAIN });
      expect(desk.refuses(operators), use).toBe('contract.publishedNumber S4-017');
    }
  });
});

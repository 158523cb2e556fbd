import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Contract,
  channelsOf,
  checkContract,
  exampleOffice,
  routingSnapshot,
  subscriptionsOf,
} from '../../../cloud-stub/contracts/index.ts';
import { additionalNumbersAllowed } from '../../../cloud-stub/contracts/rules/model.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { ContractId, PortNumber, ServiceId } from '../../../lib/base/ids.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const NOW = japanMidnight(2026, 11, 21);
const base = present(exampleOffice.ids[0]);
const second = present(exampleOffice.ids[1]);
const main = present(exampleOffice.numbers[0]);

function present<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error('the example office is not whole');
  return thing;
}

/** The example office with `additional` additional IDs and `numbers` additional numbers. */
function office(additional: number, numbers: number): Contract {
  const ids = Array.from({ length: additional }, (_, index) => ({
    ...second,
    id: `id-000001-${index + 2}` as ServiceId,
    extension: String(20 + index),
    port: (index + 2) as PortNumber,
  }));
  const extra = Array.from({ length: numbers }, (_, index) => ({
    ...main,
    number: `035555020${index}`,
    role: 'additional' as const,
    rings: [base.id],
  }));
  return { ...exampleOffice, ids: [base, ...ids], numbers: [{ ...main, rings: [base.id] }, ...extra] };
}

const code = (contract: Contract) => {
  const checked = checkContract(contract);
  return checked.ok ? 'ok' : checked.error.code;
};

describe('the rules of a contract', () => {
  it('let the example office be', () => {
    expect(checkContract(exampleOffice)).toEqual({ ok: true, value: exampleOffice });
  });

  it('[S0-059] [S0-060] give one channel for each ID: 1 base and 2 additional are 3', () => {
    expect(channelsOf(office(2, 0))).toBe(3);
    expect(channelsOf(exampleOffice)).toBe(2);
  });

  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 2],
  ])('[S0-058] [A-01] allow with %d additional IDs %d additional numbers', (ids, numbers) => {
    expect(additionalNumbersAllowed(office(ids, 0))).toBe(numbers);
    expect(code(office(ids, numbers))).toBe('ok');
    expect(checkContract(office(ids, numbers + 1))).toMatchObject({
      ok: false,
      error: { code: 'contract.additionalNumbers', facts: ['S0-058', 'A-01'] },
    });
  });

  it('[S0-057] allow 3 numbers on 5 IDs', () => {
    expect(code(office(4, 2))).toBe('ok');
  });

  it('[S0-054] [S0-063] want exactly one contract number and one base ID', () => {
    expect(code({ ...exampleOffice, numbers: [] })).toBe('contract.mainNumber');
    expect(code({ ...exampleOffice, numbers: [main, main] })).toBe('contract.mainNumber');
    expect(code({ ...exampleOffice, ids: [second] })).toBe('contract.baseId');
  });

  it('[S0-055] [S0-056] ring only IDs of the contract', () => {
    const foreign = { ...main, rings: ['id-000009-1' as ServiceId] };
    expect(code({ ...exampleOffice, numbers: [foreign] })).toBe('contract.ringsForeignId');
  });

  it('[S0-089] show only numbers of the contract', () => {
    expect(code({ ...exampleOffice, ids: [{ ...base, presents: '0312345678' }, second] })).toBe(
      'contract.presentsForeignNumber',
    );
  });

  it('[S0-062] want a device for each ID, and nothing twice', () => {
    expect(code({ ...exampleOffice, devices: [] })).toBe('contract.unknownDevice');
    expect(code({ ...exampleOffice, ids: [base, { ...second, extension: base.extension }] })).toBe(
      'contract.twice',
    );
  });

  it('never allow more additional numbers than two', () => {
    fc.assert(
      fc.property(fc.nat({ max: 7 }), fc.nat({ max: 8 }), (ids, numbers) => {
        expect(checkContract(office(ids, numbers)).ok).toBe(numbers <= 2 && numbers <= ids);
      }),
    );
  });
});

describe('what the example office pays for', () => {
  it('[S0-001] [S0-003] [S0-004] [S0-009] is one number, two IDs and one adapter', () => {
    const items = subscriptionsOf(exampleOffice).map((one) => `${one.item} ${one.on}`);
    expect(items).toEqual([
      'number.contract 0355550100',
      'id.base.initial id-000001-1',
      'id.base id-000001-1',
      'id.additional.initial id-000001-2',
      'id.additional id-000001-2',
      'device.adapter.initial adapter-000001',
      'device.adapter adapter-000001',
    ]);
  });

  it('[S0-029] [A-04] adds the porting fees on top of the contract number', () => {
    const ported = subscriptionsOf({ ...exampleOffice, numbers: [{ ...main, portedIn: true }] });
    expect(ported.filter((one) => one.on === main.number).map((one) => one.item)).toEqual([
      'number.contract',
      'number.portIn.initial',
      'number.portIn',
    ]);
  });
});

describe('the office as routing sees it', () => {
  const live = { busyChannels: () => 1, reachable: (id: ServiceId) => id === base.id };

  it('has the plan of the building: ids, numbers, channels and who can be reached', () => {
    const snapshot = routingSnapshot([exampleOffice], live, NOW);
    expect(snapshot.contract(exampleOffice.id)).toMatchObject({
      id: 'c-000001',
      state: 'active',
      emergency: 'supported',
      channels: 2,
      busyChannels: 1,
    });
    expect(snapshot.number('0355550100')).toMatchObject({
      role: 'contract',
      rings: ['id-000001-1', 'id-000001-2'],
    });
    expect(snapshot.id(base.id)).toMatchObject({
      device: 'adapter',
      presents: '0355550100',
      reachable: true,
    });
    expect(snapshot.id(second.id)?.reachable).toBe(false);
    expect(snapshot.contract('c-000009' as ContractId)).toBeUndefined();
    expect(snapshot.number('0355550199')).toBeUndefined();
  });

  it('leaves out what is not held yet or no longer', () => {
    const until = instant(NOW - 1);
    const ended: Contract = { ...exampleOffice, ids: [base, { ...second, held: { ...second.held, until } }] };
    const snapshot = routingSnapshot([ended], live, NOW);
    expect(routingSnapshot([ended], live, instant(NOW - 2)).id(second.id)).toBeDefined();
    expect(routingSnapshot([ended], live, until).id(second.id)).toBeUndefined();
    expect(routingSnapshot([exampleOffice], live, main.held.from).number(main.number)).toBeDefined();
    expect(snapshot.id(second.id)).toBeUndefined();
    expect(snapshot.contract(ended.id)?.channels).toBe(1);
    expect(routingSnapshot([exampleOffice], live, instant(0)).number(main.number)).toBeUndefined();
  });

  it('gives a number to whoever holds it at the moment', () => {
    const change = japanMidnight(2026, 11, 10);
    const before: Contract = {
      ...exampleOffice,
      numbers: [{ ...main, held: { ...main.held, until: change } }],
    };
    const after: Contract = {
      ...exampleOffice,
      id: 'c-000002' as ContractId,
      numbers: [{ ...main, held: { from: change, until: null } }],
      ids: [],
    };
    const both = [before, after];
    expect(routingSnapshot(both, live, instant(change - 1)).number(main.number)?.contract).toBe('c-000001');
    expect(routingSnapshot(both, live, change).number(main.number)?.contract).toBe('c-000002');
  });
});

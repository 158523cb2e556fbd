import { describe, expect, it } from 'vitest';
import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import { defaultPolicy } from '../../../cloud-stub/routing/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../../lib/base/ids.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { BASE, CONTRACT, callOut, MAIN, officeWith, SECOND } from './world.ts';

const [main] = exampleOffice.numbers;
const [base, second] = exampleOffice.ids;
const [adapter] = exampleOffice.devices;
if (main === undefined || base === undefined || second === undefined || adapter === undefined) {
  throw new Error('example office is not whole');
}
const withApp = officeWith({ devices: [{ ...adapter, kind: 'app' }] });

describe('a call from the office', () => {
  it('[S0-089] goes to the network, showing the own number, on one channel', () => {
    expect(callOut('0355550123').plan).toEqual({
      verb: 'network',
      contract: CONTRACT,
      id: BASE,
      number: '0355550123',
      presents: MAIN,
      withheld: false,
      destination: 'geographic',
      takesChannel: true,
      emergency: false,
    });
  });

  it.each([
    ['09012345678', 'mobile'],
    ['06012345678', 'mobile'],
    ['05012345678', 'ip050'],
    ['0120123456', 'tollFree'],
    ['0570012345', 'naviDial'],
  ])('[A-10] puts %s (%s) through', (number, destination) => {
    expect(callOut(number).plan).toMatchObject({ verb: 'network', number, destination });
  });

  it.each([
    // dialled, rule, status, cause, fact
    ['01012125551234', 'out.blocked.international', 403, 21, 'A-10'],
    ['+12125551234', 'out.blocked.international', 403, 21, 'A-10'],
    ['0990123456', 'out.blocked.premium', 403, 21, 'A-10'],
    ['1840990123456', 'out.blocked.premium', 403, 21, 'A-10'],
    ['00330990123456', 'out.blocked.premium', 403, 21, 'A-10'],
    ['02012345678', 'out.blocked.m2m', 403, 21, 'S3-004'],
    ['117', 'out.blocked.special1xy', 403, 21, 'S3-003'],
    ['104', 'out.ended', 404, 1, 'A-11'],
    ['177', 'out.ended', 404, 1, 'S3-003'],
    ['0600123456', 'out.unknownNumber', 404, 1, 'A-35'],
    ['#31#0355550123', 'out.unknownNumber', 404, 1, 'S3-004'],
    ['5550123', 'out.unknownNumber', 404, 1, 'S3-004'],
    ['', 'out.unknownNumber', 404, 1, 'S3-004'],
    ['03555501', 'out.incomplete', 484, 28, 'S0-046'],
    ['090123456789', 'out.incomplete', 484, 28, 'S0-046'],
  ])('refuses %s by %s with %d, cause %d', (dialled, rule, status, cause, fact) => {
    const decision = callOut(dialled);
    expect(decision.plan).toMatchObject({ verb: 'reject', rule, status, cause });
    expect(decision.trace.at(-1)).toMatchObject({ rule });
    expect(decision.trace.at(-1)?.facts).toContain(fact);
  });

  it('[A-35] reaches 060 mobiles only from 2026-07-01', () => {
    const day = japanMidnight(2026, 7, 1);
    const held = { from: instant(0), until: null };
    const old = officeWith({
      numbers: [{ ...main, held }],
      ids: [
        { ...base, held },
        { ...second, held },
      ],
    });
    expect(callOut('06012345678', { ...old, at: instant(day - 1) }).plan).toMatchObject({
      rule: 'out.notYet',
    });
    expect(callOut('06012345678', { ...old, at: day }).plan.verb).toBe('network');
    const lastOf104 = instant(japanMidnight(2026, 4, 1) - 1);
    expect(callOut('104', { ...old, at: lastOf104 }).plan).toMatchObject({ verb: 'network', number: '104' });
  });

  it('withholds the number behind 184 and shows it behind 186', () => {
    expect(callOut('1840355550123').plan).toMatchObject({ number: '0355550123', withheld: true });
    expect(callOut('1860355550123').plan).toMatchObject({ number: '0355550123', withheld: false });
  });

  it('[A-59] drops a carrier prefix and says so', () => {
    const decision = callOut('00770355550123');
    expect(decision.plan).toMatchObject({ verb: 'network', number: '0355550123' });
    expect(decision.trace.map((line) => line.rule)).toContain('out.carrierPrefix');
  });

  it('[S0-059] is refused as busy when every channel is in use', () => {
    expect(callOut('0355550123', { busy: 1 }).plan.verb).toBe('network');
    expect(callOut('0355550123', { busy: 2 }).plan).toMatchObject({
      verb: 'reject',
      rule: 'out.channels',
      status: 486,
      cause: 34,
    });
  });

  it('[S0-062] is refused without an ID of a running contract', () => {
    const stranger = 'id-000009-1' as ServiceId;
    expect(callOut('0355550123', {}, stranger).plan).toMatchObject({ rule: 'out.unknownId', status: 403 });
    expect(callOut('119', officeWith({ state: 'ended' })).plan).toMatchObject({ rule: 'out.unknownId' });
    expect(callOut('0355550123', officeWith({ state: 'suspended' })).plan).toMatchObject({
      rule: 'out.suspended',
    });
  });

  it('[S0-089] never shows a number that is not its own', () => {
    const lying = officeWith({ ids: [{ ...base, presents: '0312345678' }, second] });
    expect(callOut('0355550123', lying).plan).toMatchObject({ rule: 'out.presents', status: 403, cause: 21 });
    expect(callOut('110', lying).plan).toMatchObject({ verb: 'network', emergency: true, presents: '' });
  });

  it("[S0-089] never shows another customer's number", () => {
    const number = '0355550200';
    const neighbour = {
      ...exampleOffice,
      id: 'c-000002' as ContractId,
      numbers: [{ ...main, number }],
      ids: [],
    };
    const borrowing = { ...exampleOffice, ids: [{ ...base, presents: number }, second] };
    expect(callOut('0355550123', { contracts: [borrowing, neighbour] }).plan).toMatchObject({
      rule: 'out.presents',
    });
  });

  it('obeys the blocks of the operator before anything is sent', () => {
    const say = 'blocked by the operator';
    const policy = { ...defaultPolicy, blockedPrefixes: [{ prefix: '03555501', facts: ['S3-005'], say }] };
    expect(callOut('0355550123', { policy }).plan).toMatchObject({ rule: 'out.blocked.prefix', status: 403 });
    expect(callOut('0355550223', { policy }).plan.verb).toBe('network');
  });
});

describe('an emergency call', () => {
  it.each(['110', '118', '119', '184110', '184119', '186118'])(
    '[A-36] [A-37] %s passes full channels, takes none, and shows its number',
    (dialled) => {
      expect(callOut(dialled, { busy: 2 }).plan).toEqual({
        verb: 'network',
        contract: CONTRACT,
        id: BASE,
        number: dialled.slice(-3),
        presents: MAIN,
        withheld: false,
        destination: 'emergency',
        takesChannel: false,
        emergency: true,
      });
    },
  );

  it('passes a suspended contract and every block of the operator', () => {
    const suspended = officeWith({ state: 'suspended' });
    const policy = { ...defaultPolicy, blockedPrefixes: [{ prefix: '1', facts: [], say: 'everything' }] };
    expect(callOut('119', { ...suspended, policy }).plan).toMatchObject({ verb: 'network', emergency: true });
  });

  it('[A-37] is refused with guidance where it is not offered: by the contract, or from an app', () => {
    const refused = { verb: 'reject', rule: 'out.emergencyNotOffered', status: 403, cause: 21 };
    expect(callOut('119', officeWith({ emergency: 'refused' })).plan).toMatchObject(refused);
    const fromApp = callOut('119', withApp).plan;
    expect(fromApp).toMatchObject(refused);
    expect(fromApp.verb === 'reject' && fromApp.say).toContain('from a mobile');
  });
});

describe('a call to a number of the service itself', () => {
  it('[S0-050] rings the other devices of the own office, never the caller', () => {
    expect(callOut(MAIN).plan).toMatchObject({
      verb: 'ring',
      contract: CONTRACT,
      called: MAIN,
      members: [SECOND],
    });
    expect(callOut(MAIN, {}, SECOND).plan).toMatchObject({ verb: 'ring', members: [BASE] });
  });

  it('is busy when there is no other device, or no channel', () => {
    expect(callOut(MAIN, { unreachable: [SECOND] }).plan).toMatchObject({
      rule: 'out.ownNumber',
      status: 486,
      cause: 17,
    });
    expect(callOut(MAIN, { busy: 2 }).plan).toMatchObject({ rule: 'out.channels', cause: 34 });
  });

  it("goes out as an ordinary call when the number is another customer's", () => {
    const number = '0355550200';
    const stranger = 'id-000002-1' as ServiceId;
    const neighbour = {
      ...exampleOffice,
      id: 'c-000002' as ContractId,
      numbers: [{ ...main, number, rings: [stranger] }],
      ids: [{ ...base, id: stranger, presents: number }],
    };
    const decision = callOut(number, { contracts: [exampleOffice, neighbour] });
    expect(decision.plan).toMatchObject({ verb: 'network', number, contract: CONTRACT });
    expect(decision.trace.map((line) => line.rule)).toContain('out.otherContract');
  });
});

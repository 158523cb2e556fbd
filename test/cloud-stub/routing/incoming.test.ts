import { describe, expect, it } from 'vitest';
import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import type { ServiceId } from '../../../lib/base/ids.ts';
import { BASE, CONTRACT, callIn, MAIN, officeWith, SECOND } from './world.ts';

const [main] = exampleOffice.numbers;
const [, second] = exampleOffice.ids;
if (main === undefined || second === undefined) throw new Error('example office is not whole');

describe('a call to the office', () => {
  it('[S0-056] rings every ID that the number rings, and takes one channel', () => {
    expect(callIn(MAIN).plan).toEqual({
      verb: 'ring',
      contract: CONTRACT,
      called: MAIN,
      members: [BASE, SECOND],
      forMs: 60_000,
      takesChannel: true,
    });
  });

  it('finds the number in international form too', () => {
    expect(callIn('+81355550100').plan).toMatchObject({ verb: 'ring', called: MAIN });
  });

  it.each([
    ['1', 'ABCDE'],
    ['2', 'ABC'],
    ['3', 'DE'],
  ])('[S0-057] number %s of three rings %s of five IDs', (which, letters) => {
    const idOf = (letter: string) => `id-000001-${letter.charCodeAt(0) - 64}` as ServiceId;
    const ids = [...'ABCDE'].map((letter, index) => ({
      ...second,
      id: idOf(letter),
      role: index === 0 ? ('base' as const) : ('additional' as const),
      extension: String(11 + index),
    }));
    const numbers = (
      [
        ['1', 'ABCDE'],
        ['2', 'ABC'],
        ['3', 'DE'],
      ] as const
    ).map(([digit, members], index) => ({
      ...main,
      number: index === 0 ? MAIN : `035555020${digit}`,
      role: index === 0 ? ('contract' as const) : ('additional' as const),
      rings: [...members].map(idOf),
    }));
    const to = which === '1' ? MAIN : `035555020${which}`;
    expect(callIn(to, officeWith({ ids, numbers })).plan).toMatchObject({
      verb: 'ring',
      members: [...letters].map(idOf),
    });
  });

  it('is refused as unallocated when nobody has the number', () => {
    for (const to of ['0355550199', '', 'x', '110']) {
      expect(callIn(to).plan).toMatchObject({
        verb: 'reject',
        rule: 'in.unallocated',
        status: 404,
        cause: 1,
      });
    }
  });

  it('[S0-059] [S0-060] is refused as busy when every channel is in use: the third call of two IDs', () => {
    expect(callIn(MAIN, { busy: 1 }).plan.verb).toBe('ring');
    const third = callIn(MAIN, { busy: 2 });
    expect(third.plan).toMatchObject({ verb: 'reject', rule: 'in.channels', status: 486, cause: 34 });
    expect(third.trace.at(-1)).toMatchObject({ rule: 'in.channels', facts: ['S0-059', 'A-06'] });
  });

  it('leaves out a device that cannot be reached, and says so', () => {
    const decision = callIn(MAIN, { unreachable: [BASE] });
    expect(decision.plan).toMatchObject({ verb: 'ring', members: [SECOND] });
    expect(decision.trace.map((line) => line.rule)).toContain('in.unreachable');
  });

  it('is refused with 480 when nobody can be reached', () => {
    expect(callIn(MAIN, { unreachable: [BASE, SECOND] }).plan).toMatchObject({
      verb: 'reject',
      rule: 'in.nobodyReachable',
      status: 480,
      cause: 20,
    });
  });

  it('[A-18] looks at the state of the contract first', () => {
    const busy = { busy: 2 };
    expect(callIn(MAIN, { ...officeWith({ state: 'suspended' }), ...busy }).plan).toMatchObject({
      rule: 'in.suspended',
      status: 480,
    });
    expect(callIn(MAIN, { ...officeWith({ state: 'ended' }), ...busy }).plan).toMatchObject({
      rule: 'in.contractEnded',
      status: 404,
      cause: 1,
    });
  });

  it('[S0-055] never rings a device of another contract', () => {
    const stranger = 'id-000002-1' as ServiceId;
    const neighbour = {
      ...exampleOffice,
      id: 'c-000002' as typeof CONTRACT,
      numbers: [{ ...main, number: '0355550200', rings: [stranger] }],
      ids: [{ ...second, id: stranger, role: 'base' as const, presents: '0355550200' }],
    };
    const leaking = { ...exampleOffice, numbers: [{ ...main, rings: [BASE, stranger] }] };
    const decision = callIn(MAIN, { contracts: [leaking, neighbour] });
    expect(decision.plan).toMatchObject({ verb: 'ring', members: [BASE] });
    expect(decision.trace.map((line) => line.rule)).toContain('in.foreignMember');
  });

  it('never writes a withheld number into the trace', () => {
    const decision = callIn(MAIN, {}, '');
    expect(decision.trace.find((line) => line.rule === 'in.caller')?.say).toContain('a withheld number');
  });
});

import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../cloud-stub/catalogue/index.ts';
import type { Order } from '../../../../cloud-stub/contracts/orders/types.ts';
import { instant } from '../../../../lib/base/clock.ts';
import { japanMidnight } from '../../../../lib/base/japan-time.ts';
import { application, cancel, Desk, id, MAIN, MONDAY, option, SECOND, THIRD } from './desk.ts';

describe('the limits of options and sets', () => {
  it('[S0-107] a number takes faxes once an ID has cloud fax, and not before', () => {
    const take: Order = {
      kind: 'changeNumber',
      number: MAIN,
      change: { fax: { use: 'faxOnly', relayTo: null } },
    };
    const desk = Desk.with(application(2));
    expect(desk.refuses(take)).toMatch(/^contract.fax /);
    desk.takes(option('option.fax', id(2)), take);
    expect(desk.features().fax).toEqual({ use: 'faxOnly', relayTo: null });
    desk.takes({ kind: 'changeNumber', number: MAIN, change: { fax: { use: 'off', relayTo: null } } });
    expect(desk.features().fax.use).toBe('off');
  });

  it('[S0-142] switches are of a number that the contract holds', () => {
    const desk = Desk.with(application(1), MONDAY);
    expect(desk.refuses({ kind: 'switch', number: THIRD, what: 'forwarding', on: true })).toMatch(
      /^order.unknown/,
    );
  });

  it('[S0-044] a set is sold from its first moment until just before its last', () => {
    const until = japanMidnight(2026, 12, 1);
    const sold = {
      ...catalogue,
      sets: catalogue.sets.map((one) => ({ ...one, soldFrom: MONDAY, soldUntil: until })),
    };
    const order = application(1, [MAIN], { sets: [{ set: 'basic' }] });
    const at = (ms: number): string => new Desk(instant(ms), { catalogue: sold }).refuses(order);
    expect([at(MONDAY), at(until - 1)]).toEqual(['accepted', 'accepted']);
    for (const ms of [MONDAY - 1, until]) expect(at(ms)).toBe('order.setNotSold S0-044 A-52');
  });

  it('[S0-043] only the set of which a member goes is dissolved, and it stays so when the member comes back', () => {
    const sets = [MAIN, SECOND].map((number) => ({ set: 'basic', number }));
    const desk = Desk.with(application(2, [MAIN, SECOND], { sets }));
    const held = () => desk.contract.sets?.map((one) => one.held.until === null);
    desk.takes(cancel('option.voicemail', SECOND));
    expect([held(), desk.notes.filter(({ facts }) => facts.includes('S0-043')).length]).toEqual([
      [true, false],
      1,
    ]);
    desk.takes(option('option.voicemail', SECOND));
    expect(held()).toEqual([true, false]);
  });
});

import { describe, expect, it } from 'vitest';
import { type CatalogueItem, catalogue, deviceModels, validAt } from '../../../cloud-stub/catalogue/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const YEN = 1_000_000;

function item(id: string): CatalogueItem {
  const found = catalogue.items.find((one) => one.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

const yenOf = (id: string): number => item(id).priceMicroYen / YEN;

/** What hangs on an item beside its price; written by hand a second time. */
describe('the terms of what is sold', () => {
  it.each([
    ['S0-006', 'grandstream', 'deskPhone', ['device.grandstream.purchase', 'device.grandstream']],
    ['S0-007', 'panasonic', 'deskPhone', ['device.panasonic.purchase', 'device.panasonic']],
    ['S0-009', 'adapter', 'adapter', ['device.adapter.initial', 'device.adapter']],
  ] as const)(
    '[%s] a %s is a %s with its two fees, and makes no calls in mobile mode',
    (fact, name, kind, items) => {
      const model = deviceModels.find((one) => one.model === name);
      expect(model).toMatchObject({ kind, items, soldUntil: null, lacks: ['mobileVoice'] });
      expect(model?.facts).toContain(fact);
    },
  );

  it('[S0-015] the fax add-on is nothing without cloud fax', () => {
    const needs = catalogue.relations.filter((one) => one.item === 'option.faxUnlimited500');
    expect(needs).toMatchObject([{ kind: 'requires', other: 'option.fax', how: 'refuse', scope: 'id' }]);
  });

  it('[S0-032] a price holds from its first moment until just before its end, and for ever without one', () => {
    const from = japanMidnight(2026, 7, 1);
    const until = japanMidnight(2026, 8, 1);
    const at = (ms: number, validUntil: typeof until | null = until): boolean =>
      validAt({ validFrom: from, validUntil }, instant(ms));
    expect([at(from - 1), at(from), at(until - 1), at(until)]).toEqual([false, true, true, false]);
    expect([at(from - 1, null), at(from, null), at(until + 1, null)]).toEqual([false, true, true]);
  });

  it.each([
    ['S0-034', 'basic', 1_080, 780, ['option.voicemail'], ['option.voicemail', 'option.afterHours']],
    [
      'S0-036',
      'standard',
      1_680,
      1_180,
      ['option.fax'],
      ['option.voicemail', 'option.fax', 'id.additional', 'number.additional'],
    ],
    [
      'S0-038',
      'premium',
      2_360,
      1_780,
      ['option.voicemail', 'option.phoneBook'],
      ['option.voicemail', 'option.afterHours', 'option.fax', 'option.phoneBook', 'option.forwarding'],
    ],
  ] as const)(
    '[%s] the %s set: %d instead of %d, %j said to be waived',
    (fact, id, list, price, waives, members) => {
      const set = catalogue.sets.find((one) => one.id === id);
      if (set === undefined) throw new Error(id);
      expect(set.facts).toContain(fact);
      expect(set).toMatchObject({ listMicroYen: list * YEN, setMicroYen: price * YEN });
      expect([set.waives, set.members]).toEqual([waives, members]);
      expect(yenOf(set.discountItem)).toBe(price - list);
    },
  );

  it('[S0-036] the standard set gives up just what cloud fax costs', () => {
    expect(yenOf('set.standard')).toBe(-yenOf('option.fax'));
    expect(yenOf('option.fax')).toBe(500);
  });

  it('[S0-047] forwarded legs: fixed lines 8 per 3 minutes, 050 and mobiles 17.5 per minute, in every list', () => {
    const prices = (ids: readonly string[]) =>
      ids.map((id) => {
        const { unit } = item(id);
        return [yenOf(id), unit.of === 'time' ? unit.ms : unit.of];
      });
    expect(prices(['call.forwarded.fixed', 'groupForwarding.call.fixed'])).toEqual([
      [8, 180_000],
      [8, 180_000],
    ]);
    const mobile = ['call.forwarded.mobile', 'groupForwarding.call.mobile', 'call.device.ip050'];
    expect(prices(mobile)).toEqual(mobile.map(() => [17.5, 60_000]));
    expect(item('groupForwarding.call.mobile').call?.farEnds).toEqual(['mobile', 'ip050']);
  });

  it('[S0-157] 20 answered calls come with a month, 320 is for each one beyond', () => {
    expect([yenOf('option.operator'), yenOf('option.operator.over'), yenOf('answering.over')]).toEqual([
      5_500, 320, 320,
    ]);
    for (const id of ['option.operator', 'answering.over'])
      expect(item(id).included).toEqual({ count: 20, of: 'answeredCalls' });
  });

  it('[S1-001] [S1-003] external forwarding: a flat fee with the first targets in it, every forwarded call on top', () => {
    const flat = (id: string) => [yenOf(id), item(id).kind, item(id).included];
    expect(flat('groupForwarding.standard')).toEqual([500, 'recurring', { count: 1, of: 'targets' }]);
    expect(flat('groupForwarding.representative')).toEqual([1_000, 'recurring', { count: 2, of: 'targets' }]);
    const metered = catalogue.items.filter(
      (one) => one.product === 'groupForwarding' && one.kind === 'usage',
    );
    expect(metered.map((one) => one.id)).toEqual([
      'groupForwarding.call.fixed',
      'groupForwarding.call.mobile',
    ]);
  });

  it('[S2-001] [S1-006] the amounts of the toll-free list are printed without tax', () => {
    const printed = catalogue.items.filter((one) =>
      one.facts.some((fact) => /^S2-0(0[2-9]|1[0-2])$/.test(fact)),
    );
    expect(printed.length).toBeGreaterThan(10);
    for (const one of printed) expect([one.basis, one.taxBasis]).toEqual(['printed', 'exclusive']);
  });

  it.each([
    ['calleePays.call.fixed', 7, ['geographic']],
    ['calleePays.call.mobile', 20, ['mobile']],
    ['calleePays.call.payphone', 30, ['payphone']],
  ])('[S2-013] %s costs %d for every minute begun, and no free minutes cover it', (id, price, farEnds) => {
    expect(item(id)).toMatchObject({
      basis: 'chosen',
      priceMicroYen: price * YEN,
      unit: { of: 'time', ms: 60_000 },
      call: { direction: 'tollFreeIn', farEnds, tenMinutes: false },
    });
    expect(item(id).included).toBeUndefined();
  });

  it('[A-51] what an adapter calls has no free minutes, whatever is connected there', () => {
    for (const id of ['call.device.fixed', 'call.device.mobile'])
      expect(item(id)).toMatchObject({ call: { direction: 'out', tenMinutes: false } });
    expect([yenOf('call.device.fixed'), yenOf('call.device.mobile')]).toEqual([8, 17.5]);
  });

  it('[S0-018] [S1-004] [S1-005] forwarding is 500 a month for a number, and external forwarding is priced like it', () => {
    const group = ['standard', 'standard.initial', 'representative', 'representative.initial', 'target'];
    expect(yenOf('option.forwarding')).toBe(500);
    expect(group.map((one) => yenOf(`groupForwarding.${one}`))).toEqual([500, 500, 1_000, 1_000, 500]);
  });

  it('[S0-027] the telephone secretary: 15,000 at first, 5,500 a month with 20 calls in it', () => {
    expect([yenOf('option.operator.initial'), yenOf('option.operator')]).toEqual([15_000, 5_500]);
    expect(item('option.operator').included).toEqual({ count: 20, of: 'answeredCalls' });
  });

  it('[S0-030] a ported number in the place of the contract number adds its own fees to the two base ones', () => {
    const monthly = ['number.contract', 'id.base', 'number.portIn', 'number.additional', 'id.additional'];
    expect(monthly.map(yenOf)).toEqual([280, 700, 1_100, 200, 700]);
    const once = ['id.base.initial', 'number.portIn.initial', 'id.additional.initial'];
    expect(once.map(yenOf)).toEqual([5_000, 3_000, 5_000]);
  });

  it('[S0-046] what a desk phone or adapter calls is also what external forwarding pays', () => {
    for (const list of ['call.device', 'groupForwarding.call'])
      expect([yenOf(`${list}.fixed`), yenOf(`${list}.mobile`)]).toEqual([8, 17.5]);
  });

  it('[S0-051] callers of a toll-free number: 7, 20 and 30 a minute; from 050 as from a mobile', () => {
    const callers = ['fixed', 'mobile', 'ip050', 'payphone'].map((one) => `call.tollFreeIn.${one}`);
    expect(callers.map(yenOf)).toEqual([7, 20, 20, 30]);
    for (const id of callers) expect(item(id).unit).toEqual({ of: 'time', ms: 60_000 });
  });

  it('[S0-052] a leg to the operators has no free minutes', () => {
    expect(item('call.forwarded.answering')).toMatchObject({
      unit: { of: 'time', ms: 180_000 },
      call: { direction: 'forwardedToAnswering', farEnds: ['geographic', 'ip050'], tenMinutes: false },
    });
  });

  it('[S0-053] a call costs the same whatever number it shows: prices go by device and far end alone', () => {
    const outgoing = ['call.app', 'call.device.fixed', 'call.device.mobile'].map(item);
    expect(outgoing.map(({ call }) => [call?.farEnds, call?.tenMinutes])).toEqual([
      [['geographic', 'ip050', 'mobile'], true],
      [['geographic'], false],
      [['mobile'], false],
    ]);
  });

  it('[S0-170] [S0-173] desk phones are of two makes, each bought and paid monthly; one brings its power adapter', () => {
    const phones = deviceModels.filter(({ kind, soldUntil }) => kind === 'deskPhone' && soldUntil === null);
    expect(phones.map(({ model, items, power, lacks }) => [model, items, power, lacks])).toEqual([
      ['grandstream', ['device.grandstream.purchase', 'device.grandstream'], 'supplied', ['mobileVoice']],
      ['panasonic', ['device.panasonic.purchase', 'device.panasonic'], 'asked', ['mobileVoice']],
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readScenario, simulate } from '../../../cloud-stub/simulate/index.ts';

const APPLY = {
  at: '2026-10-27T10:00:00+09:00',
  what: 'order',
  order: {
    kind: 'apply',
    contract: 'c-000001',
    product: 'cloudPhone',
    name: { ja: '縁側商店', en: 'Engawa Shoten' },
    legalEntity: '縁側商店株式会社',
    address: { inJapan: true, inTokyoWards: true, sharedOffice: false },
    numbers: [{ number: '0355550100' }],
    ids: [{ id: 'id-000001-1', device: 'app', extension: '11' }],
    devices: [{ id: 'app', model: 'app' }],
  },
};
const CALL = {
  at: '2026-10-28T10:00:00+09:00',
  what: 'callIn',
  from: '0612345678',
  to: '0355550100',
};

function outcome(events: readonly object[], more: object = {}) {
  const read = readScenario(JSON.stringify({ v: 1, contract: 'c-000001', events, ...more }));
  if (!read.ok) return read.error.say;
  const done = simulate(read.value);
  return done.ok ? done.value : done.error.say;
}

describe('a scenario that cannot be', () => {
  it.each([
    ['an unknown field', [{ ...APPLY, colour: 'red' }], {}, /^events\.0: .*colour/],
    ['a number without quotes', [{ ...CALL, to: 355550100 }], {}, /^events\.0\.to: write it in quotes/],
    ['a time without offset', [{ ...APPLY, at: '2026-10-27' }], {}, /^events\.0\.at: a time with its offset/],
    ['an unknown order', [{ ...APPLY, order: { kind: 'gift' } }], {}, /^events\.0\.order\.kind/],
    [
      'events out of order',
      [APPLY, { ...CALL, at: '2026-10-01T00:00:00Z' }],
      {},
      'events.1.at: events stand in the order of their times',
    ],
    ['an unknown period', [APPLY], { until: 'spring' }, /^until: a period is named/],
    ['no events', [], {}, /^events: /],
  ])('names field and rule: %s', (_what, events, more, say) => {
    expect(outcome(events, more)).toEqual(expect.stringMatching(say));
  });

  it.each([
    ['no application first', [CALL], /^events\.0 \(callIn\): simulate\.noContract/],
    [
      'an order that a rule refuses',
      [APPLY, { at: CALL.at, what: 'order', order: { kind: 'addOption', item: 'option.gold', on: '1234' } }],
      /^events\.1 \(order\): order\.unknownItem: .* \[S0-154\]$/,
    ],
    [
      'somebody who is not rung',
      [APPLY, { ...CALL, answeredBy: '09012345678', talkS: 5 }],
      /^events\.1 \(callIn\): simulate\.call: 09012345678 cannot answer: the plan rings id-000001-1$/,
    ],
    ['talk that nobody answers', [APPLY, { ...CALL, talkS: 5 }], /the call ends in "ring"$/],
    ['an answer of no length', [APPLY, { ...CALL, answeredBy: 'id-000001-1' }], /needs "talkS"/],
    ['talk on a refused call', [APPLY, { ...CALL, to: '0355550199', talkS: 5 }], /nobody can talk$/],
    [
      'an application for somebody else',
      [{ ...APPLY, order: { ...APPLY.order, contract: 'c-000002' } }],
      /^events\.0 \(order\): simulate\.contract/,
    ],
  ])('names event and rule: %s', (_what, events, say) => {
    expect(outcome(events)).toEqual(expect.stringMatching(say));
  });

  it('is refused and never thrown at, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), (written) => {
        readScenario(written);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readScenario(JSON.stringify({ v: 1, contract: 'c-000001', events: value })).ok).toBe(false);
      }),
    );
  });
});

describe('a scenario', () => {
  it('holds the channel of a call for as long as that lasts', () => {
    const long = { ...CALL, answeredBy: 'id-000001-1', talkS: 600 };
    const second = { ...CALL, at: '2026-10-28T10:05:00+09:00' };
    const later = { ...CALL, at: '2026-10-28T10:15:00+09:00' };
    const done = outcome([APPLY, long, second, later]);
    if (typeof done === 'string') throw new Error(done);
    expect(done.decisions.map(({ decision }) => decision.plan.verb)).toEqual(['ring', 'reject', 'ring']);
  });

  it('reaches nobody who is away', () => {
    const done = outcome([APPLY, CALL], { away: ['id-000001-1'] });
    if (typeof done === 'string') throw new Error(done);
    expect(done.decisions[0]?.legs).toEqual([]);
  });

  it('gives the same answer to the byte', () => {
    const events = [APPLY, { ...CALL, answeredBy: 'id-000001-1', talkS: 60 }];
    expect(JSON.stringify(outcome(events))).toBe(JSON.stringify(outcome(events)));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerGroup, OriginArea } from '../../../../cloud-stub/contracts/index.ts';
import { explain } from '../../../../cloud-stub/routing/index.ts';
import { takeTurn } from '../../../../cloud-stub/routing/toll-free/turns.ts';
import type { RoutePlan, Turn } from '../../../../cloud-stub/routing/types.ts';
import { instant } from '../../../../lib/base/clock.ts';
import { MAIN } from '../world.ts';
import { daily, group, OSAKA, SAPPORO, TOKYO, tollFreeCall, WEDNESDAY } from './office.ts';

const NUMBERS = [TOKYO, OSAKA, SAPPORO, MAIN] as const;
const number = fc.constantFrom(...NUMBERS);
const some = fc.uniqueArray(number, { minLength: 1, maxLength: 4 });
const area: fc.Arbitrary<OriginArea> = fc.constantFrom<OriginArea>(
  { area: 'japan' },
  { area: 'region', name: '関東' },
  { area: 'prefecture', name: '大阪府' },
  { area: 'chargeArea', name: '札幌' },
  { area: 'prefecture', name: 'Atlantis' },
);
const hour = fc.integer({ min: 0, max: 23 });

/** Weights that add up to 100. */
const percents = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 0, maxLength: 3 })
  .map((cuts) => [0, ...cuts.toSorted((a, b) => a - b), 100])
  .map((edges) => edges.slice(1).map((edge, at) => edge - (edges[at] ?? 0)));

const anyGroup: fc.Arbitrary<AnswerGroup> = fc
  .record({
    origins: fc.oneof(fc.constant('rest' as const), fc.array(area, { minLength: 1, maxLength: 2 })),
    mobile: fc.boolean(),
    numbers: some,
    busyDetour: fc.oneof(fc.constant([]), some),
    percents: fc.option(percents),
    changed: fc.option(fc.tuple(hour, some)),
    id: fc.stringMatching(/^[a-z]{1,8}$/),
  })
  .map(({ id, origins, numbers, percents: weights, changed, ...rest }) =>
    group(id, origins, numbers, {
      ...rest,
      distribution:
        weights === null
          ? { by: 'order' }
          : {
              by: 'percentage',
              shares: weights.map((percent, at) => ({ number: numbers[at] ?? 'x', percent })),
            },
      destinationChange:
        changed === null
          ? null
          : daily(changed[0], changed[0] + 1, changed[1] as readonly string[] | null, null),
    }),
  );

const call = fc.record({
  groups: fc.array(anyGroup, { minLength: 0, maxLength: 3 }),
  hours: fc.dictionary(number, fc.tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 12, max: 24 })), {
    maxKeys: 4,
  }),
  accepts: fc.array(area, { maxLength: 2 }),
  acceptsMobile: fc.boolean(),
  from: fc.oneof(
    fc.constantFrom('0312345678', '09012345678', '05012345678', '+12125551234', ''),
    fc.string({ maxLength: 20, unit: 'binary' }),
  ),
  minute: fc.integer({ min: 0, max: 7 * 1_440 }),
  busy: fc.integer({ min: 0, max: 3 }),
  product: fc.constantFrom('cloudPhone' as const, 'calleePays' as const),
});

type Call = typeof call extends fc.Arbitrary<infer One> ? One : never;

function make({ groups, hours, accepts, acceptsMobile, product, from, minute, busy }: Call) {
  const office = { groups, hours, product, setting: { accepts, acceptsMobile } };
  const now = instant(WEDNESDAY + minute * 60_000);
  return { decision: tollFreeCall(office, { from, withheld: from === '', at: now, busy }), now };
}

/** Numbers that a plan rings, in every way on. */
function rung(plan: RoutePlan | undefined): readonly string[] {
  switch (plan?.verb) {
    case 'ring':
      return [MAIN, ...rung(plan.onBusy)];
    case 'forward':
      return [plan.to.external, ...rung(plan.onBusy)];
    default:
      return [];
  }
}

describe('any toll-free number and any caller', () => {
  it('ends in a plan that says why, and pays exactly when it rings somebody', () => {
    fc.assert(
      fc.property(call, (one) => {
        const { decision } = make(one);
        expect(decision.trace.length).toBeGreaterThan(0);
        expect(explain(decision).length).toBeGreaterThan(decision.trace.length);
        if (rung(decision.plan).length > 0) expect(decision.tollFree?.payer).toBe('callee');
        if (decision.plan.verb === 'reject') expect(decision.plan.contract).toBe('c-000001');
      }),
    );
  });

  it('never rings a number outside its schedule, except one that the destination was changed to [S2-035] [S2-043]', () => {
    fc.assert(
      fc.property(call, (one) => {
        const { decision } = make(one);
        if (decision.trace.some(({ rule }) => rule === 'in.tollFree.changed')) return;
        const minute = one.minute % 1_440;
        for (const answer of rung(decision.plan)) {
          const open = one.hours[answer];
          if (open !== undefined) expect(open[0] * 60 <= minute && minute < open[1] * 60).toBe(true);
        }
      }),
    );
  });

  it('plays the guidance exactly when nothing that could answer is open [S2-043] [S2-044]', () => {
    fc.assert(
      fc.property(call, (one) => {
        const { decision } = make(one);
        const played = decision.plan.verb === 'play' && decision.plan.prompt === 'tollFree.afterHours';
        if (played) expect(decision.tollFree).toBeUndefined();
        if (played) expect(Object.keys(one.hours).length).toBeGreaterThan(0);
      }),
    );
  });

  it('has no detour beside percentages [S2-042]', () => {
    fc.assert(
      fc.property(call, (one) => {
        const { decision } = make(one);
        if (decision.nextTurn !== undefined) expect(rung(decision.plan).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('turns', () => {
  it('give every number exactly its share in every cycle, from wherever they begin [S2-033]', () => {
    fc.assert(
      fc.property(percents, fc.nat({ max: 300 }), (weights, before) => {
        const shares = weights.map((percent, at) => ({ number: `n${at}`, percent }));
        const open = shares.map(({ number: name }) => name);
        let turn: Turn | undefined;
        const next = (): string => {
          const taken = takeTurn('k', shares, open, turn);
          turn = taken?.next;
          return taken?.number ?? '';
        };
        for (let call = 0; call < before; call += 1) next();
        const counts = new Map<string, number>();
        for (let call = 0; call < 100; call += 1) {
          const one = next();
          counts.set(one, (counts.get(one) ?? 0) + 1);
        }
        for (const share of shares) expect(counts.get(share.number)).toBe(share.percent);
      }),
      { numRuns: 60 },
    );
  });

  it('never owe a number as many calls as there are numbers [S2-033]', () => {
    fc.assert(
      fc.property(percents, (weights) => {
        const shares = weights.map((percent, at) => ({ number: `n${at}`, percent }));
        const open = shares.map(({ number: name }) => name);
        const counts = new Map<string, number>();
        let turn: Turn | undefined;
        for (let call = 1; call <= 100; call += 1) {
          const taken = takeTurn('k', shares, open, turn);
          turn = taken?.next;
          counts.set(taken?.number ?? '', (counts.get(taken?.number ?? '') ?? 0) + 1);
          for (const share of shares) {
            const owed = (share.percent * call) / 100 - (counts.get(share.number) ?? 0);
            expect(owed).toBeLessThan(shares.length);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('go to nobody where nobody is open, and survive a state from elsewhere', () => {
    const shares = [{ number: 'a', percent: 100 }];
    expect(takeTurn('k', shares, [], undefined)).toBeUndefined();
    const strange: Turn = { key: 'k', shares: 'a:100', given: Number.NaN };
    expect(takeTurn('k', shares, ['a'], strange)?.number).toBe('a');
  });
});

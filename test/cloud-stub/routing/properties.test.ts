import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import { callKind, explain, renderPlan } from '../../../cloud-stub/routing/index.ts';
import type { Decision } from '../../../cloud-stub/routing/types.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { ServiceId } from '../../../lib/base/ids.ts';
import { BASE, callIn, callOut, MAIN, SECOND } from './world.ts';

const world = fc.record({
  busy: fc.nat({ max: 6 }),
  unreachable: fc.subarray([BASE, SECOND]),
  at: fc.integer({ min: 0, max: 4_102_444_800_000 }).map(instant),
  contracts: fc
    .constantFrom('active' as const, 'suspended' as const, 'ended' as const)
    .map((state) => [{ ...exampleOffice, state }]),
});
const text = fc.oneof(
  fc.stringMatching(/^[0-9]{0,15}$/),
  fc.string({ maxLength: 50, unit: 'binary' }),
  fc.constantFrom(MAIN, '0355550123', '110', '184119', '09012345678', '00770355550123', '104'),
);
const id = fc.constantFrom<ServiceId>(BASE, SECOND, 'id-000009-1' as ServiceId);
const decision = fc.oneof(
  fc.tuple(text, world, text).map(([to, where, from]) => ({ made: callIn(to, where, from), where })),
  fc.tuple(text, world, id).map(([dialled, where, by]) => ({ made: callOut(dialled, where, by), where })),
);

describe('every decision', () => {
  it('ends in a plan, with a trace that names rules and reads as sentences', () => {
    fc.assert(
      fc.property(decision, ({ made }) => {
        expect(['ring', 'network', 'reject']).toContain(made.plan.verb);
        expect(made.trace.length).toBeGreaterThan(0);
        for (const line of made.trace) {
          expect(line.rule).toMatch(/^(in|out)\.[a-zA-Z0-9.]+$/);
          expect(line.say.length).toBeGreaterThan(0);
        }
        expect(explain(made)).toHaveLength(made.trace.length + renderPlan(made.plan).length);
      }),
    );
  });

  it('[S0-059] never lets more calls run than there are channels', () => {
    fc.assert(
      fc.property(decision, ({ made, where }) => {
        const takes = 'takesChannel' in made.plan && made.plan.takesChannel;
        if (takes) expect(where.busy + 1).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('refuses with a status of 400 to 699, a known cause, and a sentence', () => {
    fc.assert(
      fc.property(decision, ({ made }) => {
        if (made.plan.verb !== 'reject') return;
        expect([403, 404, 480, 484, 486]).toContain(made.plan.status);
        expect([1, 17, 20, 21, 28, 34]).toContain(made.plan.cause);
        expect(made.plan.say.length).toBeGreaterThan(0);
        expect(made.trace.at(-1)?.rule).toBe(made.plan.rule);
      }),
    );
  });

  it('rings nobody who cannot be reached, and never the caller', () => {
    fc.assert(
      fc.property(decision, ({ made, where }) => {
        if (made.plan.verb !== 'ring') return;
        expect(made.plan.members.length).toBeGreaterThan(0);
        for (const member of made.plan.members) expect(where.unreachable).not.toContain(member);
      }),
    );
  });

  it('is the same for the same facts', () => {
    fc.assert(
      fc.property(text, world, id, (dialled, where, by) => {
        expect(callOut(dialled, where, by)).toEqual(callOut(dialled, where, by));
      }),
      { numRuns: 50 },
    );
  });
});

describe('explaining a decision', () => {
  it('reads like this', () => {
    expect(explain(callOut('0355550123', { busy: 1 }))).toEqual([
      'id-000001-1 (base ID, adapter) of c-000001 calls [S0-062]',
      'dialled 0355550123: geographic; 0355550123 (fixed line) is in the numbering plan. [S0-046]',
      '1 of 2 channels are in use [S0-059]',
      'shows 0355550100 [S0-089]',
      '0355550123 goes out to the telephone network',
      '→ send to 0355550123 (geographic), showing 0355550100, on one channel',
    ]);
    expect(explain(callIn(MAIN)).at(-1)).toBe('→ ring id-000001-1 and id-000001-2 for 60 s as 0355550100');
    expect(explain(callIn(MAIN, { busy: 2 })).at(-1)).toBe(
      '→ refuse with 486 (cause 34): all 2 channels of c-000001 are in use',
    );
    expect(explain(callOut('184119')).at(-1)).toBe(
      '→ send to 119 (emergency), showing 0355550100, outside the channel count',
    );
  });
});

describe('how rating sees a routed call', () => {
  it.each<[string, Decision, 'in' | 'out', string]>([
    ['a call in', callIn(MAIN), 'in', 'in'],
    ['a call out', callOut('0355550123'), 'out', 'out'],
    ['a refused call out', callOut('0990123456'), 'out', 'out'],
    ['[S0-050] a call to the own office', callOut(MAIN), 'out', 'internal'],
  ])('%s', (_what, made, direction, kind) => {
    expect(callKind(direction, made.plan)).toBe(kind);
  });
});

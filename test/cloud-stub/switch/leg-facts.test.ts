import { describe, expect, it } from 'vitest';
import type { ForwardPlan } from '../../../cloud-stub/routing/types.ts';
import { legStartOf } from '../../../cloud-stub/switch/leg-facts.ts';
import type { SwitchCallStart } from '../../../cloud-stub/switch/ports.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { CallId, ContractId } from '../../../lib/base/ids.ts';

const to = { external: '0355551111', presents: '0120555010', destination: 'geographic' } as const;
const contract = 'c-000001' as ContractId;
const plan: ForwardPlan = {
  verb: 'forward',
  contract,
  called: '0120555010',
  to,
  forMs: 60_000,
  takesChannel: false,
};
const start: SwitchCallStart = {
  call: 'mhabcdef-0123456789abcdef' as CallId,
  contract,
  direction: 'in',
  id: null,
  device: null,
  from: '0312345678',
  to: '0120555010',
  destination: 'unknown',
  startedAt: instant(0),
  decision: { plan, trace: [] },
};

function kindOf(forward: ForwardPlan): string {
  return legStartOf(start, 0, forward, { kind: 'forward', ...to }, instant(0), () => undefined).kind;
}

describe('a leg to a number outside', () => {
  it('is charged by itself when calls are forwarded there [S0-047]', () => {
    expect(kindOf(plan)).toBe('forward');
  });

  it('has a price of its own when operators of the answering service answer there [S0-052]', () => {
    const operators = { ...to, answering: true } as const;
    const target = { kind: 'forward', ...operators } as const;
    expect(legStartOf(start, 0, { ...plan, to: operators }, target, instant(0), () => undefined).kind).toBe(
      'answering',
    );
  });

  it('costs what the call costs where a toll-free number ends: the office pays once [S2-019]', () => {
    expect(kindOf({ ...plan, partOfCall: true })).toBe('member');
  });
});

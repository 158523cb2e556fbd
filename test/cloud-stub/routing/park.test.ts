import { describe, expect, it } from 'vitest';
import { exampleOffice, routingSnapshot } from '../../../cloud-stub/contracts/index.ts';
import { decide } from '../../../cloud-stub/routing/index.ts';
import type { Decision, RoutingSnapshot } from '../../../cloud-stub/routing/types.ts';
import { standardRules } from '../../../cloud-stub/store/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { CallId, ServiceId } from '../../../lib/base/ids.ts';

const NOW = instant(Date.UTC(2026, 10, 21, 3));
const [DESK, APP] = exampleOffice.ids.map(({ id }) => id) as [ServiceId, ServiceId];

/** The example office; a call waits in slot 3, parked by the desk phone. */
function dial(dialled: string, id: ServiceId, busyChannels = 1): Decision {
  const live = { busyChannels: () => busyChannels, reachable: () => true };
  const snapshot: RoutingSnapshot = {
    ...routingSnapshot([exampleOffice], live, NOW),
    parked: (contract, slot) =>
      contract === exampleOffice.id && slot === '3' ? { call: 'parked' as CallId, by: DESK } : undefined,
  };
  return decide({ call: 'c' as CallId, direction: 'out', id, dialled }, snapshot, NOW);
}

describe('a call that was parked on the desk phone', () => {
  it('[S0-081] is taken on the app, on its own channel even when all are in use, and never in silence', () => {
    const { plan, trace } = dial('*73', APP, 2);
    expect(plan).toMatchObject({ verb: 'reject', rule: 'out.parkLater', status: 501, cause: 79 });
    expect(trace[0]).toMatchObject({ rule: 'out.park', facts: ['S0-081', 'S0-059', 'S0-050'] });
    expect(trace[0]?.say).toContain(`${APP} takes the call that ${DESK} parked in slot 3`);
  });

  it('[S0-081] is in its slot and in no other', () => {
    expect(dial('*74', APP).plan).toMatchObject({ rule: 'out.parkEmpty', status: 404 });
    for (const other of ['*70', '*7', '*733', '73'])
      expect(dial(other, APP).trace.map(({ rule }) => rule)).not.toContain('out.park');
  });

  it('[S0-081] is nobody else’s: a stranger takes nothing', () => {
    expect(dial('*73', 'id-000009-1' as ServiceId).plan).toMatchObject({ rule: 'out.unknownId' });
  });

  it('[S0-081] is charged as the one call that it is: from its answer to its end, the time in the slot included', () => {
    const { rate } = standardRules();
    const common = { device: 'deskPhone', destination: 'geographic', answeredAt: NOW } as const;
    const whole = rate({ kind: 'out', ...common, talkMs: 60_000 + 120_000 + 1 });
    expect(whole).toMatchObject({ ok: true, charge: { amount: 16_000_000, units: 2 } });
    expect(rate({ kind: 'internal', ...common, talkMs: 60_000 })).toMatchObject({ charge: { amount: 0 } });
  });
});

import { describe, expect, it } from 'vitest';
import {
  type Contract,
  exampleOffice,
  examplePhoneOffice,
  routingSnapshot,
} from '../../../cloud-stub/contracts/index.ts';
import { callKind, decide, renderPlan, unansweredLegs } from '../../../cloud-stub/routing/index.ts';
import type { Decision } from '../../../cloud-stub/routing/types.ts';
import { standardRules } from '../../../cloud-stub/store/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { CallId, GatewayId, ServiceId } from '../../../lib/base/ids.ts';

const NOW = instant(Date.UTC(2026, 10, 21, 3));
const APP = 'id-000001-9' as ServiceId;
const [LINE] = examplePhoneOffice.ids.map(({ id }) => id) as [ServiceId];
const HELD = 'held' as CallId;
const held = exampleOffice.numbers[0]?.held ?? { from: NOW, until: null };

/** Lines and desk phones at one gateway, a line at another, and an app. */
const office: Contract = {
  ...examplePhoneOffice,
  ids: [
    ...examplePhoneOffice.ids,
    ...(['app', 'far'] as const).map((device, index) => ({
      id: `id-000001-${9 - index}` as ServiceId,
      role: 'additional' as const,
      ...{ device, port: null, extension: String(39 - index), label: device, presents: '0355550100', held },
    })),
  ],
  devices: [
    ...examplePhoneOffice.devices,
    { id: 'app', kind: 'app', gateway: null, items: [], held },
    {
      ...{ id: 'far', kind: 'deskPhone', gateway: 'gw-000002' as GatewayId, items: [], held },
      phone: { mac: 'c074ad000099', type: 'GRP2612' },
    },
  ],
};

interface Scene {
  readonly busy?: number;
  readonly holding?: ServiceId;
  readonly away?: readonly string[];
}

/** A call waits in slot 3, parked by the first line. */
function dial(dialled: string, id: ServiceId, { busy = 1, holding, away = [] }: Scene = {}): Decision {
  const snapshot = routingSnapshot(
    [office],
    {
      busyChannels: () => busy,
      reachable: (one) => !away.includes(one),
      parked: (contract, slot) =>
        contract === office.id && slot === '3' ? { call: 'parked' as CallId, by: LINE } : undefined,
      holding: (one) => (one === holding ? HELD : undefined),
    },
    NOW,
  );
  return decide({ call: 'c' as CallId, direction: 'out', id, dialled }, snapshot, NOW);
}

describe('a call that waits in a slot', () => {
  it('[S0-081] is taken by any device of the office, on its own channel even when all are in use', () => {
    const { plan, trace } = dial('*73', APP, { busy: 7 });
    expect(plan).toEqual({ verb: 'take', contract: office.id, slot: '3', call: 'parked' });
    expect(trace[0]).toMatchObject({ rule: 'out.parkTake', facts: ['S0-081', 'S0-059', 'S0-050'] });
    expect(trace[0]?.say).toContain(`${APP} takes the call that ${LINE} parked in slot 3`);
    expect(renderPlan(plan)).toEqual(['join with the call in slot 3']);
  });

  it('[S0-081] is in its slot and in no other', () => {
    for (const other of ['*70', '*7', '*733', '73'])
      expect(dial(other, APP).trace.map(({ rule }) => rule)).not.toContain('out.parkTake');
  });

  it('[S0-081] is nobody else’s: a stranger takes nothing', () => {
    expect(dial('*73', 'id-000099-1' as ServiceId).plan).toMatchObject({ rule: 'out.unknownId' });
  });

  it('[S0-081] is charged as the one call that it is: from its answer to its end, the time in the slot included', () => {
    const { rate } = standardRules();
    const common = { device: 'deskPhone', destination: 'geographic', answeredAt: NOW } as const;
    const whole = rate({ kind: 'out', ...common, talkMs: 60_000 + 120_000 + 1 });
    expect(whole).toMatchObject({ ok: true, charge: { amount: 16_000_000, units: 2 } });
    for (const [dialled, scene] of [
      ['*73', {}],
      ['*74', {}],
      ['*74', { holding: APP }],
    ] as const) {
      const kind = callKind('out', dial(dialled, APP, scene).plan);
      expect(rate({ kind, ...common, talkMs: 60_000 })).toMatchObject({ charge: { amount: 0 } });
    }
  });
});

describe('a slot that an app dials with a call on hold', () => {
  it('[S0-081] gets that call, which keeps its channel', () => {
    const { plan, trace } = dial('*74', APP, { busy: 7, holding: APP });
    expect(plan).toEqual({ verb: 'park', contract: office.id, slot: '4', call: HELD });
    expect(trace[0]).toMatchObject({ rule: 'out.park' });
    expect(renderPlan(plan)).toEqual(['park the call on hold in slot 4']);
    expect(unansweredLegs(plan).legs).toEqual([]);
  });

  it('[S0-081] refuses it when another call waits there', () => {
    expect(dial('*73', APP, { holding: APP }).plan).toMatchObject({ rule: 'out.parkTaken', status: 486 });
  });

  it('is another matter on a box, which parks for its own phones', () => {
    expect(dial('*73', LINE, { holding: LINE }).plan).toMatchObject({ verb: 'take' });
  });
});

describe('a slot that is empty at the exchange', () => {
  it('[S0-081] is asked for at the gateways, one after the other, without a channel', () => {
    const { plan, trace } = dial('*74', APP, { busy: 7 });
    expect(plan).toMatchObject({
      verb: 'relay',
      called: '*74',
      takesChannel: false,
      park: { slot: '4', presents: '0355550100' },
      steps: [{ members: [{ id: LINE }] }, { members: [{ id: 'id-000001-8' }] }],
      onNoAnswer: { rule: 'out.parkEmpty', status: 404, cause: 1 },
    });
    expect(trace[0]).toMatchObject({ rule: 'out.parkAsk', facts: ['S0-081', 'S0-059', 'S0-050'] });
    expect(renderPlan(plan)[0]).toBe('ask for the call in slot 4 as *74');
  });

  it('[S0-081] is asked for by an account that is there, and never at the gateway that asks', () => {
    const { plan } = dial('*74', APP, { away: [LINE, 'id-000001-8'] });
    expect(plan).toMatchObject({ steps: [{ members: [{ id: 'id-000001-2' }] }] });
    expect(dial('*74', LINE).plan).toMatchObject({ steps: [{ members: [{ id: 'id-000001-8' }] }] });
  });

  it('[S0-081] is told so where nobody can be asked', () => {
    const away = [...office.ids.map(({ id }) => id)].filter((id) => id !== APP);
    expect(dial('*74', APP, { away }).plan).toMatchObject({ rule: 'out.parkEmpty', status: 404 });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposition } from '../../../cloud-stub/api/exposition.ts';
import { metricsOf } from '../../../cloud-stub/api/metrics.ts';
import type { BoxView } from '../../../cloud-stub/store/index.ts';
import { newCounters } from '../../../cloud-stub/sync/counters.ts';
import type { ContractId, GatewayId } from '../../../lib/base/ids.ts';
import { expositionFaults } from '../../support/exposition.ts';

const sip = {
  ...{ messagesReceived: 1, messagesSent: 2, dropped: 0, rejected: 0, retransmitsSent: 0, rateLimited: 0 },
  ...{ loops: 0, abandoned: 0, expired: 0, byesGivenUp: 0 },
};
const health = {
  ...({ ok: true, database: 'up', upMs: 1_500, sync: newCounters() } as const),
  switch: { calls: 2, registered: 4, gateways: sip, network: sip, unrecordedRefusals: 0 },
};

function box(n: number, changes: Partial<BoxView> = {}): BoxView {
  return {
    contract: 'c-000001' as ContractId,
    gateway: `gw-00000${n}` as GatewayId,
    ...{ online: true, state: null, counters: null },
    ...changes,
  };
}

function told(figures: Record<string, number>): NonNullable<BoxView['counters']> {
  return { id: 'gw-000001/0123abcd/1', kind: 'counters', at: 2_000, figures, dropped: 0 };
}

const updates = {
  ...{ rollouts: [], systems: [] },
  downloads: { started: 2, resumed: 1, finished: 1, deferred: 0, refused: 0, bytes: 9, busy: 1 },
};

describe('the text format of metrics', () => {
  it('is as Prometheus wants it', () => {
    const family = { name: 'engawa_calls', help: 'a \\ and\na line', type: 'gauge' } as const;
    const labels = { who: 'a "quoted" \\ name\nwith a line' };
    expect(exposition([{ ...family, samples: [{ labels, value: 1.5 }, { value: Number.NaN }] }])).toBe(
      '# HELP engawa_calls a \\\\ and\\na line\n# TYPE engawa_calls gauge\n' +
        'engawa_calls{who="a \\"quoted\\" \\\\ name\\nwith a line"} 1.5\nengawa_calls NaN\n',
    );
    expect(exposition([{ ...family, samples: [] }])).toBe('');
  });

  it('has no fault that a checker would find, whatever boxes tell', () => {
    const names = fc.stringMatching(/^[a-z][a-z0-9_]{1,30}$/).map((name) => `engawa_box_${name}`);
    const figures = fc.dictionary(names, fc.double({ noNaN: true }), { maxKeys: 6 });
    fc.assert(
      fc.property(figures, figures, fc.string(), (one, other, about) => {
        const warning = {
          ...({
            code: `W-LIN-151/${about}`,
            severity: 'error',
            say: '',
            means: '',
            remedy: '',
            since: 0,
          } as const),
          ...{ lines: [], calls: [] },
        };
        const state = {
          ...({ id: 'gw-000001/0123abcd/2', kind: 'state', at: 1, version: '1' } as const),
          ...{ board: true, media: true, lines: [], phones: [], warnings: [warning] },
        };
        const boxes = [box(1, { counters: told(one), state }), box(2, { counters: told(other) }), box(3)];
        expect(expositionFaults(exposition(metricsOf({ health, boxes, updates })))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('lets no box speak in the name of the service', () => {
    const counters = told({ engawa_box_online: 7, engawa_service_database_up: 7, engawa_box_calls: 1 });
    const text = exposition(metricsOf({ health, boxes: [box(1, { counters, online: false })], updates }));
    expect(text).toContain('engawa_box_online{gateway="gw-000001",contract="c-000001"} 0\n');
    expect(text).not.toContain(' 7\n');
  });

  it('is checked by a checker that finds what is wrong', () => {
    const good = '# HELP a_total x\n# TYPE a_total counter\na_total{b="c"} 1\n';
    expect(expositionFaults(good)).toEqual([]);
    for (const bad of [
      good.slice(0, -1),
      `${good}a_total{b="c"} 2\n`,
      good.replaceAll('a_total', 'a'),
      good.replace('counter', 'gauge'),
      `${good}# HELP z z\n# TYPE z gauge\nz 1\na_total{b="d"} 1\n`,
      'a_total 1\n',
      good.replace('{b="c"}', '{b="c}'),
      good.replace('{b="c"}', '{b="c",b="d"}'),
      good.replace(' 1\n', ' one\n'),
    ]) {
      expect(expositionFaults(bad), bad).not.toEqual([]);
    }
  });
});

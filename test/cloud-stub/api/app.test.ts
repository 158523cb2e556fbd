import { describe, expect, it } from 'vitest';
import { createOperatorApp } from '../../../cloud-stub/api/app.ts';
import type { ExplainWorld, OperatorSource } from '../../../cloud-stub/api/source.ts';
import { periodNamed, periodOf } from '../../../cloud-stub/billing/index.ts';
import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import type { Decision } from '../../../cloud-stub/routing/types.ts';
import { standardRules } from '../../../cloud-stub/store/index.ts';
import { refuse } from '../../../lib/base/errors.ts';
import { newCallId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

const clock = new VirtualClock();
const unused = (): never => {
  throw new Error('not asked for in this test');
};

const REFUSED: Decision = {
  plan: { verb: 'reject', rule: 'out.channels', status: 486, cause: 34, say: 'all channels are in use' },
  trace: [{ rule: 'out.channels', facts: ['S0-059'], say: '2 of 2 channels are in use' }],
};

function worldOf(decision: Decision): { readonly ok: true; readonly value: ExplainWorld } {
  const price: ExplainWorld['price'] = (call) => standardRules().rate(call);
  return { ok: true, value: { decide: () => decision, device: () => 'adapter', price } };
}

function appWith(changed: Partial<OperatorSource>) {
  const source: OperatorSource = {
    books: unused as never,
    updates: { rollout: async () => undefined } as never,
    downloads: unused,
    systems: async () => [],
    health: unused,
    gateways: async () => [],
    claimTicket: async () => undefined,
    revoke: async () => undefined,
    contractOf: async () => undefined,
    reported: async () => undefined,
    contract: async (id) => (id === exampleOffice.id ? exampleOffice : undefined),
    records: async () => [],
    quarantine: async () => [],
    lans: async () => [],
    commands: async () => [],
    command: unused,
    boxes: async () => [],
    events: async () => [],
    configDiff: unused,
    alerts: async () => [],
    faxes: async () => [],
    period: (name) => (name === undefined ? periodOf(clock.now()) : periodNamed(name)),
    invoiceDraft: async () => refuse({ code: 'billing.noPrice', fault: 'us', say: 'no price' }),
    world: async () => worldOf(REFUSED),
    newCall: () => newCallId(clock, seededRandom(1)),
    now: () => clock.now(),
    republish: async () => [],
    ...changed,
  };
  return createOperatorApp(source, silentLog());
}

describe('the operator’s API', () => {
  it.each([
    ['GET', '/nothing', 404, 'api.noRoute'],
    ['GET', '/contracts/c-999999/records', 404, 'api.noContract'],
    ['GET', '/contracts/c-000001/records?since=yesterday', 400, 'api.since'],
    ['GET', '/contracts/c-000001/invoice-draft?period=2026-13', 400, 'api.period'],
    ['GET', '/contracts/c-000001/invoice-draft', 422, 'billing.noPrice'],
    ['POST', '/gateways/gw-999999/claim', 404, 'api.noGateway'],
    ['POST', '/gateways/gw-000001/revocation', 400, 'api.body'],
    ['GET', '/gateways/gw-999999/reported', 404, 'api.noGateway'],
    ['GET', '/gateways/gw-000001/config-diff?from=0', 400, 'api.revision'],
    ['GET', '/contracts/c-000001/events?since=-1', 400, 'api.since'],
    ['POST', '/explain', 400, 'api.body'],
    ['GET', '/rollouts/r-000009', 404, 'rollout.unknown'],
    ['POST', '/rollouts', 400, 'api.body'],
    ['POST', '/releases', 400, 'api.body'],
  ])('refuses %s %s with %i and a code', async (method, path, status, code) => {
    const answer = await appWith({}).request(path, { method });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code, say: expect.any(String), fault: expect.any(String) });
  });

  it('says that the service failed without saying how', async () => {
    const answer = await appWith({ gateways: () => Promise.reject(new Error('secret detail')) }).request(
      '/gateways',
    );
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret detail');
  });

  it('does not read a body without end', async () => {
    const answer = await appWith({}).request('/explain', { method: 'POST', body: 'x'.repeat(20_000) });
    expect(answer.status).toBe(413);
  });

  it.each([
    [
      '/contracts/c-000001/orders',
      { v: 1, contract: 'c-000002', orders: [{ order: { kind: 'pause' } }] },
      'api.contract',
    ],
    ['/contracts/c-000001/orders', { v: 1, contract: 'c-000001', orders: [] }, 'api.body'],
    ['/contracts/c-000001/rerate/2026-11', { order: 'a b', reason: 'x' }, 'api.body'],
    ['/contracts/c-000001/rerate/spring', { order: 'a', reason: 'x' }, 'api.period'],
    ['/contracts/c-000001/quarantine/r-1', { order: 'a', reason: 'x', do: 'burn' }, 'api.body'],
    ['/periods/spring/closing', {}, 'api.period'],
  ])('refuses a body or period that makes no sense: %s', async (path, body, code) => {
    const answer = await appWith({}).request(path, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code });
  });

  it('carries a decision about a doubtful record to the books, and what they refuse back', async () => {
    const asked: unknown[] = [];
    const books = {
      decideDoubtful: async (_contract: string, order: { record: string }) => {
        asked.push(order);
        return order.record === 'r-1'
          ? { ok: true, value: 'stored' }
          : refuse({ code: 'quarantine.unknown', fault: 'caller', say: 'no such record' });
      },
    } as never;
    const post = (record: string) =>
      appWith({ books }).request(`/contracts/c-000001/quarantine/${record}`, {
        method: 'POST',
        body: JSON.stringify({ order: 'd-1', reason: 'seen', do: 'release', correct: { talkMs: 5 } }),
      });
    expect(await (await post('r-1')).json()).toEqual({ record: 'r-1', fate: 'stored' });
    expect((await post('r-2')).status).toBe(404);
    expect(asked[0]).toMatchObject({
      orderId: 'd-1',
      decision: { do: 'release', correct: { talkMs: 5 } },
    });
  });

  it('is unwell while the database is away', async () => {
    const health = { ok: false, database: 'down', upMs: 1, sync: {}, switch: {} } as never;
    expect((await appWith({ health: async () => health }).request('/health')).status).toBe(503);
  });

  it('explains a refusal in words, and says no price for it [S0-059]', async () => {
    const body = JSON.stringify({ direction: 'out', id: 'id-000001-1', dialled: '0355550123', talkMs: 1 });
    const answer = await appWith({}).request('/explain', { method: 'POST', body });
    expect(await answer.json()).toMatchObject({
      decision: { plan: { cause: 34 } },
      text: [expect.stringContaining('2 of 2 channels'), expect.stringContaining('refuse with 486')],
      price: null,
    });
  });

  it('says that the office pays for a toll-free call by the class of its caller, and nothing more for its line', async () => {
    const plan = {
      verb: 'forward',
      contract: exampleOffice.id,
      called: '0120555123',
      forMs: 1,
      takesChannel: false,
    };
    const line = { external: '0312345678', presents: '0120555123', destination: 'geographic' };
    const tollFree = { number: '0120555123', payer: 'callee', callerClass: 'mobile', group: 'all' };
    const decision = {
      plan: { ...plan, to: line, partOfCall: true },
      trace: [],
      tollFree: { ...tollFree, answeredBy: line.external, lines: [line.external] },
    };
    const asked: unknown[] = [];
    const price = (call: object) => {
      asked.push(call);
      return { ok: false, code: 'rating.noPrice', say: '', trace: [] } as const;
    };
    const body = { direction: 'in', from: '09012345678', withheld: false, to: '0120555123', talkMs: 60_000 };
    const world = async () => ({ ok: true, value: { ...worldOf(decision as never).value, price } }) as const;
    const answer = await appWith({ world }).request('/explain', {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(await answer.json()).toMatchObject({ pays: 'office', legs: [] });
    expect(asked).toMatchObject([{ kind: 'tollFreeIn', destination: 'mobile', talkMs: 60_000 }]);
  });

  it('lists calls in one line each', async () => {
    const box = {
      direction: 'internal',
      from: '11',
      to: '12',
      endedAt: 5,
      end: 'answeredThenCallerHungUp',
      talkMs: 4,
      answeredAt: 1,
      discrepancy: null,
    };
    const records = async () =>
      [
        { call: 'a', startedAt: 1, switch: null, boxes: [box], charge: { amountMicroYen: 0 }, unrated: null },
      ] as never;
    const answer = await appWith({ records }).request('/contracts/c-000001/calls');
    expect(await answer.json()).toEqual({
      calls: [
        {
          ...{ call: 'a', startedAt: 1, direction: 'internal', from: '11', to: '12', state: 'ended' },
          ...{ end: 'answeredThenCallerHungUp', talkMs: 4, amountMicroYen: 0, discrepancies: [] },
        },
      ],
    });
  });
});

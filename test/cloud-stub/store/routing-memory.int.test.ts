import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contract } from '../../../cloud-stub/contracts/index.ts';
import type { Decision, RoutingAlert } from '../../../cloud-stub/routing/types.ts';
import type { Store } from '../../../cloud-stub/store/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { CallId, ContractId, ServiceId } from '../../../lib/base/ids.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { officeOn } from '../routing/outgoing-office.ts';
import { at, FREE, group, OSAKA, TOKYO, tollFreeOffice } from '../routing/toll-free/office.ts';
import { CONTRACT, callOut, endOf, FIRST, freshCall } from './call-samples.ts';
import { clockAt } from './feed-samples.ts';
import { openTestStore } from './open-test-store.ts';

const held = { from: instant(0), until: null };
/** Three to two. */
const shares = [
  { number: TOKYO, percent: 60 },
  { number: OSAKA, percent: 40 },
];
const office = tollFreeOffice({
  product: 'calleePays',
  groups: [group('all', 'rest', [TOKYO, OSAKA], { distribution: { by: 'percentage', shares } })],
  more: {
    options: ['multiLine', 'percentage'].map((name) => ({ items: [`calleePays.${name}`], on: FREE, held })),
  },
});

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(async (url) => {
    const store = await openTestStore(url);
    await store.offices.add(office);
    await store.close();
  });
});
afterAll(() => postgres.stop());

const open = (url: string): Promise<Store> => openTestStore(url, { clock: clockAt(at(12)) });
const live = { busyChannels: () => 0, reachable: () => true };

function decideIn(store: Store): { call: CallId; decision: Decision } {
  const call = freshCall();
  const request = { call, direction: 'in', from: '0312345678', withheld: false, to: FREE } as const;
  return { call, decision: store.directory.decide(request, live) };
}

async function callIn(store: Store): Promise<string> {
  const { call, decision } = decideIn(store);
  await store.calls.begin({ ...callOut(call), direction: 'in', id: null, device: null, decision });
  await store.calls.ended(call, endOf(0));
  return decision.plan.verb === 'forward' ? decision.plan.to.external : decision.plan.verb;
}

describe('percentages of a toll-free number', () => {
  it('go on after a restart where they stood, in their exact ratio [S2-033]', async () => {
    const url = await postgres.database();
    const answered: string[] = [];
    for (let run = 0; run < 10; run++) {
      const store = await open(url);
      answered.push(await callIn(store));
      await store.close();
    }
    expect(answered.filter((number) => number === TOKYO)).toHaveLength(6);
    expect(answered.slice(0, 5)).toEqual(answered.slice(5));
  });

  it('keep the later of two turns that are written down at once, and none of a call that was not', async () => {
    const url = await postgres.database();
    const store = await open(url);
    const [one, two] = [decideIn(store), decideIn(store)];
    const begin = ({ call, decision }: { call: CallId; decision: Decision }) =>
      store.calls.begin({ ...callOut(call), direction: 'in', id: null, device: null, decision });
    await begin(two);
    await begin(one);
    const refused = decideIn(store);
    expect(refused.decision.nextTurn?.calls).toBe(3);
    await store.close();
    const next = await open(url);
    expect(decideIn(next).decision).toEqual({ ...refused.decision });
    await next.close();
  });
});

describe('the calls that an ID has made today', () => {
  const id = 'id-000002-1' as ServiceId;
  const plain = officeOn('app', ['option.tenMinutes']);
  const busy: Contract = {
    ...plain,
    id: 'c-000002' as ContractId,
    numbers: plain.numbers.map((one) => ({ ...one, number: '0355550200', rings: [id] })),
    ids: plain.ids.slice(0, 1).map((one) => ({ ...one, id, presents: '0355550200', port: null })),
    devices: plain.devices.map((one) => ({ ...one, gateway: null, items: [] })),
    options: plain.options.map((one) => ({ ...one, on: id })),
  };
  const call = (store: Store, dialled: string) => {
    const request = { call: freshCall(), direction: 'out', id, dialled } as const;
    return { call: request.call, decision: store.directory.decide(request, live) };
  };
  const begin = (store: Store, dialled: string, startedAt = at(11)): Promise<void> => {
    const made = call(store, dialled);
    return store.calls.begin(
      callOut(made.call, { contract: busy.id, id, startedAt, decision: made.decision }),
    );
  };

  it('are counted from the records after a restart: today’s that went out, no emergencies [A-09] [S0-094]', async () => {
    const url = await postgres.database();
    const store = await open(url);
    await store.offices.add(busy);
    await store.directory.refresh();
    for (let made = 0; made < 29; made++) await begin(store, '0355550123', at(made === 0 ? 0 : 11));
    await begin(store, '0355550123', instant(at(0) - 1));
    await begin(store, '0990123456');
    await begin(store, '110');
    await store.close();
    const next = await open(url);
    expect(call(next, '0355550123').decision.alerts ?? []).toEqual([]);
    expect(call(next, '0355550123').decision.alerts).toMatchObject([{ alert: 'highFrequency' }]);
    await next.close();
    const tomorrow = await openTestStore(url, { clock: clockAt(instant(at(12) + 86_400_000)) });
    expect(call(tomorrow, '0355550123').decision.alerts ?? []).toEqual([]);
    expect(call(tomorrow, '0355550123').decision.alerts ?? []).toEqual([]);
    await tomorrow.close();
  });
});

describe('what a decision raises', () => {
  it('is kept once for each matter, with the call that raised it first [A-09] [A-36]', async () => {
    const store = await open(await postgres.database());
    const alert = (kind: RoutingAlert['alert']): RoutingAlert => ({
      alert: kind,
      contract: CONTRACT,
      facts: ['A-09'],
      say: 'look at it',
    });
    const first = freshCall();
    for (const call of [first, freshCall()]) {
      const start = callOut(call, { contract: CONTRACT, id: FIRST });
      const alerts = [alert('highFrequency'), alert('ceilingWarning')];
      await store.calls.begin({ ...start, decision: { ...start.decision, alerts } });
    }
    const raised = await store.alerts(CONTRACT);
    expect(raised.map(({ alert: name, about, call }) => [name, about, call]).sort()).toEqual([
      ['ceilingWarning', '2026-11', first],
      ['highFrequency', `${FIRST} 2026-11-21`, first],
    ]);
    await store.close();
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallView, Store } from '../../../cloud-stub/store/index.ts';
import { type CallId, parseCallId } from '../../../lib/base/ids.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import {
  boxRecordOf,
  CONTRACT,
  callIn,
  callOut,
  endOf,
  FIRST,
  freshCall,
  GATEWAY,
  good,
  later,
  SECOND,
} from './call-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

let postgres: TestPostgres;
let url: string;
let store: Store;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
});
afterAll(() => postgres.stop());

async function freshStore(): Promise<() => Promise<void>> {
  url = await postgres.database();
  store = await openTestStore(url);
  const opened = store;
  return () => opened.close();
}

async function view(call: CallId): Promise<CallView | undefined> {
  return (await store.reports.calls(CONTRACT, 0)).find((each) => each.call === call);
}

describe('the book of calls', () => {
  beforeAll(freshStore);

  it('keeps a call from its start to its charge, with both traces [S0-046]', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    expect(await view(call)).toMatchObject({ switch: { endedAt: null, answeredAt: null }, charge: null });
    await store.calls.answered(call, later(1_000), null);
    await store.calls.ended(call, endOf(200_000));
    expect(await view(call)).toMatchObject({
      switch: {
        id: FIRST,
        from: '0355550100',
        talkMs: 200_000,
        end: 'answeredThenCallerHungUp',
        interrupted: false,
        trace: [{ rule: 'out.network' }],
      },
      charge: {
        source: 'switch',
        kind: 'out',
        amountMicroYen: 16_000_000,
        units: 2,
        category: 'deviceCalls',
      },
    });
    expect((await view(call))?.charge?.trace.map(({ rule }) => rule)).toEqual(['rate.price', 'rate.units']);
  });

  it('gives a call in to whoever answers, and charges nothing for it [S0-050]', async () => {
    const call = freshCall();
    await store.calls.begin(callIn(call));
    await store.calls.answered(call, later(1_000), { id: SECOND, device: 'adapter' });
    await store.calls.ended(call, endOf(60_000));
    expect(await view(call)).toMatchObject({
      switch: { direction: 'in', id: SECOND, device: 'adapter' },
      charge: { kind: 'in', amountMicroYen: 0 },
    });
  });

  it('charges a toll-free call to the office by the class of the caller [S0-051] [S2-019]', async () => {
    const call = freshCall();
    const start = callIn(call);
    const tollFree = {
      number: '0120555010',
      payer: 'callee',
      callerClass: 'payphone',
      group: 'all',
      answeredBy: '0355550100',
      lines: [],
    } as const;
    await store.calls.begin({ ...start, decision: { ...start.decision, tollFree } });
    await store.calls.answered(call, later(1_000), { id: SECOND, device: 'adapter' });
    await store.calls.ended(call, endOf(61_000));
    expect(await view(call)).toMatchObject({
      charge: { kind: 'tollFreeIn', amountMicroYen: 60_000_000, units: 2, category: 'tollFreeIn' },
    });
  });

  it('charges nothing for a call that nobody answered [A-44]', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    await store.calls.ended(call, endOf(0));
    expect(await view(call)).toMatchObject({ charge: { amountMicroYen: 0, units: 0 } });
  });

  it('ends a call once: a second end changes neither record nor charge', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    await store.calls.answered(call, later(1_000), null);
    await Promise.all([store.calls.ended(call, endOf(10_000)), store.calls.ended(call, endOf(500_000))]);
    await store.calls.ended(call, endOf(500_000));
    expect(await view(call)).toMatchObject({ switch: { talkMs: 10_000 }, charge: { units: 1 } });
  });

  it('does its work on one call in the order in which it was asked for', async () => {
    const call = freshCall();
    const all = [
      store.calls.begin(callOut(call)),
      store.calls.answered(call, later(1_000), null),
      store.calls.ended(call, endOf(10_000)),
    ];
    await Promise.all(all);
    expect(await view(call)).toMatchObject({ switch: { answeredAt: later(1_000) }, charge: { units: 1 } });
  });

  it('refuses a call id that was used before', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    await store.calls.ended(call, endOf(0));
    await expect(store.calls.begin(callOut(call))).rejects.toThrow('used before');
  });

  it('keeps a call to a number of nobody, without a charge', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call, { contract: null, direction: 'in', id: null, device: null }));
    await store.calls.ended(call, endOf(0));
    expect(await view(call)).toBeUndefined();
  });

  it('notes a call for which there is no price, so that nothing is free by accident', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call, { destination: 'international' }));
    await store.calls.answered(call, later(1_000), null);
    await store.calls.ended(call, endOf(10_000));
    expect(await view(call)).toMatchObject({ charge: null, unrated: { code: 'rating.noPrice' } });
  });

  it('writes the end when connections to the database break in between', async () => {
    const calls = Array.from({ length: 8 }, freshCall);
    for (const call of calls) await store.calls.begin(callOut(call));
    for (const call of calls) await store.calls.answered(call, later(1_000), null);
    const ends = calls.map((call) => store.calls.ended(call, endOf(10_000)));
    await postgres.cutConnections(url);
    await Promise.all(ends);
    for (const call of calls) expect(await view(call)).toMatchObject({ charge: { units: 1 } });
  });
});

describe('an emergency call', () => {
  beforeAll(freshStore);

  it('is not held up by a database that is away, and is on record when it is back', async () => {
    const call = freshCall();
    const { plan, trace } = callOut(call).decision;
    if (plan.verb !== 'network') throw new Error('bad sample');
    const decision = { plan: { ...plan, number: '119', emergency: true }, trace };
    await postgres.halt();
    const startedMs = performance.now();
    await store.calls.begin(callOut(call, { to: '119', destination: 'emergency', decision }));
    await store.calls.answered(call, later(1_000), null);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    const ended = store.calls.ended(call, endOf(30_000));
    await postgres.start();
    await ended;
    expect(await view(call)).toMatchObject({
      switch: { to: '119', answeredAt: later(1_000), talkMs: 30_000 },
      charge: { amountMicroYen: 0 },
    });
  });
});

describe('a run of the service that died', () => {
  beforeEach(freshStore);

  it('leaves calls that the next one closes at their last heartbeat, marked and rated', async () => {
    const [talking, ringing] = [freshCall(), freshCall()];
    await store.calls.begin(callOut(talking));
    await store.calls.answered(talking, later(1_000), null);
    await store.calls.begin(callOut(ringing));
    await store.calls.heartbeat([talking, ringing], later(200_000));
    const next = await openTestStore(url);
    expect(await next.calls.recover()).toBe(2);
    expect(await next.calls.recover()).toBe(0);
    await next.close();
    expect(await view(talking)).toMatchObject({
      switch: { interrupted: true, end: 'interrupted', endedAt: later(200_000), talkMs: 199_000 },
      charge: { units: 2, amountMicroYen: 16_000_000 },
    });
    expect(await view(ringing)).toMatchObject({
      switch: { interrupted: true, talkMs: 0 },
      charge: { amountMicroYen: 0 },
    });
  });

  it('does not lose its own calls to itself', async () => {
    await store.calls.begin(callOut(freshCall()));
    expect(await store.calls.recover()).toBe(0);
  });

  it('is closed together with what the box says about the call', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    await store.calls.answered(call, later(1_000), null);
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(1, call)));
    const next = await openTestStore(url);
    await next.calls.recover();
    await next.close();
    expect(await view(call)).toMatchObject({
      boxes: [{ settled: 'joined', discrepancy: expect.stringContaining('switch was interrupted') }],
    });
  });
});

describe('the directory', () => {
  beforeAll(freshStore);

  it('knows the HA1 of an ID in its realm only', async () => {
    expect(await store.directory.ha1(FIRST, 'engawa.example', 'MD5')).toMatch(/^[0-9a-f]{32}$/);
    expect(await store.directory.ha1(FIRST, 'engawa.example', 'SHA-256')).toMatch(/^[0-9a-f]{64}$/);
    expect(await store.directory.ha1(FIRST, 'other.example', 'MD5')).toBeUndefined();
    expect(await store.directory.ha1('id-999999-1', 'engawa.example', 'MD5')).toBeUndefined();
  });

  it('refuses a third call while two channels are busy [S0-059]', () => {
    const call = parseCallId('mz1abc234-0123456789abcdef');
    if (call === undefined) throw new Error('bad sample');
    const request = { call, direction: 'out', id: FIRST, dialled: '0355550123' } as const;
    const live = (busy: number) => ({ busyChannels: () => busy, reachable: () => true });
    expect(store.directory.decide(request, live(1)).plan.verb).toBe('network');
    expect(store.directory.decide(request, live(2)).plan).toMatchObject({ verb: 'reject', cause: 34 });
    expect(store.directory.explain(request).plan.verb).toBe('network');
  });
});

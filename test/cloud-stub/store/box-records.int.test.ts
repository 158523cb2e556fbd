import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallView, Store } from '../../../cloud-stub/store/index.ts';
import { readBatch } from '../../../cloud-stub/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { CallId } from '../../../lib/base/ids.ts';
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
  START,
} from './call-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

let postgres: TestPostgres;
let url: string;
let store: Store;
let sequence = 0;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
  url = await postgres.database();
  store = await openTestStore(url);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

async function view(call: CallId): Promise<CallView | undefined> {
  return (await store.reports.calls(CONTRACT, 0)).find((each) => each.call === call);
}

async function talkOnSwitch(call: CallId, talkMs: number): Promise<void> {
  await store.calls.begin(callOut(call));
  await store.calls.answered(call, later(1_000), null);
  await store.calls.ended(call, endOf(talkMs));
}

describe('records of a box', () => {
  it('that come three times are one row, and are acknowledged three times', async () => {
    const record = boxRecordOf(++sequence, freshCall());
    const outcomes = [];
    for (let time = 0; time < 3; time++) {
      outcomes.push(await store.boxRecords.ingest(CONTRACT, GATEWAY, good(record)));
    }
    expect(outcomes.map(({ stored, duplicates }) => [stored, duplicates])).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
    ]);
    for (const outcome of outcomes) expect(outcome.ids).toEqual([record.id]);
  });

  it('that come twice at the same moment are one row', async () => {
    const records = Array.from({ length: 20 }, () => boxRecordOf(++sequence, freshCall()));
    const both = await Promise.all([
      store.boxRecords.ingest(CONTRACT, GATEWAY, good(...records)),
      store.boxRecords.ingest(CONTRACT, GATEWAY, good(...[...records].reverse())),
    ]);
    expect(both.reduce((sum, { stored }) => sum + stored, 0)).toBe(20);
  });

  it('of a call that the switch carried are joined, compared and never charged', async () => {
    const call = freshCall();
    await talkOnSwitch(call, 10_400);
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(++sequence, call)));
    expect(await view(call)).toMatchObject({
      charge: { source: 'switch', amountMicroYen: 8_000_000 },
      boxes: [{ settled: 'joined', discrepancy: null, talkMs: 10_000 }],
    });
  });

  it('are joined too when they come before the switch has ended the call', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    await store.calls.answered(call, later(1_000), null);
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(++sequence, call)));
    expect(await view(call)).toMatchObject({ boxes: [{ settled: 'waiting' }], charge: null });
    await store.calls.ended(call, endOf(10_000));
    expect(await view(call)).toMatchObject({ boxes: [{ settled: 'joined', discrepancy: null }] });
  });

  it('are joined when both sides come at the same moment', async () => {
    const calls = Array.from({ length: 20 }, freshCall);
    for (const call of calls) await store.calls.begin(callOut(call));
    await Promise.all(
      calls.flatMap((call) => [
        store.calls.ended(call, endOf(0)),
        store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(++sequence, call))),
      ]),
    );
    for (const call of calls) {
      expect(await view(call)).toMatchObject({
        boxes: [{ settled: 'joined', discrepancy: 'Answered at the box, not at the switch.' }],
      });
    }
  });

  it('that talk two seconds longer than the switch say so, and change no price', async () => {
    const call = freshCall();
    await talkOnSwitch(call, 5_000);
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(++sequence, call)));
    expect(await view(call)).toMatchObject({
      charge: { talkMs: 5_000 },
      boxes: [{ discrepancy: 'Talk time at the box 10000 ms, at the switch 5000 ms.' }],
    });
  });

  it('of both phones of a call in are joined: one answered, one did not', async () => {
    const call = freshCall();
    await store.calls.begin(callIn(call));
    await store.calls.answered(call, later(1_000), { id: SECOND, device: 'adapter' });
    await store.calls.ended(call, endOf(10_000));
    const one = boxRecordOf(++sequence, call, {
      direction: 'in',
      answeredAt: null,
      talkMs: 0,
      end: 'answeredElsewhere',
    });
    const two = boxRecordOf(++sequence, call, { direction: 'in', line: 2, serviceId: SECOND });
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(one, two));
    expect((await view(call))?.boxes.map(({ discrepancy }) => discrepancy)).toEqual([null, null]);
  });

  it('of an extension call are charged nothing, once for the two legs [S0-050]', async () => {
    const call = freshCall();
    const legs = [1, 2].map((line) =>
      boxRecordOf(++sequence, call, {
        direction: 'internal',
        line,
        serviceId: line === 1 ? FIRST : SECOND,
        to: '12',
      }),
    );
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(...legs));
    expect(await view(call)).toMatchObject({
      switch: null,
      charge: { source: 'box', kind: 'internal', amountMicroYen: 0, category: 'free' },
      boxes: [{ settled: 'charged' }, { settled: 'notCharged' }],
    });
  });
});

describe('a call that the switch never saw', () => {
  it('is charged from the box after the grace time, and not before', async () => {
    const call = freshCall();
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(++sequence, call)));
    const now = systemClock.now();
    await store.boxRecords.settleBoxOnly(now);
    expect(await view(call)).toMatchObject({ charge: null });
    await store.boxRecords.settleBoxOnly(now + 11 * 60_000);
    expect(await view(call)).toMatchObject({
      charge: { source: 'box', kind: 'out', destination: 'geographic', amountMicroYen: 8_000_000 },
      boxes: [{ settled: 'charged', discrepancy: 'The switch has no record of this call.' }],
    });
    expect(await store.boxRecords.settleBoxOnly(now + 11 * 60_000)).toBe(0);
  });

  it('waits on while the switch still carries it', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(++sequence, call)));
    await store.boxRecords.settleBoxOnly(systemClock.now() + 11 * 60_000);
    expect(await view(call)).toMatchObject({ charge: null, boxes: [{ settled: 'waiting' }] });
  });
});

describe('records that cannot be believed', () => {
  const doubtful = [
    [
      'record.foreignId',
      (call: CallId) => boxRecordOf(++sequence, call, { id: `gw-000002/00c0ffee/${sequence}` }),
    ],
    ['record.callId', (call: CallId) => boxRecordOf(++sequence, call, { call: 'nonsense' })],
    ['record.foreignService', (call: CallId) => boxRecordOf(++sequence, call, { serviceId: 'id-000002-1' })],
    ['record.unknownLine', (call: CallId) => boxRecordOf(++sequence, call, { line: 7 })],
    ['record.times', (call: CallId) => boxRecordOf(++sequence, call, { endedAt: START - 1 })],
    ['record.times', (call: CallId) => boxRecordOf(++sequence, call, { endedAt: 8.64e15 })],
  ] as const;

  it.each(doubtful)('go to quarantine as %s, are acknowledged, and not charged', async (code, make) => {
    const record = make(freshCall());
    const outcome = await store.boxRecords.ingest(CONTRACT, GATEWAY, good(record));
    expect(outcome).toMatchObject({ ids: [record.id], stored: 0, quarantined: 1 });
    const kept = await store.reports.quarantine(CONTRACT);
    expect(kept.find(({ id }) => id === record.id)).toMatchObject({ code, record });
    await store.boxRecords.settleBoxOnly(systemClock.now() + 11 * 60_000);
    expect((await store.reports.charges(CONTRACT, 0, 9e15)).some(({ call }) => call === record.call)).toBe(
      false,
    );
  });

  it('are those of a line that the ID never was on; one that it has left counts for what it was', async () => {
    const moved = 'id-000001-1';
    const payload = JSON.stringify({ lines: [{ port: 6, serviceId: moved }], lan: { phones: [] } });
    const kept = (rev: number, text: string, atMs: number) =>
      store.gateways.addDesired(
        CONTRACT,
        GATEWAY,
        { rev, contentSha256: `${rev}`.repeat(64).slice(0, 64), envelope: JSON.stringify({ payload: text }) },
        atMs,
      );
    await kept(7, payload, START - 1_000_000);
    await kept(8, '{"lines":[]}', START - 1_000);
    const before = boxRecordOf(++sequence, freshCall(), { serviceId: moved, line: 6 });
    expect(await store.boxRecords.ingest(CONTRACT, GATEWAY, good(before))).toMatchObject({ stored: 1 });
    const wrong = boxRecordOf(++sequence, freshCall(), { serviceId: moved, line: 6, endedAt: START - 1 });
    expect(await store.boxRecords.ingest(CONTRACT, GATEWAY, good(wrong))).toMatchObject({ quarantined: 1 });
    const never = boxRecordOf(++sequence, freshCall(), { serviceId: moved, line: 5 });
    expect(await store.boxRecords.ingest(CONTRACT, GATEWAY, good(never))).toMatchObject({ quarantined: 1 });
    const late = START + 46 * 86_400_000;
    const times = { startedAt: late, answeredAt: null, endedAt: late + 1_000, talkMs: 0 };
    const tooLate = boxRecordOf(++sequence, freshCall(), { serviceId: moved, line: 6, ...times });
    expect(await store.boxRecords.ingest(CONTRACT, GATEWAY, good(tooLate))).toMatchObject({ quarantined: 1 });
  });

  it('cannot make a call of the switch free by calling it internal', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    await store.calls.answered(call, later(1_000), null);
    const cheat = boxRecordOf(++sequence, call, { direction: 'internal' });
    expect(await store.boxRecords.ingest(CONTRACT, GATEWAY, good(cheat))).toMatchObject({ quarantined: 1 });
    await store.calls.ended(call, endOf(10_000));
    expect(await view(call)).toMatchObject({ charge: { source: 'switch', amountMicroYen: 8_000_000 } });
  });

  it('cannot make it free beforehand either: the charge of the switch takes the place of the box’s', async () => {
    const call = freshCall();
    const early = boxRecordOf(++sequence, call, { direction: 'internal' });
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(early));
    expect(await view(call)).toMatchObject({ charge: { source: 'box', amountMicroYen: 0 } });
    await talkOnSwitch(call, 10_000);
    expect(await view(call)).toMatchObject({
      charge: { source: 'switch', kind: 'out', amountMicroYen: 8_000_000 },
    });
  });

  it('do not hold back the good ones of their batch, whatever is in their text', async () => {
    const fine = boxRecordOf(++sequence, freshCall(), { because: 'half \ud800 and \u0000' });
    const bad = { id: `gw-000001/00c0ffee/${++sequence}`, because: '\u0000\ud800', deep: { er: ['\u0000'] } };
    const batch = readBatch(Buffer.from(JSON.stringify({ v: 1, records: [bad, fine, 7] })));
    if (!batch.ok) throw new Error(batch.error.say);
    expect(batch.value.nameless).toBe(1);
    const outcome = await store.boxRecords.ingest(CONTRACT, GATEWAY, batch.value.items);
    expect(outcome).toMatchObject({ ids: [bad.id, fine.id], stored: 1, quarantined: 1 });
  });
});

it('every call has at most one charge, by the word of the database', async () => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const call = freshCall();
  await talkOnSwitch(call, 10_000);
  const again = client.query(
    `insert into charge select contract_id, call_id, 'box', kind, service_id, device, destination, at_ms, talk_ms, amount_micro_yen, units, item, category, trace, rated_at_ms from charge where call_id = $1`,
    [call],
  );
  await expect(again).rejects.toThrow('duplicate key');
  await client.end();
});

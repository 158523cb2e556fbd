import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';
import { KILL_TEST_LIMIT_MS, Killer } from './run-and-kill.ts';

const KILLS = 20;
const killer = new Killer();

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
});
afterAll(async () => {
  killer.clear();
  await postgres.stop();
});

it(
  `keeps every promise and charges every call once through ${KILLS} kills [A-44]`,
  async () => {
    const url = await postgres.database();
    const promised: string[] = [];
    for (let run = 0; run < KILLS; run++) {
      const kept = promised.filter((line) => line.startsWith('kept ')).length;
      promised.push(...(await killer.run('./ledger-child.ts', [url, String(kept)], { lines: 40, ms: 20 })));
    }
    const store = await openTestStore(url);
    await store.calls.recover();
    await store.close();

    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const calls = await client.query<{
      call_id: string;
      interrupted: boolean;
      charges: string;
      open: boolean;
    }>(
      `select r.call_id, r.interrupted, r.ended_at_ms is null as open,
       (select count(*) from charge c where c.contract_id = r.contract_id and c.call_id = r.call_id) as charges
     from call_record r`,
    );
    const boxes = await client.query<{ record_id: string; charges: string }>(
      `select b.record_id, (select count(*) from charge c where c.contract_id = b.contract_id and c.call_id = b.call_id) as charges
     from box_record b`,
    );
    await client.end();

    const known = new Map(calls.rows.map((row) => [row.call_id, row]));
    const of = (kind: string): string[] =>
      promised.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
    expect(of('ended').length).toBeGreaterThan(KILLS);
    for (const call of of('begun')) expect(known.has(call), `call ${call} was begun`).toBe(true);
    for (const call of of('ended'))
      expect(known.get(call), `call ${call} was ended`).toMatchObject({ interrupted: false });
    for (const row of calls.rows) expect(row, row.call_id).toMatchObject({ open: false, charges: '1' });
    expect(calls.rows.some(({ interrupted }) => interrupted)).toBe(true);

    const records = new Map(boxes.rows.map((row) => [row.record_id, row]));
    for (const sequence of of('kept')) {
      expect(records.get(`gw-000001/00c0ffee/${sequence}`), `record ${sequence} was kept`).toMatchObject({
        charges: '1',
      });
    }
    for (const row of boxes.rows) expect(row.charges, row.record_id).toBe('1');
  },
  KILL_TEST_LIMIT_MS,
);

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import {
  ask,
  type CloudPlace,
  type CloudProcess,
  enrolBox,
  spawnCloud,
  startCloud,
} from './cloud-process.ts';
import { boxRecordOf, CONTRACT, callOut, freshCall, GATEWAY } from './store/call-samples.ts';
import { openTestStore } from './store/open-test-store.ts';
import { connectGateway, eventually } from './sync/gateway-client.ts';

const HOST = '127.56.0.40';
const own = gatewayTopics(GATEWAY);

let postgres: TestPostgres;
let url: string;
let state: string;
let place: CloudPlace;

async function stopCloud(cloud: CloudProcess): Promise<void> {
  cloud.child.kill('SIGTERM');
  expect(await cloud.exit).toBe(0);
}

async function enrol(): Promise<Enrolment> {
  return enrolBox(place, join(state, 'box'));
}

beforeAll(async () => {
  state = mkdtempSync('/tmp/engawa-cloud-');
  postgres = await startPostgres();
  url = await postgres.database();
  place = { state, host: HOST, database: url, api: join(state, 'api.sock') };
});
afterAll(async () => {
  await postgres.stop();
  rmSync(state, { recursive: true, force: true });
});

describe('the service', () => {
  it('starts on an empty database with the example office, and finds all of it again', async () => {
    const first = await startCloud(place);
    expect(statSync(place.api).mode & 0o777).toBe(0o600);
    expect(await ask(place, 'GET', '/health')).toMatchObject({ ok: true, database: 'up' });
    expect(await ask(place, 'GET', '/contracts/c-000001/invoice-draft')).toMatchObject({ status: 'draft' });
    const client = await connectGateway(await enrol());
    await client.subscribe(own.desired);
    const desired = await client.next(own.desired);
    expect(desired).toContain('"rev":1');
    await client.end();
    await stopCloud(first);

    const second = await startCloud(place);
    expect(await ask(place, 'GET', '/gateways')).toMatchObject({
      gateways: [{ id: 'gw-000001', desiredRev: 1, enrolledAt: expect.any(Number) }],
    });
    await stopCloud(second);
  });

  it('killed between writing a record and its commit has acknowledged nothing, and takes it again', async () => {
    const first = await startCloud(place);
    const enrolment = await enrol();
    const client = await connectGateway(enrolment);
    await client.subscribe(own.recordsAck);
    const record = boxRecordOf(1, freshCall());
    const batch = JSON.stringify({ v: 1, records: [record] });
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    // The row is written, the commit has to wait for this look at the call's other side.
    await holder.query('begin; lock table call_record in access exclusive mode');
    await client.publish(own.records, batch);
    expect(await eventually(async () => (await waiting(holder)) > 0)).toBe(true);
    first.child.kill('SIGKILL');
    await first.exit;
    expect(await client.next(own.recordsAck, 0, 200)).toBeUndefined();
    await holder.query('rollback');
    await holder.end();
    await client.end();

    const second = await startCloud(place);
    const back = await connectGateway(enrolment);
    await back.subscribe(own.recordsAck);
    await back.publish(own.records, batch);
    expect(await back.next(own.recordsAck)).toContain(record.id);
    await back.publish(own.records, batch);
    expect(await back.next(own.recordsAck, 1)).toContain(record.id);
    await back.end();
    const { records } = (await ask(place, 'GET', '/contracts/c-000001/records')) as {
      records: { call: string; boxes: unknown[] }[];
    };
    expect(records.find(({ call }) => call === record.call)?.boxes).toHaveLength(1);
    await stopCloud(second);
  });

  it('closes the calls of a run that was killed', async () => {
    const call = freshCall();
    const dead = await openTestStore(url);
    await dead.calls.begin(callOut(call));
    await dead.close();
    const cloud = await startCloud(place);
    expect(await ask(place, 'GET', `/contracts/${CONTRACT}/calls`)).toMatchObject({
      calls: expect.arrayContaining([expect.objectContaining({ call, state: 'ended', end: 'interrupted' })]),
    });
    await stopCloud(cloud);
  });
});

async function waiting(client: pg.Client): Promise<number> {
  const rows = await client.query(
    "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
  );
  return rows.rowCount ?? 0;
}

describe('a start that cannot succeed ends with one clear sentence and exit code 1', () => {
  async function sentenceOf(changed: Record<string, string>): Promise<string> {
    const cloud = spawnCloud(place, changed);
    expect(await cloud.exit).toBe(1);
    const fatal = cloud.lines.filter(({ event }) => event === 'fatal');
    expect(fatal).toHaveLength(1);
    return String(fatal[0]?.['say']);
  }

  it('the database does not answer', async () => {
    const nobody = 'postgres://engawa:hidden@127.56.0.41:1/engawa';
    const say = await sentenceOf({ database: nobody, 'database-wait-s': '1' });
    expect(say).toMatch(/database .*127\.56\.0\.41:1.* cannot be used/);
    expect(say).not.toContain('hidden');
  });

  it('the MQTT port is taken', async () => {
    const taker = createServer().listen(8_883, HOST);
    expect(await sentenceOf({})).toContain(`${HOST}:8883: another program uses the port`);
    taker.close();
  });

  it('a flag is missing', async () => {
    expect(await sentenceOf({ carrier: '' })).toContain('--carrier is needed');
  });

  it('the state folder belongs to another database', async () => {
    const other = mkdtempSync('/tmp/engawa-cloud-');
    expect(await sentenceOf({ state: other })).toContain('do not belong together');
    rmSync(other, { recursive: true, force: true });
  });
});

import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import type { Store } from '../../../cloud-stub/store/index.ts';
import {
  CLOUD_SERVER_NAME,
  type CloudSync,
  createCloudSync,
  openServiceKeys,
  type ServiceKeys,
} from '../../../cloud-stub/sync/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { StartupError } from '../../../lib/base/errors.ts';
import type { ContractId, GatewayId, PortNumber, ServiceId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { openCommand } from '../../../lib/contract/command.ts';
import type { Enrolment } from '../../../lib/contract/enrolment.ts';
import { openDesired } from '../../../lib/contract/envelope.ts';
import { gatewayTopics } from '../../../lib/contract/topics.ts';
import { lanReportOf } from '../../support/lan-reports.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { boxRecordOf, CONTRACT, freshCall } from '../store/call-samples.ts';
import { openTestStore, prepareExampleOffice } from '../store/open-test-store.ts';
import { claimCodes, claimWith } from './claim-codes.ts';
import { mosquittoPromises } from './foreign-brokers.ts';
import { connectGateway, eventually, type GatewayClient, pause } from './gateway-client.ts';

import { identityStories } from './identity-stories.ts';

const HOST = '127.56.0.30';
const PORT = 8_883;
const FIRST = 'gw-000001' as GatewayId;
const SECOND = 'gw-000002' as GatewayId;
const own = gatewayTopics(FIRST);
const other = gatewayTopics(SECOND);
const foreign = testAuthority().issue(FIRST);

let postgres: TestPostgres;
let url: string;
let store: Store;
let keys: ServiceKeys;
let sync: CloudSync;
let folder: string;
/** SIP accounts that were ended. */
const ended: (readonly ServiceId[])[] = [];
let enrolment: Enrolment;
let otherEnrolment: Enrolment;

function newSync(): CloudSync {
  return createCloudSync({
    host: HOST,
    port: PORT,
    trunk: { host: HOST, port: 5_061, domain: 'engawa.example' },
    keys,
    connectLimitMs: 700,
    store,
    clock: systemClock,
    random: systemRandom,
    accountsEnded: async (ids) => void ended.push(ids),
    log: silentLog(),
  });
}

async function enrol(gateway: GatewayId): Promise<Enrolment> {
  const ticket = await sync.claimTicket(gateway);
  if (ticket === undefined) throw new Error(`no gateway ${gateway}`);
  return claimWith({ folder, host: HOST }, ticket.code, gateway);
}

async function withClient(
  work: (client: GatewayClient) => Promise<void>,
  from: Enrolment = enrolment,
): Promise<void> {
  const client = await connectGateway(from);
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  folder = mkdtempSync('/tmp/engawa-keys-');
  keys = await openServiceKeys({
    folder,
    serverName: CLOUD_SERVER_NAME,
    clock: systemClock,
    random: systemRandom,
  });
  postgres = await startPostgres(prepareExampleOffice);
  url = await postgres.database();
  store = await openTestStore(url);
  const id = 'id-000002-1' as ServiceId;
  const { held } = exampleOffice.ids[0] ?? { held: { from: systemClock.now(), until: null } };
  await store.offices.add({
    ...exampleOffice,
    id: 'c-000002' as ContractId,
    numbers: [{ number: '0355550200', role: 'contract', rings: [id], portedIn: false, held }],
    ids: [
      {
        id,
        role: 'base',
        device: 'adapter-000002',
        port: 1 as PortNumber,
        extension: '11',
        label: 'x',
        presents: '0355550200',
        held,
      },
    ],
    devices: [{ id: 'adapter-000002', kind: 'adapter', gateway: SECOND, items: [], held }],
  });
  sync = newSync();
  await sync.start();
  enrolment = await enrol(FIRST);
  otherEnrolment = await enrol(SECOND);
});
afterAll(async () => {
  await sync.stop();
  await store.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a gateway with its certificate', () => {
  it('finds its signed configuration waiting', () =>
    withClient(async (client) => {
      expect(await client.subscribe(own.desired)).toBe(1);
      const bytes = Buffer.from((await client.next(own.desired)) ?? '');
      const publicKey = createPublicKey(enrolment.configKeyPem);
      expect(openDesired(bytes, { gateway: FIRST, publicKey })).toMatchObject({
        ok: true,
        value: { rev: 1, config: { gateway: FIRST, lines: [{ port: 1 }, { port: 2 }] } },
      });
    }));

  it('tells of its LAN, does what it is told, and its answer is the operator’s', async () => {
    const will = { topic: own.status, payload: Buffer.from(status(false)), qos: 1, retain: true } as const;
    const client = await connectGateway(enrolment, { will });
    await client.publish(own.lan, JSON.stringify(lanReportOf()), true);
    expect(await eventually(async () => (await store.boxLans.list(CONTRACT)).length === 1)).toBe(true);
    await client.publish(own.lan, '{"v":1,"phones":"many"}', true);
    const command = { do: 'approvePhone', mac: 'c074ad000001', minutes: 5 } as const;
    expect(await client.subscribe(own.commands)).toBe(1);
    await client.publish(own.status, status(true), true);
    expect(await eventually(() => store.gateways.online(FIRST))).toBe(true);
    const done = sync.command(FIRST, command, 'operator');
    const bytes = Buffer.from((await client.next(own.commands)) ?? '');
    const publicKey = createPublicKey(enrolment.configKeyPem);
    const opened = openCommand(bytes, { gateway: FIRST, publicKey, now: systemClock.now() });
    if (!opened.ok) throw new Error(opened.error.say);
    expect(opened.value.command).toEqual(command);
    const result = { v: 1, id: opened.value.id, ok: true, at: 5 };
    await client.publish(own.commandResults, JSON.stringify(result));
    expect(await done).toMatchObject({ ok: true, value: { id: opened.value.id } });
    expect(await store.boxLans.commands(CONTRACT)).toMatchObject([{ result }]);
    await client.publish(own.status, status(false), true);
    await client.end();
    expect(await eventually(async () => !(await store.gateways.online(FIRST)))).toBe(true);
    expect(await sync.command(FIRST, command, 'operator')).toMatchObject({
      ok: false,
      error: { code: 'command.offline' },
    });
  });

  it('reports what runs and that it is there, until its last will says otherwise', async () => {
    const will = { topic: own.status, payload: Buffer.from(status(false)), qos: 1, retain: true } as const;
    const client = await connectGateway(enrolment, { will });
    const report = {
      v: 1,
      appliedRev: 1,
      desiredRev: 1,
      state: 'applied',
      refusal: null,
      at: systemClock.now(),
    };
    await client.publish(own.reported, JSON.stringify(report), true);
    await client.publish(own.status, status(true), true);
    expect(await eventually(async () => (await gatewayRow()).online)).toBe(true);
    expect(await eventually(async () => (await gatewayRow()).reported?.appliedRev === 1)).toBe(true);
    client.client.stream.destroy();
    expect(await eventually(async () => !(await gatewayRow()).online)).toBe(true);
  });

  it('is not shown as gone by the will of an older connection', () =>
    withClient(async (client) => {
      await client.publish(own.status, status(true, 5), true);
      expect(await eventually(async () => (await gatewayRow()).online)).toBe(true);
      await client.publish(own.status, status(false, 4), true);
      await pause(200);
      expect((await gatewayRow()).online).toBe(true);
    }));
});

function status(online: boolean, connection = 1): string {
  return JSON.stringify({ v: 1, online, boot: '00c0ffee', connection });
}

async function gatewayRow(gateway: GatewayId = FIRST) {
  const row = (await store.gateways.list()).find((each) => each.gateway === gateway);
  if (row === undefined) throw new Error('no row');
  return row;
}

describe('nobody else', () => {
  it.each([
    [
      'no certificate',
      { cert: undefined, key: undefined, username: FIRST, password: 'x' },
      /closed|ECONNRESET/i,
    ],
    ['a certificate of another authority', foreign, /closed|ECONNRESET/i],
    ['an unknown name', { clientId: 'gw-999999' }, /Identifier rejected/i],
    ['a foreign client id', { clientId: 'gw-000002' }, /Identifier rejected/i],
    ['no keep-alive', { keepalive: 0 }, /refused|closed/i],
  ])('is let in with %s', async (_name, changed, reason) => {
    await expect(connectGateway(enrolment, changed as object)).rejects.toThrow(reason);
  });

  it('keeps a foreign gateway from being thrown out by its name', async () => {
    await withClient(async (client) => {
      await expect(connectGateway(enrolment, { clientId: SECOND })).rejects.toThrow();
      expect(client.client.connected).toBe(true);
    }, otherEnrolment);
  });

  it('is let in by an identity that another box has now; the old connection ends', async () => {
    const old = enrolment;
    const client = await connectGateway(old);
    enrolment = await enrol(FIRST);
    expect(await client.closed()).toBe(true);
    await client.end();
    await expect(connectGateway(old)).rejects.toThrow(/Not authorized/i);
    await withClient(async () => undefined);
  });

  identityStories({
    ...{ gateway: FIRST, host: HOST, ended, enrol, withClient },
    folder: () => folder,
    store: () => store,
    sync: () => sync,
    enrolment: () => enrolment,
    become: (next) => {
      enrolment = next;
    },
  });

  it('may stay without saying who it is', async () => {
    const startedMs = performance.now();
    await new Promise<void>((resolve) => {
      const socket = connectTls(tlsOf());
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
    });
    expect(performance.now() - startedMs).toBeGreaterThan(600);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('hurts the broker with garbage, before TLS or inside it', async () => {
    const garbage = systemRandom.bytes(3_000);
    // The second is a TLS record that never ends: it is closed when the handshake runs out of time.
    const unfinished = Buffer.concat([Buffer.from([0x16, 0x03, 0x01, 0x3f, 0xff]), garbage]);
    for (const bytes of [garbage, unfinished]) {
      await new Promise<void>((resolve) => {
        const socket = connectTcp({ host: HOST, port: PORT }, () => socket.write(bytes));
        socket.on('error', () => undefined);
        socket.once('close', () => resolve());
      });
    }
    for (const bytes of [
      garbage,
      Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connectTls(tlsOf(), () => socket.write(bytes));
        socket.on('error', () => undefined);
        socket.once('close', () => resolve());
      });
    }
    await withClient(async () => undefined);
  });
});

/** The connection of a box that does not speak MQTT. */
function tlsOf() {
  const { certificatePem: cert, privateKeyPem: key } = enrolment.device;
  return { host: HOST, port: PORT, ca: keys.caPem, servername: CLOUD_SERVER_NAME, cert, key };
}

describe('a gateway that reaches beyond its own topics', () => {
  it('publishes without any effect', () =>
    withClient(async (client) => {
      const before = sync.counters().forbiddenPublishes;
      const call = freshCall();
      const batch = JSON.stringify({
        v: 1,
        records: [boxRecordOf(900, call, { id: 'gw-000002/00c0ffee/900', serviceId: 'id-000002-1' })],
      });
      const forged = '{"v":1,"rev":9}';
      await client.publish(other.status, status(true), true);
      await client.publish(other.records, batch);
      await client.publish(other.desired, forged, true);
      await client.publish(own.desired, forged, true);
      await client.publish(own.recordsAck, '{"v":1,"ids":[]}');
      await client.publish('$SYS/forged', 'x');
      expect(sync.counters().forbiddenPublishes - before).toBeGreaterThanOrEqual(6);
      expect(client.client.connected).toBe(true);
      await withClient(async (victim) => {
        await victim.subscribe(other.desired);
        expect(await victim.next(other.desired)).not.toBe(forged);
        expect(await victim.next(other.desired, 1, 200)).toBeUndefined();
      }, otherEnrolment);
      expect((await gatewayRow(SECOND)).online).toBe(false);
      expect(await store.reports.calls('c-000002' as ContractId, 0)).toEqual([]);
    }));

  it('subscribes in vain: it is told so, and nothing arrives', () =>
    withClient(async (client) => {
      const filters = [
        other.desired,
        other.recordsAck,
        own.records,
        '#',
        '+/#',
        '$SYS/#',
        'v1/engawa/gw/+/down/desired',
      ];
      for (const filter of filters) expect(await client.subscribe(filter), filter).toBe(128);
      await sync.publish('c-000002' as ContractId);
      await sync.publish(CONTRACT);
      await pause(200);
      expect(client.received).toEqual([]);
    }));

  it('does not get it out of a stored session either', async () => {
    const stored = await connectGateway(enrolment, { clean: false });
    expect(await stored.subscribe(own.desired)).toBe(1);
    await new Promise<void>((resolve) =>
      stored.client.subscribe({ [own.recordsAck]: { qos: 1 }, [other.desired]: { qos: 1 } }, () => resolve()),
    );
    await stored.end();
    await sync.publish('c-000002' as ContractId);
    const back = await connectGateway(enrolment, { clean: false });
    await pause(300);
    expect(back.received.filter(({ topic }) => topic === other.desired)).toEqual([]);
    await back.end();
    await withClient(async () => undefined);
  });

  it('is cut off when it floods', async () => {
    const client = await connectGateway(enrolment);
    for (let count = 0; count < 300; count++) client.client.publish(own.status, status(true), { qos: 0 });
    expect(await client.closed()).toBe(true);
    expect(sync.counters().tooFast).toBeGreaterThan(0);
    await client.end();
  });
});

describe('records', () => {
  it('are acknowledged on their own topic, each time they come, and stored once', () =>
    withClient(async (client) => {
      await client.subscribe(own.recordsAck);
      const record = boxRecordOf(1, freshCall());
      for (let time = 0; time < 3; time++) {
        await client.publish(own.records, JSON.stringify({ v: 1, records: [record] }));
        expect(JSON.parse((await client.next(own.recordsAck, time)) ?? '')).toEqual({
          v: 1,
          ids: [record.id],
        });
      }
      const calls = await store.reports.calls(CONTRACT, 0);
      expect(calls.find(({ call }) => call === record.call)?.boxes).toHaveLength(1);
    }));

  it('are not acknowledged before their commit', () =>
    withClient(async (client) => {
      await client.subscribe(own.recordsAck);
      const holder = new pg.Client({ connectionString: url });
      await holder.connect();
      await holder.query('begin; lock table box_record in exclusive mode');
      await client.publish(own.records, JSON.stringify({ v: 1, records: [boxRecordOf(2, freshCall())] }));
      expect(await client.next(own.recordsAck, 0, 500)).toBeUndefined();
      await holder.query('rollback');
      expect(await client.next(own.recordsAck)).toContain('gw-000001/00c0ffee/2');
      await holder.end();
    }));

  it('are not acknowledged when the database is gone, and are when they come again', () =>
    withClient(async (client) => {
      await client.subscribe(own.recordsAck);
      const batch = JSON.stringify({ v: 1, records: [boxRecordOf(3, freshCall())] });
      await postgres.halt();
      await client.publish(own.records, batch);
      expect(await client.next(own.recordsAck, 0, 300)).toBeUndefined();
      await postgres.start();
      await client.publish(own.records, batch);
      expect(await client.next(own.recordsAck, 0, 12_000)).toContain('gw-000001/00c0ffee/3');
    }));

  it('that cannot be read are counted, and hold nothing up', () =>
    withClient(async (client) => {
      await client.subscribe(own.recordsAck);
      const before = sync.counters().badUp;
      for (const bad of ['', '{', 'null', '{"v":1}', '{"v":1,"records":[]}', Buffer.from([0xff, 0x00])]) {
        await client.publish(own.records, bad);
      }
      await client.publish(own.status, 'nonsense', true);
      await client.publish(own.reported, '{"v":1,"state":"\\u0000"}', true);
      await client.publish(own.records, JSON.stringify({ v: 1, records: [boxRecordOf(4, freshCall())] }));
      expect(await client.next(own.recordsAck)).toContain('gw-000001/00c0ffee/4');
      expect(sync.counters().badUp - before).toBe(8);
    }));

  it('that are too large end the connection, not the broker', async () => {
    const client = await connectGateway(enrolment);
    client.client.publish(own.records, Buffer.alloc(200_000, 0x20), { qos: 1 });
    expect(await client.closed()).toBe(true);
    expect(sync.counters().oversizedPackets).toBeGreaterThan(0);
    await client.end();
    await withClient(async () => undefined);
  });
});

describe('desired configurations', () => {
  it('keep their revision while the contract stays the same, and are published again after a restart', async () => {
    const before = await store.gateways.latestDesired(CONTRACT, FIRST);
    await sync.publish(CONTRACT);
    await sync.stop();
    sync = newSync();
    await sync.start();
    expect(await store.gateways.latestDesired(CONTRACT, FIRST)).toEqual(before);
    await withClient(async (client) => {
      await client.subscribe(own.desired);
      expect(await client.next(own.desired)).toBe(before?.envelope);
    });
  });

  it('get the next revision when the contract changes, and only then', () =>
    withClient(async (client) => {
      await client.subscribe(own.desired);
      await client.next(own.desired);
      const rev = 1 + ((await store.gateways.latestDesired(CONTRACT, FIRST))?.rev ?? 0);
      const direct = new pg.Client({ connectionString: url });
      await direct.connect();
      await direct.query(`update contract set emergency = 'refused' where contract_id = 'c-000001'`);
      await direct.end();
      expect(await sync.publishChanges()).toMatchObject([
        { value: { rev, fresh: true } },
        { value: { rev: 1, fresh: false } },
      ]);
      expect(await client.next(own.desired, 1)).toContain(`"rev":${rev},`);
      expect(await sync.publish(CONTRACT)).toMatchObject([{ value: { rev, fresh: false } }]);
    }));

  it('stay the last good ones when the contract cannot be compiled', async () => {
    const good = await store.gateways.latestDesired(CONTRACT, FIRST);
    const direct = new pg.Client({ connectionString: url });
    await direct.connect();
    await direct.query(`update service_id set extension = '11' where contract_id = 'c-000001'`);
    expect(await sync.publish(CONTRACT)).toMatchObject([
      { ok: false, error: { code: 'config.duplicateExtension' } },
    ]);
    await direct.query(`update service_id set extension = '1' || port where contract_id = 'c-000001'`);
    await direct.end();
    expect(await store.gateways.latestDesired(CONTRACT, FIRST)).toEqual(good);
  });
});

it('a port in use is one clear sentence', async () => {
  const second = newSync();
  await expect(second.start()).rejects.toSatisfy(
    (error) =>
      error instanceof StartupError &&
      error.coded.say.includes(`${HOST}:${PORT}`) &&
      error.coded.say.includes('another program uses the port'),
  );
  await second.stop();
});

// The last: whoever guesses here has to wait afterwards, and the second gateway is another box.
claimCodes(() => ({ sync, folder, host: HOST, gateway: SECOND }));

mosquittoPromises(() => ({ store, keys, folder }));

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHealth, type HealthRegistry } from '../../../agent/health/index.ts';
import { type AgentStore, openAgentStore } from '../../../agent/store/index.ts';
import { createSync, type Sync } from '../../../agent/sync/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../../lib/base/errors.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { type BoxCommand, signCommand } from '../../../lib/contract/command.ts';
import type { Enrolment } from '../../../lib/contract/enrolment.ts';
import { ENVELOPE_LIMIT_BYTES } from '../../../lib/contract/envelope.ts';
import { type RecordBatch, recordBatch } from '../../../lib/contract/facts.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { type SpendReport, sealSpend } from '../../../lib/contract/spend.ts';
import { gatewayTopics } from '../../../lib/contract/topics.ts';
import { testEnrolment } from '../../support/enrolment.ts';
import { emptyLanReport } from '../../support/lan-report.ts';
import { configKeys, signedSite, siteLine, siteOf, TEST_GATEWAY } from '../../support/site-config.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { legEnd, legStart } from '../store/legs.ts';
import { TestBroker } from './broker.ts';

const HOST = '127.55.1.10';
const SERVER_NAME = 'cloud.engawa.example';
const topics = gatewayTopics(TEST_GATEWAY);
const authority = testAuthority();
const box = authority.issue(TEST_GATEWAY);
const device = { certificatePem: box.cert, privateKeyPem: box.key };
const keys = configKeys();

let folder: string;
let broker: TestBroker;
let store: AgentStore;
let health: HealthRegistry;
let sync: Sync;
let applied: SiteConfig[];
let carried: BoxCommand[];
let told: SpendReport[];
let omitted: number;
let reached: number;
let verdict: (config: SiteConfig) => Result<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-sync-'));
  broker = new TestBroker(HOST, authority, SERVER_NAME);
  await broker.start();
  applied = [];
  carried = [];
  told = [];
  omitted = 0;
  reached = 0;
  verdict = () => ok(undefined);
  boot();
});
afterEach(async () => {
  await sync.stop();
  store.close();
  await broker.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** The agent's parts, as after a start of its program. */
function boot(changes: Partial<Enrolment> = {}): void {
  store = openAgentStore({
    path: join(folder, 'agent.sqlite'),
    clock: systemClock,
    random: systemRandom,
    gateway: TEST_GATEWAY,
  });
  health = createHealth(systemClock);
  sync = createSync({
    enrolment: testEnrolment({
      mqtt: { host: HOST, port: broker.port, serverName: SERVER_NAME },
      caPem: authority.caPem,
      configKeyPem: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      device,
      ...changes,
    }),
    boot: store.boot,
    outbox: store.outbox,
    config: store.config,
    apply: (config) => {
      const result = verdict(config);
      if (result.ok) applied.push(config);
      return result;
    },
    commands: store.commands,
    spend: (report) => told.push(report) > 0,
    reached: () => reached++,
    carryOut: async (command) => {
      carried.push(command);
      return ok(undefined);
    },
    lanReport: () => emptyLanReport({ at: systemClock.now(), omitted }),
    health,
    clock: systemClock,
    // Connections are tried again at once: the waits have their own tests.
    random: { bytes: systemRandom.bytes, fraction: () => 0 },
    log: silentLog(),
  });
}

async function reboot(changes: Partial<Enrolment> = {}): Promise<void> {
  await sync.stop();
  store.close();
  boot(changes);
}

function connected(): Promise<void> {
  return vi.waitFor(() => expect(sync.cloud().connected).toBe(true), 8_000);
}

function reported(): Promise<Record<string, unknown>> {
  return vi.waitFor(() => {
    const report = broker.last('/up/reported') as Record<string, unknown>;
    expect(report).toBeDefined();
    return report;
  }, 30_000);
}

function makeRecords(count: number): readonly string[] {
  return Array.from({ length: count }, (_unused, n) => {
    const id = store.journal.begin(legStart(n));
    store.journal.end(id, legEnd(n));
    return id;
  });
}

function idsOf(payload: Buffer): readonly string[] {
  return recordBatch.parse(JSON.parse(payload.toString())).records.map((record) => record.id);
}

describe('the configuration', () => {
  it('that waits on the broker is applied, kept on disk and reported, and so is the next one', async () => {
    await broker.publish(topics.desired, signedSite(keys.privateKey, 3), true);
    sync.start();
    await vi.waitFor(() => expect(sync.reported()).toMatchObject({ state: 'applied', appliedRev: 3 }), 8_000);
    await vi.waitFor(
      () =>
        expect(broker.last('/up/reported')).toMatchObject({ appliedRev: 3, desiredRev: 3, state: 'applied' }),
      8_000,
    );
    expect(store.config.load()?.rev).toBe(3);
    await broker.publish(topics.desired, signedSite(keys.privateKey, 4, siteOf({ office: '新' })), true);
    await vi.waitFor(() => expect(sync.running()?.office).toBe('新'), 5_000);
    expect(applied).toHaveLength(2);
    const online = { online: true, boot: store.boot, connection: 1 };
    await vi.waitFor(() => expect(broker.last('/status')).toMatchObject(online), 8_000);
  });

  it('kept on disk runs before there is any network', async () => {
    store.config.save({
      rev: 9,
      issuedAt: 1,
      sha256: 'x',
      keyId: 'k',
      config: siteOf({ office: 'kept' }),
    });
    await broker.kill();
    sync.start();
    expect(applied.map((config) => config.office)).toEqual(['kept']);
    expect(sync.reported()).toMatchObject({ state: 'applied', appliedRev: 9 });
    expect(sync.cloud().connected).toBe(false);
  });

  it('kept on disk that is damaged gives way to the one before it, and the warning ends with a fresh one', async () => {
    const kept = { issuedAt: 1, sha256: 'x', keyId: 'k' };
    store.config.save({ ...kept, rev: 1, config: siteOf({ office: 'one' }) });
    store.config.save({ ...kept, rev: 2, config: siteOf({ office: 'two' }) });
    writeFileSync(join(folder, 'config.json'), 'torn');
    store.reportTo(health);
    sync.start();
    expect(applied.map((config) => config.office)).toEqual(['one']);
    expect(health.list().map((warning) => warning.code)).toContain('W-CFG-503');
    await broker.publish(topics.desired, signedSite(keys.privateKey, 1), true);
    await vi.waitFor(() => expect(health.list()).toEqual([]), 8_000);
    expect(store.config.load()?.config.office).toBe(siteOf().office);
  });

  it.each<[string, () => Buffer, string]>([
    [
      'with a wrong signature',
      () => signedSite(generateKeyPairSync('ed25519').privateKey, 5),
      'config.signature',
    ],
    ['malformed', () => Buffer.from('{"v":1,"rev":5,'), 'config.notJson'],
    ['oversized', () => Buffer.alloc(ENVELOPE_LIMIT_BYTES + 1, 0x41), 'config.tooLarge'],
    [
      'for another gateway',
      () => signedSite(keys.privateKey, 5, siteOf({ gateway: 'gw-000002' })),
      'config.otherGateway',
    ],
    ['older than the one that runs', () => signedSite(keys.privateKey, 2), 'config.older'],
  ])('%s is reported as rejected with the reason, and the old one still runs', async (_what, bytes, code) => {
    await broker.publish(topics.desired, signedSite(keys.privateKey, 3), true);
    sync.start();
    await vi.waitFor(() => expect(sync.reported().appliedRev).toBe(3), 8_000);
    await broker.publish(topics.desired, bytes(), true);
    await vi.waitFor(
      () =>
        expect(broker.last('/up/reported')).toMatchObject({
          state: 'rejected',
          appliedRev: 3,
          refusal: { code },
        }),
      5_000,
    );
    expect(applied).toHaveLength(1);
    expect(store.config.load()?.rev).toBe(3);
    expect(health.list().map((warning) => warning.code)).toContain('W-CFG-501');
    // A good one afterwards heals it.
    await broker.publish(topics.desired, signedSite(keys.privateKey, 6), true);
    await vi.waitFor(() => expect(sync.reported()).toMatchObject({ state: 'applied', appliedRev: 6 }), 5_000);
    expect(health.list().map((warning) => warning.code)).not.toContain('W-CFG-501');
  });

  it('that the office refuses is not tried again when it comes again, nor persisted', async () => {
    let tries = 0;
    verdict = (config) => {
      if (config.lines.length === 2) return ok(undefined);
      tries++;
      return refuse({ code: 'office.unknownPort', fault: 'peer', say: 'The board has 2 ports.' });
    };
    await broker.publish(topics.desired, signedSite(keys.privateKey, 3), true);
    sync.start();
    await vi.waitFor(() => expect(sync.reported().appliedRev).toBe(3), 8_000);
    const tooMany = siteOf({ lines: [siteLine(1, '11'), siteLine(2, '12'), siteLine(3, '13')] });
    await broker.publish(topics.desired, signedSite(keys.privateKey, 4, tooMany), true);
    await vi.waitFor(() => expect(sync.reported().refusal?.code).toBe('office.unknownPort'), 5_000);
    await broker.publish(topics.desired, signedSite(keys.privateKey, 4, tooMany), true);
    await vi.waitFor(() => expect(broker.last('/up/reported')).toMatchObject({ desiredRev: 4 }), 5_000);
    expect(tries).toBe(1);
    expect(store.config.load()?.rev).toBe(3);
  });

  it('that makes the office throw is a refusal, not a crash', async () => {
    verdict = () => {
      throw new Error('a mistake');
    };
    await broker.publish(topics.desired, signedSite(keys.privateKey, 3), true);
    sync.start();
    await vi.waitFor(() => expect(sync.reported().refusal?.code).toBe('config.applyFailed'), 8_000);
  });
});

describe('the records', () => {
  it('come before warnings, states and figures, which leave the box by an acknowledgement too', async () => {
    const [record] = makeRecords(1);
    store.facts.write({ kind: 'counters', at: 1, figures: { engawa_box_calls: 1 } });
    const sent = (): RecordBatch[] =>
      broker.seen
        .filter(({ topic }) => topic === topics.records)
        .map(({ payload }) => recordBatch.parse(JSON.parse(payload.toString())));
    sync.start();
    await vi.waitFor(() => expect(sent()).not.toEqual([]), 8_000);
    const [batch] = sent();
    expect(batch?.records.map(({ id }) => id)).toEqual([record]);
    const fact = batch?.facts?.[0]?.id ?? '';
    expect(batch?.facts).toMatchObject([{ kind: 'counters', dropped: 0 }]);
    const ack = JSON.stringify({ v: 1, ids: [record, fact] });
    await broker.publish(topics.recordsAck, ack, false);
    await vi.waitFor(() => expect(store.outbox.nextFacts(50)).toEqual([]), 8_000);
    expect(store.outbox.size()).toBe(0);
  });

  it('what may be spent is handed on when our cloud has sealed it, and nothing else is', async () => {
    sync.start();
    await connected();
    const report: SpendReport = { v: 1, gateway: TEST_GATEWAY, at: 1, periodEndsAt: 2, ids: [], rates: [] };
    const stranger = generateKeyPairSync('ed25519').privateKey;
    await broker.publish(topics.spend, Buffer.from(JSON.stringify(report)), true);
    await broker.publish(topics.spend, sealSpend(report, stranger), true);
    await broker.publish(topics.spend, sealSpend(report, keys.privateKey), true);
    await vi.waitFor(() => expect(told).toEqual([report]), 8_000);
  });

  it('leave the box only when the cloud has acknowledged them, in batches of 50', async () => {
    const ids = makeRecords(120);
    const batches: (readonly string[])[] = [];
    broker.onRecords = (payload) => {
      const batch = idsOf(payload);
      batches.push(batch);
      void broker.publish(topics.recordsAck, JSON.stringify({ v: 1, ids: batch }), false);
    };
    sync.start();
    await vi.waitFor(() => expect(store.outbox.size()).toBe(0), 8_000);
    expect(batches.map((batch) => batch.length)).toEqual([50, 50, 20]);
    expect(batches.flat()).toEqual(ids);
    // A record that comes later goes at once.
    const [late] = makeRecords(1);
    await vi.waitFor(() => expect(batches.flat()).toContain(late), 2_000);
  });

  it('are sent again when the cloud is silent, though the broker has taken them', async () => {
    const ids = makeRecords(3);
    const batches: (readonly string[])[] = [];
    broker.onRecords = (payload) => {
      batches.push(idsOf(payload));
    };
    sync.start();
    await vi.waitFor(() => expect(batches.length).toBeGreaterThanOrEqual(2), 8_000);
    expect(batches).toEqual(batches.map(() => ids));
    expect(store.outbox.size()).toBe(3);
    await broker.publish(topics.recordsAck, Buffer.from('not an acknowledgement'), false);
    await broker.publish(topics.recordsAck, JSON.stringify({ v: 1, ids: [ids[1]] }), false);
    await vi.waitFor(() => expect(store.outbox.size()).toBe(2), 5_000);
  });

  it('survive a broker that is killed and comes back empty, and a restart of the agent', async () => {
    const got = new Set<string>();
    let answers = false;
    broker.onRecords = (payload) => {
      const batch = idsOf(payload);
      for (const id of batch) got.add(id);
      if (answers) void broker.publish(topics.recordsAck, JSON.stringify({ v: 1, ids: batch }), false);
    };
    const first = makeRecords(5);
    sync.start();
    await vi.waitFor(() => expect(got.size).toBe(5), 8_000);
    await broker.kill();
    await vi.waitFor(() => expect(sync.cloud().connected).toBe(false), 5_000);
    const second = makeRecords(5);
    await reboot();
    expect(store.outbox.size()).toBe(10);
    sync.start();
    answers = true;
    await broker.start();
    await vi.waitFor(() => expect(store.outbox.size()).toBe(0), 10_000);
    expect([...got].sort()).toEqual([...first, ...second].sort());
    await connected();
    await vi.waitFor(() => expect(broker.last('/up/reported')).toBeDefined(), 5_000);
  });
});

it('tells whoever hangs on the same way, once for each time that the service is there again', async () => {
  await broker.kill();
  sync.start();
  expect(reached).toBe(0);
  await broker.start();
  await vi.waitFor(() => expect(reached).toBe(1), 8_000);
  expect(sync.cloud().connected).toBe(true);
  await broker.kill();
  await vi.waitFor(() => expect(sync.cloud().connected).toBe(false), 5_000);
  await broker.start();
  await vi.waitFor(() => expect(reached).toBe(2), 8_000);
});

describe('the LAN', () => {
  it('is told when the box is connected, and when it changes', async () => {
    sync.start();
    await connected();
    await vi.waitFor(() => expect(broker.last('/lan')).toMatchObject({ v: 1, omitted: 0 }), 5_000);
    omitted = 7;
    await vi.waitFor(() => expect(broker.last('/lan')).toMatchObject({ omitted: 7 }), 8_000);
  });

  it('takes a signed command, carries it out and says so; an unsigned one is passed over', async () => {
    sync.start();
    await connected();
    const command: BoxCommand = { do: 'approvePhone', mac: 'c074ad2bd859', minutes: 5 };
    const id = 'aaaaaaaaaaaaaaaa';
    const options = { id, gateway: TEST_GATEWAY, now: systemClock.now() };
    const foreign = generateKeyPairSync('ed25519').privateKey;
    await broker.publish(topics.commands, signCommand(command, { ...options, privateKey: foreign }), false);
    await broker.publish(
      topics.commands,
      signCommand(command, { ...options, privateKey: keys.privateKey }),
      false,
    );
    await vi.waitFor(() => expect(broker.last('/up/result')).toMatchObject({ id, ok: true }), 8_000);
    expect(carried).toEqual([command]);
  });
});

describe('the connection', () => {
  it('that is cut is told by the last will, and comes back under the next number', async () => {
    sync.start();
    await connected();
    await vi.waitFor(() => expect(broker.last('/status')).toMatchObject({ online: true }), 5_000);
    const seen = broker.seen.length;
    broker.cut();
    const presence = (): unknown[] =>
      broker.seen
        .slice(seen)
        .filter((message) => message.topic === topics.status)
        .map((message) => JSON.parse(message.payload.toString()) as unknown);
    const { boot: bootId } = store;
    await vi.waitFor(() => {
      expect(presence()).toEqual([
        { v: 1, online: false, boot: bootId, connection: 1 },
        { v: 1, online: true, boot: bootId, connection: 2 },
      ]);
    }, 30_000);
  });

  it('that is ended by us says goodbye', async () => {
    sync.start();
    await connected();
    await sync.stop();
    await vi.waitFor(() => {
      expect(broker.last('/status')).toEqual({ v: 1, online: false, boot: store.boot, connection: 1 });
    }, 30_000);
  });

  it('with the certificate of another box is a warning that says so', async () => {
    const other = authority.issue('gw-000777');
    await reboot({ device: { certificatePem: other.cert, privateKeyPem: other.key } });
    sync.start();
    await vi.waitFor(() => expect(health.list().map(({ code }) => code)).toContain('W-CLD-402'), 8_000);
    expect(sync.cloud().connected).toBe(false);
  });

  it('to a server with a foreign certificate is refused by the box', async () => {
    await reboot({ caPem: testAuthority().caPem });
    sync.start();
    await vi.waitFor(() => expect(health.list().map(({ code }) => code)).toContain('W-CRT-403'), 8_000);
    expect(broker.seen).toEqual([]);
  });

  it('to a server with another name is refused by the box', async () => {
    await reboot({ mqtt: { host: HOST, port: broker.port, serverName: 'other.example' } });
    sync.start();
    await vi.waitFor(() => expect(health.list().map(({ code }) => code)).toContain('W-CRT-403'), 8_000);
  });

  it('reports nothing to run when there is no configuration', async () => {
    sync.start();
    expect(await reported()).toMatchObject({ state: 'none', appliedRev: 0, refusal: null });
    expect(health.list().map(({ code }) => code)).toContain('W-CFG-502');
  });
});

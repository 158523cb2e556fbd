import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createOperatorApp } from '../../../cloud-stub/api/app.ts';
import { operatorSource } from '../../../cloud-stub/api/index.ts';
import { ROUTES } from '../../../cloud-stub/api/routes.ts';
import { createRollouts, type Rollouts } from '../../../cloud-stub/rollout/index.ts';
import { readBatch, type Store, standardRules } from '../../../cloud-stub/store/index.ts';
import { newCounters } from '../../../cloud-stub/sync/counters.ts';
import { instant } from '../../../lib/base/clock.ts';
import { ok } from '../../../lib/base/errors.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { BoxCommand } from '../../../lib/contract/command.ts';
import type { UpdateReport } from '../../../lib/contract/update.ts';
import { expositionFaults } from '../../support/exposition.ts';
import { lanReportOf, phoneFactOf } from '../../support/lan-reports.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { siteOf } from '../../support/site-config.ts';
import {
  boxRecordOf,
  CONTRACT,
  callOut,
  endOf,
  FIRST,
  freshCall,
  GATEWAY,
  good,
  START,
} from '../store/call-samples.ts';
import { clockAt, feedRecord, PERIOD_UNTIL } from '../store/feed-samples.ts';
import { openTestStore, prepareExampleOffice } from '../store/open-test-store.ts';

const clock = clockAt(PERIOD_UNTIL);
const TICKET = { gateway: GATEWAY, code: 'K7Q2M-9XW4D-83PTN-0V5AR', expiresAt: 9 };
const sip = {
  messagesReceived: 0,
  messagesSent: 0,
  dropped: 0,
  rejected: 0,
  retransmitsSent: 0,
  rateLimited: 0,
  loops: 0,
  abandoned: 0,
  expired: 0,
  byesGivenUp: 0,
};

let postgres: TestPostgres;
let store: Store;
let updates: Rollouts;
const folder = mkdtempSync('/tmp/engawa-answers-');
let app: ReturnType<typeof createOperatorApp>;

beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
  store = await openTestStore(await postgres.database(), { clock });
  updates = createRollouts({
    ...{ store: store.rollouts, folder: join(folder, 'releases'), clock, log: silentLog() },
    ...{ privateKey: generateKeyPairSync('ed25519').privateKey, publish: async () => undefined },
    info: async () => ok({ version: '1.2.0', compatible: 'engawa-virt-arm64', signatureChecked: false }),
  });
  await updates.start();
  const source = operatorSource({
    ...{ store, updates },
    sync: {
      counters: newCounters,
      downloads: () => ({ started: 0, resumed: 0, finished: 0, deferred: 0, refused: 0, bytes: 0, busy: 0 }),
      claimTicket: async (gateway: GatewayId) => (gateway === GATEWAY ? TICKET : undefined),
      revoke: async (gateway: GatewayId) => (gateway === GATEWAY ? 1 : undefined),
      command: async (gateway: GatewayId, command: BoxCommand, by: string) =>
        gateway === GATEWAY
          ? { ok: true, value: { id: '00c0ffee00c0ffee', gateway, command, by, sentAt: 8, told: null } }
          : {
              ok: false,
              error: {
                code: gateway === 'gw-000008' ? 'command.noBroker' : 'command.offline',
                ...{ fault: 'environment', say: 'It is away.' },
              },
            },
      publish: async () => [
        { ok: true, value: { gateway: GATEWAY, rev: 2, fresh: true } },
        { ok: false, error: { code: 'config.bad', fault: 'us', say: 'no' } },
      ],
    } as never,
    sip: { figures: () => ({ calls: 0, registered: 0, gateways: sip, network: sip, unrecordedRefusals: 0 }) },
    rules: standardRules(),
    clock,
    random: systemRandom,
  });
  app = createOperatorApp(source, silentLog());
}, 150_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await updates.stop();
  await store.close();
  await postgres.stop();
});

/** Asks, and holds the answer to the schema of the route that the document tells. */
async function ask(route: string, path: string, body?: object, status = 200): Promise<unknown> {
  const [method = '', template = ''] = route.split(' ');
  const told = ROUTES.find((one) => one.method === method.toLowerCase() && one.path === template);
  if (told === undefined) throw new Error(`${route} is not told`);
  asked.add(route);
  const answer = await app.request(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const value: unknown = await answer.json();
  expect(answer.status, `${path}: ${JSON.stringify(value)}`).toBe(status);
  const shape = status === 200 ? told.answer : refusal;
  const wrong = shape.safeParse(value).error?.issues ?? [];
  expect(wrong, `${route}: ${JSON.stringify(wrong)}`).toEqual([]);
  return value;
}

const refusal = z.strictObject({ code: z.string(), fault: z.string(), say: z.string() });
const asked = new Set<string>();
const C = `/contracts/${CONTRACT}`;

describe('every answer is as the document says', () => {
  it('of boxes: what they told, and the metrics that are made of it', async () => {
    const id = (n: number): string => `${GATEWAY}/0123abcd/${n}`;
    const warning = {
      ...{
        code: 'W-TRK-301/1',
        severity: 'error',
        say: 'no answer',
        means: 'not registered',
        remedy: 'wait',
      },
      ...{ since: 5, lines: [1], calls: [] },
    };
    const state = {
      ...{ kind: 'state', at: 6, version: '1', board: true, media: true, lines: [], phones: [] },
      warnings: [warning],
    };
    const facts = [
      { id: id(1), kind: 'warning', at: 5, raised: true, warning },
      { ...state, id: id(3), version: '2' },
      { ...state, id: id(2) },
      { id: id(4), kind: 'counters', at: 7, figures: { engawa_box_calls: 3 }, dropped: 0 },
    ];
    const take = async () => {
      const batch = readBatch(Buffer.from(JSON.stringify({ v: 1, records: [], facts })));
      if (!batch.ok) throw new Error(batch.error.say);
      return store.boxRecords.ingest(CONTRACT, GATEWAY, batch.value.items);
    };
    const first = await take();
    expect(first).toMatchObject({ ids: facts.map((fact) => fact.id), stored: 4, duplicates: 0 });
    expect(await take()).toMatchObject({ stored: 0, duplicates: 4, quarantined: 0 });
    expect(await ask('GET /contracts/:id/boxes', `${C}/boxes`)).toMatchObject({
      boxes: [{ gateway: GATEWAY, state: { version: '2', warnings: [warning] }, counters: { at: 7 } }],
    });
    expect(await ask('GET /contracts/:id/events', `${C}/events?since=1`)).toEqual({
      events: [{ gateway: GATEWAY, at: 5, raised: true, warning }],
    });
    asked.add('GET /metrics');
    const metrics = await app.request('/metrics');
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await metrics.text();
    expect(expositionFaults(text)).toEqual([]);
    const labels = `gateway="${GATEWAY}",contract="${CONTRACT}"`;
    expect(text).toContain(`engawa_box_calls{${labels}} 3\n`);
    expect(text).toContain(`engawa_box_warning{${labels},code="W-TRK-301",about="1",severity="error"} 1\n`);
  });

  it('of what a revision changed', async () => {
    const sealed = (rev: number, office: string): string =>
      JSON.stringify({ rev, payload: JSON.stringify(siteOf({ office })) });
    for (const [rev, office] of [
      [1, 'before'],
      [2, 'after'],
    ] as const) {
      const envelope = sealed(rev, office);
      await store.gateways.addDesired(CONTRACT, GATEWAY, { rev, contentSha256: String(rev), envelope }, 1);
    }
    expect(
      await ask('GET /gateways/:id/config-diff', `/gateways/${GATEWAY}/config-diff?from=1&to=2`),
    ).toEqual({
      ...{ gateway: GATEWAY, from: 1, to: 2 },
      changes: [{ where: 'office', kind: 'changed', before: 'before', after: 'after' }],
    });
    expect((await app.request(`/gateways/${GATEWAY}/config-diff?from=1&to=9`)).status).toBe(422);
    expect((await app.request('/gateways/gw-999999/config-diff')).status).toBe(404);
  });

  it('of gateways and the service', async () => {
    await ask('GET /health', '/health');
    await ask('GET /openapi.json', '/openapi.json');
    await ask('GET /gateways', '/gateways');
    await ask('POST /gateways/:id/claim', `/gateways/${GATEWAY}/claim`, {});
    await ask('POST /gateways/:id/revocation', `/gateways/${GATEWAY}/revocation`, { why: 'stolen' });
    await ask('GET /gateways/:id/reported', `/gateways/${GATEWAY}/reported`);
    const report = { v: 1, appliedRev: 1, desiredRev: 2, state: 'rejected', at: 5 } as const;
    const refusal = { code: 'config.bad', fault: 'peer', say: 'a line too many' };
    await store.gateways.saveReported(CONTRACT, GATEWAY, { ...report, refusal }, 6);
    expect(await ask('GET /gateways/:id/reported', `/gateways/${GATEWAY}/reported`)).toMatchObject({
      reported: { report: { refusal } },
    });
    await ask('GET /gateways', '/gateways');
    await ask('POST /contracts/:id/republish', `${C}/republish`, {});
  });

  it('of desk phones, LANs and what gateways are told', async () => {
    expect(await ask('GET /contracts/:id/lans', `${C}/lans`)).toEqual({ lans: [] });
    const stranger = phoneFactOf({ mac: '000b82999999', state: 'unassigned', lastFetch: null });
    const refused = { rule: 'fetch.notApproved', say: 'Nobody has approved it.' };
    const lastFetch = { file: 'cfgc074ad000001.xml', hash: null, at: 5, refused };
    const own = phoneFactOf({ state: 'waiting', registered: false, lastFetch });
    await store.boxLans.save(CONTRACT, GATEWAY, lanReportOf({ phones: [own, stranger] }), 6);
    const phone = { mac: 'C0:74:AD:00:00:01', type: 'GRP2612' };
    const orders = [
      {
        order: {
          kind: 'addId',
          id: { id: 'id-000001-8', device: 'grp', extension: '21', phone: { keys: [{ does: 'line' }] } },
          device: { id: 'grp', model: 'grandstream', gateway: GATEWAY, phone },
        },
      },
      { order: { kind: 'changeKey', id: 'id-000001-8', key: 2, to: { does: 'watch', extension: '11' } } },
    ];
    await ask('POST /contracts/:id/orders', `${C}/orders`, { v: 1, contract: CONTRACT, orders });
    expect(await ask('GET /contracts/:id/phones', `${C}/phones`)).toMatchObject({
      phones: [{ mac: 'c074ad000001', id: 'id-000001-8', keys: 2, fact: { state: 'waiting', lastFetch } }],
      others: [{ gateway: GATEWAY, mac: '000b82999999', state: 'unassigned' }],
    });
    expect(await ask('GET /contracts/:id/lans', `${C}/lans`)).toMatchObject({
      lans: [{ gateway: GATEWAY, online: false, dhcp: { foreign: [{ address: '192.168.1.1' }] } }],
    });
    expect(await ask('GET /contracts/:id/alerts', `${C}/alerts`)).toMatchObject({
      alerts: [{ alert: 'W-LAN-801', about: GATEWAY }],
    });
    await store.boxLans.save(CONTRACT, GATEWAY, lanReportOf({ warnings: [] }), 7);
    const approve = { do: 'approvePhone', mac: 'c074ad000001', minutes: 5 };
    const told = `/gateways/${GATEWAY}/commands`;
    expect(await ask('POST /gateways/:id/commands', told, approve)).toMatchObject({ command: approve });
    const answer = await app.request('/gateways/gw-000009/commands', {
      method: 'POST',
      body: JSON.stringify(approve),
    });
    expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'command.offline' }]);
    const unsent = await app.request('/gateways/gw-000008/commands', {
      method: 'POST',
      body: JSON.stringify(approve),
    });
    expect([unsent.status, await unsent.json()]).toMatchObject([503, { code: 'command.noBroker' }]);
    await store.boxLans.sent(CONTRACT, {
      ...{ id: '00c0ffee00c0ffee', gateway: GATEWAY, by: 'operator', sentAt: 8 },
      command: { do: 'approvePhone', mac: 'c074ad000001', minutes: 5 },
    });
    expect(await ask('GET /contracts/:id/commands', `${C}/commands`)).toMatchObject({
      commands: [{ id: '00c0ffee00c0ffee', result: null }],
    });
  });

  it('of releases and rollouts', async () => {
    const file = join(folder, 'engawa.raucb');
    writeFileSync(file, 'a bundle');
    const compatible = 'engawa-virt-arm64';
    await ask('POST /releases', '/releases', { file, version: '1.3.0' }, 422);
    expect(await ask('POST /releases', '/releases', { file })).toMatchObject({
      version: '1.2.0',
      compatible,
    });
    expect(await ask('GET /releases', '/releases')).toMatchObject({ releases: [{ sizeBytes: 8 }] });
    const name = { contract: CONTRACT, gateway: GATEWAY };
    await store.identities.addClaim({ ...name, digest: 'd', madeAt: 1, expiresAt: START });
    const times = { issuedAt: START - 1_000, endsAt: START };
    await store.identities.claim('d', { ...name, ...times, serial: '5e', keyDigest: 'k' }, 'E-1');
    const running = { slot: 'a', version: '1.1.0', confirmed: true } as const;
    const report: UpdateReport = {
      ...{ v: 1, at: START, compatible, running, other: null },
      ...{ rollout: null, serial: null, version: null, state: { at: 'idle' } },
    };
    await updates.reported(CONTRACT, GATEWAY, report);
    await ask('POST /rollouts', '/rollouts', { version: '9.9.9', scope: { kind: 'all' } }, 422);
    const wanted = { version: '1.2.0', scope: { kind: 'gateways', gateways: [GATEWAY] }, window: null };
    expect(await ask('POST /rollouts', '/rollouts', wanted)).toMatchObject({
      ...{ id: 'r-000001', state: { at: 'running' }, wave: 1, waves: 4 },
      boxes: [{ gateway: GATEWAY, contract: CONTRACT, at: 'waiting' }],
    });
    await ask('GET /rollouts', '/rollouts');
    await ask('GET /rollouts/:id', '/rollouts/r-000001');
    await ask('GET /rollouts/:id', '/rollouts/r-000009', undefined, 404);
    await ask('POST /rollouts/:id/pause', '/rollouts/r-000001/pause', { why: 'lunch' });
    await ask('POST /rollouts/:id/pause', '/rollouts/r-000001/pause', {}, 409);
    await ask('POST /rollouts/:id/resume', '/rollouts/r-000001/resume', {});
    await ask('POST /releases/:version/removal', '/releases/1.2.0/removal', {}, 409);
    expect(await ask('POST /rollouts/:id/abort', '/rollouts/r-000001/abort', { why: 'a bug' })).toMatchObject(
      {
        ...{ state: { at: 'aborted', by: 'operator', why: 'a bug' }, tally: { left: 1 } },
      },
    );
    await ask('POST /rollouts/:id/abort', '/rollouts/r-000001/abort', {}, 409);
    await ask('POST /releases/:version/removal', '/releases/1.2.0/removal', {});
    await ask('POST /releases/:version/removal', '/releases/1.2.0/removal', {}, 404);
    const text = await (await app.request('/metrics')).text();
    expect(text).toContain(
      `engawa_box_system{gateway="${GATEWAY}",contract="${CONTRACT}",version="1.1.0",slot="a"} 1\n`,
    );
    expect(text).toContain('engawa_rollout_state{rollout="r-000001",version="1.2.0",state="aborted"} 1\n');
  });

  it('of orders', async () => {
    await ask('GET /contracts/:id/orders', `${C}/orders`);
    const orders = [
      { order: { kind: 'addDevice', device: { id: 'desk', model: 'grandstream' } } },
      { order: { kind: 'addOption', item: 'option.forwarding', on: '0355550100' } },
      { order: { kind: 'changeLine', id: FIRST, change: { callWaiting: false } } },
    ];
    const body = { v: 1, contract: CONTRACT, orders };
    const taken = await ask('POST /contracts/:id/orders', `${C}/orders`, body);
    expect(taken).toMatchObject({ orders: [{ promises: [{ what: 'shipped' }] }, {}, {}] });
    expect(await ask('GET /contracts/:id/orders', `${C}/orders`)).toMatchObject({
      orders: [{ entry: { kind: 'opening' } }, {}, {}, {}, {}, { entry: { order: { kind: 'changeLine' } } }],
    });
  });

  it('of calls, explained ones too', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    await store.calls.answered(call, instant(START + 1_000), null);
    await store.calls.ended(call, endOf(61_000));
    await store.boxRecords.ingest(CONTRACT, GATEWAY, good(boxRecordOf(1, call)));
    const records = await ask('GET /contracts/:id/records', `${C}/records`);
    expect(records).toMatchObject({ records: [{ charge: { amountMicroYen: 8_000_000 } }] });
    await ask('GET /contracts/:id/calls', `${C}/calls`);
    await store.directory.refresh();
    for (const question of [
      { direction: 'out', id: FIRST, dialled: '0312345678', talkMs: 60_000 },
      { direction: 'out', id: FIRST, dialled: '11012', talkMs: 60_000 },
      { direction: 'in', from: '0612345678', withheld: false, to: '0355550100', talkMs: 60_000 },
      { direction: 'in', from: '', withheld: true, to: '0355550199', origin: { callerClass: 'payphone' } },
    ]) {
      await ask('POST /explain', '/explain', question);
    }
  });

  it('of faxes', async () => {
    const fax = {
      ...{ id: `${GATEWAY}/00c0ffee/77`, call: freshCall(), line: 1, serviceId: FIRST },
      ...{ from: '0355550100', to: '0355550160', direction: 'sent', remoteIdent: null, localIdent: null },
      ...{
        pages: 3,
        bitRate: 14_400,
        ecm: true,
        retrains: 0,
        path: 't38Gateway',
        result: 'ok',
        say: 'confirmed',
      },
      ...{ trace: '<DIS >DCS', packets: null, startedAt: START, endedAt: START + 9, durationMs: 9 },
    };
    const read = readBatch(Buffer.from(JSON.stringify({ v: 1, records: [], faxes: [fax] })));
    if (!read.ok) throw new Error(read.error.say);
    await store.boxRecords.ingest(CONTRACT, GATEWAY, read.value.items);
    expect(await ask('GET /contracts/:id/faxes', `${C}/faxes`)).toMatchObject({
      faxes: [{ ...fax, gateway: GATEWAY }],
    });
  });

  it('of refused calls: the rule in a field of its own', async () => {
    const call = freshCall();
    await store.calls.begin(callOut(call));
    await store.calls.ended(call, {
      ...endOf(0),
      end: 'refused',
      because: 'out.channels; 2 of 2 channels are in use',
    });
    const { records } = (await ask('GET /contracts/:id/records', `${C}/records`)) as {
      records: { call: string }[];
    };
    expect(records.find((one) => one.call === call)).toMatchObject({
      switch: { because: '2 of 2 channels are in use', rule: 'out.channels' },
    });
  });

  it('of alerts', async () => {
    const alert = {
      alert: 'ceilingWarning',
      contract: CONTRACT,
      facts: ['A-36'],
      say: '80 % is used',
    } as const;
    const plain = callOut(freshCall());
    await store.calls.begin({ ...plain, decision: { ...plain.decision, alerts: [alert] } });
    expect(await ask('GET /contracts/:id/alerts', `${C}/alerts`)).toMatchObject({
      alerts: [{ alert: 'ceilingWarning', call: plain.call, say: '80 % is used' }],
    });
  });

  it('of doubtful records', async () => {
    const negative = { ...feedRecord(2), usage: { ...feedRecord(2).usage, talkMs: -5 } };
    await store.feed.take([negative, { ...feedRecord(3), contract: 'c-999999' }]);
    const order = { order: 'q-1', reason: 'looked at it', do: 'void' };
    expect(await ask('GET /contracts/:id/quarantine', `${C}/quarantine`)).toMatchObject({
      records: [{ decision: null }],
    });
    await ask('POST /contracts/:id/quarantine/:record', `${C}/quarantine/${negative.id}`, order);
    expect(await ask('GET /contracts/:id/quarantine', `${C}/quarantine`)).toMatchObject({
      records: [{ decision: { what: 'voided' } }],
    });
    expect(await ask('GET /quarantine', '/quarantine')).toMatchObject({ records: [{ field: 'contract' }] });
    await ask('POST /quarantine/:record', `/quarantine/${feedRecord(3).id}`, order);
  });

  it('of periods, invoices and credit notes', async () => {
    await ask('GET /contracts/:id/invoice-draft', `${C}/invoice-draft?period=2026-11`);
    await ask('POST /periods/:period/closing', '/periods/2026-11/closing', {});
    await ask('GET /periods/:period/closing', '/periods/2026-11/closing');
    const rerate = { order: 'r-1', reason: 'another price' };
    await ask('POST /contracts/:id/rerate/:period', `${C}/rerate/2026-11`, rerate);
    const lines = [{ say: '返金', amountYen: 100, taxPercent: 10 }];
    const credit = { order: 'c-1', invoice: 'E-00000001', reason: 'a mistake', lines };
    const note = await ask('POST /contracts/:id/credit-notes', `${C}/credit-notes`, credit);
    expect(note).toMatchObject({ number: 'C-00000001', totalYen: -110 });
    expect(await ask('GET /contracts/:id/documents', `${C}/documents`)).toMatchObject({
      documents: [{ number: 'C-00000001' }, { number: 'E-00000001' }],
    });
  });

  it('leaves out no route', () => {
    const told = ROUTES.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect([...asked].sort()).toEqual(told.sort());
  });
});

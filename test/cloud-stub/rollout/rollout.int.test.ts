import { execFile, spawn } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHealth } from '../../../agent/health/index.ts';
import {
  BundleShelf,
  Downloader,
  memoryFile,
  type SlotTool,
  UpdateRoom,
} from '../../../agent/update/index.ts';
import { createRollouts, type Rollouts } from '../../../cloud-stub/rollout/index.ts';
import type { Store } from '../../../cloud-stub/store/index.ts';
import {
  CLOUD_SERVER_NAME,
  type CloudSync,
  createCloudSync,
  openServiceKeys,
} from '../../../cloud-stub/sync/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { ok } from '../../../lib/base/errors.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { ENROL_PORT, type Enrolment } from '../../../lib/contract/enrolment.ts';
import { gatewayTopics } from '../../../lib/contract/topics.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { openTestStore, prepareExampleOffice } from '../store/open-test-store.ts';
import { claimWith } from '../sync/claim-codes.ts';
import { connectGateway, eventually, pause } from '../sync/gateway-client.ts';

const HOST = '127.56.0.72';
const GATEWAY = 'gw-000001' as GatewayId;
const COMPATIBLE = 'engawa-virt-arm64';
// More than the sockets of both ends hold: what was cut off was not sent.
const SIZE = 24_000_000;
const BUNDLE = Buffer.alloc(SIZE, (() => createHash('sha512').update('a bundle').digest())());
const SHA256 = createHash('sha256').update(BUNDLE).digest('hex');
const URL_OF_RELEASE = `https://${CLOUD_SERVER_NAME}:${ENROL_PORT}/v1/releases/1.2.0/bundle`;
const curl = promisify(execFile);

const folder = mkdtempSync('/tmp/engawa-rollout-');
const topics = gatewayTopics(GATEWAY);
let postgres: TestPostgres;
let store: Store;
let sync: CloudSync;
let rollouts: Rollouts;
let enrolment: Enrolment;

beforeAll(async () => {
  const keys = await openServiceKeys({
    ...{ folder, serverName: CLOUD_SERVER_NAME, clock: systemClock, random: systemRandom },
  });
  postgres = await startPostgres(prepareExampleOffice);
  store = await openTestStore(await postgres.database());
  rollouts = createRollouts({
    ...{ store: store.rollouts, folder: join(folder, 'releases'), privateKey: keys.configKey },
    ...{ clock: systemClock, log: silentLog() },
    publish: (gateway, sealed) => sync.publishUpdate(gateway, sealed),
    info: async () => ok({ version: '1.2.0', compatible: COMPATIBLE, signatureChecked: false }),
  });
  sync = createCloudSync({
    ...{ host: HOST, port: 8_883, trunk: { host: HOST, port: 5_061, domain: 'engawa.example' }, keys, store },
    ...{ clock: systemClock, random: systemRandom, log: silentLog(), updates: rollouts },
  });
  await sync.start();
  await rollouts.start();
  const ticket = await sync.claimTicket(GATEWAY);
  enrolment = await claimWith({ folder, host: HOST }, ticket?.code ?? '', 'box');
  writeFileSync(join(folder, 'engawa.raucb'), BUNDLE);
  const added = await rollouts.addRelease({ file: join(folder, 'engawa.raucb') });
  if (!added.ok) throw new Error(added.error.say);
  for (const [name, text] of Object.entries({
    ...{ ca: enrolment.caPem, cert: enrolment.device.certificatePem, key: enrolment.device.privateKeyPem },
  })) {
    writeFileSync(join(folder, `${name}.pem`), text);
  }
}, 240_000);
afterAll(async () => {
  await rollouts.stop();
  await sync.stop();
  await store.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const TRUST = ['--silent', '--cacert', join(folder, 'ca.pem')];
const OWN = ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')];
const THERE = ['--resolve', `${CLOUD_SERVER_NAME}:${ENROL_PORT}:${HOST}`];

/** Status and fields of an answer, its body beside it in a file. */
async function fetched(...flags: readonly string[]): Promise<{ status: number; head: string; body: Buffer }> {
  const file = join(folder, 'answer');
  rmSync(file, { force: true });
  const { stdout } = await curl('curl', [...TRUST, ...THERE, '--dump-header', '-', '-o', file, ...flags]);
  const body = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  return { status: Number(/^HTTP\/\S+ (\d+)/.exec(stdout)?.[1]), head: stdout.toLowerCase(), body };
}

describe('a release at the enrolment desk', () => {
  it('is fetched whole by a gateway of ours, and goes on where a cut left it', async () => {
    const file = join(folder, 'whole');
    const slow = spawn('curl', [
      ...TRUST,
      ...OWN,
      ...THERE,
      '--limit-rate',
      '400k',
      '-o',
      file,
      URL_OF_RELEASE,
    ]);
    const ended = new Promise((resolve) => slow.once('exit', resolve));
    expect(await eventually(() => existsSync(file) && statSync(file).size > 100_000)).toBe(true);
    slow.kill('SIGKILL');
    await ended;
    const cut = statSync(file).size;
    expect(cut).toBeLessThan(SIZE);
    const resumed = ['--continue-at', '-', '--dump-header', '-', '-o', file, URL_OF_RELEASE];
    const { stdout } = await curl('curl', [...TRUST, ...OWN, ...THERE, ...resumed]);
    expect(stdout).toMatch(/^HTTP\/1.1 206 /);
    expect(stdout.toLowerCase()).toContain(`content-range: bytes ${cut}-${SIZE - 1}/${SIZE}`);
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(SHA256);
    expect(sync.downloads()).toMatchObject({ started: 2, resumed: 1, finished: 1 });
  });

  it('answers what HTTP has for parts, tags and heads', async () => {
    const own = (...flags: readonly string[]) => fetched(...OWN, ...flags, URL_OF_RELEASE);
    const part = await own('--range', '10-19');
    expect([part.status, part.body.equals(BUNDLE.subarray(10, 20))]).toEqual([206, true]);
    expect(part.head).toContain(`etag: "${SHA256}"`);
    expect((await own('--range', '-5')).body.equals(BUNDLE.subarray(-5))).toBe(true);
    const outside = await own('--range', `${SIZE}-`);
    expect([outside.status, outside.head.includes(`bytes */${SIZE}`)]).toEqual([416, true]);
    const other = await own('--range', '10-19', '--header', 'If-Range: "another"');
    expect([other.status, other.body.length]).toEqual([200, SIZE]);
    expect((await own('--range', '10-19', '--header', `If-Range: "${SHA256}"`)).status).toBe(206);
    expect((await own('--header', `If-None-Match: "${SHA256}"`)).status).toBe(304);
    const head = await own('--head');
    expect([head.status, head.head.includes(`content-length: ${SIZE}`)]).toEqual([200, true]);
    expect((await own('--request', 'DELETE')).status).toBe(405);
    const unknown = await fetched(...OWN, URL_OF_RELEASE.replace('1.2.0', '9.9.9'));
    expect([unknown.status, JSON.parse(unknown.body.toString())]).toMatchObject([
      404,
      { code: 'release.unknown' },
    ]);
  });

  it('is not for strangers', async () => {
    const none = await fetched(URL_OF_RELEASE);
    expect([none.status, JSON.parse(none.body.toString())]).toMatchObject([403, { code: 'release.notOurs' }]);
    const stranger = testAuthority().issue(GATEWAY);
    writeFileSync(join(folder, 'stranger.pem'), stranger.cert);
    writeFileSync(join(folder, 'stranger-key.pem'), stranger.key);
    const foreign = ['--cert', join(folder, 'stranger.pem'), '--key', join(folder, 'stranger-key.pem')];
    expect((await fetched(...foreign, URL_OF_RELEASE)).status).toBe(403);
    expect(sync.downloads().refused).toBe(2);
  });
});

describe('a rollout to a box', () => {
  /** What a box would do with two systems, and a restart that is another room over the same files. */
  function boxOf(running: { slot: 'a' | 'b'; version: string }, trial: 'a' | 'b' | null, boot: string) {
    const clock = new VirtualClock(systemClock.now());
    const said: string[] = [];
    const say = async (word: string) => {
      said.push(word);
      return ok(undefined);
    };
    const other = { version: '1.1.0', startable: true };
    const slots: SlotTool = {
      status: async () => ok({ compatible: COMPATIBLE, running, trial, other }),
      inspect: async () => ok({ compatible: COMPATIBLE, version: '1.2.0' }),
      install: async (path, onPercent) => {
        onPercent(50);
        said.push(createHash('sha256').update(readFileSync(path)).digest('hex'));
        return ok(undefined);
      },
      ...{ activate: () => say('activate'), markGood: () => say('good'), markBad: () => say('bad') },
      restart() {
        said.push('restart');
        return ok(undefined);
      },
    };
    const shelf = new BundleShelf(join(folder, 'downloads'));
    const room = new UpdateRoom({
      ...{ slots, clock, shelf, boot, health: createHealth(clock), random: systemRandom, log: silentLog() },
      gateway: GATEWAY,
      configKey: () => createPublicKey(enrolment.configKeyPem),
      store: memoryFile(join(folder, 'persist', 'update.json')),
      downloader: new Downloader({ shelf, identity: () => enrolment, clock, calls: () => false }),
      probe: { addressOf: async () => HOST, listens: async () => true },
      service: () => enrolment.mqtt,
      box: () => ({
        ...{ calls: false, wallMs: clock.now(), config: 1 },
        seen: { board: true, cloud: true, phones: [], accounts: [] },
      }),
      ...{ writable: () => true, network: () => true, callUp: null },
    });
    return { clock, room, said };
  }

  it('goes from the order through the download, the restart and the probation to done', async () => {
    const will = { topic: topics.status, payload: Buffer.from(status(false)), qos: 1, retain: true } as const;
    const client = await connectGateway(enrolment, { will });
    let box = boxOf({ slot: 'a', version: '1.1.0' }, null, 'boot-1');
    const begin = (): void => {
      const { room } = box;
      room.onChange(() => {
        const report = room.report();
        if (report !== undefined) void client.publish(topics.updateReport, JSON.stringify(report), true);
      });
      room.start();
    };
    client.client.on('message', (topic, payload) => {
      if (topic === topics.update) box.room.received(payload);
    });
    try {
      await client.publish(topics.status, status(true), true);
      expect(await client.subscribe(topics.down)).toBe(1);
      begin();
      const told = async (): Promise<boolean> => {
        const [seen] = (await store.rollouts.fleet()).filter(({ gateway }) => gateway === GATEWAY);
        return seen?.online === true && seen.report !== null;
      };
      expect(await eventually(told)).toBe(true);
      const begun = await rollouts.begin({ version: '1.2.0', scope: { kind: 'all' }, window: null });
      expect(begun).toMatchObject({ ok: true, value: { id: 'r-000001', tally: { underWay: 1 } } });
      await until(() => box.said.includes('restart'));
      expect(box.said).toEqual([SHA256, 'activate', 'restart']);
      box.room.stop();
      box = boxOf({ slot: 'b', version: '1.2.0' }, 'b', 'boot-2');
      begin();
      const at = async (): Promise<string | undefined> => (await rollouts.rollout('r-000001'))?.boxes[0]?.at;
      await until(async () => (await at()) === 'done');
      expect(box.said).toEqual(['good']);
      expect(await rollouts.rollout('r-000001')).toMatchObject({
        state: { at: 'complete' },
        tally: { done: 1 },
      });
      // What is retained is the order still: a service that starts anew publishes the same.
      const orders = client.received.filter(({ topic }) => topic === topics.update).length;
      await rollouts.republish();
      expect(await client.next(topics.update, orders)).toBe(await client.next(topics.update));
    } finally {
      box.room.stop();
      await client.end();
    }
    /** Seconds of the box pass, as many as it takes. */
    async function until(there: () => boolean | Promise<boolean>): Promise<void> {
      for (let n = 0; n < 2_000 && !(await there()); n++) {
        box.clock.advance(1_000);
        await pause(10);
      }
    }
  });
});

function status(online: boolean): string {
  return JSON.stringify({ v: 1, online, boot: '00c0ffee', connection: 1 });
}

// The last: the gateway is nobody afterwards.
describe('a gateway that was revoked', () => {
  it('fetches no release any more', async () => {
    expect((await fetched(...OWN, '--range', '10-19', URL_OF_RELEASE)).status).toBe(206);
    const refusedBefore = sync.downloads().refused;
    expect(await sync.revoke(GATEWAY, 'stolen')).toBe(1);
    const refused = await fetched(...OWN, '--range', '10-19', URL_OF_RELEASE);
    expect([refused.status, JSON.parse(refused.body.toString())]).toMatchObject([
      403,
      { code: 'release.notOurs' },
    ]);
    expect(sync.downloads().refused).toBe(refusedBefore + 1);
  });
});

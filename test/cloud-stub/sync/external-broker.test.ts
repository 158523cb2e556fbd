import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BrokerKind, TRUST_FILE } from '../../../cloud-stub/sync/broker-files.ts';
import { newCounters } from '../../../cloud-stub/sync/counters.ts';
import { ExternalBroker } from '../../../cloud-stub/sync/external-broker.ts';
import { LIST_LIVES_MS } from '../../../cloud-stub/sync/issuer.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { pause } from './gateway-client.ts';

const HOUR_MS = 3_600_000;
const LOOK = 'broker.lists';
const GOOD = { gateway: 'gw-000001' as GatewayId, serial: '40aa' };
const STOLEN = { gateway: 'gw-000002' as GatewayId, serial: '40bb' };

let folder: string;
let clock: VirtualClock;
/** Certificates of the service, as its database has them. */
let good: (typeof GOOD)[];
let revoked: string[];
/** The list that the broker goes by: it read it when it was last told to. */
let inForce: string | undefined;
let applied: number;
/** What becomes of the next tries to tell it. */
let fates: ('refused' | 'halfway')[];
let running: ExternalBroker[];
/** Happens once a list was made, before anything is done with it. */
let meanwhile: (() => void) | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-lists-'));
  clock = new VirtualClock();
  [good, revoked, inForce, applied, fates, running] = [[GOOD, STOLEN], [], undefined, 0, [], []];
  meanwhile = undefined;
});
afterEach(async () => {
  for (const each of running) await each.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A cloud beside a broker without a node that it could connect to. */
function cloudOf(kind: BrokerKind): ExternalBroker {
  const cloud = new ExternalBroker({
    broker: { kind, nodes: [], folder, apply: () => applyTo(kind) },
    trust: {
      good: async () => [...good],
      revoked: async () => [...revoked],
      async revocationList() {
        const list = JSON.stringify({ revoked, at: clock.now() });
        meanwhile?.();
        return list;
      },
    },
    ...{ serverName: 'cloud.engawa.example', caPem: '', certPem: '', keyPem: '' },
    ...{ counters: newCounters(), clock, random: seededRandom(1), log: silentLog() },
    up: () => undefined,
    onFresh: async () => undefined,
  });
  running.push(cloud);
  return cloud;
}

async function applyTo(kind: BrokerKind): Promise<void> {
  applied++;
  const fate = fates.shift();
  if (fate !== 'refused') inForce = readFileSync(join(folder, TRUST_FILE[kind]), 'utf8');
  if (fate !== undefined) throw new Error('the command failed');
}

/** Revokes the stolen box in the database. */
function revoke(): void {
  good = good.filter((each) => each !== STOLEN);
  revoked = [STOLEN.serial];
}

function letsIn(kind: BrokerKind, { serial }: typeof GOOD): boolean {
  const named = inForce?.includes(serial) ?? false;
  return kind === 'nats' ? named : !named;
}

/** Moves time on, and waits until a look at the lists that falls due in it is over. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  for (let tries = 0; tries < 2_000 && !clock.names().includes(LOOK); tries++) await pause(1);
  expect(clock.names()).toContain(LOOK);
}

describe.each<BrokerKind>(['mosquitto', 'nats'])('%s', (kind) => {
  it('is told of a revocation again when it could not be told the first time', async () => {
    const cloud = cloudOf(kind);
    await cloud.start();
    expect(applied).toBe(1);
    revoke();
    fates = ['refused', 'refused'];
    await expect(cloud.trustChanged()).rejects.toThrow('the command failed');
    await expect(cloud.trustChanged()).rejects.toThrow('the command failed');
    expect(letsIn(kind, STOLEN)).toBe(true);
    await cloud.trustChanged();
    expect([letsIn(kind, STOLEN), letsIn(kind, GOOD)]).toEqual([false, true]);
    await cloud.trustChanged();
    expect(applied).toBe(4);
  });

  it('is told by the next run of the cloud when this one has died meanwhile, and not told twice', async () => {
    const first = cloudOf(kind);
    await first.start();
    revoke();
    fates = ['refused'];
    await expect(first.trustChanged()).rejects.toThrow('the command failed');
    await first.stop();
    for (const _run of [1, 2]) {
      const next = cloudOf(kind);
      await next.start();
      expect(letsIn(kind, STOLEN)).toBe(false);
      await next.stop();
    }
    expect(applied).toBe(3);
  });

  it('is told of a change back, since one that failed may have come through', async () => {
    const cloud = cloudOf(kind);
    await cloud.start();
    const before = { good, revoked };
    revoke();
    fates = ['halfway'];
    await expect(cloud.trustChanged()).rejects.toThrow('the command failed');
    ({ good, revoked } = before);
    await cloud.trustChanged();
    expect(letsIn(kind, STOLEN)).toBe(true);
  });

  it('is told in a few minutes without anybody asking; one that is away at the start does not keep the cloud down', async () => {
    const cloud = cloudOf(kind);
    fates = ['refused', 'refused', 'refused'];
    revoke();
    await cloud.start();
    await pass(6 * 60_000);
    await pass(6 * 60_000);
    expect([inForce, applied]).toEqual([undefined, 3]);
    await pass(6 * 60_000);
    expect([letsIn(kind, STOLEN), letsIn(kind, GOOD)]).toEqual([false, true]);
    await pass(HOUR_MS);
    expect(applied).toBe(4);
    await cloud.stop();
    expect(clock.names()).not.toContain(LOOK);
  });
});

it('mosquitto takes a list anew long before the one it has ends, though nobody is revoked, and not at each look', async () => {
  const cloud = cloudOf('mosquitto');
  await cloud.start();
  const days = 2 * (LIST_LIVES_MS / 24 / HOUR_MS) + 5;
  for (let day = 0; day < days; day++) {
    await pass(24 * HOUR_MS);
    expect(clock.now() - JSON.parse(inForce ?? '{}').at).toBeLessThan(LIST_LIVES_MS / 2);
    // Whoever restarts the broker by hand gives it a list of today.
    const written = readFileSync(join(folder, TRUST_FILE.mosquitto), 'utf8');
    expect(clock.now() - JSON.parse(written).at).toBeLessThanOrEqual(24 * HOUR_MS);
  }
  expect(applied).toBeLessThanOrEqual(8);
});

it('mosquitto is told of a box that was revoked while a list without it was made', async () => {
  const cloud = cloudOf('mosquitto');
  meanwhile = revoke;
  await cloud.start();
  expect(letsIn('mosquitto', STOLEN)).toBe(true);
  await cloud.trustChanged();
  expect(letsIn('mosquitto', STOLEN)).toBe(false);
});

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openStore, type Store, standardRules } from '../../cloud-stub/store/index.ts';
import {
  CLOUD_SERVER_NAME,
  type CloudSync,
  createCloudSync,
  type ExternalBrokerOptions,
  openServiceKeys,
  type ServiceKeys,
} from '../../cloud-stub/sync/index.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { createLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import { pause, until } from '../demo/story.ts';
import { type ForeignBroker, layBrokerKeys, mosquitto } from '../lab/brokers.ts';
import { makeFleet, renameOffices, rowsOf } from '../lab/fleet.ts';
import { machine, startScratchPostgres } from './scratch-postgres.part.ts';
import type { FleetLine } from './sync-gateways.part.ts';

export const describe =
  'a thousand gateways: one change, a restart of the broker, bytes at rest; aedes and mosquitto';

const HOSTS = { aedes: '127.56.2.1', mosquitto: '127.56.2.2' } as const;
const PORT = 8_883;
const AWAY_MS = 5_000;
const LIMIT_MS = 240_000;
/** IPv4 and TCP with timestamps, of each segment. */
const HEADERS_BYTES = 52;
const GATEWAYS = fileURLToPath(new URL('./sync-gateways.part.ts', import.meta.url));

type Kind = keyof typeof HOSTS;

interface Ground {
  readonly kind: Kind;
  readonly folder: string;
  readonly url: string;
  readonly store: Store;
  readonly keys: ServiceKeys;
  readonly fleet: readonly Enrolment[];
  readonly restMs: number;
  readonly changes: number;
}

/** `--gateways 1000 --rest-s 60 --changes 3`, `--broker mosquitto` for one of them. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      gateways: { type: 'string', default: '1000' },
      'rest-s': { type: 'string', default: '60' },
      changes: { type: 'string', default: '3' },
      broker: { type: 'string' },
    },
  });
  const count = Number(values.gateways);
  const folder = mkdtempSync(join(tmpdir(), 'engawa-bench-sync-'));
  const postgres = await startScratchPostgres();
  const [clock, random] = [systemClock, systemRandom];
  const keys = await openServiceKeys({ folder, serverName: CLOUD_SERVER_NAME, clock, random });
  const store = await openStore({
    ...{ databaseUrl: postgres.url, vaultKey: Buffer.alloc(32, 7), realm: 'engawa.example' },
    ...{ rules: standardRules(), clock, random, log: createLog('bench', 'error'), waitMs: 10_000 },
  });
  try {
    say('machine', machine());
    const mqtt = { host: HOSTS.aedes, port: PORT, serverName: CLOUD_SERVER_NAME };
    const fleet = await makeFleet({ store, databaseUrl: postgres.url, keys, count, mqtt });
    say('gateways', `${count}, each of an office of its own, with its own certificate; one process of them`);
    for (const kind of ['aedes', 'mosquitto'] as const) {
      if (values.broker !== undefined && values.broker !== kind) continue;
      const ground = { kind, folder, url: postgres.url, store, keys, fleet };
      await measure({ ...ground, restMs: Number(values['rest-s']) * 1_000, changes: Number(values.changes) });
    }
    say('machine', machine());
  } finally {
    await store.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The broker and the cloud beside it, or in it. */
interface Service {
  readonly sync: CloudSync;
  /** Goes away without a word, and is back after `awayMs`; `onBack` is told just before it listens. */
  restart(awayMs: number, onBack: () => void): Promise<Service>;
  stop(): Promise<void>;
}

async function measure(ground: Ground): Promise<void> {
  const { changes, fleet, kind, restMs } = ground;
  let service = kind === 'aedes' ? await withAedes(ground) : await withMosquitto(ground);
  const gateways = startGateways(ground);
  try {
    const upMs = await gateways.until((line) => line.connected === fleet.length && line.lowestRev > 0);
    say(kind, `all connected, with configurations, ${seconds(upMs)} after the first began`);
    await pause(3_000);
    for (let change = 0; change < changes; change++) await measureChange(ground, service, change);
    if (restMs > 0) await measureRest(ground);
    let begun = 0;
    service = await service.restart(AWAY_MS, () => {
      gateways.forget();
      begun = performance.now();
    });
    await gateways.until((line) => line.connected === fleet.length);
    const backMs = performance.now() - begun;
    const most = gateways.mostOpened();
    const verdict = backMs < 30_000 ? '' : '  MISSED';
    say(
      kind,
      `broker ${AWAY_MS / 1_000} s down: all back ${seconds(backMs)} after it was; at most ${most} connections begun in one second from then on${verdict}`,
    );
    if (backMs >= 30_000) process.exitCode = 1;
  } finally {
    gateways.stop();
    await service.stop();
  }
}

/** From the signature of a configuration to the commit of the report that it runs. */
async function measureChange(ground: Ground, { sync }: Service, change: number): Promise<void> {
  const { fleet, kind, url } = ground;
  await renameOffices(url, `${kind} ${change}`);
  const begun = performance.now();
  const published = await sync.publishChanges();
  const publishedMs = performance.now() - begun;
  const rev = Math.max(...published.map((one) => (one.ok ? one.value.rev : 0)));
  const question = `select (d.envelope::jsonb->>'issuedAt')::int8 as issued, r.received_at_ms as got
    from desired_config d join reported_config r using (contract_id, gateway_id)
    where d.rev = ${rev} and (r.report->>'appliedRev')::int = ${rev}`;
  const rows = await until(LIMIT_MS, async () => {
    const found = await rowsOf<{ issued: string; got: string }>(url, question);
    return found.length === fleet.length ? found : undefined;
  });
  if (rows === undefined) throw new Error('not every gateway reports the change');
  const took = rows.map(({ issued, got }) => Number(got) - Number(issued)).sort((a, b) => a - b);
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
  const verdict = at(0.99) < 1_000 ? '' : '  MISSED';
  say(
    kind,
    `one change to ${fleet.length}: published in ${seconds(publishedMs)}; publish to reported p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${took.at(-1)} ms${verdict}`,
  );
  if (at(0.99) >= 1_000) process.exitCode = 1;
}

/** What the kernel has counted on the gateways' connections, over a while in which nothing happens. */
async function measureRest({ fleet, kind, restMs }: Ground): Promise<void> {
  await pause(2_000);
  const before = traffic(HOSTS[kind]);
  await pause(restMs);
  const after = traffic(HOSTS[kind]);
  const perDay = ((after.bytes - before.bytes) / fleet.length) * (86_400_000 / restMs);
  const segments = ((after.segments - before.segments) / fleet.length) * (86_400_000 / restMs);
  say(
    kind,
    `at rest, over ${restMs / 1_000} s: ${(perDay / 1e6).toFixed(2)} MB a gateway and day, both ways with TCP/IP headers, ${Math.round(segments)} packets`,
  );
}

/** Sums over the connections that lead to a host (`ss`, tcp_info). */
function traffic(host: string): { readonly bytes: number; readonly segments: number } {
  const flags = ['-tinH', 'state', 'established', 'dst', `${host}:${PORT}`];
  const text = execFileSync('ss', flags, { encoding: 'utf8', maxBuffer: 64 * 1_048_576 });
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`\\b${name}:(\\d+)`, 'g'))].reduce(
      (all, match) => all + Number(match[1]),
      0,
    );
  const segments = sum('segs_out') + sum('segs_in');
  return { bytes: sum('bytes_sent') + sum('bytes_received') + segments * HEADERS_BYTES, segments };
}

function newSync(ground: Ground, broker?: ExternalBrokerOptions): CloudSync {
  const { keys, kind, store } = ground;
  const host = HOSTS[kind];
  return createCloudSync({
    ...{ host, port: PORT, keys, store, clock: systemClock, random: systemRandom },
    trunk: { host: '127.56.2.9', port: 5_061, domain: 'engawa.example' },
    ...(broker === undefined ? {} : { broker }),
    log: createLog('bench', 'fatal'),
  });
}

async function withAedes(ground: Ground): Promise<Service> {
  const sync = newSync(ground);
  await sync.start();
  return {
    sync,
    async restart(awayMs, onBack) {
      await sync.stop();
      await pause(awayMs);
      onBack();
      return withAedes(ground);
    },
    stop: () => sync.stop(),
  };
}

async function withMosquitto(ground: Ground): Promise<Service> {
  const folder = join(ground.folder, 'mosquitto');
  layBrokerKeys(folder, ground.keys);
  const place = { host: HOSTS.mosquitto, port: PORT };
  const broker: ForeignBroker = mosquitto({ ...place, folder });
  const apply = async (): Promise<void> => {};
  const sync = newSync(ground, { kind: 'mosquitto', nodes: [place], folder, apply });
  await sync.start();
  await broker.restart();
  const service: Service = {
    sync,
    async restart(awayMs, onBack) {
      await broker.kill();
      await pause(awayMs);
      onBack();
      await broker.restart();
      return service;
    },
    async stop() {
      await sync.stop();
      await broker.stop();
    },
  };
  return service;
}

interface Gateways {
  /** Resolves when a line is as wanted, with the time since the program began. */
  until(wanted: (line: FleetLine) => boolean): Promise<number>;
  /** Most connections that were begun within one second since `forget`. */
  mostOpened(): number;
  forget(): void;
  stop(): void;
}

function startGateways({ fleet, folder, kind }: Ground): Gateways {
  const file = join(folder, 'fleet.json');
  const there = fleet.map((one) => ({ ...one, mqtt: { ...one.mqtt, host: HOSTS[kind] } }));
  writeFileSync(file, JSON.stringify(there), { mode: 0o600 });
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', GATEWAYS, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const begun = performance.now();
  let last: FleetLine | undefined;
  let opened: number[] = [];
  if (child.stdout === null) throw new Error('no output');
  createInterface({ input: child.stdout }).on('line', (text) => {
    last = JSON.parse(text) as FleetLine;
    opened.push(...last.openedAtMs);
  });
  return {
    async until(wanted) {
      const done = await until(LIMIT_MS, async () => (last !== undefined && wanted(last)) || undefined);
      if (done === undefined) throw new Error(`the gateways do not come so far: ${JSON.stringify(last)}`);
      return performance.now() - begun;
    },
    mostOpened: () => mostWithin(opened, 1_000),
    forget: () => {
      opened = [];
    },
    stop: () => void child.stdin?.end(),
  };
}

/** Pure: how many of the moments, in order, lie within one span of that length at most. */
function mostWithin(momentsMs: readonly number[], lengthMs: number): number {
  let most = 0;
  let from = 0;
  for (const [index, moment] of momentsMs.entries()) {
    while ((momentsMs[from] ?? moment) <= moment - lengthMs) from++;
    most = Math.max(most, index + 1 - from);
  }
  return most;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function say(what: string, line: string): void {
  process.stdout.write(`${what.padEnd(10)} ${line}\n`);
}

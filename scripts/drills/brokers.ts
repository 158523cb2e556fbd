import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, standardRules } from '../../cloud-stub/store/index.ts';
import { natsUsers, TRUST_FILE } from '../../cloud-stub/sync/broker-files.ts';
import {
  CLOUD_SERVER_NAME,
  type CloudSync,
  createCloudSync,
  openServiceKeys,
} from '../../cloud-stub/sync/index.ts';
import { type Clock, systemClock } from '../../lib/base/clock.ts';
import { silentLog } from '../../lib/base/log.ts';
import { seededRandom, systemRandom } from '../../lib/base/random.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import { startScratchPostgres } from '../benches/scratch-postgres.part.ts';
import { pause, until } from '../demo/story.ts';
import { type ForeignBroker, layBrokerKeys, natsCluster } from '../lab/brokers.ts';
import { makeFleet, renameOffices, rowsOf } from '../lab/fleet.ts';
import { SimGateway } from '../lab/gateways.ts';
import { tryBorders, tryRevocation } from './broker-borders.ts';

const HOSTS = ['127.56.1.1', '127.56.1.2', '127.56.1.3'] as const;
const PORT = 8_883;
const CALL_EVERY_MS = 700;
const CHANGE_EVERY_MS = 2_000;
/** Longer than a connection must hold until an old trouble is forgotten. */
const BEFORE_MS = 16_000;
/** What a gateway whose session died has, until its desired configuration runs. */
const BACK_LIMIT_MS = 60_000;
const SETTLE_LIMIT_MS = 120_000;

/** How the drill is done. */
export interface BrokersPlan {
  readonly gateways: number;
  readonly seed: number;
  /** Clocks of gateways and cloud run so many times as fast, so that silence is noticed sooner. Default 1. */
  readonly hurry?: number;
  readonly tell: (say: string) => void;
}

/** What the drill found; `trouble` is empty when nothing was lost or doubled and everybody was back in the end. */
export interface BrokersReport {
  /** Somebody was behind for longer than a minute. Measured on a quiet machine, it is a mistake; a busy one has no clock. */
  readonly late: boolean;
  readonly gateways: number;
  readonly killed: string;
  readonly records: number;
  readonly stored: number;
  readonly revisions: number;
  /** Gateways that had to connect anew after the kill, and the longest that any was behind its configuration. */
  readonly reconnected: number;
  readonly silent: number;
  readonly longestBehindMs: number;
  readonly trouble: readonly string[];
}

/**
 * A cluster of three NATS servers carries configurations down and call records up; one of them is killed (-9) meanwhile and
 * comes back later. Whatever died with it, sessions, consumers, the cloud's own connection, has to be noticed and replaced.
 */
export async function brokersDrill(plan: BrokersPlan): Promise<BrokersReport> {
  const { hurry = 1, seed, tell } = plan;
  const folder = mkdtempSync(join(tmpdir(), 'engawa-brokers-'));
  const clock = hurried(hurry);
  const [random, log] = [systemRandom, silentLog()];
  const keys = await openServiceKeys({ folder, serverName: CLOUD_SERVER_NAME, clock: systemClock, random });
  const lists = join(folder, 'nats');
  layBrokerKeys(lists, keys);
  const nodes = natsCluster(lists, HOSTS, PORT);
  // Nobody but the cloud may come in yet; the others are told of by a reload.
  writeFileSync(join(lists, TRUST_FILE.nats), natsUsers(CLOUD_SERVER_NAME, []));
  const [postgres] = await Promise.all([startScratchPostgres(), ...nodes.map((node) => node.restart())]);
  const store = await openStore({
    ...{ databaseUrl: postgres.url, vaultKey: Buffer.alloc(32, 7), realm: 'engawa.example' },
    ...{ rules: standardRules(), clock: systemClock, random, log, waitMs: 10_000 },
  });
  const [first, ...rest] = HOSTS.map((host) => ({ host, port: PORT }));
  const mqtt = { ...(first ?? { host: '', port: 0 }), serverName: CLOUD_SERVER_NAME, others: rest };
  const fleet = await makeFleet({ store, databaseUrl: postgres.url, keys, count: plan.gateways, mqtt });
  const sync = createCloudSync({
    ...{ host: '127.56.1.10', port: PORT, keys, store, clock, random, log },
    trunk: { host: '127.56.1.10', port: 5_061, domain: 'engawa.example' },
    broker: {
      ...{ kind: 'nats', folder: lists, nodes: HOSTS.map((host) => ({ host, port: PORT })) },
      apply: async () => {
        for (const node of nodes) node.reload();
      },
    },
  });
  const gateways = fleet.map((enrolment) => new SimGateway({ enrolment, clock, random }));
  const drill = new BrokersDrill({
    fleet,
    gateways,
    nodes,
    sync,
    url: postgres.url,
    beforeMs: BEFORE_MS / hurry,
    tell,
  });
  try {
    await sync.start();
    return await drill.run(seededRandom(seed).fraction());
  } finally {
    drill.end();
    await Promise.all(gateways.map((gateway) => gateway.sync.stop()));
    await sync.stop();
    for (const node of nodes) await node.stop();
    await store.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Parts {
  readonly fleet: readonly Enrolment[];
  readonly gateways: readonly SimGateway[];
  readonly nodes: readonly ForeignBroker[];
  readonly sync: CloudSync;
  readonly url: string;
  /** How long all goes well. */
  readonly beforeMs: number;
  readonly tell: (say: string) => void;
}

/** Durations of a machine that is so many times as fast; the time of day is the usual one. */
function hurried(times: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonicMs: () => systemClock.monotonicMs() * times,
    after: (delayMs, name, run) => systemClock.after(delayMs / times, name, run),
  };
}

class BrokersDrill {
  readonly #parts: Parts;
  readonly #timers: NodeJS.Timeout[] = [];
  #revisions = 0;
  #changing = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(fraction: number): Promise<BrokersReport> {
    const { gateways, nodes, tell } = this.#parts;
    for (const gateway of gateways) gateway.sync.start();
    const ready = await until(SETTLE_LIMIT_MS, async () => (await this.#behind()).length === 0 || undefined);
    if (ready === undefined) throw new Error('the fleet does not come up on the cluster');
    tell(`${gateways.length} gateways are connected and have their configurations`);
    this.#flow();
    await pause(this.#parts.beforeMs);
    const index = Math.floor(fraction * nodes.length);
    const connections = new Map(gateways.map((gateway) => [gateway, gateway.connections]));
    const cut = new Set<SimGateway>();
    const killedAt = performance.now();
    await nodes[index]?.kill();
    tell(`node n${index + 1} is killed`);
    await pause(1_500);
    // Their connection went with the node; who is left looks connected, and perhaps hears nothing any more.
    for (const gateway of gateways) if (!gateway.sync.cloud().connected) cut.add(gateway);
    const longestBehindMs = await this.#longestBehind(killedAt);
    this.end();
    await this.#changing;
    await nodes[index]?.restart();
    tell(`node n${index + 1} is back; waiting until everything is told`);
    const settled = await until(SETTLE_LIMIT_MS, async () => {
      const waiting = gateways.reduce((sum, gateway) => sum + gateway.waiting, 0);
      return (waiting === 0 && (await this.#behind()).length === 0) || undefined;
    });
    const again = gateways.filter((gateway) => gateway.connections > (connections.get(gateway) ?? 0));
    const found = await this.#compare();
    const trouble = [...found.trouble, ...(await this.#borders())];
    if (settled === undefined) trouble.push('not everything was told in the end');
    return {
      gateways: gateways.length,
      killed: `n${index + 1}`,
      records: gateways.reduce((sum, { made }) => sum + made.length, 0),
      stored: found.stored,
      revisions: this.#revisions,
      reconnected: again.length,
      silent: again.filter((gateway) => !cut.has(gateway)).length,
      longestBehindMs,
      late: longestBehindMs > BACK_LIMIT_MS,
      trouble,
    };
  }

  end(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  /** Calls end and configurations change, for as long as the drill wants. */
  #flow(): void {
    const { gateways, sync, url } = this.#parts;
    const calls = setInterval(() => {
      for (const gateway of gateways) gateway.call();
    }, CALL_EVERY_MS);
    const changes = setInterval(() => {
      const name = `office ${++this.#revisions}`;
      this.#changing = this.#changing.then(async () => {
        await renameOffices(url, name);
        await sync.publishChanges();
      });
    }, CHANGE_EVERY_MS);
    this.#timers.push(calls, changes);
  }

  /** Gateways that run something else than was published last, by what the database says. */
  async #behind(): Promise<readonly SimGateway[]> {
    const { gateways, url } = this.#parts;
    const rows = await rowsOf<{ gateway_id: string; rev: string }>(
      url,
      'select gateway_id, max(rev) as rev from desired_config group by gateway_id',
    );
    const wanted = new Map(rows.map(({ gateway_id, rev }) => [gateway_id, Number(rev)]));
    return gateways.filter((gateway) => gateway.rev < (wanted.get(gateway.gateway) ?? 1));
  }

  /**
   * Configurations keep changing; a gateway is back when it runs one that was published after the kill. How long the
   * slowest took.
   */
  async #longestBehind(killedAt: number): Promise<number> {
    const { gateways, sync, tell, url } = this.#parts;
    const before = new Map(gateways.map((gateway) => [gateway, gateway.rev]));
    this.#changing = this.#changing.then(async () => {
      await renameOffices(url, `office after the kill ${++this.#revisions}`);
      await sync.publishChanges();
    });
    let slowest = 0;
    const waiting = new Set(gateways);
    await until(BACK_LIMIT_MS * 3, async () => {
      for (const gateway of waiting) {
        if (gateway.rev <= (before.get(gateway) ?? 0) || !gateway.sync.cloud().connected) continue;
        waiting.delete(gateway);
        slowest = performance.now() - killedAt;
      }
      return waiting.size === 0 || undefined;
    });
    if (waiting.size > 0) slowest = performance.now() - killedAt;
    tell(`every gateway has a configuration from after the kill, ${(slowest / 1_000).toFixed(1)} s after it`);
    return Math.round(slowest);
  }

  /** The first gateway tries what it may not, and is revoked then. */
  async #borders(): Promise<readonly string[]> {
    const { fleet, gateways, sync, tell } = this.#parts;
    const [thief] = fleet;
    const [first, victim] = gateways;
    if (thief === undefined || first === undefined || victim === undefined) return [];
    const read = await tryBorders(thief, victim);
    const stayed = await tryRevocation(first, sync);
    tell(`${first.gateway} has tried to read and write what is ${victim.gateway}'s, and was revoked`);
    return [...read, ...stayed];
  }

  async #compare(): Promise<{ readonly stored: number; readonly trouble: readonly string[] }> {
    const { gateways, url } = this.#parts;
    const rows = await rowsOf<{ record_id: string; count: string }>(
      url,
      'select record_id, count(*) as count from box_record group by record_id',
    );
    const doubtful = await rowsOf<{ record_id: string; code: string }>(
      url,
      'select record_id, code from box_quarantine',
    );
    const stored = new Map(rows.map(({ record_id, count }) => [record_id, Number(count)]));
    const made = gateways.flatMap((gateway) => gateway.made.map(({ id }) => id));
    const charges = await rowsOf<{ count: string }>(url, 'select count(*) as count from charge');
    const charged = Number(charges[0]?.count ?? 0);
    return {
      stored: stored.size,
      trouble: [
        ...made.filter((id) => !stored.has(id)).map((id) => `record ${id} is lost`),
        ...[...stored].filter(([, count]) => count > 1).map(([id]) => `record ${id} stands twice`),
        ...doubtful.map(({ record_id, code }) => `record ${record_id} is not believed: ${code}`),
        ...(charged === made.length ? [] : [`${made.length} calls, ${charged} charges`]),
      ].slice(0, 20),
    };
  }
}

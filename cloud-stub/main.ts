import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Clock, systemClock } from '../lib/base/clock.ts';
import { StartupError } from '../lib/base/errors.ts';
import { type Running, runMain } from '../lib/base/lifecycle.ts';
import { createLog, type Logger } from '../lib/base/log.ts';
import { systemRandom } from '../lib/base/random.ts';
import { operatorSource, startOperatorApi } from './api/index.ts';
import { type Contract, exampleFaxOffice, exampleOffice, examplePhoneOffice } from './contracts/index.ts';
import { type Echo, echoHostBeside, startEcho } from './echo/index.ts';
import { externalBroker } from './external-broker-flags.ts';
import { createRollouts, type Rollouts } from './rollout/index.ts';
import { openStore, type Store, standardRules, VAULT_KEY_BYTES, withDialledOrders } from './store/index.ts';
import { createSwitch, type Switch } from './switch/index.ts';
import {
  CLOUD_SERVER_NAME,
  type CloudSync,
  type CloudSyncOptions,
  createCloudSync,
  openServiceKeys,
  openVaultKey,
} from './sync/index.ts';

const USAGE =
  'usage: cloud --state FOLDER --host IP --database URL [--database-password-file FILE] --api SOCKET --carrier HOST:PORT [--echo IP] [--second-trunk HOST:PORT] [--example-office | --example-fax-office | --example-phone-office] [--broker mosquitto|nats --broker-nodes HOST:PORT,… --broker-folder FOLDER --broker-apply COMMAND] [--update-ca FILE] [--database-wait-s 30] [--log-level info]';

const FLAGS = {
  state: { type: 'string' },
  host: { type: 'string' },
  database: { type: 'string' },
  'database-password-file': { type: 'string' },
  api: { type: 'string' },
  carrier: { type: 'string' },
  echo: { type: 'string' },
  'example-office': { type: 'boolean', default: false },
  'example-fax-office': { type: 'boolean', default: false },
  'example-phone-office': { type: 'boolean', default: false },
  'second-trunk': { type: 'string' },
  broker: { type: 'string' },
  'broker-nodes': { type: 'string' },
  'broker-folder': { type: 'string' },
  'broker-apply': { type: 'string' },
  'update-ca': { type: 'string' },
  'database-wait-s': { type: 'string', default: '30' },
  'follow-stdin': { type: 'boolean', default: false },
  'log-level': { type: 'string', default: 'info' },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'];

const SIP_DOMAIN = 'engawa.example';
const MQTT_PORT = 8_883;
const TRUNK_PORT = 5_061;
const SETTLE_EVERY_MS = 60_000;
const PRUNE_EVERY_MS = 3_600_000;
/** How soon an order that another process took shows. */
const LOOK_EVERY_MS = 5_000;
/** Numbers and IDs begin and end at times: configurations are compiled anew so often, and published when changed. */
const REFRESH_EVERY_MS = 300_000;

function badUsage(why: string): StartupError {
  return new StartupError({ code: 'cloud.usage', fault: 'caller', say: `${why}. ${USAGE}` });
}

function readFlags(): Flags | StartupError {
  try {
    return parseArgs({ options: FLAGS }).values;
  } catch (error) {
    return badUsage(error instanceof Error ? error.message : String(error));
  }
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw badUsage(`"${text}" is not HOST:PORT`);
  }
  return { host: text.slice(0, colon), port };
}

function needed(flags: Flags, name: 'state' | 'host' | 'database' | 'api' | 'carrier'): string {
  const value = flags[name];
  if (value === undefined || value === '') throw badUsage(`--${name} is needed`);
  return value;
}

/** The database's address. A password in the URL stands in the process list for all to see: better in a file. */
function databaseUrlOf(flags: Flags): string {
  const url = needed(flags, 'database');
  const file = flags['database-password-file'];
  if (file === undefined) return url;
  try {
    const whole = new URL(url);
    whole.password = readFileSync(file, 'utf8').trim();
    return whole.href;
  } catch (error) {
    throw badUsage(
      `--database with --database-password-file ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function waitMsOf(flags: Flags): number {
  const seconds = Number(flags['database-wait-s']);
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 600) {
    throw badUsage(`"${flags['database-wait-s']}" is not a number of seconds up to 600`);
  }
  return seconds * 1_000;
}

/** Boxes that cannot ask it can still call: the service goes on without it. */
async function echoOf(host: string | undefined, clock: Clock, log: Logger): Promise<Echo | undefined> {
  if (host === undefined) return undefined;
  try {
    return await startEcho({ host, clock, log: log.child({ room: 'echo' }) });
  } catch (error) {
    log.warn({ err: error, host }, 'the echo for boxes does not answer');
    return undefined;
  }
}

/** The largest of the offices that were asked for. */
function officeOf(flags: Flags): Contract | undefined {
  if (flags['example-phone-office']) return examplePhoneOffice;
  if (flags['example-fax-office']) return exampleFaxOffice;
  return flags['example-office'] ? exampleOffice : undefined;
}

/** The example office goes into an empty database only: nobody's contracts are ever touched. */
async function seedExampleOffice(office: Contract, store: Store, log: Logger): Promise<void> {
  if (!(await store.offices.empty())) return;
  await store.offices.add(office);
  await store.directory.refresh();
  log.info({ contract: office.id }, 'the example office was added');
}

function startChores(store: Store, sync: CloudSync, clock: Clock, log: Logger): Running {
  let stopped = false;
  const every = (ms: number, name: string, work: () => Promise<unknown>): void => {
    clock.after(ms, name, () => {
      if (stopped) return;
      work()
        .catch((error: unknown) => log.warn({ err: error, chore: name }, 'a chore failed'))
        .finally(() => every(ms, name, work));
    });
  };
  every(SETTLE_EVERY_MS, 'settle box records', () => store.boxRecords.settleBoxOnly(clock.now()));
  store.orders.onChange((contract) => {
    store.directory
      .refresh()
      .then(() => sync.publishChanges())
      .catch((error: unknown) => log.warn({ err: error, contract }, 'an order shows later'));
  });
  // Orders may be taken by another process: a cheap look tells that something changed.
  let stamp = '';
  every(LOOK_EVERY_MS, 'look for orders', async () => {
    const now = await store.offices.stamp();
    if (stamp === now) return;
    await store.directory.refresh();
    await sync.publishChanges();
    stamp = now;
  });
  every(LOOK_EVERY_MS, 'look at ceilings', async () => {
    await store.spend.refresh();
    await sync.publishSpending();
  });
  every(PRUNE_EVERY_MS, 'forget old events', () => store.boxFacts.prune(clock.now()));
  every(REFRESH_EVERY_MS, 'refresh contracts', async () => {
    await store.directory.refresh();
    await sync.publishChanges();
  });
  return {
    async stop() {
      stopped = true;
    },
  };
}

/** Ceilings and what is used of them, from memory. */
function spendingIn(store: Store): NonNullable<CloudSyncOptions['spending']> {
  return {
    contracts: () => store.directory.contracts(),
    spendingOf({ id }) {
      const { ceiling, rater } = store.accountOf(id);
      return { limitMicroYen: ceiling?.limitMicroYen ?? null, spentMicroYen: store.spend.of(id), rater };
    },
  };
}

/** Stops what runs, the last started first; one that fails does not keep the others up. */
async function stopAll(running: readonly Running[], log: Logger): Promise<void> {
  for (const each of [...running].reverse()) {
    await each.stop().catch((error: unknown) => log.error({ err: error }, 'a part did not stop cleanly'));
  }
}

/** Another place of the service, with the same accounts: boxes use it where this one does not answer. */
function secondTrunkOf(flags: Flags): {
  readonly secondTrunk?: { readonly host: string; readonly port: number };
} {
  const place = flags['second-trunk'];
  return place === undefined ? {} : { secondTrunk: hostAndPort(place) };
}

/** Releases lie beside the keys. With `--update-ca` only what that authority signed is taken in. */
function rolloutsOf(
  flags: Flags,
  parts: Pick<Parameters<typeof createRollouts>[0], 'store' | 'publish' | 'privateKey' | 'clock'>,
  log: Logger,
): Rollouts {
  const updateCa = flags['update-ca'];
  if (updateCa !== undefined && !existsSync(updateCa)) throw badUsage(`--update-ca: there is no ${updateCa}`);
  const folder = join(needed(flags, 'state'), 'releases');
  return createRollouts({ ...parts, folder, updateCa, log: log.child({ room: 'rollout' }) });
}

async function started(updates: Rollouts): Promise<Running> {
  await updates.start();
  return updates;
}

async function start(flags: Flags, log: Logger): Promise<Running> {
  const [clock, random] = [systemClock, systemRandom];
  const [folder, host, api] = [needed(flags, 'state'), needed(flags, 'host'), needed(flags, 'api')];
  const databaseUrl = databaseUrlOf(flags);
  const carrier = hostAndPort(needed(flags, 'carrier'));
  const waitMs = waitMsOf(flags);
  const keys = await openServiceKeys({ folder, serverName: CLOUD_SERVER_NAME, clock, random });
  const vaultKey = await openVaultKey(folder, VAULT_KEY_BYTES, random);
  const rules = standardRules();
  const realm = SIP_DOMAIN;
  const store = await openStore({ databaseUrl, vaultKey, realm, rules, clock, random, log, waitMs });
  const running: Running[] = [{ stop: () => store.close() }];
  try {
    const office = officeOf(flags);
    if (office !== undefined) await seedExampleOffice(office, store, log);
    const trunk = { host, port: TRUNK_PORT, domain: SIP_DOMAIN };
    const echo = await echoOf(flags.echo ?? echoHostBeside(host), clock, log);
    if (echo !== undefined) running.push(echo);
    let sip: Switch | undefined;
    const publish: CloudSync['publishUpdate'] = (gateway, sealed) => sync.publishUpdate(gateway, sealed);
    const privateKey = keys.configKey;
    const updates = rolloutsOf(flags, { store: store.rollouts, publish, privateKey, clock }, log);
    const sync = createCloudSync({
      ...{ host, port: MQTT_PORT, trunk, keys, store, clock, random, log },
      ...externalBroker(flags, hostAndPort),
      ...(echo === undefined ? {} : { echo: echo.place }),
      ...secondTrunkOf(flags),
      ...{ spending: spendingIn(store), updates },
      async accountsEnded(ids) {
        await store.directory.refresh();
        sip?.accountsEnded(ids);
      },
    });
    running.push(sync);
    await sync.start();
    running.push(await started(updates));
    // The port is ours, so no other run of the service can be alive: what it left open is ours to close.
    const closed = await store.calls.recover();
    if (closed > 0)
      log.warn({ calls: closed }, 'calls of an earlier run were closed at their last heartbeat');
    const tls = { certPem: keys.serverCertPem, keyPem: keys.serverKeyPem };
    const { calls: book } = store;
    const directory = withDialledOrders(store.directory, store.orders, log);
    sip = createSwitch({
      host,
      tls,
      carrier,
      realm,
      domain: realm,
      directory,
      book,
      authorise: store.authorise,
      clock,
      random,
      log,
    });
    running.push(sip);
    await sip.start();
    const source = operatorSource({ store, sync, updates, sip, rules, clock, random });
    running.push(await startOperatorApi({ socket: api, source, log }));
    running.push(startChores(store, sync, clock, log));
    return { stop: () => stopAll(running, log) };
  } catch (error) {
    await stopAll(running, log);
    throw error;
  }
}

const flags = readFlags();
const log = createLog('cloud', flags instanceof StartupError ? 'info' : flags['log-level']);

// The timers of the clock do not keep a process alive, and while the database is waited for nothing else does.
const alive = setInterval(() => undefined, 3_600_000);
alive.ref();

await runMain(log, () => {
  if (flags instanceof StartupError) throw flags;
  return start(flags, log);
});

import type { Clock } from '../../lib/base/clock.ts';
import type { Result } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId, ServiceId } from '../../lib/base/ids.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { BoxCommand } from '../../lib/contract/command.ts';
import { ENROL_PORT } from '../../lib/contract/enrolment.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';
import type { UpdateReport } from '../../lib/contract/update.ts';
import {
  type BoxLans,
  type BoxRecords,
  type Gateways,
  type Identities,
  type Offices,
  readBatch,
} from '../store/index.ts';
import { Broker, CONNECT_LIMIT_MS } from './broker.ts';
import type { BrokerPort } from './broker-port.ts';
import { CLOUD_SERVER_NAME, type ServiceKeys } from './certificates.ts';
import { type CommandFailure, Commands, type DoneCommand } from './commands.ts';
import type { TrunkAddress } from './compile.ts';
import { newCounters, type SyncCounters } from './counters.ts';
import { DesiredPublisher, type Published } from './desired.ts';
import {
  type Bundle,
  DOWNLOAD_LIMITS,
  type DownloadCounters,
  DownloadDesk,
  type DownloadLimits,
} from './download-desk.ts';
import { EnrolDesk } from './enrol-desk.ts';
import { ExternalBroker, type ExternalBrokerNeeds, type ExternalBrokerOptions } from './external-broker.ts';
import { SpendPublisher, type SpendPublisherNeeds } from './spend-publisher.ts';
import { type ClaimTicket, Trust } from './trust.ts';
import { type FactSink, Uplink } from './uplink.ts';

export { type BrokerPlace, mosquittoConf, type NatsNode, natsConf } from './broker-files.ts';
export { CLOUD_SERVER_NAME, openServiceKeys, openVaultKey, type ServiceKeys } from './certificates.ts';
export type { CommandFailure, DoneCommand } from './commands.ts';
export type { SyncCounters } from './counters.ts';
export type { Published } from './desired.ts';
export type { DownloadCounters } from './download-desk.ts';
export type { ExternalBrokerOptions } from './external-broker.ts';
export type { ClaimTicket } from './trust.ts';

/** What the room is made from. */
export interface CloudSyncOptions {
  readonly host: string;
  /** MQTT over TLS, 8883 by custom. */
  readonly port: number;
  /** Where gateways find the switch. */
  readonly trunk: { readonly host: string; readonly port: number; readonly domain: string };
  /** Another place of the service that boxes register at and call over. */
  readonly secondTrunk?: { readonly host: string; readonly port: number };
  /** Where boxes learn what the networks between them and us do. */
  readonly echo?: NonNullable<TrunkAddress['echo']>;
  readonly keys: ServiceKeys;
  /** Where boxes are enrolled and renew their certificates; the usual one when absent. */
  readonly enrolPort?: number;
  /** How long a gateway's certificate lives; a year when absent. */
  readonly certificateLivesMs?: number;
  /** A broker that runs beside us, in the place of the embedded one. */
  readonly broker?: ExternalBrokerOptions;
  /** How long a connection may stay nobody's. */
  readonly connectLimitMs?: number;
  readonly store: {
    readonly offices: Offices;
    readonly gateways: Gateways;
    readonly identities: Identities;
    readonly boxRecords: BoxRecords;
    readonly boxLans: BoxLans;
  };
  /** What contracts may still spend: told to their boxes. Absent: no box is told anything. */
  readonly spending?: Pick<SpendPublisherNeeds, 'contracts' | 'spendingOf'> | undefined;
  /** Who leads updates of boxes. Absent: no box is ever told to update. */
  readonly updates?: UpdateLead | undefined;
  /** How much downloads may take, in the place of the usual. */
  readonly downloads?: DownloadLimits | undefined;
  /** SIP accounts of a box that is trusted no more are others now: resolves when whoever serves calls knows. */
  readonly accountsEnded?: ((ids: readonly ServiceId[]) => Promise<void>) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Who leads updates of boxes. */
export interface UpdateLead {
  /** A box tells of its system; resolves after the commit. */
  reported(contract: ContractId, gateway: GatewayId, report: UpdateReport): Promise<void>;
  /** Publishes every order again: the broker has forgotten them. */
  republish(): Promise<void>;
  bundle(version: string): Promise<Bundle | undefined>;
}

/** The cloud's end of the link to the gateways. */
export interface CloudSync extends Running {
  /** Takes the port, then publishes every configuration again. Throws a StartupError when the port cannot be had. */
  start(): Promise<void>;
  /** After a contract changed, or when an operator asks. */
  publish(contract: ContractId): Promise<readonly Result<Published>[]>;
  /** Tells boxes what may still be spent, where that has changed. Answers how many were told. */
  publishSpending(): Promise<number>;
  /** Of all contracts, those whose configuration has changed with time. */
  publishChanges(): Promise<readonly Result<Published>[]>;
  /** A claim code for a gateway's order; the earlier one ends. Undefined when there is no such gateway. */
  claimTicket(gateway: GatewayId): Promise<ClaimTicket | undefined>;
  /**
   * Ends the identity of a gateway and its SIP accounts: it is cut off at once and does not come back without a new claim code.
   * Answers how many certificates it had; undefined when there is no such gateway. Rejects when a foreign broker did not take
   * it: then the gateway may still be connected, and the same question does what is left to do.
   */
  revoke(gateway: GatewayId, why: string): Promise<number | undefined>;
  /** Has a gateway do something at once, in somebody's name, and waits for its answer. */
  command(gateway: GatewayId, command: BoxCommand, by: string): Promise<Result<DoneCommand, CommandFailure>>;
  counters(): Readonly<SyncCounters>;
  /** What a box is to run, sealed: retained at the broker. */
  publishUpdate(gateway: GatewayId, sealed: Buffer): Promise<void>;
  downloads(): Readonly<DownloadCounters> & { readonly busy: number };
}

/** To a gateway, through the broker. */
type Publish = (topic: string, payload: string, retain: boolean) => Promise<void>;

/** Where nobody is limited there is nothing to reckon. */
const NO_CEILING: SpendPublisherNeeds['spendingOf'] = () => {
  throw new Error('no contract, no spending');
};

/** Does nothing until `start`. */
export function createCloudSync(options: CloudSyncOptions): CloudSync {
  const { clock, keys, log, store } = options;
  const counters = newCounters();
  const trust = trustOf(options);
  const publish: Publish = (topic, payload, retain) => broker.publish(topic, payload, retain);
  const commands = commandsOf(options, publish);
  const uplink = new Uplink({ sink: sinkOf(options, commands), publish, counters, log });
  const broker = brokerOf(options, trust, {
    counters,
    up: (gateway, kind, payload) => uplink.push(gateway, kind, payload),
    async onFresh(sinceMs) {
      await store.gateways.everybodyGone(sinceMs);
      await desired.publish();
      await spending.publish(true);
      await options.updates?.republish();
    },
  });
  const downloads = downloadsOf(options);
  const desk = deskOf(options, trust, downloads, { broker, endAccounts: (gateway) => endAccounts(gateway) });
  const desired = desiredOf(options, publish);
  const spending = new SpendPublisher({
    ...(options.spending ?? { contracts: () => [], spendingOf: NO_CEILING }),
    ...{ publish, privateKey: keys.configKey, clock },
  });
  /** What a box knew opens nothing any more; its successor finds the new passwords in its configuration. */
  const endAccounts = async (gateway: GatewayId): Promise<void> => {
    const contract = await store.offices.contractOf(gateway);
    if (contract === undefined) return;
    const ids = await store.offices.renewSipPasswords(contract, gateway);
    await options.accountsEnded?.(ids);
    await desired.publish(contract);
  };
  return {
    async start() {
      await broker.start();
      await desk.start();
    },
    publish: (contract) => desired.publishAnew(contract),
    publishChanges: () => desired.publishChanges(),
    publishSpending: () => spending.publish(false),
    claimTicket: (gateway) => trust.ticket(gateway),
    async revoke(gateway, why) {
      const count = await trust.revoke(gateway, why);
      await broker.trustChanged(gateway);
      if (count !== undefined) await endAccounts(gateway);
      return count;
    },
    async command(gateway, command, by) {
      const done = await commands.send(gateway, command, by);
      const contract =
        command.do === 'resync' && done.ok ? await store.offices.contractOf(gateway) : undefined;
      if (contract !== undefined) await desired.publish(contract);
      return done;
    },
    counters: () => counters,
    publishUpdate: (gateway, sealed) => publish(gatewayTopics(gateway).update, sealed.toString('utf8'), true),
    downloads: () => ({ ...downloads.counters, busy: downloads.busy }),
    async stop() {
      commands.stop();
      await desk.stop();
      await broker.stop();
      await uplink.stop();
    },
  };
}

function desiredOf(options: CloudSyncOptions, publish: Publish): DesiredPublisher {
  const { clock, keys, log, store } = options;
  return new DesiredPublisher({
    contracts: () => store.offices.all(),
    passwords: (contract) => store.offices.sipPasswords(contract),
    store: store.gateways,
    async takenBack(contract, gateway) {
      const report = (await store.gateways.reported(contract, gateway))?.report;
      return report?.state === 'rolledBack' ? report.desiredRev : undefined;
    },
    publish,
    trunk: trunkOf(options),
    privateKey: keys.configKey,
    keyFingerprint: keys.configKeyFingerprint,
    clock,
    log,
  });
}

function trunkOf({ echo, secondTrunk, trunk }: CloudSyncOptions): TrunkAddress {
  return {
    ...{ ...trunk, serverName: CLOUD_SERVER_NAME },
    ...(echo === undefined ? {} : { echo }),
    ...(secondTrunk === undefined ? {} : { second: secondTrunk }),
  };
}

function trustOf(options: CloudSyncOptions): Trust {
  const { clock, host, keys, log, port, random, store, trunk } = options;
  const [node = { host, port }, ...others] = options.broker?.nodes ?? [];
  return new Trust({
    ...{ identities: store.identities, keys, clock, random, log },
    contractOf: (gateway) => store.offices.contractOf(gateway),
    certificateLivesMs: options.certificateLivesMs,
    addresses: {
      mqtt: { ...node, serverName: CLOUD_SERVER_NAME, ...(others.length === 0 ? {} : { others }) },
      enrol: { host, port: options.enrolPort ?? ENROL_PORT },
      sip: trunk,
    },
  });
}

function brokerOf(
  options: CloudSyncOptions,
  trust: Trust,
  uses: Pick<ExternalBrokerNeeds, 'counters' | 'up' | 'onFresh'>,
): BrokerPort {
  const { broker, clock, keys, log, random } = options;
  const { caPem, serverCertPem: certPem, serverKeyPem: keyPem } = keys;
  const shared = { ...uses, caPem, certPem, keyPem, clock, log };
  if (broker !== undefined) {
    return new ExternalBroker({ ...shared, broker, trust, random, serverName: CLOUD_SERVER_NAME });
  }
  return new Broker({
    ...shared,
    ...{ host: options.host, port: options.port },
    connectLimitMs: options.connectLimitMs ?? CONNECT_LIMIT_MS,
    holderOf: (certificate) => trust.holderOf(certificate),
  });
}

function downloadsOf({ clock, downloads, log, updates }: CloudSyncOptions): DownloadDesk {
  return new DownloadDesk({
    bundle: async (version) => updates?.bundle(version),
    limits: downloads ?? DOWNLOAD_LIMITS,
    ...{ clock, log },
  });
}

function deskOf(
  options: CloudSyncOptions,
  trust: Trust,
  downloads: DownloadDesk,
  uses: {
    readonly broker: BrokerPort;
    readonly endAccounts: (gateway: GatewayId) => Promise<void>;
  },
): EnrolDesk {
  const { broker, endAccounts } = uses;
  const { clock, host, keys, log, store } = options;
  return new EnrolDesk({
    ...{ host, port: options.enrolPort ?? ENROL_PORT, trust, downloads, clock, log },
    ...{ chainPem: keys.serverCertPem + keys.caPem, keyPem: keys.serverKeyPem, caPem: keys.caPem },
    onIssued: async (gateway, how) => {
      // Whoever was there under a name that is claimed is there no more; who renews goes by himself.
      if (how !== 'renewed' || options.broker !== undefined) await broker.trustChanged(gateway);
      const other = how === 'claimed' && (await store.identities.hadOtherKeys(gateway));
      if (how === 'left' || other) await endAccounts(gateway);
    },
  });
}

function commandsOf(options: CloudSyncOptions, publish: Publish): Commands {
  const { clock, keys, log, random, store } = options;
  return new Commands({
    contractOf: (gateway) => store.offices.contractOf(gateway),
    online: (gateway) => store.gateways.online(gateway),
    keep: (contract, command) => store.boxLans.sent(contract, command),
    settle: (contract, gateway, result) => store.boxLans.answered(contract, gateway, result, clock.now()),
    publish,
    privateKey: keys.configKey,
    clock,
    random,
    log,
  });
}

function sinkOf({ store, clock, updates }: CloudSyncOptions, commands: Commands): FactSink {
  const { boxLans, boxRecords, gateways, offices } = store;
  return {
    contractOf: (gateway) => offices.contractOf(gateway),
    reported: (contract, gateway, report) => gateways.saveReported(contract, gateway, report, clock.now()),
    presence: (contract, gateway, presence) =>
      gateways.savePresence(contract, gateway, presence, clock.now()),
    lan: (contract, gateway, report) => boxLans.save(contract, gateway, report, clock.now()),
    commandResult: (contract, gateway, result) => commands.answered(contract, gateway, result),
    updateReport: async (contract, gateway, report) => updates?.reported(contract, gateway, report),
    async records(contract, gateway, payload) {
      const batch = readBatch(payload);
      if (!batch.ok) return undefined;
      const { items, nameless } = batch.value;
      return { ...(await boxRecords.ingest(contract, gateway, items)), nameless };
    },
  };
}

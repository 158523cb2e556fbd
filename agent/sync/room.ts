import type { Clock } from '../../lib/base/clock.ts';
import type { Result } from '../../lib/base/errors.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import type { ReportedConfig } from '../../lib/contract/facts.ts';
import type { LanReport } from '../../lib/contract/lan-facts.ts';
import type { Mailboxes } from '../../lib/contract/mailboxes.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { SpendReport } from '../../lib/contract/spend.ts';
import type { UpdateReport } from '../../lib/contract/update.ts';
import type { ByteTap, Health } from '../ports.ts';
import type { AgentStatus } from '../status.ts';
import type { CommandMemory, ConfigStore, Outbox } from '../store/index.ts';
import type { CarryOut } from './command-desk.ts';
import type { MqttWire, WireOptions } from './mqtt-wire.ts';
import type { HealthSeen } from './probation.ts';

/** What the sync room needs from the others. */
export interface SyncOptions {
  readonly enrolment: Enrolment;
  /** What the next connection is made with: the certificate is renewed now and then. Default: the enrolment. */
  readonly identity?: (() => Enrolment) | undefined;
  readonly boot: string;
  readonly outbox: Outbox;
  readonly config: ConfigStore;
  /** `Office.apply`: all of it or none. */
  readonly apply: (config: SiteConfig) => Result<void>;
  /** How well the box works: by it a new configuration is watched, and taken back when the box is worse for it. */
  readonly healthSeen?: (() => HealthSeen) | undefined;
  /** While true nothing is reconfigured: an emergency call is up. */
  readonly holdOff?: (() => boolean) | undefined;
  /** Carries out what the cloud has the box do at once. */
  readonly carryOut: CarryOut;
  /** Commands that were begun. */
  readonly commands: CommandMemory;
  /** The customer's LAN now; cheap, and never throws. */
  readonly lanReport: () => LanReport;
  /** How many messages wait, whenever the cloud says so. */
  readonly mailboxes?: (mailboxes: Mailboxes) => void;
  /** What may still be spent, whenever the cloud says so. False when it is older than what is known. */
  readonly spend?: ((report: SpendReport) => boolean) | undefined;
  /** The service was away, and is there again: what else hangs on the same way need not wait. */
  readonly reached?: (() => void) | undefined;
  /** Who takes orders to install another system, and tells which one runs; none where there is only one. */
  readonly updates?: UpdateEnd | undefined;
  /** Default: MQTT over TLS. */
  readonly openWire?: ((options: WireOptions) => MqttWire) | undefined;
  /** Where what goes to the broker and comes from it can be watched. */
  readonly tap?: ByteTap | undefined;
  readonly health: Health;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The room that installs systems, as it is told and asked from here. */
export interface UpdateEnd {
  /** What came on `down/update`. */
  received(payload: Uint8Array): void;
  /** What stands on `up/update`; undefined while that is not known. */
  report(): UpdateReport | undefined;
  /** Told when the report is another one. */
  onChange(listener: () => void): void;
}

/** The link to the cloud: configuration down, facts up. */
export interface Sync extends Running {
  /** Applies the last good configuration, before any network; then connects, for ever. */
  start(): void;
  /** For `AgentStatus.cloud`. */
  cloud(): AgentStatus['cloud'];
  /** For `AgentStatus.config`. */
  reported(): ReportedConfig;
  /** Tells the cloud everything once more. */
  resync(): void;
  /** There is reason to believe that the service is to be reached again: a pause between two tries ends now. */
  hurry(): void;
  /** What runs now, with its secrets. */
  running(): SiteConfig | undefined;
  /** Told after the connection or the configuration changed. */
  onChange(listener: () => void): void;
}

import type { Instant } from '../../lib/base/clock.ts';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import type { CallId, ContractId, GatewayId, ServiceId } from '../../lib/base/ids.ts';
import type { BoxCommand } from '../../lib/contract/command.ts';
import type { ReportedConfig } from '../../lib/contract/facts.ts';
import type { DraftInvoice, Period } from '../billing/index.ts';
import type { Contract } from '../contracts/index.ts';
import type { RatableCall, Rating } from '../rating/types.ts';
import type { Rollouts } from '../rollout/index.ts';
import type { CallRequest, Decision, DeviceClass } from '../routing/types.ts';
import type {
  BoxEvent,
  BoxView,
  CallView,
  CommandView,
  GatewayRow,
  LanView,
  NO_CONTRACT,
  QuarantinedView,
  Store,
} from '../store/index.ts';
import type { SwitchFigures } from '../switch/index.ts';
import type {
  ClaimTicket,
  CommandFailure,
  DoneCommand,
  DownloadCounters,
  Published,
  SyncCounters,
} from '../sync/index.ts';
import type { BooksSource } from './books-source.ts';
import type { RevisionDiff } from './revision-diff.ts';

/** How the service is. */
export interface Health {
  readonly ok: boolean;
  readonly database: 'up' | 'down';
  readonly upMs: number;
  /** Figures of the rooms, as they keep them. */
  readonly sync: Readonly<SyncCounters>;
  readonly switch: Readonly<SwitchFigures>;
}

/** What a call that nobody makes is explained by. */
export interface ExplainWorld {
  decide(): Decision;
  device(id: ServiceId): DeviceClass | undefined;
  /** By the prices and allowances of a contract; without one, by the cloud phone's. */
  price(call: RatableCall, contract: ContractId | undefined): Rating;
}

/** What the operator's API asks for; handed in by the composition root. */
export interface OperatorSource {
  readonly books: BooksSource;
  /** Releases and rollouts. */
  readonly updates: Pick<
    Rollouts,
    'releases' | 'addRelease' | 'removeRelease' | 'rollouts' | 'rollout' | 'begin' | 'change'
  >;
  /** What boxes have fetched since the start. */
  downloads(): Readonly<DownloadCounters> & { readonly busy: number };
  /** Which system each box runs, as it told last. */
  systems(): ReturnType<Store['rollouts']['fleet']>;
  health(): Promise<Health>;
  gateways(): Promise<readonly GatewayRow[]>;
  /** Undefined when there is no such gateway, as for the next three. */
  claimTicket(gateway: GatewayId): Promise<ClaimTicket | undefined>;
  revoke(gateway: GatewayId, why: string): Promise<number | undefined>;
  contractOf(gateway: GatewayId): Promise<ContractId | undefined>;
  reported(
    contract: ContractId,
    gateway: GatewayId,
  ): Promise<{ readonly report: ReportedConfig; readonly receivedAt: number } | undefined>;
  /** How boxes are as they told it last: all, or those of a contract. */
  boxes(contract?: ContractId): Promise<readonly BoxView[]>;
  /** Warnings of a contract's boxes that came or went, newest first. */
  events(contract: ContractId, sinceMs: number): Promise<readonly BoxEvent[]>;
  /** What one revision of a gateway's configuration changed; by default the newest, against the one that runs or the one before. */
  configDiff(
    gateway: GatewayId,
    from: number | undefined,
    to: number | undefined,
  ): Promise<Result<RevisionDiff, CodedError>>;
  contract(id: ContractId): Promise<Contract | undefined>;
  /** The LANs of a contract's gateways as they were reported last. */
  lans(contract: ContractId): Promise<readonly LanView[]>;
  /** What its gateways were told to do, newest first. */
  commands(contract: ContractId): Promise<readonly CommandView[]>;
  /** Has a gateway do something at once and waits for its answer. */
  command(gateway: GatewayId, command: BoxCommand): Promise<Result<DoneCommand, CommandFailure>>;
  records(contract: ContractId, sinceMs: number): Promise<readonly CallView[]>;
  /** Of a contract, or of none: records for a contract that is not there wait under none. */
  quarantine(contract: ContractId | typeof NO_CONTRACT): Promise<readonly QuarantinedView[]>;
  /** Faxes that boxes carried, newest first. */
  faxes(contract: ContractId, sinceMs: number): ReturnType<Store['faxes']>;
  /** What a person should know of a contract: ceilings, IDs that call often; newest first. */
  alerts(contract: ContractId): ReturnType<Store['alerts']>;
  /** Of the running period when none is named; undefined when the name is no period. */
  period(name: string | undefined): Period | undefined;
  invoiceDraft(contract: Contract, period: Period): Promise<Result<DraftInvoice>>;
  /**
   * The contracts that a call may touch as they are now, or as their orders had made them at a moment; all devices are
   * there and nobody talks. Refused when a history cannot be replayed by the rules of today.
   */
  world(request: CallRequest, at: Instant | undefined): Promise<Result<ExplainWorld>>;
  newCall(): CallId;
  now(): Instant;
  republish(contract: ContractId): Promise<readonly Result<Published>[]>;
}

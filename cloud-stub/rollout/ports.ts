import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { UpdateOrder, UpdateReport } from '../../lib/contract/update.ts';
import type { Tally } from './tally.ts';
import type { FleetBox, Rollout, RolloutBox } from './types.ts';

/** A release as it is kept: the file of its bundle lies beside it. */
export interface KeptRelease {
  readonly version: string;
  readonly compatible: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Whether the signature of the bundle was held against the keys of the fleet. */
  readonly signatureChecked: boolean;
  readonly addedAt: number;
}

/** Where releases are kept. */
export interface ReleaseStore {
  releases(): Promise<readonly KeptRelease[]>;
  /** False when there is one of that version. */
  addRelease(release: KeptRelease): Promise<boolean>;
  /** False when there is none. */
  removeRelease(version: string): Promise<boolean>;
}

/** A report, and whose it is. */
export interface HeardReport {
  readonly contract: ContractId;
  readonly gateway: GatewayId;
  readonly report: UpdateReport;
  readonly receivedAt: number;
}

/** What a step has changed. It is kept as a whole or not at all. */
export interface RolloutChange {
  readonly rollouts: readonly { readonly rollout: Rollout; readonly boxes: readonly RolloutBox[] }[];
  readonly orders: readonly { readonly contract: ContractId; readonly order: UpdateOrder }[];
  readonly reports: readonly HeardReport[];
}

/** A rollout without its boxes, and how many are where. */
export interface RolloutSummary {
  readonly rollout: Omit<Rollout, 'boxes'>;
  readonly tally: Readonly<Tally>;
}

/** Where rollouts are kept. */
export interface RolloutStore {
  /** All, oldest first, without their boxes. */
  summaries(): Promise<readonly RolloutSummary[]>;
  /** One with its boxes. */
  rollout(id: string): Promise<Rollout | undefined>;
  /** Every gateway that was enrolled, as it is now. */
  fleet(): Promise<readonly Omit<FleetBox, 'taken'>[]>;
  /** Resolves after the commit. */
  keep(change: RolloutChange): Promise<void>;
  /** The last order of each gateway, for a broker that has forgotten. */
  orders(): Promise<readonly UpdateOrder[]>;
}

import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../lib/base/clock.ts';
import type { Result } from '../../lib/base/errors.ts';
import { ok } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { UpdateReport } from '../../lib/contract/update.ts';
import { type BundleInfo, readBundleInfo } from './bundle-info.ts';
import { RolloutDesk, type RolloutRefusal } from './desk.ts';
import type { RolloutRequest } from './plan.ts';
import type { KeptRelease, ReleaseStore, RolloutStore } from './ports.ts';
import { ReleaseShelf, type ReleaseWord, type ShelvedBundle } from './shelf.ts';
import { type RolloutBoxView, type RolloutView, rolloutView, wholeView } from './view.ts';

export { keptPlan, keptState, openBoxAt, openHead, packHead } from './kept.ts';
export { type RolloutRequest, rolloutRequest } from './plan.ts';
export type { KeptRelease, ReleaseStore, RolloutChange, RolloutStore, RolloutSummary } from './ports.ts';
export { type Tally, tallyOf } from './tally.ts';
export type { FleetBox, Rollout, RolloutBox } from './types.ts';
export type { RolloutBoxView, RolloutView } from './view.ts';

/** A rollout with its boxes. */
export type WholeRollout = RolloutView & { readonly boxes: readonly RolloutBoxView[] };

/** What the room is made from. */
export interface RolloutsOptions {
  readonly store: ReleaseStore & RolloutStore;
  /** Where bundles lie. */
  readonly folder: string;
  /** PEM of the authority that signs this fleet's bundles; without it signatures are the boxes' business alone. */
  readonly updateCa?: string | undefined;
  /** How a bundle is asked what it is; by `rauc` when absent. */
  readonly info?: ((file: string) => Promise<Result<BundleInfo | undefined>>) | undefined;
  readonly publish: (gateway: GatewayId, sealed: Buffer) => Promise<void>;
  readonly privateKey: KeyObject;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Updates of boxes, from the cloud: releases, and rollouts of them in waves. */
export interface Rollouts extends Running {
  start(): Promise<void>;
  releases(): Promise<readonly KeptRelease[]>;
  addRelease(word: ReleaseWord): Promise<Result<KeptRelease>>;
  removeRelease(version: string): Promise<Result<{ readonly version: string }>>;
  rollouts(): Promise<readonly RolloutView[]>;
  rollout(id: string): Promise<WholeRollout | undefined>;
  begin(request: RolloutRequest): Promise<Result<WholeRollout, RolloutRefusal>>;
  change(
    id: string,
    what: 'pause' | 'resume' | 'abort',
    why: string,
  ): Promise<Result<WholeRollout, RolloutRefusal>>;
  reported(contract: ContractId, gateway: GatewayId, report: UpdateReport): Promise<void>;
  republish(): Promise<void>;
  bundle(version: string): Promise<ShelvedBundle | undefined>;
}

/** Does nothing by itself until `start`. */
export function createRollouts(options: RolloutsOptions): Rollouts {
  const { clock, folder, log, privateKey, publish, store, updateCa } = options;
  const shelf = new ReleaseShelf({
    ...{ folder, store, clock, log },
    info: options.info ?? ((file) => readBundleInfo(file, updateCa)),
    using: (version) => desk.using(version),
  });
  const desk = new RolloutDesk({
    ...{ store, publish, privateKey, clock, log },
    release: (version) => shelf.release(version),
  });
  const viewed = (result: Awaited<ReturnType<RolloutDesk['begin']>>): Result<WholeRollout, RolloutRefusal> =>
    result.ok ? ok(wholeView(result.value)) : result;
  return {
    async start() {
      await shelf.start();
      await desk.start();
    },
    stop: () => desk.stop(),
    releases: () => shelf.list(),
    addRelease: (word) => shelf.add(word),
    removeRelease: (version) => shelf.remove(version),
    rollouts: async () => (await desk.summaries()).map(rolloutView),
    async rollout(id) {
      const found = await desk.rollout(id);
      return found && wholeView(found);
    },
    begin: async (request) => viewed(await desk.begin(request)),
    change: async (id, what, why) => viewed(await desk.change(id, what, why)),
    reported: (contract, gateway, report) => desk.reported(contract, gateway, report),
    republish: () => desk.republish(),
    bundle: (version) => shelf.bundle(version),
  };
}

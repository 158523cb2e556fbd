import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { Release, RestartWindow, UpdateReport, UpdateState } from '../../lib/contract/update.ts';

/** Which boxes a rollout is for. Boxes that come later belong to it as well. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'contracts'; readonly contracts: readonly string[] }
  | { readonly kind: 'gateways'; readonly gateways: readonly string[] };

/** How many boxes are through when a wave is: so many, or so many of a hundred. What is left is the last wave. */
export type Wave =
  | { readonly kind: 'boxes'; readonly boxes: number }
  | { readonly kind: 'percent'; readonly percent: number };

/** How fast orders go out: `perMinute` at first, `growBy` times that for each `growEvery` boxes that are done. */
export interface Rate {
  readonly perMinute: number;
  readonly growBy: number;
  readonly growEvery: number;
  readonly mostPerMinute: number;
}

/** What an operator has decided. It never changes: whoever wants something else starts another rollout. */
export interface RolloutPlan {
  readonly release: Release;
  readonly scope: Scope;
  readonly waves: readonly Wave[];
  /** Nothing is ordered for so long after a wave is through. */
  readonly soakMs: number;
  readonly rate: Rate;
  /** When boxes may restart, in Japan; null: whenever nobody speaks. */
  readonly window: RestartWindow | null;
  /** The same for the boxes of one contract. */
  readonly windows: Readonly<Record<string, RestartWindow | null>>;
  /** Orders go out so long before the window, to be fetched by then. */
  readonly leadMs: number;
  /** The rollout is given up when so many of a hundred that came to an end went wrong, once `least` came to one. */
  readonly abort: { readonly sharePercent: number; readonly least: number };
  /** A box that is in the middle of it and says nothing for so long is in trouble. */
  readonly silentMs: number;
  /** A wave waits for one box no longer. */
  readonly patienceMs: number;
  readonly allowOlder: boolean;
  readonly note: string;
}

/** Why a box went wrong, as it said it. */
export interface Reason {
  readonly code: string;
  readonly say: string;
}

/** Where a box of a rollout is. `done`, `failed`, `rolledBack`, `already` and `left` are ends: there is one for each box. */
export type BoxAt =
  | { readonly at: 'waiting' }
  | {
      readonly at: 'ordered';
      /** Reports count from here on: earlier ones are about something else. */
      readonly firstSerial: number;
      readonly serial: number;
      readonly orderedAt: number;
      /** It was told to wait, and is told to go on as if it was its turn. */
      readonly held: boolean;
      /** What it said last of this order, and when we heard it. */
      readonly heard: { readonly state: UpdateState; readonly at: number } | null;
      readonly trouble: Trouble | null;
    }
  | { readonly at: 'done'; readonly endedAt: number }
  | { readonly at: 'failed'; readonly endedAt: number; readonly reason: Reason }
  | { readonly at: 'rolledBack'; readonly endedAt: number; readonly reason: Reason }
  /** It ran that version before anybody asked. */
  | { readonly at: 'already'; readonly endedAt: number }
  /** Nothing was asked of it, or is any more. */
  | { readonly at: 'left'; readonly endedAt: number; readonly why: LeftWhy };

export const troubles = [
  /** It is there and says nothing. Counts as gone wrong, while it lasts. */
  'silent',
  /** It went away in the middle of it and has not come back. Counts as gone wrong, while it lasts. */
  'lost',
  /** It went away before it began. Counts as nothing; it has its order when it comes. */
  'away',
  /** It has a reason to wait, for longer than a wave waits. Counts as nothing. */
  'late',
] as const;
/** Why a wave goes on without a box that was ordered to update. */
export type Trouble = (typeof troubles)[number];

export const leftWhys = [
  /** It runs something newer. */
  'newer',
  /** Another rollout has it. */
  'superseded',
  /** The rollout was given up before its turn. */
  'aborted',
  /** There is no such gateway any more. */
  'gone',
] as const;
export type LeftWhy = (typeof leftWhys)[number];

/** What {@link BoxAt} says of a box that was ordered to update and has come to no end. */
export type Ordered = Extract<BoxAt, { readonly at: 'ordered' }>;

/** A box in a rollout. */
export interface RolloutBox {
  readonly gateway: GatewayId;
  readonly contract: ContractId;
  /** Of the claim by which it is this box: another claim, another box. */
  readonly enrolledAt: number;
  readonly now: BoxAt;
}

/** How a rollout is. `complete` is in force still: a box that comes later is brought up to it. */
export type RolloutState =
  | { readonly at: 'running' }
  | { readonly at: 'paused'; readonly why: string }
  | { readonly at: 'complete' }
  | { readonly at: 'aborted'; readonly why: string; readonly by: 'operator' | 'share' }
  | { readonly at: 'superseded'; readonly by: string };

/** A rollout as it stands. Immutable: each step makes another one. */
export interface Rollout {
  /** `r-000001` */
  readonly id: string;
  readonly plan: RolloutPlan;
  readonly startedAt: number;
  readonly state: RolloutState;
  /** Which wave runs, from 0; after the last of the plan comes that of the rest. */
  readonly wave: number;
  /** Since when that wave is through; null while it is not. */
  readonly soakFrom: number | null;
  /** When orders went out in the last minute, oldest first. */
  readonly recent: readonly number[];
  readonly boxes: ReadonlyMap<GatewayId, RolloutBox>;
}

/** What was ordered of a gateway last, by whichever rollout. */
export interface LastOrder {
  readonly serial: number;
  readonly rollout: string;
  readonly action: 'install' | 'hold';
}

/** A gateway as the service knows it now. */
export interface FleetBox {
  readonly gateway: GatewayId;
  readonly contract: ContractId;
  readonly enrolledAt: number;
  readonly online: boolean;
  /** Since when it is there, or is not. */
  readonly since: number;
  /** What it told last of its system; null when it has told nothing, or runs no updater. */
  readonly report: { readonly report: UpdateReport; readonly receivedAt: number } | null;
  readonly lastOrder: LastOrder | null;
  /** A later rollout has it. */
  readonly taken: boolean;
}

/** What happens to a rollout. */
export type RolloutInput =
  /** A look at everything. `watchingSince`: nothing was heard before, as the service was away. */
  | { readonly kind: 'look'; readonly fleet: readonly FleetBox[]; readonly watchingSince: number }
  /** What boxes have told since. */
  | {
      readonly kind: 'reports';
      readonly reports: readonly { readonly gateway: GatewayId; readonly report: UpdateReport }[];
    }
  | { readonly kind: 'pause'; readonly why: string }
  | { readonly kind: 'resume' }
  | { readonly kind: 'abort'; readonly why: string }
  /** Another rollout is for everything that this one is for. */
  | { readonly kind: 'supersede'; readonly by: string };

/** What a gateway is to be told. */
export interface NewOrder {
  readonly gateway: GatewayId;
  readonly contract: ContractId;
  readonly serial: number;
  readonly action: 'install' | 'hold';
}

/** A rollout after a step, and what is to be published because of it. */
export interface Stepped {
  readonly rollout: Rollout;
  readonly orders: readonly NewOrder[];
}

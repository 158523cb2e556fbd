import { z } from 'zod';
import {
  type Release,
  release,
  restartWindow,
  systemVersion,
  type UpdateOrder,
  type UpdateWait,
  updateOrder,
} from '../../lib/contract/update.ts';
import { type Gate, type Picture, picture } from './gate.ts';
import type { SystemView } from './slot-tool.ts';
import type { Blind } from './window.ts';

const slot = z.enum(['a', 'b']);
const reason = z.strictObject({ code: z.string().max(60), say: z.string().max(400) });
/** Why an update ended without the new system. */
export type Reason = Readonly<z.infer<typeof reason>>;

const stage = z.discriminatedUnion('at', [
  /** The bundle is being fetched. `tries`: whole files that were not what was ordered. */
  z.strictObject({ at: z.literal('fetching'), tries: z.int().min(0) }),
  /** The bundle is there. */
  z.strictObject({ at: z.literal('ready'), path: z.string().max(1_000) }),
  /** It is being written into the other slot. `tries`: how often that was begun. */
  z.strictObject({ at: z.literal('installing'), path: z.string().max(1_000), tries: z.int().min(1) }),
  /** The other slot holds the system, and nothing starts it yet. */
  z.strictObject({ at: z.literal('installed'), target: slot }),
  /** The box is about to start it. `activated`: the next start, whatever causes it, is the new system's. */
  z.strictObject({
    ...{ at: z.literal('restarting'), target: slot, activated: z.boolean() },
    /** The start of the box at which this was decided: another one shows which slot came up. */
    boot: z.string().max(60),
    before: picture,
  }),
  /** It runs and is watched. `starts`: of the agent, since then. */
  z.strictObject({
    ...{ at: z.literal('probation'), target: slot, starts: z.int().min(1) },
    before: picture.nullable(),
  }),
  /** It was worse; the box goes back to `to`. */
  /** `boot`: the start of the box in which it was asked to restart, null before. */
  z.strictObject({
    at: z.literal('goingBack'),
    to: slot,
    marked: z.boolean(),
    boot: z.string().nullable(),
    reason,
  }),
  z.strictObject({ at: z.literal('done') }),
  z.strictObject({ at: z.literal('failed'), reason }),
  z.strictObject({ at: z.literal('rolledBack'), reason }),
]);
/** How far an update has come. */
export type Stage = Readonly<z.infer<typeof stage>>;

const job = z.strictObject({
  /** The service's order; a file that a technician brought; or what lies in the other slot. */
  from: z.enum(['cloud', 'file', 'slot']),
  /** Null when nobody ordered it. */
  rollout: z.string().max(60).nullable(),
  serial: z.int().min(1).nullable(),
  version: systemVersion,
  release: release.nullable(),
  /** Null: at any time without a call. */
  window: restartWindow.nullable(),
  stage,
});
/** An update, from its order to its end. */
export type Job = Readonly<z.infer<typeof job>>;

const givenUp = z.strictObject({
  rollout: z.string().max(60),
  version: systemVersion,
  at: z.enum(['failed', 'rolledBack']),
  reason,
});

/** What survives every restart, in `update.json`. */
export const updateMemory = z.strictObject({
  v: z.literal(1),
  /** The service's last order. */
  order: updateOrder.nullable(),
  /** Serial number of the last order that was acted upon; a later one waits for the end of what cannot be left. */
  taken: z.int().min(0),
  job: job.nullable(),
  /** What is not tried again in the same rollout. */
  givenUp: z.array(givenUp).max(40),
});
export type UpdateMemory = Readonly<z.infer<typeof updateMemory>>;

export const NO_MEMORY: UpdateMemory = { v: 1, order: null, taken: 0, job: null, givenUp: [] };

/** What the machine has asked for and has not heard of yet. */
export type Busy = 'download' | 'install' | 'activate' | 'mark' | 'restart' | null;

/** The update of a box. Only `memory` is on disk. */
export interface State {
  readonly memory: UpdateMemory;
  /** Null until the slots were asked, which is before anything else. */
  readonly system: SystemView | null;
  /** Which start of the box this is. */
  readonly boot: string;
  readonly wait: UpdateWait | null;
  readonly busy: Busy;
  readonly bytes: number;
  readonly percent: number;
  readonly failures: number;
  /** Monotonic: nothing is tried again before. */
  readonly retryMs: number;
  readonly gate: Gate | null;
  /** While a restart waits in a box that was not told the time. */
  readonly blind: Blind | null;
  /** Why the last thing did not go, while it is tried again. */
  readonly trouble: string | null;
}

/** The box, as an update has to look at it. */
export interface World {
  /** A call is up, or a fax, or a phone is off the hook. */
  readonly calls: boolean;
  /** Null while the box was not told the time. */
  readonly wallMs: number | null;
  readonly picture: Picture;
  /** Whether anybody listens where the service was; null when that was not asked. */
  readonly reaches: boolean | null;
}

export type Input =
  /** The slots were looked at, at the start of the agent. */
  | { readonly type: 'start'; readonly system: SystemView; readonly boot: string }
  /** They were looked at again, after something was written into one. */
  | { readonly type: 'system'; readonly system: SystemView }
  | { readonly type: 'order'; readonly order: UpdateOrder }
  /** A proved bundle that a technician has brought. */
  | {
      readonly type: 'file';
      readonly path: string;
      readonly version: string;
      /** Outside the window too, as soon as nobody talks. */
      readonly now: boolean;
    }
  /** A technician wants the other slot back. */
  | { readonly type: 'rollback' }
  /** A technician wants what is installed to be started as soon as nobody talks. */
  | { readonly type: 'now' }
  | { readonly type: 'look'; readonly world: World }
  | { readonly type: 'bytes'; readonly bytes: number }
  | { readonly type: 'fetched'; readonly path: string }
  | {
      readonly type: 'notFetched';
      readonly why: 'network' | 'space' | 'spoilt';
      readonly say: string;
      readonly fraction: number;
    }
  | { readonly type: 'percent'; readonly percent: number }
  | { readonly type: 'installed' }
  /** `again`: by chance, as another installer is at work. */
  | { readonly type: 'notInstalled'; readonly reason: Reason; readonly again: boolean }
  | { readonly type: 'activated'; readonly done: boolean; readonly say: string }
  /** What the running slot was marked as. */
  | {
      readonly type: 'marked';
      readonly as: 'good' | 'bad';
      readonly done: boolean;
      readonly say: string;
    }
  | { readonly type: 'restarted'; readonly done: boolean; readonly say: string }
  /** The state could not be written: nothing was done. */
  | { readonly type: 'unsaved'; readonly say: string };

export type Effect =
  | { readonly do: 'download'; readonly release: Release }
  | { readonly do: 'stopDownload' }
  /** Bundles are of no use any more. */
  | { readonly do: 'sweep' }
  | { readonly do: 'install'; readonly path: string; readonly version: string }
  | { readonly do: 'activate' }
  | { readonly do: 'markGood' }
  | { readonly do: 'markBad' }
  | { readonly do: 'restart'; readonly why: string };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const NOTHING_YET: State = {
  ...{ memory: NO_MEMORY, system: null, boot: '', wait: null, busy: null, gate: null, trouble: null },
  ...{ blind: null, bytes: 0, percent: 0, failures: 0, retryMs: 0 },
};

/** Whether somebody else may be about to end the running system: it is on trial, or nobody knows yet whether it is. */
export function mayBeOnTrial({ system, memory: { job } }: State): boolean {
  const at = job?.stage.at;
  return system === null || system.trial === system.running.slot || at === 'probation' || at === 'goingBack';
}

/** Whether an update has come to its end. */
export function isOver(stage: Stage): boolean {
  return stage.at === 'done' || stage.at === 'failed' || stage.at === 'rolledBack';
}

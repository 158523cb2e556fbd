import { unreachable } from '../../lib/base/errors.ts';
import type { UpdateState } from '../../lib/contract/update.ts';
import type { RolloutSummary } from './ports.ts';
import { perMinuteNow, quotaOf, type Tally, tallyOf } from './tally.ts';
import type { Ordered, Rollout, RolloutBox, RolloutPlan, RolloutState, Trouble } from './types.ts';

/** A rollout as an operator sees it. */
export interface RolloutView {
  readonly id: string;
  readonly startedAt: number;
  readonly plan: RolloutPlan;
  readonly state: RolloutState;
  /** Counted from 1; the last is that of the rest. */
  readonly wave: number;
  readonly waves: number;
  /** How many boxes are through when this wave is; null in the last one. */
  readonly waveBoxes: number | null;
  /** When the next wave begins; null while this one is not through. */
  readonly nextWaveAt: number | null;
  readonly perMinute: number;
  readonly tally: Readonly<Tally>;
}

/** One of its boxes. */
export interface RolloutBoxView {
  readonly gateway: string;
  readonly contract: string;
  readonly at: keyof Tally;
  /** Since when, as far as is known. */
  readonly since: number | null;
  /** Of those under way: how far. */
  readonly step: UpdateState['at'] | null;
  /** The rest, as a sentence. */
  readonly say: string;
}

/** Pure. */
export function rolloutView({ rollout, tally }: RolloutSummary): RolloutView {
  const { id, plan, soakFrom, startedAt, state, wave } = rollout;
  const quota = quotaOf(plan.waves, wave, tally);
  return {
    ...{ id, startedAt, plan, state, tally },
    ...{ wave: wave + 1, waves: plan.waves.length + 1 },
    waveBoxes: Number.isFinite(quota) ? quota : null,
    nextWaveAt: soakFrom === null ? null : soakFrom + plan.soakMs,
    perMinute: perMinuteNow(plan.rate, tally.done),
  };
}

/** Pure: the same of one that is at hand. */
export function wholeView(rollout: Rollout): RolloutView & { readonly boxes: readonly RolloutBoxView[] } {
  const { boxes, ...head } = rollout;
  return {
    ...rolloutView({ rollout: head, tally: tallyOf(boxes.values()) }),
    boxes: [...boxes.values()].map(boxView).sort(byGateway),
  };
}

function byGateway(one: RolloutBoxView, other: RolloutBoxView): number {
  return one.gateway < other.gateway ? -1 : 1;
}

function boxView({ contract, gateway, now }: RolloutBox): RolloutBoxView {
  const name = { gateway, contract };
  switch (now.at) {
    case 'waiting':
      return { ...name, at: 'waiting', since: null, step: null, say: 'it is not its turn yet' };
    case 'ordered': {
      const { heard, held, orderedAt, trouble } = now;
      const step = heard?.state.at ?? null;
      return {
        ...{ ...name, step, since: heard?.at ?? orderedAt },
        ...{ at: held ? 'held' : (trouble ?? 'underWay'), say: orderedSay(now) },
      };
    }
    case 'failed':
    case 'rolledBack': {
      const say = `${now.reason.say} (${now.reason.code})`;
      return { ...name, at: now.at, since: now.endedAt, step: null, say };
    }
    case 'done':
      return { ...name, at: 'done', since: now.endedAt, step: null, say: '' };
    case 'already':
      return { ...name, at: 'already', since: now.endedAt, step: null, say: 'it ran that version before' };
    case 'left':
      return { ...name, at: 'left', since: now.endedAt, step: null, say: LEFT[now.why] };
    default:
      return unreachable(now);
  }
}

const LEFT = {
  newer: 'it runs something newer',
  superseded: 'another rollout has it',
  aborted: 'the rollout was given up before its turn',
  gone: 'there is no such gateway any more',
} as const;

const TROUBLES: Readonly<Record<Trouble, string>> = {
  silent: 'is connected and says nothing',
  lost: 'went away in the middle of it and has not come back',
  away: 'went away before it began, and goes on when it comes',
  late: 'has waited longer than a wave waits',
};

function orderedSay({ heard, held, trouble }: Ordered): string {
  const last = heard === null ? 'has its order' : heardSay(heard.state);
  if (held) return `stands still; ${last}`;
  return trouble === null ? last : `${TROUBLES[trouble]}; last heard: ${last}`;
}

function heardSay(state: UpdateState): string {
  switch (state.at) {
    case 'downloading':
      return `fetching, ${Math.floor((100 * state.bytes) / Math.max(1, state.sizeBytes))} %`;
    case 'waiting':
      return `waits: ${state.for}`;
    case 'installing':
      return `installing, ${state.percent} %`;
    case 'restarting':
      return 'restarting';
    case 'probation':
      return 'on trial';
    case 'idle':
      return 'has taken the order';
    case 'done':
    case 'failed':
    case 'rolledBack':
      return state.at;
    default:
      return unreachable(state);
  }
}

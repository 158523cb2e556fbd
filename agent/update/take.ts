import { compareVersions, type Release, type UpdateOrder } from '../../lib/contract/update.ts';
import { otherSlot, type SystemView } from './slot-tool.ts';
import {
  type Effect,
  type Input,
  isOver,
  type Job,
  type Reason,
  type Stage,
  type State,
  type Step,
  type UpdateMemory,
} from './state.ts';
import { USUAL_WINDOW } from './window.ts';

/** Whether what is under way can still be left for something else: nothing was handed to a slot or a restart. */
export function canLeave({ memory: { job }, busy }: State): boolean {
  if (job === null || isOver(job.stage)) return true;
  switch (job.stage.at) {
    case 'fetching':
    case 'ready':
    case 'installed':
      return true;
    case 'installing':
      return busy !== 'install';
    case 'restarting':
      return !job.stage.activated && busy === null;
    default:
      return false;
  }
}

/** Takes the service's last order, unless it was taken or has to wait for the end of what is under way. */
export function takeOrder(state: State, system: SystemView): Step {
  const { order, taken } = state.memory;
  if (order === null || order.serial === taken) return same(state);
  const { job } = state.memory;
  const goesOn = job !== null && !isOver(job.stage) && isSame(job, order);
  // An older rollout that comes again, of a system that was no good in it, is not gone on with under its name.
  if (goesOn && endedBefore(state.memory, order) === undefined) return same(renewed(state, job, order));
  if (!canLeave(state)) return same(state);
  const memory: UpdateMemory = { ...state.memory, taken: order.serial };
  const stage = firstStage(memory, order, system);
  const next: Job = {
    ...{ from: 'cloud', rollout: order.rollout, serial: order.serial, version: order.release.version },
    ...{ release: order.release, window: order.window, stage },
  };
  return begun({ ...state, memory }, next);
}

function isSame({ from, release }: Job, order: UpdateOrder): boolean {
  return from === 'cloud' && release?.sha256 === order.release.sha256;
}

/** The same system, ordered anew: with another window, held, or gone on with. */
function renewed(state: State, job: Job, { serial, rollout, window, release }: UpdateOrder): State {
  const memory: UpdateMemory = {
    ...state.memory,
    taken: serial,
    job: { ...job, serial, rollout, window, release },
  };
  return { ...state, memory, retryMs: state.busy === 'restart' ? state.retryMs : 0 };
}

function firstStage(memory: UpdateMemory, order: UpdateOrder, system: SystemView): Stage {
  const { release } = order;
  const ended = endedBefore(memory, order);
  if (ended !== undefined) return { at: ended.at, reason: ended.reason };
  if (release.version === system.running.version) return { at: 'done' };
  const reason = whyNot(release, system, order.allowOlder);
  return reason === undefined ? { at: 'fetching', tries: 0 } : { at: 'failed', reason };
}

/** How this version ended in this rollout, when it was tried before and was no good. */
function endedBefore({ givenUp }: UpdateMemory, { release, rollout }: UpdateOrder) {
  return givenUp.find((each) => each.rollout === rollout && each.version === release.version);
}

/** Why a bundle is of no use here, as far as its names tell. */
export function whyNot(
  { compatible, version }: Pick<Release, 'compatible' | 'version'>,
  system: SystemView,
  allowOlder: boolean,
): Reason | undefined {
  if (compatible !== system.compatible) {
    const say = `The bundle is for ${compatible}, and this box is ${system.compatible}: get the bundle for this kind of box.`;
    return { code: 'update.model', say };
  }
  if (!allowOlder && compareVersions(version, system.running.version) < 0) {
    const say = `Version ${version} is older than ${system.running.version}, which runs. If that is meant: install it with --allow-older, or roll it out with --older.`;
    return { code: 'update.older', say };
  }
  return undefined;
}

/** A technician's file goes before what the service has ordered and has not begun. The caller has asked {@link canLeave}. */
export function takeFile(state: State, input: Extract<Input, { readonly type: 'file' }>): Step {
  if (!canLeave(state)) return same(state);
  const { path, version, now } = input;
  return begun(state, {
    ...{ from: 'file', rollout: null, serial: null, version, release: null },
    ...{ window: now ? null : (state.memory.order?.window ?? USUAL_WINDOW), stage: { at: 'ready', path } },
  });
}

const BY_HAND: Reason = { code: 'update.byHand', say: 'Somebody before the box has taken it back.' };

/** Whether there is something to go back to. */
export function canRollBack(state: State, system: SystemView): boolean {
  const at = state.memory.job?.stage.at;
  return at === 'probation' || (canLeave(state) && at !== 'installed' && system.other.startable);
}

/** Back to the other slot. What is left is not installed again in the same rollout. */
export function takeRollback(state: State, system: SystemView): Step {
  if (!canRollBack(state, system)) return same(state);
  const { job, order } = state.memory;
  const { running, other } = system;
  if (job?.stage.at === 'probation') {
    const stage: Stage = {
      at: 'goingBack',
      to: otherSlot(running.slot),
      marked: false,
      boot: null,
      reason: BY_HAND,
    };
    const memory = { ...state.memory, job: { ...job, stage } };
    // A mark that is being made is waited for: the next one must not overtake it.
    const busy = state.busy === 'mark' ? 'mark' : null;
    return same({ ...state, memory, busy, wait: null, gate: null, retryMs: 0 });
  }
  const left =
    order === null
      ? []
      : [
          {
            rollout: order.rollout,
            version: running.version,
            at: 'rolledBack' as const,
            reason: BY_HAND,
          },
        ];
  const givenUp = [...state.memory.givenUp, ...left].slice(-40);
  return begun(
    { ...state, memory: { ...state.memory, givenUp } },
    {
      ...{ from: 'slot', rollout: null, serial: null, version: other.version ?? running.version },
      ...{
        release: null,
        window: null,
        stage: { at: 'installed', target: otherSlot(running.slot) },
      },
    },
  );
}

/** Whatever was on its way is left; a bundle that is of no further use goes. */
function begun(state: State, job: Job): Step {
  const effects: Effect[] = state.busy === 'download' ? [{ do: 'stopDownload' }] : [];
  effects.push({ do: 'sweep' });
  return {
    state: {
      ...state,
      memory: { ...state.memory, job },
      ...{ busy: null, wait: null, gate: null, blind: null, trouble: null },
      ...{ bytes: 0, percent: 0, failures: 0, retryMs: 0 },
    },
    effects,
  };
}

function same(state: State): Step {
  return { state, effects: [] };
}

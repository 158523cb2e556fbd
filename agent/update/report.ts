import type { UpdateReport, UpdateState } from '../../lib/contract/update.ts';
import type { State } from './state.ts';
import { sayWindow } from './window.ts';

/** Pure: what the service is told; undefined while the slots were not asked. `at` is epoch ms, `nowMs` monotonic. */
export function reportOf(state: State, at: number, nowMs: number): UpdateReport | undefined {
  const { system, memory } = state;
  if (system === null) return undefined;
  const { job } = memory;
  const { running, other } = system;
  const watched = job?.stage.at === 'probation' || job?.stage.at === 'goingBack';
  return {
    v: 1,
    at,
    compatible: system.compatible,
    running: {
      ...running,
      confirmed: system.trial !== running.slot && !(watched && system.trial === undefined),
    },
    other: other.version === null ? null : { version: other.version, startable: other.startable },
    rollout: job?.rollout ?? null,
    serial: job?.serial ?? null,
    version: job?.version ?? null,
    state: stateOf(state, at, nowMs),
  };
}

function stateOf(state: State, at: number, nowMs: number): UpdateState {
  const { job } = state.memory;
  if (job === null) return { at: 'idle' };
  const { stage } = job;
  const { wait } = state;
  switch (stage.at) {
    case 'fetching':
      if (wait !== null) return { at: 'waiting', for: wait };
      return { at: 'downloading', bytes: state.bytes, sizeBytes: job.release?.sizeBytes ?? state.bytes };
    case 'ready':
    case 'installing':
      if (state.busy === 'install') return { at: 'installing', percent: state.percent };
      return wait === null ? { at: 'installing', percent: 0 } : { at: 'waiting', for: wait };
    case 'installed':
    case 'restarting':
      return wait === null ? { at: 'restarting' } : { at: 'waiting', for: wait };
    case 'probation': {
      const forMs = state.gate === null ? 0 : nowMs - state.gate.sinceMs;
      return { at: 'probation', sinceMs: Math.max(0, Math.round(at - forMs)) };
    }
    case 'goingBack':
      return wait === null ? { at: 'restarting' } : { at: 'waiting', for: wait };
    case 'done':
    case 'failed':
    case 'rolledBack':
      return stage;
  }
}

/** Pure: what of a report is news: progress is told by the tenth. */
export function coarse({ at: _at, state, ...rest }: UpdateReport): object {
  switch (state.at) {
    case 'downloading':
      return {
        ...rest,
        state: { ...state, bytes: Math.floor((state.bytes * 10) / Math.max(1, state.sizeBytes)) },
      };
    case 'installing':
      return { ...rest, state: { ...state, percent: Math.floor(state.percent / 10) } };
    case 'probation':
      return { ...rest, state: { at: state.at } };
    default:
      return { ...rest, state };
  }
}

/** One sentence on where the update stands, and why there. */
export function sayState(state: State): string {
  const { job } = state.memory;
  if (job === null) return 'Nothing is to be installed.';
  const { stage, version } = job;
  const { wait, trouble } = state;
  if (wait !== null) return sayWait(state, wait);
  switch (stage.at) {
    case 'fetching':
      return `Version ${version} is being fetched.`;
    case 'ready':
    case 'installing':
      return `Version ${version} is being installed.`;
    case 'installed':
    case 'restarting':
      return `Version ${version} is installed; the box restarts into it.`;
    case 'probation': {
      const verdict = state.gate?.verdict;
      const say = verdict === undefined || verdict.is === 'healthy' ? 'all is well so far' : verdict.say;
      return `Version ${version} runs on trial: ${trouble ?? say}.`;
    }
    case 'goingBack':
      return `The box goes back from version ${version}. ${stage.reason.say}`;
    case 'done':
      return `Version ${version} runs and is confirmed.`;
    case 'failed':
      return `Version ${version} was not installed. ${stage.reason.say}`;
    case 'rolledBack':
      return `The box went back from version ${version}. ${stage.reason.say}`;
  }
}

function sayWait(state: State, wait: NonNullable<State['wait']>): string {
  const { job } = state.memory;
  const version = job?.version ?? '';
  switch (wait) {
    case 'call':
      return `Version ${version} waits until nobody talks.`;
    case 'window':
      return `Version ${version} waits for its time (${job?.window == null ? 'any' : sayWindow(job.window)}).`;
    case 'clock':
      return `Version ${version} waits for its time, and the box does not know the time yet.`;
    case 'unconfirmed':
      return `Version ${version} waits until the running system is confirmed.`;
    case 'space':
      return `Version ${version} waits for room on the disk. ${state.trouble ?? ''}`.trimEnd();
    case 'network':
      return `Version ${version} waits for the service. ${state.trouble ?? ''}`.trimEnd();
    case 'held':
      return `Version ${version} is held by the service.`;
  }
}

/** Pure: the warnings of an update, by their names in the registry. */
export function warningsOf(state: State): ReadonlyMap<UpdateWarning, string> {
  const found = new Map<UpdateWarning, string>();
  const { job } = state.memory;
  if (job === null) return found;
  const { stage } = job;
  const say = sayState(state);
  if (stage.at === 'failed') found.set('update.failed', say);
  if (stage.at === 'rolledBack' && stage.reason.code !== 'update.byHand') found.set('update.rolledBack', say);
  if (stage.at === 'probation' || stage.at === 'goingBack') found.set('update.onTrial', say);
  if (state.wait === 'space') found.set('update.space', say);
  if (state.wait === 'clock') found.set('update.clock', say);
  return found;
}

/** Names of the warnings, in the order of their codes. */
export const UPDATE_WARNINGS = [
  'update.failed',
  'update.rolledBack',
  'update.space',
  'update.clock',
  'update.onTrial',
] as const;
export type UpdateWarning = (typeof UPDATE_WARNINGS)[number];

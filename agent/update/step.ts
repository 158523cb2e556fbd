import type { UpdateOrder, UpdateWait } from '../../lib/contract/update.ts';
import { beginGate, stepGate } from './gate.ts';
import type { SystemView } from './slot-tool.ts';
import {
  type Effect,
  type Input,
  isOver,
  type Job,
  type Reason,
  type Stage,
  type State,
  type Step,
  type World,
} from './state.ts';
import { takeFile, takeOrder, takeRollback } from './take.ts';
import { isOpen, mayGoBlind, stepBlind } from './window.ts';

/** How often an installation is begun that is cut off each time. */
export const INSTALLS_MOST = 5;
/** How often a whole file is fetched that is not what was ordered. */
export const FETCHES_MOST = 3;
/** A fourth start of the agent in the middle of a probation, and the system is what it falls over. */
export const STARTS_MOST = 3;
/** First wait after a service that was not reached, and the longest. */
const RETRY_FIRST_MS = 10_000;
const RETRY_MOST_MS = 600_000;
/** A disk without room, or one that takes no writes, is looked at again after this. */
const ROOM_RETRY_MS = 60_000;
/** A restart that has not come by then is asked for once more. */
const RESTART_LIMIT_MS = 120_000;

/** Pure: what an input at `nowMs` (monotonic) makes of an update, and what is to be done. See the table in the README. */
export function stepUpdate(state: State, input: Input, nowMs: number): Step {
  if (input.type === 'start') return started({ ...state, boot: input.boot }, input.system, nowMs);
  const { system } = state;
  if (system === null) return input.type === 'order' ? kept(state, input.order) : same(state);
  switch (input.type) {
    case 'order':
      return onOrder(state, input.order, system);
    case 'file':
      return takeFile(state, input);
    case 'rollback':
      return takeRollback(state, system);
    case 'now':
      return same(withJob(state, (job) => ({ ...job, window: null })));
    case 'look':
      return look(state, input.world, system, nowMs);
    case 'system':
      return same({ ...state, system: input.system });
    case 'unsaved':
      return same({
        ...notBegun(state),
        busy: null,
        wait: 'space',
        retryMs: nowMs + ROOM_RETRY_MS,
        trouble: input.say,
      });
    default:
      return heard(state, input, system, nowMs);
  }
}

/** What could not be written down was not begun: it counts as no try, and what is on disk says the same. */
function notBegun(state: State): State {
  const stage = state.memory.job?.stage;
  if (stage?.at !== 'installing') return state;
  const { path, tries } = stage;
  return at(state, tries > 1 ? { ...stage, tries: tries - 1 } : { at: 'ready', path });
}

/** What was asked for has come to something. */
function heard(
  state: State,
  input: Exclude<
    Input,
    { readonly type: 'start' | 'system' | 'order' | 'file' | 'rollback' | 'now' | 'look' | 'unsaved' }
  >,
  system: SystemView,
  nowMs: number,
): Step {
  const { job } = state.memory;
  switch (input.type) {
    case 'bytes':
      return same({ ...state, bytes: input.bytes });
    case 'percent':
      return same({ ...state, percent: input.percent });
    case 'fetched':
      if (job?.stage.at !== 'fetching') return same(state);
      return same(at(free(state), { at: 'ready', path: input.path }));
    case 'notFetched':
      return notFetched(state, input, nowMs);
    case 'installed':
      if (job?.stage.at !== 'installing') return same(state);
      return same(at(free(state), { at: 'installed', target: other(system) }));
    case 'notInstalled':
      if (job?.stage.at !== 'installing') return same(state);
      if (input.again)
        return again(at(state, { at: 'ready', path: job.stage.path }), input.reason.say, nowMs);
      // What is gone can be fetched again.
      if (input.reason.code === 'update.noFile' && job.from === 'cloud') {
        return same(at(free(state), { at: 'fetching', tries: 0 }));
      }
      return over(state, { at: 'failed', reason: input.reason });
    case 'activated':
      if (job?.stage.at !== 'restarting') return same(state);
      if (!input.done) return again(state, input.say, nowMs);
      return same(at(free(state), { ...job.stage, activated: true }));
    case 'marked':
      return marked(state, input, system, nowMs);
    case 'restarted':
      return input.done ? same(state) : again(state, input.say, nowMs);
  }
}

/** The agent starts: what had the update come to, and which slot came up? */
function started(before: State, system: SystemView, nowMs: number): Step {
  const state: State = { ...before, system, busy: null, wait: null, gate: null, bytes: 0, percent: 0 };
  const { job } = state.memory;
  const runs = system.running.slot;
  if (job === null || isOver(job.stage)) return unknownTrial(state, system, nowMs);
  const { stage } = job;
  switch (stage.at) {
    case 'restarting':
      if (runs === stage.target) return onTrial(state, system, stage.before, nowMs);
      return notTarget(state, stage, system);
    case 'probation':
      return probationAgain(state, stage, system, nowMs);
    case 'goingBack':
      if (runs === stage.to) return over(state, { at: 'rolledBack', reason: stage.reason });
      // The box was restarted for it, and this system came up all the same: another restart would bring nothing else.
      if (stage.boot !== null && stage.boot !== state.boot) return over(state, NO_WAY_BACK);
      return same(state);
    default:
      // Somebody may have started another slot meanwhile.
      return system.trial === runs ? unknownTrial(state, system, nowMs) : same(state);
  }
}

/** The old system runs: only the agent was started anew, the power went before the switch, or the new one did not come up. */
function notTarget(
  state: State,
  stage: Extract<Stage, { readonly at: 'restarting' }>,
  { trial }: SystemView,
): Step {
  const activated = stage.activated || trial === stage.target;
  if (activated && stage.boot !== state.boot) return over(state, NOT_STARTED);
  return same(at(state, { ...stage, activated }));
}

const NOT_STARTED: Ended = {
  at: 'rolledBack',
  reason: {
    code: 'update.notStarted',
    say: 'The new system did not come up, or was not believed in time, and the box went back.',
  },
};

const NO_WAY_BACK: Ended = {
  at: 'failed',
  reason: {
    code: 'update.noWayBack',
    say: 'The box was to go back to the system before, which did not come up. Install one that works: engawa update install FILE.',
  },
};

function probationAgain(
  state: State,
  stage: Extract<Stage, { readonly at: 'probation' }>,
  system: SystemView,
  nowMs: number,
): Step {
  if (system.running.slot !== stage.target) return over(state, NOT_STARTED);
  // Confirmed, and the power went before that was written down.
  if (system.trial === null) return over(state, { at: 'done' });
  const starts = stage.starts + 1;
  if (starts <= STARTS_MOST) {
    return same({ ...at(state, { ...stage, starts }), gate: beginGate(nowMs) });
  }
  const say = `The agent has started ${starts} times since the new system runs.`;
  return same(goBack(state, system, { code: 'update.restarts', say }));
}

/** A slot on trial of which nothing is written down: somebody else has started it, or `persist` is new. It is watched like any. */
function unknownTrial(state: State, system: SystemView, nowMs: number): Step {
  if (system.trial !== system.running.slot) return same(state);
  const { version } = system.running;
  const job: Job = {
    ...{ from: 'slot', rollout: null, serial: null, version, release: null, window: null },
    stage: { at: 'installed', target: system.running.slot },
  };
  // What this takes the place of is begun anew after it.
  const memory = { ...state.memory, job, taken: 0 };
  return onTrial({ ...state, memory }, system, null, nowMs);
}

function onTrial(
  state: State,
  system: SystemView,
  before: Extract<Stage, { readonly at: 'probation' }>['before'],
  nowMs: number,
): Step {
  const stage: Stage = { at: 'probation', target: system.running.slot, starts: 1, before };
  return same({ ...at(state, stage), gate: beginGate(nowMs) });
}

/** An order that comes before the slots were asked. */
function kept(state: State, order: UpdateOrder): Step {
  const last = state.memory.order;
  if (last !== null && last.gateway === order.gateway && last.serial >= order.serial) return same(state);
  const taken = last?.gateway === order.gateway ? state.memory.taken : 0;
  return same({ ...state, memory: { ...state.memory, order, taken } });
}

function onOrder(state: State, order: UpdateOrder, system: SystemView): Step {
  return takeOrder(kept(state, order).state, system);
}

/** One look at the box: everything that is to be done by itself is begun here, and nowhere else. */
function look(before: State, world: World, system: SystemView, nowMs: number): Step {
  const taken = takeOrder(before, system);
  const { state } = taken;
  if (taken.effects.length > 0 || state.memory.job !== before.memory.job) return taken;
  const { job } = state.memory;
  if (job === null || isOver(job.stage)) return same({ ...state, wait: null });
  if (state.busy === 'restart' && nowMs >= state.retryMs) return same(free(state));
  if (state.busy !== null) return holdDownload(state);
  const { stage } = job;
  switch (stage.at) {
    case 'fetching':
      return fetching(state, nowMs);
    case 'ready':
    case 'installing':
      return installing(state, stage, world, system, nowMs);
    case 'installed':
    case 'restarting':
      return restarting(state, job, stage, world, system, nowMs);
    case 'probation':
      return watching(state, stage, world, system, nowMs);
    case 'goingBack':
      return goingBack(state, stage, world, nowMs);
    case 'done':
    case 'failed':
    case 'rolledBack':
      return same(state);
  }
}

function fetching(state: State, nowMs: number): Step {
  const release = state.memory.job?.release ?? null;
  if (isHeld(state)) return same({ ...state, wait: 'held' });
  if (release === null || nowMs < state.retryMs) return same(state);
  return { state: { ...state, busy: 'download', wait: null }, effects: [{ do: 'download', release }] };
}

/** Only a download can be put off once it is under way; a file that is written into a slot is finished. */
function holdDownload(state: State): Step {
  if (state.busy !== 'download' || !isHeld(state)) return same(state);
  return { state: { ...state, busy: null, wait: 'held' }, effects: [{ do: 'stopDownload' }] };
}

function installing(
  state: State,
  stage: Extract<Stage, { readonly at: 'ready' | 'installing' }>,
  world: World,
  system: SystemView,
  nowMs: number,
): Step {
  const wait = waitToInstall(state, world, system);
  if (wait !== null) return same({ ...state, wait });
  if (nowMs < state.retryMs) return same(state);
  const tries = stage.at === 'installing' ? stage.tries + 1 : 1;
  if (tries > INSTALLS_MOST) {
    const say = `The installation was begun ${INSTALLS_MOST} times and cut off each time.`;
    return over(state, { at: 'failed', reason: { code: 'update.cutOff', say } });
  }
  const { path } = stage;
  const version = state.memory.job?.version ?? '';
  return {
    state: { ...at(state, { at: 'installing', path, tries }), busy: 'install', wait: null, percent: 0 },
    effects: [{ do: 'install', path, version }],
  };
}

function waitToInstall(state: State, { calls }: World, system: SystemView): UpdateWait | null {
  if (isHeld(state)) return 'held';
  // The other slot is what the box goes back to.
  if (system.trial === system.running.slot) return 'unconfirmed';
  return calls ? 'call' : null;
}

function restarting(
  before: State,
  job: Job,
  stage: Extract<Stage, { readonly at: 'installed' | 'restarting' }>,
  world: World,
  system: SystemView,
  nowMs: number,
): Step {
  const state: State = { ...before, blind: stepBlind(before.blind, world, nowMs) };
  const wait = waitToRestart(state, job, world, system, nowMs);
  if (wait !== null) return same({ ...state, wait });
  if (nowMs < state.retryMs) return same(state);
  if (stage.at === 'restarting' && stage.activated) {
    const why = `update to ${job.version}`;
    return restart({ ...state, wait: null }, why, nowMs);
  }
  const { target } = stage;
  const { boot } = state;
  const next: Stage = { at: 'restarting', target, activated: false, boot, before: world.picture };
  return { state: { ...at(state, next), busy: 'activate', wait: null }, effects: [{ do: 'activate' }] };
}

function waitToRestart(
  state: State,
  { window }: Job,
  { calls, wallMs }: World,
  system: SystemView,
  nowMs: number,
): UpdateWait | null {
  if (isHeld(state)) return 'held';
  if (system.trial === system.running.slot) return 'unconfirmed';
  if (window !== null && wallMs === null && !mayGoBlind(state.blind, nowMs)) return 'clock';
  if (window !== null && wallMs !== null && !isOpen(window, wallMs)) return 'window';
  return calls ? 'call' : null;
}

function watching(
  state: State,
  stage: Extract<Stage, { readonly at: 'probation' }>,
  world: World,
  system: SystemView,
  nowMs: number,
): Step {
  if (nowMs < state.retryMs) return same(state);
  const gate = state.gate ?? beginGate(nowMs);
  const step = stepGate(gate, stage.before, world.picture, world.reaches, nowMs);
  switch (step.at) {
    case 'watching':
      return same({ ...state, gate: step.gate, wait: null });
    case 'good':
      return { state: { ...state, gate, busy: 'mark', trouble: null }, effects: [{ do: 'markGood' }] };
    case 'bad':
      return same(goBack(state, system, { code: step.reason.code, say: step.reason.say }));
  }
}

/** The mark first: whatever restarts the box then, it goes back. */
function goingBack(
  state: State,
  stage: Extract<Stage, { readonly at: 'goingBack' }>,
  { calls }: World,
  nowMs: number,
): Step {
  if (nowMs < state.retryMs) return same(state);
  if (!stage.marked) return { state: { ...state, busy: 'mark' }, effects: [{ do: 'markBad' }] };
  if (calls) return same({ ...state, wait: 'call' });
  return restart(
    { ...at(state, { ...stage, boot: state.boot }), wait: null },
    `back from an update: ${stage.reason.say}`,
    nowMs,
  );
}

function restart(state: State, why: string, nowMs: number): Step {
  return {
    state: { ...state, busy: 'restart', retryMs: nowMs + RESTART_LIMIT_MS },
    effects: [{ do: 'restart', why }],
  };
}

function marked(
  state: State,
  { as, done, say }: Extract<Input, { readonly type: 'marked' }>,
  system: SystemView,
  nowMs: number,
): Step {
  const stage = state.memory.job?.stage;
  if (stage?.at !== 'probation' && stage?.at !== 'goingBack') return same(state);
  const known: State = done && as === 'good' ? { ...state, system: { ...system, trial: null } } : state;
  // It was just being confirmed when somebody took it back: the other mark comes after this one.
  if (stage.at === 'goingBack' && as === 'good') return same(free(known));
  if (!done) return again(state, say, nowMs);
  if (stage.at === 'goingBack') return same(at(free(state), { ...stage, marked: true }));
  return over(known, { at: 'done' });
}

function notFetched(
  state: State,
  input: Extract<Input, { readonly type: 'notFetched' }>,
  nowMs: number,
): Step {
  const stage = state.memory.job?.stage;
  if (stage?.at !== 'fetching') return same(state);
  const { say } = input;
  switch (input.why) {
    case 'space':
      return same({ ...state, busy: null, wait: 'space', retryMs: nowMs + ROOM_RETRY_MS, trouble: say });
    case 'network': {
      const cap = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(state.failures, 10));
      const retryMs = nowMs + cap * (0.5 + input.fraction / 2);
      const failures = state.failures + 1;
      return same({ ...state, busy: null, wait: 'network', failures, retryMs, trouble: say });
    }
    case 'spoilt': {
      const tries = stage.tries + 1;
      if (tries >= FETCHES_MOST) return over(state, { at: 'failed', reason: { code: 'update.digest', say } });
      return same({ ...at(free(state), { at: 'fetching', tries }), trouble: say });
    }
  }
}

/** The same once more in a while. */
function again(state: State, trouble: string, nowMs: number): Step {
  return same({ ...state, busy: null, trouble, retryMs: nowMs + RETRY_FIRST_MS });
}

function goBack(state: State, system: SystemView, reason: Reason): State {
  const stage: Stage = { at: 'goingBack', to: other(system), marked: false, boot: null, reason };
  return { ...at(free(state), stage), gate: null };
}

type Ended = Extract<Stage, { readonly at: 'done' | 'failed' | 'rolledBack' }>;

/** The end of an update. What did not work is not tried again in the same rollout; what was ordered meanwhile comes next. */
function over(state: State, stage: Ended): Step {
  const ended = at({ ...free(state), gate: null, failures: 0 }, stage);
  const { memory } = ended;
  const { job } = memory;
  const next =
    job === null || job.rollout === null || stage.at === 'done'
      ? ended
      : { ...ended, memory: { ...memory, givenUp: [...memory.givenUp, remembered(job, stage)].slice(-40) } };
  const sweep: readonly Effect[] = [{ do: 'sweep' }];
  return { state: next, effects: sweep };
}

function remembered(job: Job, stage: Extract<Stage, { readonly at: 'failed' | 'rolledBack' }>) {
  return { rollout: job.rollout ?? '', version: job.version, at: stage.at, reason: stage.reason };
}

/** The service's pause holds the service's updates, not a technician's. */
function isHeld({ memory: { job, order } }: State): boolean {
  return job?.from === 'cloud' && order?.action === 'hold' && order.rollout === job.rollout;
}

function free(state: State): State {
  return { ...state, busy: null, wait: null, retryMs: 0, failures: 0, trouble: null };
}

function at(state: State, stage: Stage): State {
  return withJob(state, (job) => ({ ...job, stage }));
}

function withJob(state: State, change: (job: Job) => Job): State {
  const { job } = state.memory;
  return job === null ? state : { ...state, memory: { ...state.memory, job: change(job) } };
}

function other({ running }: SystemView): 'a' | 'b' {
  return running.slot === 'a' ? 'b' : 'a';
}

function same(state: State): Step {
  return { state, effects: [] };
}

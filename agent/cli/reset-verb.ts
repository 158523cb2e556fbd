import type { Command } from 'commander';
import { systemClock } from '../../lib/base/clock.ts';
import type { ResetAnswer, WipeAnswer } from '../local-api/index.ts';
import { orderWipe, type ResetOrder, resetFolder } from '../reset/index.ts';
import type { AgentStatus } from '../status.ts';
import { inspectStore } from '../store/index.ts';
import { getJson, postJson } from './api-client.ts';
import { EXIT } from './exit-codes.ts';
import type { LineCall } from './line-verbs.ts';
import { boxPaths } from './paths.ts';
import { pause } from './repeat.ts';
import { type Look, rowLines, spoken } from './screen.ts';
import { forgetProgress } from './setup/progress.ts';
import { clean } from './text.ts';
import { technician } from './try-verbs.ts';

interface ResetOptions {
  readonly yes?: boolean;
  readonly loseRecords?: boolean;
  readonly enrolment?: boolean;
  readonly wipe?: boolean;
  readonly state?: string;
}

/** How long the agent may take to end, and to come again. */
const BACK_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** `engawa reset` */
export function addResetVerb(
  describe: (name: string) => Command,
  callOf: (command: Command) => LineCall,
  finish: (code: number) => void,
): void {
  describe('reset').action(async (_options, command: Command) =>
    finish(await reset(callOf(command), command.optsWithGlobals<ResetOptions>())),
  );
}

async function reset(call: LineCall, options: ResetOptions): Promise<number> {
  const { socket } = call;
  const order: ResetOrder = {
    records: options.loseRecords === true,
    enrolment: options.enrolment === true,
  };
  const view = await getJson<ResetAnswer>(socket, '/v1/reset');
  if (!view.ok && view.error.code !== 'cli.notRunning') return call.refused(view.error);
  const stands = view.ok ? view.value.reset : undefined;
  if (options.wipe === true) return wipe(call, options, stands);
  tell(call, 'goes', 'configuration, records, faxes, phones, addresses given, changes made here');
  tell(
    call,
    'stays',
    order.enrolment ? 'the key of the device, logs' : 'enrolment, the key of the device, logs',
  );
  if (order.records)
    tell(call, 'lost', `call records that the service does not have: ${stands?.records ?? 'unknown'}`);
  if (!(await agreed(call, options, stands?.gateway ?? 'reset', 'reset'))) return EXIT.usage;
  const code = await (stands === undefined
    ? stoppedBox(call, order, options.state)
    : runningBox(call, order));
  // The next setup is the first one again.
  if (code === EXIT.good) forgetProgress(boxPaths(options.state).setupFolder);
  return code;
}

/** The service takes the identity back and may be slow. */
const WIPE_LIMIT_MS = 40_000;

/** The storage itself goes, and with it who the box is. */
async function wipe(
  call: LineCall,
  options: ResetOptions,
  stands: ResetAnswer['reset'] | undefined,
): Promise<number> {
  tell(call, 'goes', 'everything: enrolment and key too, logs; the box is another one afterwards');
  tell(call, 'stays', 'the system in both slots');
  const name = stands?.gateway ?? 'reset';
  if (!(await agreed(call, options, name, 'wipe'))) return EXIT.usage;
  if (options.yes !== true && !(await agreed(call, options, 'wipe', 'wipe'))) return EXIT.usage;
  const records = options.loseRecords === true;
  return stands === undefined
    ? wipeStopped(call, records, options.state)
    : wipeRunning(call, records, stands.gateway);
}

async function wipeRunning(call: LineCall, records: boolean, gateway: string): Promise<number> {
  const { io, socket, json } = call;
  const done = await postJson<WipeAnswer>(socket, '/v1/reset/wipe', { records }, WIPE_LIMIT_MS);
  if (!done.ok) return call.refused(done.error);
  const { told, say } = done.value.wipe;
  if (json) io.out(`${JSON.stringify(done.value, null, 2)}\n`);
  if (told === true) tell(call, 'service', 'has revoked the certificate of this box');
  if (told === false) {
    tell(call, 'service', `could not be told: ${say}`);
    tell(call, 'to do', `let the operator do it: engawa-cloud revoke ${gateway}`);
  }
  tell(call, 'reset', 'ordered; the box starts again and makes its storage anew, some minutes');
  return EXIT.good;
}

/** No agent runs: nobody can be told, and whether records wait is looked up where this user may. */
function wipeStopped(call: LineCall, records: boolean, state: string | undefined): number {
  const paths = boxPaths(state);
  const found = inspectStore(paths.store);
  const none = found.kind === 'none' || (found.kind === 'good' && found.records + found.openLegs === 0);
  const ordered = records || none ? orderWipe(paths.run, technician()) : undefined;
  if (ordered?.ok === true) {
    if (call.json) call.io.out(`${JSON.stringify({ v: 1, wipe: { told: false } }, null, 2)}\n`);
    tell(call, 'service', 'could not be told: the agent does not run');
    tell(call, 'reset', 'ordered; the box starts again and makes its storage anew, some minutes');
    return EXIT.good;
  }
  const unknown =
    'call records may wait for the service: the agent does not run, and nobody can say. Lose them with --lose-records';
  const error = ordered === undefined ? { code: 'reset.records', say: unknown } : ordered.error;
  if (call.json) call.io.out(`${JSON.stringify({ v: 1, error }, null, 2)}\n`);
  call.io.err(`engawa: ${clean(error.say)}\n`);
  return EXIT.refused;
}

/** A person types the name of the box; a program says `--yes`. */
async function agreed(
  { io, look, json }: LineCall,
  { yes }: ResetOptions,
  word: string,
  what: string,
): Promise<boolean> {
  if (yes === true) return true;
  if (io.input?.interactive !== true || json) {
    io.err('engawa: nothing is reset without --yes, or a person who confirms it.\n');
    return false;
  }
  io.out(`${spoken(`Type ${clean(word)} to ${what} this box; anything else leaves it as it is.`, look)}\n`);
  const typed = await io.input.next();
  if (typed?.trim() === word) return true;
  io.err('engawa: not confirmed; the box is as it was.\n');
  return false;
}

async function runningBox(call: LineCall, order: ResetOrder): Promise<number> {
  const { io, socket, json } = call;
  const done = await postJson<ResetAnswer>(socket, '/v1/reset', order);
  if (!done.ok) return call.refused(done.error);
  tell(call, 'reset', 'ordered; the agent restarts');
  const back = await comesBack(call);
  if (json) io.out(`${JSON.stringify({ v: 1, reset: { done: back !== 'late', agent: back } }, null, 2)}\n`);
  if (back === 'late') {
    io.err('engawa: the agent has not come back; the reset goes on when it starts.\n');
    return EXIT.timeOut;
  }
  tell(
    call,
    'reset',
    back === 'up'
      ? 'done: the box is as from the factory'
      : 'done: the box waits to be claimed (engawa setup)',
  );
  return EXIT.good;
}

/** Waits until the old agent is gone and the next one answers. */
async function comesBack({ io, socket }: LineCall): Promise<'up' | 'claim' | 'late'> {
  const from = systemClock.monotonicMs();
  for (let waitedMs = 0; waitedMs < BACK_LIMIT_MS && !io.signal.aborted; waitedMs += LOOK_EVERY_MS) {
    await pause(io.signal, LOOK_EVERY_MS);
    const status = await getJson<AgentStatus>(socket, '/v1/status');
    // One that has run for longer than we wait is the old one.
    if (status.ok && status.value.upMs < systemClock.monotonicMs() - from) {
      return status.value.identity.at === 'claimed' ? 'up' : 'claim';
    }
  }
  return 'late';
}

/** No agent runs: the folder is wiped from here. */
function stoppedBox(call: LineCall, order: ResetOrder, state: string | undefined): number {
  const { io, json } = call;
  let done: ReturnType<typeof resetFolder>;
  try {
    done = resetFolder(boxPaths(state).agentFolder, order);
  } catch (error) {
    const say = `the folder of the agent cannot be emptied: ${error instanceof Error ? error.message : String(error)}`;
    if (json) io.out(`${JSON.stringify({ v: 1, error: { code: 'reset.disk', say } }, null, 2)}\n`);
    io.err(`engawa: ${clean(say)}\n`);
    return EXIT.fault;
  }
  if (!done.ok) {
    if (json) io.out(`${JSON.stringify({ v: 1, error: done.error }, null, 2)}\n`);
    io.err(`engawa: ${clean(done.error.say)}\n`);
    return EXIT.refused;
  }
  if (json) io.out(`${JSON.stringify({ v: 1, reset: { done: true, agent: 'stopped' } }, null, 2)}\n`);
  tell(call, 'reset', 'done; the agent was not running');
  return EXIT.good;
}

function tell({ io, look, json }: LineCall, name: string, say: string): void {
  if (!json) io.out(`${lines(name, say, look)}\n`);
}

function lines(name: string, say: string, look: Look): string {
  return rowLines({ verdict: '--', name, say }, look).join('\n');
}

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { systemClock } from '../../lib/base/clock.ts';
import type { ResetAnswer } from '../local-api/index.ts';
import { type ResetOrder, resetFolder } from '../reset/index.ts';
import type { AgentStatus } from '../status.ts';
import { getJson, postJson } from './api-client.ts';
import { EXIT } from './exit-codes.ts';
import type { LineCall } from './line-verbs.ts';
import { boxPaths } from './paths.ts';
import { pause } from './repeat.ts';
import { type Look, rowLines, spoken } from './screen.ts';
import { clean } from './text.ts';

interface ResetOptions {
  readonly yes?: boolean;
  readonly loseRecords?: boolean;
  readonly enrolment?: boolean;
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
  tell(call, 'goes', 'configuration, records, faxes, phones, addresses given, changes made here');
  tell(
    call,
    'stays',
    order.enrolment ? 'the key of the device, logs' : 'enrolment, the key of the device, logs',
  );
  if (order.records)
    tell(call, 'lost', `call records that the service does not have: ${stands?.records ?? 'unknown'}`);
  if (!(await agreed(call, options, stands?.gateway))) return EXIT.usage;
  return stands === undefined
    ? stoppedBox(call, order, options.state)
    : runningBox(call, order, options.state);
}

/** A person types the name of the box; a program says `--yes`. */
async function agreed(
  { io, look, json }: LineCall,
  { yes }: ResetOptions,
  gateway: string | undefined,
): Promise<boolean> {
  if (yes === true) return true;
  const word = gateway ?? 'reset';
  if (io.input?.interactive !== true || json) {
    io.err('engawa: nothing is reset without --yes, or a person who confirms it.\n');
    return false;
  }
  io.out(`${spoken(`Type ${clean(word)} to reset this box; anything else leaves it as it is.`, look)}\n`);
  const typed = await io.input.next();
  if (typed?.trim() === word) return true;
  io.err('engawa: not confirmed; the box is as it was.\n');
  return false;
}

async function runningBox(call: LineCall, order: ResetOrder, state: string | undefined): Promise<number> {
  const { io, socket, json } = call;
  const done = await postJson<ResetAnswer>(socket, '/v1/reset', order);
  if (!done.ok) return call.refused(done.error);
  tell(call, 'reset', 'ordered; the agent restarts');
  const back = await comesBack(call, boxPaths(state).enrolment);
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

/** Waits until the old agent is gone and the next one answers; without enrolment none does. */
async function comesBack({ io, socket }: LineCall, enrolment: string): Promise<'up' | 'claim' | 'late'> {
  let gone = false;
  const from = systemClock.monotonicMs();
  for (let waitedMs = 0; waitedMs < BACK_LIMIT_MS && !io.signal.aborted; waitedMs += LOOK_EVERY_MS) {
    await pause(io.signal, LOOK_EVERY_MS);
    const status = await getJson<AgentStatus>(socket, '/v1/status');
    if (!status.ok) gone = true;
    if (gone && !existsSync(enrolment)) return 'claim';
    // One that has run for longer than we wait is the old one.
    if (status.ok && status.value.upMs < systemClock.monotonicMs() - from) return 'up';
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

import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type { TrialAnswer } from '../local-api/index.ts';
import { type ApiResult, postJson } from './api-client.ts';
import { readChanges } from './change-words.ts';
import type { Readers } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import type { LanShow } from './lan-verbs.ts';
import type { LineCall } from './line-verbs.ts';
import { pause } from './repeat.ts';
import { rowLines } from './screen.ts';
import { trialScreen, trialVerdict } from './screens/trial.ts';
import { clean, duration } from './text.ts';

const USUAL_MINUTES = 5;
/** Applying a configuration takes the LAN and the board some moments. */
const APPLY_LIMIT_MS = 15_000;
const LOOK_EVERY_MS = 1_000;
/** Times left at which a line is said: a countdown without tricks of the cursor. */
const SAID_AT_MS = [240_000, 180_000, 120_000, 60_000, 30_000, 10_000];

interface TryOptions {
  readonly for?: number;
  readonly by?: string;
  readonly detach?: boolean;
}

/** `engawa try`, `engawa keep`, `engawa undo`. */
export function addTryVerbs(
  describe: (name: string, readers?: Readers) => Command,
  callOf: (command: Command) => LineCall,
  show: LanShow,
  finish: (code: number) => void,
): void {
  describe('try', { '--for': minutesOf }).action(
    async (words: readonly string[], options: TryOptions, command: Command) => {
      if (words.length === 0)
        finish(await show<TrialAnswer>(command, '/v1/trial', trialScreen, trialVerdict));
      else finish(await tryChanges(callOf(command), words, options));
    },
  );
  describe('keep').action(async (_options, command: Command) => {
    const call = callOf(command);
    finish(await ended(call, await postJson<TrialAnswer>(call.socket, '/v1/trial/keep', {}, APPLY_LIMIT_MS)));
  });
  describe('undo').action(async (options: { readonly all?: boolean }, command: Command) => {
    const call = callOf(command);
    const body = { all: options.all === true };
    finish(
      await ended(call, await postJson<TrialAnswer>(call.socket, '/v1/trial/undo', body, APPLY_LIMIT_MS)),
    );
  });
}

async function tryChanges(call: LineCall, words: readonly string[], options: TryOptions): Promise<number> {
  const { io, socket } = call;
  const read = readChanges(words);
  if ('wrong' in read) {
    io.err(
      `engawa: cannot read the change ${clean(read.wrong).slice(0, 60)}; as lan=serve, port.11=2, line.1.earDb=3\n`,
    );
    return EXIT.usage;
  }
  const session = options.detach !== true;
  const body = {
    ...{ changes: read.changes, minutes: options.for ?? USUAL_MINUTES, session },
    by: options.by ?? technician(),
  };
  const begun = await postJson<TrialAnswer>(socket, '/v1/trial', body, APPLY_LIMIT_MS);
  if (!begun.ok) return call.refused(begun.error);
  if (!session) {
    print(call, begun.value, trialScreen(begun.value, call.look));
    return EXIT.good;
  }
  return hold(call, begun.value);
}

/** Stays with the trial until it ends: typing `keep` or `undo`, another terminal, its time, or Ctrl-C, which undoes it. */
async function hold(call: LineCall, begun: TrialAnswer): Promise<number> {
  const { io, socket, look, json } = call;
  const id = begun.local.trial?.id;
  const say = (text: string): void => {
    if (!json) io.out(`${rowLines({ verdict: '--', name: 'trial', say: text }, look).join('\n')}\n`);
  };
  for (const each of begun.local.trial?.say ?? []) say(each);
  say('runs now; calls go on. Type keep or undo; Ctrl-C undoes it');
  const typed = readTyped(call);
  let leftMs = begun.local.trial?.leftMs ?? 0;
  for (;;) {
    await pause(io.signal, LOOK_EVERY_MS);
    const word = io.signal.aborted ? 'undo' : typed.take();
    const path = word === undefined ? 'alive' : word;
    const answer = await postJson<TrialAnswer>(socket, `/v1/trial/${path}`, {}, APPLY_LIMIT_MS);
    if (!answer.ok) {
      // Somebody else has ended it in the meantime: how, is asked for at the next turn.
      if (answer.error.refusal === 'trial.none') continue;
      return call.refused(answer.error);
    }
    const { trial, last } = answer.value.local;
    if (trial === null || trial.id !== id) {
      const kept = last?.id === id && last?.outcome === 'kept';
      if (json) print(call, answer.value, []);
      else say(kept ? 'kept: it stays' : `undone${BECAUSE[last?.because ?? ''] ?? ''}: as before`);
      return kept ? EXIT.good : EXIT.undone;
    }
    const passed = SAID_AT_MS.find((at) => leftMs > at && trial.leftMs <= at);
    if (passed !== undefined) say(`${duration(passed)} left; keep or undo`);
    leftMs = trial.leftMs;
  }
}

const BECAUSE: Readonly<Record<string, string>> = {
  time: ', its time is over',
  session: ', nobody was there',
  refused: ', a new configuration does not go with it',
};

/** What is typed meanwhile, one of the two words at a time. */
function readTyped({ io }: LineCall): { take(): 'keep' | 'undo' | undefined } {
  const words: ('keep' | 'undo')[] = [];
  const { input } = io;
  const read = async (): Promise<void> => {
    for (;;) {
      const line = (await input?.next())?.trim().toLowerCase();
      if (line === undefined) return;
      if (line === 'keep' || line === 'undo') words.push(line);
      else if (line !== '') io.err('engawa: type keep or undo.\n');
    }
  };
  if (input?.interactive === true) void read();
  return { take: () => words.shift() };
}

async function ended(call: LineCall, answer: ApiResult<TrialAnswer>): Promise<number> {
  if (!answer.ok) return call.refused(answer.error);
  print(call, answer.value, trialScreen(answer.value, call.look));
  return EXIT.good;
}

function print({ io, json }: LineCall, answer: TrialAnswer, screen: readonly string[]): void {
  io.out(json ? `${JSON.stringify(answer, null, 2)}\n` : `${screen.join('\n')}\n`);
}

/** Who works here, as the box is told: the one before sudo, where there is one. */
export function technician(): string {
  const name = process.env['SUDO_USER'] ?? userName();
  return name.replace(/[^\p{L}\p{N} ._@-]/gu, '').slice(0, 40) || 'technician';
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

function minutesOf(text: string): number {
  const value = Number(text);
  if (value >= 0.05 && value <= 60) return value;
  throw new InvalidArgumentError('Minutes are a number from 0.05 to 60.');
}

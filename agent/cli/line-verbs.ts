import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../lib/base/clock.ts';
import type { LinesAnswer } from '../local-api/index.ts';
import type { Begun, LineTest } from '../technician/index.ts';
import { type ApiFailure, getFile, getJson, postJson } from './api-client.ts';
import type { Readers } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import { pause } from './repeat.ts';
import { type Look, spoken } from './screen.ts';
import { lineTestScreen } from './screens/line-test.ts';
import { clean } from './text.ts';

/** What a verb of `line` is given. */
export interface LineCall {
  readonly io: CliIo;
  readonly socket: string;
  readonly json: boolean;
  readonly look: Look;
  /** Says why there is no answer, in the way of all verbs. */
  refused(failure: ApiFailure): number;
}

/** Longer than the agent's own limit for a measurement. */
const TEST_LIMIT_MS = 8_000;
const POLL_MS = 250;
/** Ctrl-C ends the recording, not the wait for it. */
const NEVER = new AbortController().signal;
/** A recording may wait so long for the handset, beside its length. */
const LIFT_LIMIT_MS = 65_000;

const EXIT_OF: Readonly<Record<string, number>> = {
  'line.none': EXIT.noSuchThing,
  'line.nothing': EXIT.noSuchThing,
  'line.inCall': EXIT.refused,
  'line.emergency': EXIT.refused,
  'line.hook': EXIT.refused,
  'line.running': EXIT.refused,
  'line.refused': EXIT.fault,
  'line.noBoard': EXIT.noHardware,
  'line.timeout': EXIT.timeOut,
  'api.badRequest': EXIT.usage,
};

interface Options {
  readonly for?: number;
  readonly force?: boolean;
  readonly ulaw?: boolean;
}

/** `engawa line test|tone|ring|loopback|capture|stop`; bare `engawa line` shows the lines. */
export function addLineVerbs(
  describe: (name: string, readers?: Readers) => Command,
  callOf: (command: Command) => LineCall,
  show: (command: Command) => Promise<number>,
  finish: (code: number) => void,
): void {
  const line = portOf;
  const upTo = (seconds: number): Readers => ({ line, '--for': secondsOf(seconds) });
  describe('line').action(async (_options, command: Command) => finish(await show(command)));
  describe('line test', { line }).action(async (port: number, options: Options, command: Command) =>
    finish(await test(callOf(command), port, options)),
  );
  describe('line tone', upTo(300)).action(
    async (port: number, named: string | undefined, options: Options, command: Command) => {
      const body = { tone: named ?? 'reference', ...timed(options), ...forced(options) };
      finish(await begin(callOf(command), port, 'tone', body));
    },
  );
  describe('line ring', upTo(60)).action(
    async (port: number, named: string | undefined, options: Options, command: Command) =>
      finish(await begin(callOf(command), port, 'ring', { ring: named ?? 'normal', ...timed(options) })),
  );
  describe('line loopback', upTo(300)).action(async (port: number, options: Options, command: Command) =>
    finish(await begin(callOf(command), port, 'loopback', { ...timed(options), ...forced(options) })),
  );
  describe('line capture', upTo(120)).action(
    async (port: number, file: string, options: Options, command: Command) =>
      finish(await capture(callOf(command), port, file, options)),
  );
  describe('line stop', { line }).action(async (port: number, _options, command: Command) =>
    finish(await begin(callOf(command), port, 'stop', {})),
  );
}

async function test(call: LineCall, port: number, options: Options): Promise<number> {
  const path = `/v1/lines/${port}/test`;
  const answer = await postJson<{ v: 1; line: LineTest }>(call.socket, path, forced(options), TEST_LIMIT_MS);
  if (!answer.ok) return refused(call, answer.error, port, 'test');
  const { line } = answer.value;
  if (call.json) call.io.out(`${JSON.stringify(answer.value, null, 2)}\n`);
  else {
    const lines = await getJson<LinesAnswer>(call.socket, '/v1/lines');
    const label = lines.ok ? lines.value.lines.find((each) => each.port === port)?.label : undefined;
    call.io.out(`${lineTestScreen(line, label ?? '', call.look).join('\n')}\n`);
  }
  return line.verdict === 'OK' ? EXIT.good : EXIT.fault;
}

async function begin(call: LineCall, port: number, what: string, body: object): Promise<number> {
  const answer = await postJson<{ v: 1; line: Begun }>(call.socket, `/v1/lines/${port}/${what}`, body);
  if (!answer.ok) return refused(call, answer.error, port, what);
  if (call.json) {
    call.io.out(`${JSON.stringify(answer.value, null, 2)}\n`);
    return EXIT.good;
  }
  const { say, forMs } = answer.value.line;
  call.io.out(`OK    ${spoken(clean(say), call.look)}\n`);
  if (forMs > 0)
    call.io.out(
      `      ${spoken(`Ends by itself after ${forMs / 1_000} s. Now:  engawa line stop ${port}`, call.look)}\n`,
    );
  return EXIT.good;
}

async function capture(call: LineCall, port: number, file: string, options: Options): Promise<number> {
  const body = { ...timed(options), ...forced(options), law: options.ulaw === true ? 'ulaw' : 'pcm' };
  const path = `/v1/lines/${port}/capture`;
  const begun = await postJson<{ v: 1; line: Begun }>(call.socket, path, body);
  if (!begun.ok) return refused(call, begun.error, port, 'capture');
  const { forMs } = begun.value.line;
  call.io.err(`Recording line ${port} for ${forMs / 1_000} s of sound; lift the handset. Ctrl-C ends it.\n`);
  const wav = await takeRecording(call, port, systemClock.monotonicMs() + forMs + LIFT_LIMIT_MS);
  if (!wav.ok) return refused(call, wav.error, port, 'capture');
  if (wav.value === undefined) {
    call.io.err(`engawa: line ${port} gave no recording in time.\n`);
    return EXIT.timeOut;
  }
  try {
    await writeFile(file, wav.value, { mode: 0o600 });
  } catch (error) {
    call.io.err(`engawa: ${clean(file)} cannot be written: ${clean(String(error))}\n`);
    return EXIT.fault;
  }
  const done = { v: 1, line: { port, file, bytes: wav.value.length } };
  if (call.json) call.io.out(`${JSON.stringify(done, null, 2)}\n`);
  else
    call.io.out(
      `OK    ${clean(file)}: ${wav.value.length} bytes. It is somebody's talk: delete it after use.\n`,
    );
  return EXIT.good;
}

/** Asks until the recording is there; Ctrl-C ends it early and takes what there is. */
async function takeRecording(
  call: LineCall,
  port: number,
  until: number,
): Promise<Awaited<ReturnType<typeof getFile>>> {
  let stopped = false;
  for (;;) {
    if (call.io.signal.aborted && !stopped) {
      stopped = true;
      await postJson(call.socket, `/v1/lines/${port}/stop`, {});
    }
    const answer = await getFile(call.socket, `/v1/lines/${port}/recording`);
    if (!answer.ok || answer.value !== undefined) return answer;
    if (systemClock.monotonicMs() > until) return { ok: true, value: undefined };
    await pause(NEVER, POLL_MS);
  }
}

function refused(call: LineCall, failure: ApiFailure, port: number, what: string): number {
  const code = failure.refusal;
  const exit = code === undefined ? undefined : EXIT_OF[code];
  if (exit === undefined) return call.refused(failure);
  if (call.json) call.io.out(`${JSON.stringify({ v: 1, error: { ...failure, code } }, null, 2)}\n`);
  const say = clean(failure.say.replace(/^The agent refuses: /, ''));
  const hint =
    code === 'line.inCall' && what !== 'ring'
      ? `\n        Cut in anyway:  engawa line ${what} ${port} --force`
      : '';
  call.io.err(`engawa: ${say}${hint}\n`);
  return exit;
}

function timed(options: Options): { seconds?: number } {
  return options.for === undefined ? {} : { seconds: options.for };
}

function forced(options: Options): { force?: boolean } {
  return options.force === true ? { force: true } : {};
}

function portOf(text: string): number {
  if (/^[1-8]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A line is a port from 1 to 8.');
}

function secondsOf(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isFinite(value) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Seconds are a number from 1 to ${most}.`);
  };
}

import { Command, CommanderError } from 'commander';
import { systemClock } from '../../lib/base/clock.ts';
import type { CallsAnswer, ConfigAnswer, FaxesAnswer, LinesAnswer } from '../local-api/index.ts';
import type { AgentStatus } from '../status.ts';
import { type ApiFailure, getJson } from './api-client.ts';
import { doctorScreen, examine } from './doctor/index.ts';
import { type CliIo, EXIT, processIo } from './io.ts';
import { addLanVerbs, type LanShow } from './lan-verbs.ts';
import { addLineVerbs, type LineCall } from './line-verbs.ts';
import { boxPaths } from './paths.ts';
import { addPhoneVerbs } from './phone-verbs.ts';
import { repeat } from './repeat.ts';
import type { Verdict } from './screen.ts';
import { callsScreen } from './screens/calls.ts';
import { configScreen, configVerdict } from './screens/config.ts';
import { faxLogScreen } from './screens/fax.ts';
import { linesScreen, linesVerdict } from './screens/lines.ts';
import { statusScreen, statusVerdict } from './screens/status.ts';
import { didYouMean } from './suggest.ts';
import { clean } from './text.ts';
import { runWatch } from './watch.ts';

const VERBS = [
  ...['status', 'lines', 'line', 'calls', 'config', 'fax', 'dhcp', 'leases', 'why'],
  ...['phones', 'phone', 'approve', 'reprovision'],
  ...['watch', 'doctor', 'help'],
];

interface GlobalOptions {
  readonly json?: boolean;
  readonly socket?: string;
  readonly state?: string;
  readonly color?: boolean;
  /** Of the verbs that can: shown again when it changes. */
  readonly watch?: boolean;
}

/** What a verb is given. */
interface Call {
  readonly io: CliIo;
  readonly options: GlobalOptions;
  readonly socket: string;
  readonly colours: boolean;
}

/**
 * Runs one command. `argv` is without node and script. Returns the exit code: 0 good, 1 looked and found a fault, 2 usage,
 * 3 time-out, 5 refused by a rule, 7 no board, 8 the agent is not running, 10 no such line, 70 a mistake of ours.
 */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  let code: number = EXIT.good;
  const program = build(io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.usage;
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.err(`engawa: a mistake of ours. Please send this to support:\n${why}\n`);
    return EXIT.bug;
  }
}

const EXAMPLES = `
Examples:
  engawa                     is this box healthy? the same as engawa status
  engawa lines               analog lines, their states and registrations
  engawa watch               what happens now, until Ctrl-C
  engawa doctor              what is wrong, also when the agent is down
  engawa line test 2         is the wire to that phone good?
  engawa calls --json        for programs

Exit code: 0 good, 1 found a fault, 2 usage, 3 time-out, 5 refused (call),
           7 no board, 8 agent not running, 10 no such line, 70 our bug`;

function build(io: CliIo, finish: (code: number) => void): Command {
  const program = new Command('engawa');
  program
    .description('Looks at this gateway: lines, calls, configuration, and what is wrong.')
    .option('--json', 'print one JSON document, version 1')
    .option('--socket <path>', 'unix socket of the agent')
    .option('--state <dir>', 'state folder of the box (.engawa)')
    .option('--no-color', 'no colours; the words say the same')
    .argument('[verb...]')
    .usage('[verb] [options]')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .configureHelp({ helpWidth: 80, showGlobalOptions: true })
    .helpCommand('help [verb]', 'how to use a verb')
    .addHelpText('after', EXAMPLES)
    .action(async (words: readonly string[], _options, command: Command) => {
      const first = words[0];
      finish(first === undefined ? await status(callOf(io, command)) : unknownVerb(first, io));
    });
  const verb = (
    name: string,
    about: string,
    example: string,
    run: (call: Call) => Promise<number>,
  ): Command =>
    program
      .command(name)
      .description(about)
      .allowExcessArguments(false)
      .addHelpText('after', `\nExample:\n  ${example}`)
      .action(async (_options, command: Command) => finish(await run(callOf(io, command))));
  verb('status', 'the whole box on one screen', 'engawa status --json', status);
  verb('lines', 'analog lines: state, extension, registration', 'engawa lines', lines);
  addLineVerbs(
    program,
    (command) => toolCall(io, command),
    (command) => lines(callOf(io, command)),
    finish,
  );
  verb('calls', 'running calls and the last hundred', 'engawa calls --json', calls);
  verb('config', 'which configuration runs, and why another does not', 'engawa config', config);
  faxVerbs(program, (call) => faxLog(callOf(io, call)).then(finish));
  const showFor: LanShow = (command, path, screen, verdict) =>
    show(callOf(io, command), path, screen, verdict);
  addLanVerbs(program, io, showFor, finish);
  addPhoneVerbs(program, (command) => toolCall(io, command), showFor, finish);
  verb('watch', 'what changes, a line each, until Ctrl-C', 'engawa watch', watch);
  verb('doctor', 'what is wrong and what to do, also without the agent', 'engawa doctor', doctor);
  return program;
}

function faxVerbs(program: Command, log: (command: Command) => Promise<void>): void {
  const fax = program.command('fax').description('faxes that passed through this box').usage('log [options]');
  fax
    .command('log')
    .description('the last hundred faxes: who, pages, rate, error correction, result')
    .allowExcessArguments(false)
    .addHelpText('after', '\nExample:\n  engawa fax log --json')
    .action(async (_options, command: Command) => log(command));
}

function callOf(io: CliIo, command: Command): Call {
  const options = command.optsWithGlobals<GlobalOptions>();
  const socket = options.socket ?? boxPaths(options.state).agentSocket;
  return { io, options, socket, colours: io.colours && options.color !== false };
}

/** What the verbs of one line or one phone are given. */
function toolCall(io: CliIo, command: Command): LineCall {
  const call = callOf(io, command);
  const { socket, colours, options } = call;
  return { io, socket, colours, json: options.json === true, refused: (failure) => refused(call, failure) };
}

function unknownVerb(word: string, io: CliIo): number {
  const meant = didYouMean(word, VERBS);
  const hint = meant === undefined ? 'See:  engawa help' : `Did you mean:  engawa ${meant}`;
  io.err(`engawa: no verb "${clean(word).slice(0, 40)}". ${hint}\n`);
  return EXIT.usage;
}

async function status(call: Call): Promise<number> {
  return show<AgentStatus>(call, '/v1/status', statusScreen, statusVerdict);
}

async function lines(call: Call): Promise<number> {
  return show<LinesAnswer>(call, '/v1/lines', linesScreen, linesVerdict);
}

async function calls(call: Call): Promise<number> {
  const screen = (answer: CallsAnswer, colours: boolean): readonly string[] =>
    callsScreen(answer, call.io.now(), colours);
  return show<CallsAnswer>(call, '/v1/calls', screen, () => 'OK');
}

async function faxLog(call: Call): Promise<number> {
  return show<FaxesAnswer>(call, '/v1/faxes', faxLogScreen, () => 'OK');
}

async function config(call: Call): Promise<number> {
  return show<ConfigAnswer>(call, '/v1/config', configScreen, configVerdict);
}

async function watch(call: Call): Promise<number> {
  const failure = await runWatch(call.io, call.socket, {
    json: call.options.json === true,
    colours: call.colours,
  });
  return failure === undefined ? EXIT.good : refused(call, failure);
}

async function doctor(call: Call): Promise<number> {
  const report = await examine(boxPaths(call.options.state), call.socket, {
    nowMs: call.io.now(),
    elapsed: () => systemClock.monotonicMs(),
  });
  if (call.options.json === true) printJson(call.io, report);
  else printLines(call.io, doctorScreen(report, call.colours));
  return codeOf(report.verdict);
}

/** Asks for one document and shows it as text or as it is. */
async function show<Answer extends { readonly v: 1 }>(
  call: Call,
  path: string,
  screen: (answer: Answer, colours: boolean) => readonly string[],
  verdict: (answer: Answer) => Verdict,
): Promise<number> {
  const ask = () => getJson<Answer>(call.socket, path);
  if (call.options.watch === true) {
    const json = call.options.json === true;
    const gone = await repeat(call.io, {
      ask,
      json,
      screen: (answer: Answer) => screen(answer, call.colours),
    });
    return gone === undefined ? EXIT.good : refused(call, gone);
  }
  const answer = await ask();
  if (!answer.ok) return refused(call, answer.error);
  if (call.options.json === true) printJson(call.io, answer.value);
  else printLines(call.io, screen(answer.value, call.colours));
  return codeOf(verdict(answer.value));
}

/** The doctor looks at the same box: without its folder it would examine another one. */
function doctorFor({ state, socket }: GlobalOptions): string {
  const at = (option: string, path: string | undefined): string =>
    path === undefined ? '' : ` ${option} ${clean(path)}`;
  return `engawa doctor${at('--state', state)}${at('--socket', socket)}`;
}

function refused(call: Call, failure: ApiFailure): number {
  if (call.options.json === true) printJson(call.io, { v: 1, error: failure });
  call.io.err(`engawa: ${failure.say}\n        What is wrong:  ${doctorFor(call.options)}\n`);
  return failure.code === 'cli.strange' || failure.code === 'cli.refused' ? EXIT.fault : EXIT.notRunning;
}

/** Anything that asks for a person is a fault, the yellow kind too. */
function codeOf(verdict: Verdict): number {
  return verdict === 'FAIL' || verdict === 'WARN' ? EXIT.fault : EXIT.good;
}

function printJson(io: CliIo, value: unknown): void {
  io.out(`${JSON.stringify(value, null, 2)}\n`);
}

function printLines(io: CliIo, screen: readonly string[]): void {
  io.out(`${screen.join('\n')}\n`);
}

if (import.meta.main) {
  const ended = new AbortController();
  process.on('SIGINT', () => ended.abort());
  process.on('SIGTERM', () => ended.abort());
  // A reader that goes away (`engawa calls | head`) is not a mistake of ours.
  process.stdout.on('error', () => process.exit(EXIT.good));
  process.exitCode = await main(process.argv.slice(2), processIo(ended.signal));
}

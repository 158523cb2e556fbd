import { type Command, CommanderError } from 'commander';
import { systemClock } from '../../lib/base/clock.ts';
import type {
  CallsAnswer,
  ConfigAnswer,
  ConfigDiffAnswer,
  FaxesAnswer,
  IdentityAnswer,
  LinesAnswer,
  WarningsAnswer,
} from '../local-api/index.ts';
import type { AgentStatus } from '../status.ts';
import { addAddressVerb } from './address-verb.ts';
import { type ApiFailure, getJson } from './api-client.ts';
import { addCaptureVerbs } from './capture-verbs.ts';
import { describeProgram, describeVerb, type Readers } from './describe.ts';
import { doctorScreen, examine } from './doctor/index.ts';
import { addDrillVerbs } from './drill-verbs.ts';
import { EXIT, exitOfFailure } from './exit-codes.ts';
import { addHelpVerbs } from './help-verbs.ts';
import { type CliIo, processIo } from './io.ts';
import { addLanVerbs, type LanShow } from './lan-verbs.ts';
import { type Language, languageAsked } from './language.ts';
import { addLineVerbs, type LineCall } from './line-verbs.ts';
import { addLogVerbs } from './log-verb.ts';
import { addNetcheckVerb } from './netcheck-verb.ts';
import { boxPaths } from './paths.ts';
import { addPhoneVerbs } from './phone-verbs.ts';
import { inJapanese } from './phrasebook.ts';
import { repeat } from './repeat.ts';
import { report } from './report-verb.ts';
import { addResetVerb } from './reset-verb.ts';
import type { Look, Verdict } from './screen.ts';
import { callsScreen } from './screens/calls.ts';
import { configScreen, configVerdict } from './screens/config.ts';
import { configDiffScreen, configDiffVerdict } from './screens/config-diff.ts';
import { faxLogScreen } from './screens/fax.ts';
import { identityScreen, identityVerdict } from './screens/identity.ts';
import { linesScreen, linesVerdict } from './screens/lines.ts';
import { syncScreen, syncVerdict, trunkScreen, trunkVerdict } from './screens/service.ts';
import { statusScreen, statusVerdict } from './screens/status.ts';
import { meaningOf, meaningScreen, warningsScreen, warningsVerdict } from './screens/warnings.ts';
import { addSetupVerb } from './setup-verb.ts';
import { addShellVerb } from './shell-verb.ts';
import { didYouMean } from './suggest.ts';
import { clean } from './text.ts';
import { addTraceVerb } from './trace-verb.ts';
import { addTryVerbs } from './try-verbs.ts';
import { addUpdateVerbs } from './update-verbs.ts';
import { VERBS } from './verb-table.ts';
import { runWatch } from './watch.ts';
import { addWhyVerb } from './why-verb.ts';

interface GlobalOptions {
  readonly json?: boolean;
  readonly socket?: string;
  readonly state?: string;
  readonly lang?: Language;
  /** `false` is `--no-color`. */
  readonly color?: 'auto' | 'always' | 'never' | false;
  readonly plain?: boolean;
  /** Of the verbs that can: shown again when it changes. */
  readonly watch?: boolean;
}

/** What a verb is given. */
interface Call {
  readonly io: CliIo;
  readonly options: GlobalOptions;
  readonly socket: string;
  readonly look: Look;
}

/** Runs one command. `argv` is without node and script. Returns the exit code, one of {@link EXIT}. */
export async function main(argv: readonly string[], world: CliIo): Promise<number> {
  let code: number = EXIT.good;
  const language = languageAsked(argv) ?? world.language ?? 'en';
  const io = { ...world, err: (text: string) => world.err(inLanguage(text, language)) };
  const program = build(io, language, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.good;
      const say = error.message.replace(/^error: /, '');
      if (argv.includes('--json')) printJson(io, { v: 1, error: { code: 'cli.usage', say } });
      return EXIT.usage;
    }
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.err(`engawa: a mistake of ours. Please send this to support:\n${why}\n`);
    return EXIT.bug;
  } finally {
    world.input?.close();
  }
}

/** What is said beside the data, line by line. */
function inLanguage(text: string, language: Language): string {
  return language === 'en' ? text : text.split('\n').map(inJapanese).join('\n');
}

function build(io: CliIo, language: Language, finish: (code: number) => void): Command {
  const program = describeProgram(language)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .action(async (words: readonly string[], _options, command: Command) => {
      const first = words[0];
      const call = callOf(io, command);
      const json = call.options.json === true;
      finish(first === undefined ? await status(call) : unknownVerb(first, io, json));
    });
  const describe = (name: string, readers?: Readers): Command =>
    describeVerb(program, name, language, readers);
  const verb = (name: string, run: (call: Call) => Promise<number>): Command =>
    describe(name).action(async (_options, command: Command) => finish(await run(callOf(io, command))));
  const showFor: LanShow = (command, path, screen, verdict) =>
    show(callOf(io, command), path, screen, verdict);
  verb('status', status);
  verb('identity', (call) => show<IdentityAnswer>(call, '/v1/identity', identityScreen, identityVerdict));
  verb('lines', lines);
  verb('calls', calls);
  describe('config').action(async (options: { readonly diff?: boolean }, command: Command) =>
    finish(await (options.diff === true ? configDiff : config)(callOf(io, command))),
  );
  verb('trunk', (call) => show(call, '/v1/status', trunkScreen, trunkVerdict, stillStatus));
  verb('sync', (call) => show(call, '/v1/status', syncScreen, syncVerdict, stillStatus));
  verb('fax', faxLog);
  verb('fax log', faxLog);
  verb('watch', watch);
  verb('doctor', doctor);
  describe('report').action(async (file: string | undefined, _options, command: Command) =>
    finish(await report(callOf(io, command), file)),
  );
  describe('warnings').action(async (code: string | undefined, _options, command: Command) =>
    finish(await warnings(callOf(io, command), code)),
  );
  addLineVerbs(
    describe,
    (command) => toolCall(io, command),
    (command) => lines(callOf(io, command)),
    finish,
  );
  addLanVerbs(describe, showFor, finish);
  addAddressVerb(describe, (command) => toolCall(io, command), showFor, finish);
  addWhyVerb(describe, io, showFor, finish);
  addPhoneVerbs(describe, (command) => toolCall(io, command), showFor, finish);
  addLogVerbs(describe, (command) => toolCall(io, command), finish);
  addNetcheckVerb(describe, (command) => toolCall(io, command), finish);
  addCaptureVerbs(describe, (command) => toolCall(io, command), finish);
  addTraceVerb(describe, (command) => toolCall(io, command), finish);
  addDrillVerbs(describe, (command) => toolCall(io, command), finish);
  addTryVerbs(describe, (command) => toolCall(io, command), showFor, finish);
  addResetVerb(describe, (command) => toolCall(io, command), finish);
  addUpdateVerbs(describe, (command) => toolCall(io, command), showFor, finish);
  addSetupVerb(describe, (command) => toolCall(io, command), finish);
  addShellVerb(describe, (command) => toolCall(io, command), main, finish);
  addHelpVerbs(describe, program, io, finish);
  return program;
}

function callOf(io: CliIo, command: Command): Call {
  const options = command.optsWithGlobals<GlobalOptions>();
  const socket = options.socket ?? boxPaths(options.state).agentSocket;
  return {
    io: options.plain === true ? withoutBlanks(io) : io,
    options,
    socket,
    look: {
      colours: options.plain !== true && coloursOf(io, options),
      language: options.lang ?? io.language ?? 'en',
      plain: options.plain === true,
    },
  };
}

/** An empty line is a pause for the eye, and nothing for who hears the screen. */
function withoutBlanks(io: CliIo): CliIo {
  return { ...io, out: (text) => io.out(text.replace(/^\n+|(?<=\n)\n+/g, '')) };
}

/** `--color always` wins over NO_COLOR and over what is no terminal. */
function coloursOf(io: CliIo, { color }: GlobalOptions): boolean {
  if (color === 'always') return true;
  return io.colours && color !== false && color !== 'never';
}

/** What the verbs of one line or one phone are given. */
function toolCall(io: CliIo, command: Command): LineCall {
  const call = callOf(io, command);
  const { socket, look, options } = call;
  return {
    io: call.io,
    socket,
    look,
    json: options.json === true,
    refused: (failure) => refused(call, failure),
  };
}

function unknownVerb(word: string, io: CliIo, json: boolean): number {
  const meant = didYouMean(
    word,
    VERBS.map(({ name }) => name),
  );
  const hint = meant === undefined ? 'See:  engawa help' : `Did you mean:  engawa ${meant}`;
  const say = `no verb "${clean(word).slice(0, 40)}". ${hint}`;
  if (json) printJson(io, { v: 1, error: { code: 'cli.usage', say } });
  io.err(`engawa: ${say}\n`);
  return EXIT.usage;
}

/** What tells of a change: not that time passes. */
function stillStatus(status: AgentStatus): object {
  return { ...status, now: 0, upMs: 0, memory: null, cloud: { ...status.cloud, oldestMs: 0 } };
}

async function status(call: Call): Promise<number> {
  return show(call, '/v1/status', statusScreen, statusVerdict, stillStatus);
}

async function lines(call: Call): Promise<number> {
  return show<LinesAnswer>(call, '/v1/lines', linesScreen, linesVerdict);
}

async function calls(call: Call): Promise<number> {
  const screen = (answer: CallsAnswer, look: Look): readonly string[] =>
    callsScreen(answer, call.io.now(), look);
  return show<CallsAnswer>(call, '/v1/calls', screen, () => 'OK');
}

async function faxLog(call: Call): Promise<number> {
  return show<FaxesAnswer>(call, '/v1/faxes', faxLogScreen, () => 'OK');
}

async function warnings(call: Call, code: string | undefined): Promise<number> {
  const { io, look, options, socket } = call;
  if (code === undefined) {
    const screen = (answer: WarningsAnswer): readonly string[] => warningsScreen(answer, io.now(), look);
    return show<WarningsAnswer>(call, '/v1/warnings', screen, warningsVerdict);
  }
  const raised = await getJson<WarningsAnswer>(socket, '/v1/warnings');
  const meaning = meaningOf(code, raised.ok ? raised.value.warnings : null);
  if (meaning === undefined) {
    const say = `No code ${clean(code).slice(0, 20)} exists.`;
    if (options.json === true) printJson(io, { v: 1, error: { code: 'cli.noSuchCode', say } });
    io.err(`engawa: ${say} All of them:  engawa help --man codes | man -l -\n`);
    return EXIT.noSuchThing;
  }
  if (options.json === true) printJson(io, meaning);
  else printLines(io, meaningScreen(meaning, io.now(), look));
  return (meaning.now ?? []).length > 0 ? EXIT.fault : EXIT.good;
}

async function config(call: Call): Promise<number> {
  return show<ConfigAnswer>(call, '/v1/config', configScreen, configVerdict);
}

function configDiff(call: Call): Promise<number> {
  return show<ConfigDiffAnswer>(call, '/v1/config-diff', configDiffScreen, configDiffVerdict);
}

async function watch(call: Call): Promise<number> {
  const failure = await runWatch(call.io, call.socket, {
    json: call.options.json === true,
    look: call.look,
  });
  return failure === undefined ? EXIT.good : refused(call, failure);
}

async function doctor(call: Call): Promise<number> {
  const report = await examine(boxPaths(call.options.state), call.socket, {
    nowMs: call.io.now(),
    elapsed: () => systemClock.monotonicMs(),
  });
  if (call.options.json === true) printJson(call.io, report);
  else printLines(call.io, doctorScreen(report, call.look));
  return codeOf(report.verdict);
}

/** Asks for one document and shows it as text or as it is. */
async function show<Answer extends { readonly v: 1 }>(
  call: Call,
  path: string,
  screen: (answer: Answer, look: Look) => readonly string[],
  verdict: (answer: Answer) => Verdict,
  still?: (answer: Answer) => unknown,
): Promise<number> {
  const ask = () => getJson<Answer>(call.socket, path);
  if (call.options.watch === true) {
    const json = call.options.json === true;
    const gone = await repeat(call.io, {
      ...{ ask, json, screen: (answer: Answer) => screen(answer, call.look) },
      ...(still === undefined ? {} : { still }),
    });
    return gone === undefined ? EXIT.good : refused(call, gone);
  }
  const answer = await ask();
  if (!answer.ok) return refused(call, answer.error);
  if (call.options.json === true) printJson(call.io, answer.value);
  else printLines(call.io, screen(answer.value, call.look));
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
  return exitOfFailure(failure);
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
  // In the shell it ends a verb, and whoever listens beside us knows it.
  process.on('SIGINT', () => {
    if (process.listenerCount('SIGINT') === 1) ended.abort();
  });
  process.on('SIGTERM', () => ended.abort());
  // A reader that goes away (`engawa calls | head`) is not a mistake of ours.
  process.stdout.on('error', () => process.exit(EXIT.good));
  process.exitCode = await main(process.argv.slice(2), processIo(ended.signal));
}

import { type Command, InvalidArgumentError } from 'commander';
import { LOG_LEVELS } from '../../lib/base/log-level.ts';
import { parseMac } from '../../lib/net/mac-address.ts';
import type { LogLevelsAnswer, WhyCallAnswer } from '../local-api/index.ts';
import { getJson, postJson } from './api-client.ts';
import type { Readers } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import type { LineCall } from './line-verbs.ts';
import type { Entry, Program } from './log/entry.ts';
import { isWanted, levelNumber, type Wanted } from './log/filter.ts';
import { LogFiles } from './log/log-files.ts';
import { readJournal } from './log/log-journal.ts';
import { readSince } from './log/since.ts';
import { boxPaths } from './paths.ts';
import { pause } from './repeat.ts';
import { entryLines, levelsScreen } from './screens/log.ts';

/** Lines that are shown of the past unless somebody says how many. */
const USUAL_LINES = 50;
const LINES_MOST = 100_000;
const FOLLOW_EVERY_MS = 250;
/** A journal is asked no further back than this when nobody said since when. */
const JOURNAL_BACK_MS = 86_400_000;
const USUAL_MINUTES = 15;

interface LogOptions {
  readonly follow?: boolean;
  readonly lines?: number;
  readonly level?: string;
  readonly since?: string;
  readonly call?: string;
  readonly line?: number;
  readonly phone?: string;
  readonly program?: Program;
  readonly state?: string;
}

/** `engawa log` and `engawa log level`. */
export function addLogVerbs(
  describe: (name: string, readers?: Readers) => Command,
  callOf: (command: Command) => LineCall,
  finish: (code: number) => void,
): void {
  describe('log', { '--lines': countOf, '--line': portOf, '--phone': macOf }).action(
    async (_own: unknown, command: Command) =>
      finish(await log(callOf(command), command.optsWithGlobals<LogOptions>())),
  );
  describe('log level', { level: levelOf, '--for': minutesOf }).action(
    async (
      level: string | undefined,
      options: { readonly for?: number; readonly program?: Program },
      command: Command,
    ) => finish(await logLevel(callOf(command), level, options)),
  );
}

async function log(call: LineCall, options: LogOptions): Promise<number> {
  const { io, json, look } = call;
  const since = options.since === undefined ? undefined : readSince(options.since, io.now());
  if (options.since !== undefined && since === undefined) {
    io.err('engawa: --since is a time as 10m, 2h, 1d, 14:00 or "2026-11-22 14:00".\n');
    return EXIT.usage;
  }
  const wanted: Wanted = {
    program: options.program,
    level: options.level === undefined ? undefined : levelNumber(options.level),
    since,
    call: options.call === undefined ? undefined : await namesOf(call, options.call),
    line: options.line,
    phone: options.phone,
  };
  const most = options.lines ?? (since === undefined ? USUAL_LINES : LINES_MOST);
  const print = (entry: Entry): void =>
    io.out(json ? `${jsonOf(entry)}\n` : `${entryLines(entry, look).join('\n')}\n`);
  const show = (entries: readonly Entry[]): void => {
    for (const entry of entries.filter((each) => isWanted(each, wanted)).slice(-most)) print(entry);
  };
  const files = new LogFiles(boxPaths(options.state).log);
  if (files.there) {
    show(files.past());
    while (options.follow === true && !io.signal.aborted) {
      await pause(io.signal, FOLLOW_EVERY_MS);
      for (const entry of files.news().filter((each) => isWanted(each, wanted))) print(entry);
    }
    return EXIT.good;
  }
  return fromJournal(call, { since, wanted, most, follow: options.follow === true }, print);
}

/** A call and its legs: a line of the log names one or the other. Without the agent only the call itself. */
async function namesOf({ socket }: LineCall, id: string): Promise<readonly string[]> {
  const told = await getJson<WhyCallAnswer>(socket, `/v1/why-call/${encodeURIComponent(id)}`);
  return told.ok ? [told.value.call, ...new Set(told.value.story.map(({ leg }) => leg))] : [id];
}

/** Of a box whose programs are run by systemd. */
async function fromJournal(
  { io }: LineCall,
  asked: { since: number | undefined; wanted: Wanted; most: number; follow: boolean },
  print: (entry: Entry) => void,
): Promise<number> {
  const since = asked.since ?? io.now() - JOURNAL_BACK_MS;
  const kept: Entry[] = [];
  const past = { since, follow: false, signal: io.signal };
  const there = await readJournal(past, (entry) => {
    if (isWanted(entry, asked.wanted)) kept.push(entry);
    if (kept.length > asked.most) kept.shift();
  });
  for (const entry of kept) print(entry);
  const last = kept.at(-1)?.raw;
  if (there && asked.follow && !io.signal.aborted) {
    const from = io.now();
    await readJournal({ since: from, follow: true, signal: io.signal }, (entry) => {
      if (entry.raw !== last && isWanted(entry, asked.wanted)) print(entry);
    });
  }
  if (there) return EXIT.good;
  io.err('engawa: there is no log: neither files in the state folder nor a journal.\n');
  return EXIT.noSuchThing;
}

/** One document a line, as the verbs that follow something print them. */
function jsonOf({ raw, ...entry }: Entry): string {
  return JSON.stringify({ v: 1, log: { ...entry, ...(entry.level === null ? { raw } : {}) } });
}

async function logLevel(
  call: LineCall,
  level: string | undefined,
  options: { readonly for?: number; readonly program?: Program },
): Promise<number> {
  const { io, json, look, socket } = call;
  const body = {
    program: options.program ?? 'all',
    level: level === 'usual' ? null : level,
    minutes: options.for ?? USUAL_MINUTES,
  };
  const answer =
    level === undefined
      ? await getJson<LogLevelsAnswer>(socket, '/v1/log-level')
      : await postJson<LogLevelsAnswer>(socket, '/v1/log-level', body);
  if (!answer.ok) return call.refused(answer.error);
  io.out(
    json ? `${JSON.stringify(answer.value, null, 2)}\n` : `${levelsScreen(answer.value, look).join('\n')}\n`,
  );
  return answer.value.levels.media === null ? EXIT.fault : EXIT.good;
}

function levelOf(text: string): string {
  if (text === 'usual' || levelNumber(text) !== undefined) return text;
  throw new InvalidArgumentError(`Allowed are ${[...LOG_LEVELS, 'usual'].join(', ')}.`);
}

function countOf(text: string): number {
  if (/^[0-9]{1,6}$/.test(text) && Number(text) <= LINES_MOST) return Number(text);
  throw new InvalidArgumentError(`Lines are a number up to ${LINES_MOST}.`);
}

function portOf(text: string): number {
  if (/^[1-8]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A line is a port from 1 to 8.');
}

function macOf(text: string): string {
  const mac = parseMac(text);
  if (mac !== undefined) return mac;
  throw new InvalidArgumentError('Write it as on the label: C0:74:AD:2B:D8:59.');
}

function minutesOf(text: string): number {
  const value = Number(text);
  if (value >= 1 && value <= 1_440) return value;
  throw new InvalidArgumentError('Minutes are a number from 1 to 1440.');
}

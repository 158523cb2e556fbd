import { type ChildProcess, spawn } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  renameSync,
  statSync,
  type WriteStream,
  writeFileSync,
} from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { StartupError } from '../../lib/base/errors.ts';

/** Older logs are kept once, at `<name>.log.1`. */
const LOG_LIMIT_BYTES = 10_000_000;
const LOG_LINE_LIMIT = 100_000;

/** One program to run. */
export interface ProgramSpec {
  readonly name: string;
  readonly command: readonly string[];
  /** Beside the launcher's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** How readiness shows: a log line with `event: "ready"`, or not at all. */
  readonly ready: 'event' | 'spawn';
  readonly readyLimitMs: number;
  /** It stands for hardware, which waits for nobody: it comes before other programs, as far as one may. */
  readonly hardware?: boolean;
  /** What ends it. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

/** A program that runs. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves with a sentence when the program has ended, for whatever reason. */
  readonly ended: Promise<string>;
  stop(limitMs: number): Promise<void>;
}

/**
 * Starts a program and resolves when it is ready. Its output goes to its log file; a line with `event: "fatal"` becomes a
 * {@link StartupError} with the program's own sentence. Standard input stays open as the program's lifeline.
 */
export async function startChild(spec: ProgramSpec): Promise<Child> {
  const log = openLog(spec.logFile);
  const [command = '', ...args] = spec.command;
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...spec.environment },
  });
  child.stdin?.on('error', () => {});
  if (child.pid !== undefined) weigh(child.pid, getPriority());
  if (spec.hardware === true) favour(child.pid);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`could not be started: ${error.message}`));
    child.on('exit', (code, signal) =>
      resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
    );
  });
  // Later than its end: what it, or a program of its own, has written last is still on its way.
  child.on('close', () => log.end());
  const outcome = watchOutput(child, log, spec);
  const died = ended.then((how) => ({ kind: 'ended' as const, how }));
  const first = await Promise.race([outcome, died, limit(spec)]);
  if (first.kind !== 'ready') {
    signalGroup(child, 'SIGKILL');
    const tail = first.kind === 'fatal' ? first.say : `${spec.name} ${first.how}; its log is ${spec.logFile}`;
    throw new StartupError({
      code: first.kind === 'fatal' ? first.code : 'start.died',
      fault: 'environment',
      say: tail,
    });
  }
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    ended,
    stop: (limitMs) => stopChild(child, ended, spec, limitMs),
  };
}

type Outcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'fatal'; readonly code: string; readonly say: string }
  | { readonly kind: 'ended'; readonly how: string };

function watchOutput(child: ChildProcess, log: WriteStream, spec: ProgramSpec): Promise<Outcome> {
  return new Promise((resolve) => {
    if (spec.ready === 'spawn') child.on('spawn', () => resolve({ kind: 'ready' }));
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      rest = (rest + chunk.toString('utf8')).slice(-LOG_LINE_LIMIT);
      for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n')) {
        const outcome = readEvent(rest.slice(0, at));
        rest = rest.slice(at + 1);
        if (outcome !== undefined) resolve(outcome);
      }
    });
    child.stderr?.on('data', (chunk: Buffer) => log.write(chunk));
  });
}

/** What a log line says about start-up, if anything. */
export function readEvent(line: string): Outcome | undefined {
  if (!line.includes('"event"')) return undefined;
  try {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    if (parsed['event'] === 'ready') return { kind: 'ready' };
    if (parsed['event'] !== 'fatal') return undefined;
    return { kind: 'fatal', code: String(parsed['code']), say: String(parsed['say']) };
  } catch {
    return undefined;
  }
}

function limit(spec: ProgramSpec): Promise<Outcome> {
  return new Promise((resolve) => {
    const handle = setTimeout(
      () => resolve({ kind: 'ended', how: `was not ready after ${spec.readyLimitMs / 1000} s` }),
      spec.readyLimitMs,
    );
    handle.unref();
  });
}

async function stopChild(
  child: ChildProcess,
  ended: Promise<string>,
  spec: ProgramSpec,
  limitMs: number,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  signalGroup(child, spec.stopSignal ?? 'SIGTERM');
  const hard = setTimeout(() => signalGroup(child, 'SIGKILL'), limitMs);
  await ended;
  clearTimeout(hard);
}

/** Children lead a process group of their own, so that Ctrl-C reaches the launcher alone and the order of ending is ours. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

/**
 * Where the kernel groups processes by session (`sched_autogroup_enabled`), a child with a session of its own competes with
 * all others as a group of usual weight, whatever its priority is. The group is given the priority `nice`, as far as one may.
 */
export function weigh(pid: number, nice: number): void {
  if (nice === 0) return;
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // No such groups here, or no right to more than one has.
  }
}

/** As far ahead as the media process puts itself. */
const HARDWARE_PRIORITY = -10;

/** Puts a program that stands for hardware before the others: a board that falls silent for a second has died for the box. */
export function favour(pid: number | undefined, nice = HARDWARE_PRIORITY): void {
  try {
    if (pid === undefined || getPriority(pid) <= nice) return;
    setPriority(pid, nice);
    weigh(pid, nice);
  } catch {
    // No right to: then it waits like everybody.
  }
}

function openLog(file: string): WriteStream {
  if (existsSync(file) && statSync(file).size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  const log = createWriteStream(file, { flags: 'a', mode: 0o600 });
  // A log that cannot be written, as on a full disk, is no reason to end a program that runs.
  log.on('error', (error) => process.stderr.write(`engawa: ${file}: ${error.message}\n`));
  return log;
}

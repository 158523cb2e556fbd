import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { weigh } from '../launch/child.ts';

/**
 * Stands beside the programs of a drill, with the priority of the media process, and tells what the machine does to whoever
 * has to be in time: how late its own timer is, how long each named process waited for a processor though it could have run
 * (`/proc/PID/schedstat`), how long the kernel's own workers did (they carry every byte of a serial line from one end to the
 * other), and what the host took (`steal` of `/proc/stat`). One JSON line for each that is worth telling.
 *
 * Arguments: `name=pid` of each process to look at.
 */
const EVERY_MS = 10;
const WORTH_TELLING_MS = 4;
const PRIORITY = -20;
const NS_IN_MS = 1e6;
/** `/proc/stat` counts in hundredths of a second. */
const STEAL_MS = 10;
/** Workers come and go. */
const WORKERS_EVERY = 100;

interface Watched {
  readonly name: string;
  readonly pid: string;
  waitedMs: number | undefined;
}

const programs: readonly Watched[] = process.argv.slice(2).flatMap((text) => {
  const [name, pid] = text.split('=');
  return name === undefined || pid === undefined ? [] : [{ name, pid, waitedMs: waitedMsOf(pid) }];
});
let workers: readonly Watched[] = [];

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** How long a process has waited for a processor in all; undefined when it is gone. */
function waitedMsOf(pid: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / NS_IN_MS;
  } catch {
    return undefined;
  }
}

/** The kernel's workers that belong to no processor. */
function workersNow(): readonly Watched[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => (isWorker(pid) ? [{ name: 'kernel', pid, waitedMs: waitedMsOf(pid) }] : []));
}

function isWorker(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('kworker/u');
  } catch {
    return false;
  }
}

function stolenMs(): number {
  const all = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/) ?? [];
  return Number(all[8] ?? 0) * STEAL_MS;
}

function tell(what: string, ms: number, fromMs: number): void {
  if (ms >= WORTH_TELLING_MS) process.stdout.write(`${JSON.stringify({ fromMs, toMs: now(), what, ms })}\n`);
}

let lastMs = now();
let stolen = stolenMs();
let rounds = 0;

function look(): void {
  const fromMs = lastMs;
  lastMs = now();
  tell('control', lastMs - fromMs - EVERY_MS, fromMs);
  for (const one of [...programs, ...workers]) {
    const waited = waitedMsOf(one.pid);
    if (waited !== undefined && one.waitedMs !== undefined) tell(one.name, waited - one.waitedMs, fromMs);
    one.waitedMs = waited;
  }
  const total = stolenMs();
  tell('steal', total - stolen, fromMs);
  stolen = total;
  if (rounds++ % WORKERS_EVERY === 0) workers = workersNow();
  setTimeout(look, EVERY_MS);
}

try {
  setPriority(PRIORITY);
  weigh(process.pid, PRIORITY);
} catch {
  process.stderr.write('no right to the priority of the media process\n');
}
process.stdin.on('end', () => process.exit(0)).resume();
look();

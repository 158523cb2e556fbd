import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { cpuMsOf, startKamailio } from './kamailio.part.ts';

export const describe =
  'SIP: CPU of a complete call through our B2BUA, Kamailio as stateful proxy and in sipp’s UAS, at one held rate (--rate 800 --seconds 10 --rounds 3; --soak 600 --rate 200)';

const CALLER = '127.67.1.1';
const MIDDLE = '127.67.1.2';
const CALLEE = '127.67.1.3';
const PORT = 5_060;
/** Wanted: complete calls a second on one core, and at least this share of Kamailio's. */
const GOALS = { perSecond: 1_500, shareOfKamailio: 0.25 } as const;
const HOLD_MS = 200;
/** The compiler is done with what is hot after some 5,000 calls. */
const WARM_S = 15;

interface Measured {
  readonly peer: string;
  readonly calls: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly cpuMs: number;
}

/** A program under load. */
interface Peer {
  readonly name: string;
  /** Where the load goes. */
  readonly target: string;
  start(): Promise<Running>;
}

interface Running {
  cpuMs(): number;
  stop(): Promise<void>;
  /** What it has written so far. */
  said?(): string;
}

/** Measures each peer alone, in turns, so that a busy moment of the machine is shared. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rate: { type: 'string', default: '800' },
      seconds: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      soak: { type: 'string', default: '0' },
    },
  });
  if (Number(values.soak) > 0) {
    await soak(Number(values.rate), Number(values.soak));
    return;
  }
  const rate = Number(values.rate);
  const load = loadavg()[0] ?? 0;
  const peers = [ours, kamailio, uas].filter(({ name }) => name.startsWith(values.only));
  const rows: Measured[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const peer of peers) rows.push(await measure(peer, rate, rate * Number(values.seconds)));
  }
  print(peers, rows, rate, load);
}

const ours: Peer = { name: 'our B2BUA', target: MIDDLE, start: () => startOurs([]) };

/** Our B2BUA; with `--expose-gc` it tells its heap every ten seconds. */
async function startOurs(nodeFlags: readonly string[]): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-bench-b2bua-'));
  const program = join(folder, 'b2bua.mjs');
  // One bundled file, as the box runs: what loads TypeScript while developing costs time of its own.
  await build({
    entryPoints: [fileURLToPath(new URL('./sip-b2bua.part.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'silent',
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
  });
  const flags = [...nodeFlags, program, MIDDLE, String(PORT), CALLEE, String(PORT)];
  // What is not JavaScript stays where it is.
  const env = { ...process.env, NODE_PATH: fileURLToPath(new URL('../../node_modules', import.meta.url)) };
  const child = spawn(process.execPath, flags, { stdio: ['pipe', 'pipe', 'inherit'], env });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(() => said.includes('ready'), 'our B2BUA starts');
  return {
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    stop: async () => {
      child.stdin.end();
      await closed(child);
      rmSync(folder, { recursive: true, force: true });
      process.stderr.write(`engawa: our B2BUA: ${said.trim().split('\n').at(-1)}\n`);
    },
    said: () => said,
  };
}

const kamailio: Peer = {
  name: 'Kamailio, stateful',
  target: MIDDLE,
  start: () => startKamailio({ host: MIDDLE, port: PORT, next: `sip:${CALLEE}:${PORT}`, strict: false }),
};

const uas: Peer = {
  name: 'sipp UAS alone',
  target: CALLEE,
  start: async () => ({ cpuMs: () => 0, stop: async () => undefined }),
};

async function measure(peer: Peer, rate: number, calls: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-bench-sip-'));
  const callee = sipp(folder, ['-sn', 'uas', '-i', CALLEE, '-p', String(PORT)]);
  const middle = await peer.start();
  try {
    await sleep(500);
    // Warm: code that has run a few thousand times is the code that runs all day.
    await load(folder, peer.target, rate, rate * WARM_S, 'warm');
    await sleep(1_000);
    const before = { middle: middle.cpuMs(), callee: cpuMsOf(callee.pid ?? 0) };
    const { failed, retransmissions, done } = await load(folder, peer.target, rate, calls, 'load');
    await sleep(500);
    const cpuMs = peer === uas ? cpuMsOf(callee.pid ?? 0) - before.callee : middle.cpuMs() - before.middle;
    return { peer: peer.name, calls: done, failed, retransmissions, cpuMs };
  } finally {
    await middle.stop();
    callee.kill('SIGKILL');
    await closed(callee);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Our B2BUA alone for so long: its heap after a collection, every ten seconds, must not grow once it is warm. */
async function soak(rate: number, seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-bench-sip-'));
  const callee = sipp(folder, ['-sn', 'uas', '-i', CALLEE, '-p', String(PORT)]);
  const middle = await startOurs(['--expose-gc']);
  try {
    await sleep(500);
    const { done, failed } = await load(folder, ours.target, rate, rate * seconds, 'soak');
    const heaps = [...(middle.said?.() ?? '').matchAll(/heap ([\d.]+)/g)].map(([, mb]) => Number(mb));
    // The first minute fills the transactions, which live 32 s.
    const warm = heaps.slice(6);
    const half = Math.floor(warm.length / 2);
    const mean = (part: readonly number[]): number =>
      part.reduce((sum, mb) => sum + mb, 0) / Math.max(1, part.length);
    const [first, second] = [mean(warm.slice(0, half)), mean(warm.slice(half))];
    process.stdout.write(
      `${done} calls, ${failed} failed; heap ${first.toFixed(1)} MB in the first half, ${second.toFixed(1)} MB in the second\n`,
    );
  } finally {
    await middle.stop();
    callee.kill('SIGKILL');
    await closed(callee);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** sipp's own UAC: INVITE, ACK, a short hold, BYE. */
async function load(
  folder: string,
  target: string,
  rate: number,
  calls: number,
  name: string,
): Promise<{ readonly done: number; readonly failed: number; readonly retransmissions: number }> {
  const file = join(folder, `${name}.csv`);
  const flags = [
    ...['-sn', 'uac', `${target}:${PORT}`, '-i', CALLER, '-p', String(PORT)],
    ...['-r', String(rate), '-m', String(calls), '-d', String(HOLD_MS), '-l', '20000'],
    ...['-trace_stat', '-stf', file, '-fd', '1'],
  ];
  await closed(sipp(folder, flags));
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const names = (lines[0] ?? '').split(';');
  const last = (lines.at(-1) ?? '').split(';');
  const value = (column: string): number => Number(last[names.indexOf(column)]);
  return {
    done: value('SuccessfulCall(C)'),
    failed: value('FailedCall(C)'),
    retransmissions: value('Retransmissions(C)'),
  };
}

function sipp(folder: string, flags: readonly string[]): ChildProcess {
  return spawn('sipp', [...flags, '-nostdin', '-buff_size', '4194304'], {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, TERM: 'dumb' },
  });
}

function print(peers: readonly Peer[], rows: readonly Measured[], rate: number, load: number): void {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const lines = [`${rate} calls/s held, ${model}, ${cpus().length} cores, load ${load.toFixed(1)} before`];
  lines.push('peer                   calls  failed  retrans  µs CPU/call  calls/s/core');
  const perSecond = new Map<string, number>();
  for (const { name } of peers) {
    const own = rows.filter(({ peer }) => peer === name);
    const sum = (of: (row: Measured) => number): number => own.reduce((total, row) => total + of(row), 0);
    const calls = sum((row) => row.calls);
    const us = (sum((row) => row.cpuMs) * 1_000) / Math.max(1, calls);
    perSecond.set(name, 1e6 / us);
    const figures = [calls, sum((row) => row.failed), sum((row) => row.retransmissions)];
    const [done = 0, failed = 0, again = 0] = figures;
    lines.push(
      `${name.padEnd(20)} ${String(done).padStart(7)} ${String(failed).padStart(7)} ${String(again).padStart(8)} ${us.toFixed(0).padStart(12)} ${(1e6 / us).toFixed(0).padStart(13)}`,
    );
  }
  const own = perSecond.get(ours.name);
  const theirs = perSecond.get(kamailio.name);
  if (own !== undefined) {
    const share =
      theirs === undefined ? '' : `, ${(own / theirs).toFixed(2)} of Kamailio (${GOALS.shareOfKamailio})`;
    lines.push(`our B2BUA: ${own.toFixed(0)} calls/s/core (wanted ${GOALS.perSecond})${share}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function until(check: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 50) {
    if (check()) return;
    await sleep(50);
  }
  throw new Error(`waited in vain: ${what}`);
}

function closed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('close', () => resolve()));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

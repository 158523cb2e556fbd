import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LinkCounters, PortAudio } from '../../hal/board.ts';
import { createBoardDriver } from '../../hal/driver/board-driver.ts';
import { systemClock } from '../../lib/base/clock.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import { createLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';

export const describe =
  'board link: one-way latency, CPU and bytes a second, eight ports both ways over a pty';

const PORTS = 8;
const DEFAULT_SECONDS = 15;
/** What is not counted at the beginning. */
const SETTLE_MS = 1_000;

interface BoardFigures {
  readonly oneWayMs: readonly number[];
  readonly counters: LinkCounters;
  readonly slips: number;
}

function spread(values: readonly number[]): Readonly<Record<'p50' | 'p99' | 'max', number>> {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function startPair(folder: string): Promise<ChildProcess> {
  const ends = ['box', 'board'].map((name) => `pty,raw,echo=0,link=${join(folder, name)}`);
  const child = spawn('socat', ['-d', '-d', ...ends], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.includes('starting data transfer loop')) resolve();
    });
  });
  return child;
}

/** `scripts/bench board [seconds]` */
export async function run(args: readonly string[]): Promise<void> {
  const seconds = Number(args[0] ?? DEFAULT_SECONDS);
  const folder = mkdtempSync(join(tmpdir(), 'engawa-bench-'));
  const socat = await startPair(folder);
  const peerFile = join(import.meta.dirname, 'board-peer.part.ts');
  const peer = spawn(process.execPath, ['--import', 'tsx', peerFile, join(folder, 'board'), String(PORTS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const board = createBoardDriver({
    device: join(folder, 'box'),
    clock: systemClock,
    random: systemRandom,
    log: createLog('bench', 'silent'),
  });
  const up = new Promise<void>((resolve) => {
    board.onEvent((event) => {
      if (event.type === 'up') resolve();
    });
  });
  const toBoxMs: number[] = [];
  const gapMs: number[] = [];
  let lastMs = 0;
  board.onAudio((frames) => {
    const nowMs = performance.now();
    const first = frames[0];
    if (first === undefined) return;
    toBoxMs.push(Number(process.hrtime.bigint() - Buffer.from(first.ulaw).readBigUInt64LE(0)) / 1e6);
    gapMs.push(nowMs - lastMs);
    lastMs = nowMs;
    const ulaw = Buffer.alloc(80, 0x55);
    ulaw.writeBigUInt64LE(process.hrtime.bigint());
    board.sendAudio(frames.map(({ port }): PortAudio => ({ port, ulaw })));
  });
  board.start();
  await up;
  await pause(SETTLE_MS);
  toBoxMs.length = 0;
  gapMs.length = 0;
  const before = { cpu: process.cpuUsage(), counters: board.counters, ms: performance.now() };
  for (let second = 0; second < seconds; second++) {
    board.command(1 as PortNumber, { type: 'polarity', reversed: second % 2 === 0 });
    await pause(1_000);
  }
  const spentMs = performance.now() - before.ms;
  const cpu = process.cpuUsage(before.cpu);
  const after = board.counters;
  const figures = await endPeer(peer);
  await board.stop();
  socat.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
  const rate = (name: 'bytesReceived' | 'bytesSent'): number =>
    Math.round(((after[name] - before.counters[name]) / spentMs) * 1_000);
  const report = {
    ports: PORTS,
    seconds,
    boardToBoxMs: spread(toBoxMs),
    boxToBoardMs: spread(figures.oneWayMs.slice(SETTLE_MS / 10)),
    arrivalGapMs: spread(gapMs),
    boxCpuPercent: Math.round(((cpu.user + cpu.system) / 10 / spentMs) * 10) / 10,
    bytesPerSecond: { toBox: rate('bytesReceived'), toBoard: rate('bytesSent') },
    line3MbaudPercent: Math.round((rate('bytesReceived') / 300_000) * 1_000) / 10,
    lost: after.audioGaps + figures.counters.audioGaps,
    bad: after.crcErrors + after.framingErrors + figures.counters.crcErrors + figures.counters.framingErrors,
    droppedForCredit: after.audioDroppedForCredit + figures.counters.audioDroppedForCredit,
    retransmits: after.controlRetransmits,
    clockSlips: figures.slips,
    loadAverage: loadavg()[0],
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

function endPeer(peer: ChildProcess): Promise<BoardFigures> {
  return new Promise((resolve, reject) => {
    let said = '';
    peer.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    peer.once('exit', () => {
      try {
        resolve(JSON.parse(said) as BoardFigures);
      } catch {
        reject(new Error('the board of the bench ended without figures'));
      }
    });
    peer.stdin?.end();
  });
}

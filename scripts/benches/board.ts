import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FxsBoard, LinkCounters, PortAudio } from '../../hal/board.ts';
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

/** Other programs of the machine must not bend the ruler; socat and the board inherit the priority. */
function goFirst(): void {
  try {
    setPriority(-15);
  } catch {
    process.stderr.write('no right to a higher priority: a busy machine shows in the figures\n');
  }
}

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

/** What the box's side sees. Times in ms. */
class BoxProbe {
  readonly toBoxMs: number[] = [];
  readonly gapMs: number[] = [];
  #lastMs = 0;

  /** Answers each frame, with the time in it. */
  attach(board: FxsBoard): void {
    board.onAudio((frames) => {
      const nowMs = performance.now();
      const first = frames[0];
      if (first === undefined) return;
      this.toBoxMs.push(Number(process.hrtime.bigint() - Buffer.from(first.ulaw).readBigUInt64LE(0)) / 1e6);
      this.gapMs.push(nowMs - this.#lastMs);
      this.#lastMs = nowMs;
      const ulaw = Buffer.alloc(80, 0x55);
      ulaw.writeBigUInt64LE(process.hrtime.bigint());
      board.sendAudio(frames.map(({ port }): PortAudio => ({ port, ulaw })));
    });
  }

  /** Forgets what was measured while things settled. */
  begin(): void {
    this.toBoxMs.length = 0;
    this.gapMs.length = 0;
  }
}

/** `scripts/bench board [seconds]` */
export async function run(args: readonly string[]): Promise<void> {
  const seconds = Number(args[0] ?? DEFAULT_SECONDS);
  goFirst();
  const folder = mkdtempSync(join(tmpdir(), 'engawa-bench-'));
  const socat = await startPair(folder);
  const peerFile = join(import.meta.dirname, 'board-peer.part.ts');
  const peer = spawn(process.execPath, ['--import', 'tsx', peerFile, join(folder, 'board'), String(PORTS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const log = createLog('bench', 'silent');
  const board = createBoardDriver({
    device: join(folder, 'box'),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  const probe = new BoxProbe();
  probe.attach(board);
  await startBoard(board);
  await pause(SETTLE_MS);
  probe.begin();
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
  const report = {
    ports: PORTS,
    seconds,
    boardToBoxMs: spread(probe.toBoxMs),
    boxToBoardMs: spread(figures.oneWayMs.slice(SETTLE_MS / 10)),
    arrivalGapMs: spread(probe.gapMs),
    boxCpuPercent: Math.round(((cpu.user + cpu.system) / 10 / spentMs) * 10) / 10,
    ...load(before.counters, after, spentMs),
    ...faults(after, figures),
    loadAverage: loadavg()[0],
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

function startBoard(board: FxsBoard): Promise<void> {
  return new Promise((resolve) => {
    board.onEvent((event) => {
      if (event.type === 'up') resolve();
    });
    board.start();
  });
}

function load(before: LinkCounters, after: LinkCounters, spentMs: number) {
  const rate = (name: 'bytesReceived' | 'bytesSent'): number =>
    Math.round(((after[name] - before[name]) / spentMs) * 1_000);
  const toBox = rate('bytesReceived');
  return {
    bytesPerSecond: { toBox, toBoard: rate('bytesSent') },
    line3MbaudPercent: Math.round((toBox / 300_000) * 1_000) / 10,
  };
}

function faults(box: LinkCounters, board: BoardFigures) {
  const bad = (of: LinkCounters): number => of.crcErrors + of.framingErrors;
  return {
    lost: box.audioGaps + board.counters.audioGaps,
    bad: bad(box) + bad(board.counters),
    droppedForCredit: box.audioDroppedForCredit + board.counters.audioDroppedForCredit,
    retransmits: box.controlRetransmits + board.counters.controlRetransmits,
    clockSlips: board.slips,
  };
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

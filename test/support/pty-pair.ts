import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { favour } from '../../scripts/launch/child.ts';

/** A pair of pseudo terminals joined back to back: what is written to one is read from the other. */
export interface PtyPair {
  /** The box's end: give it to the board driver. */
  readonly box: string;
  /** The board's end: give it to the simulator. */
  readonly board: string;
  /** Cuts the cable: both devices disappear, as when a USB serial adapter is pulled out. */
  cut(): Promise<void>;
  /** Plugs it in again, under the same two paths. */
  join(): Promise<void>;
  stop(): Promise<void>;
}

/** How long socat may take to make the pair. */
const START_LIMIT_MS = 5_000;

/**
 * Starts a pty pair with socat. One descriptor of each end is held open here, so that nothing depends on what socat does
 * when the last user of an end closes it: a test wants to restart one side at a time.
 */
export async function startPtyPair(): Promise<PtyPair> {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-pty-'));
  const box = join(folder, 'box');
  const board = join(folder, 'board');
  let running = await spawnSocat(box, board);
  const cut = async (): Promise<void> => {
    for (const held of running.held.splice(0)) closeSync(held);
    await endProcess(running.child);
  };
  return {
    box,
    board,
    cut,
    join: async () => {
      running = await spawnSocat(box, board);
    },
    stop: async () => {
      await cut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function spawnSocat(box: string, board: string): Promise<{ child: ChildProcess; held: number[] }> {
  const child = spawn('socat', ['-d', '-d', `pty,raw,echo=0,link=${box}`, `pty,raw,echo=0,link=${board}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  favour(child.pid);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    const limit = setTimeout(() => reject(new Error(`socat made no pty pair: ${said}`)), START_LIMIT_MS);
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`socat ended: ${said}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes('starting data transfer loop')) return;
      clearTimeout(limit);
      resolve();
    });
  });
  const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
  return { child, held: [openSync(box, flags), openSync(board, flags)] };
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await gone;
}

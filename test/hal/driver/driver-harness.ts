import type { BoardEvent, FxsBoard } from '../../../hal/board.ts';
import { createBoardDriver } from '../../../hal/driver/board-driver.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { PortNumber } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { type BoardSimulator, startBoardSimulator } from '../../support/board-simulator.ts';
import { type PtyPair, startPtyPair } from '../../support/pty-pair.ts';

export const port1 = 1 as PortNumber;
export const port2 = 2 as PortNumber;

/** A driver joined to a simulator over a real pty pair, with everything that the driver said. */
export interface Rig {
  readonly pair: PtyPair;
  readonly sim: BoardSimulator;
  readonly board: FxsBoard;
  readonly events: readonly BoardEvent[];
  /** The first event from `from` on that `wanted` likes; rejects after `limitMs`. */
  until(wanted: (event: BoardEvent) => boolean, limitMs?: number, from?: number): Promise<BoardEvent>;
  stop(): Promise<void>;
}

export async function startRig(options: { t38?: boolean } = {}): Promise<Rig> {
  const pair = await startPtyPair();
  const sim = await startBoardSimulator({ device: pair.board, ...options });
  const board = createBoardDriver({
    device: pair.box,
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
  });
  const events: BoardEvent[] = [];
  const wakers = new Set<() => void>();
  board.onEvent((event) => {
    events.push(event);
    for (const wake of wakers) wake();
  });
  const until: Rig['until'] = (wanted, limitMs = 5_000, from = 0) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = events.slice(from).find(wanted);
        if (found === undefined) return;
        wakers.delete(look);
        clearTimeout(limit);
        resolve(found);
      };
      const limit = setTimeout(() => {
        wakers.delete(look);
        reject(new Error(`not within ${limitMs} ms; events: ${JSON.stringify(events.slice(from))}`));
      }, limitMs);
      wakers.add(look);
      look();
    });
  board.start();
  await until((event) => event.type === 'up', 10_000);
  return {
    pair,
    sim,
    board,
    events,
    until,
    stop: async () => {
      await board.stop();
      await sim.stop();
      await pair.stop();
    },
  };
}

/** Waits in real time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

import { statfsSync } from 'node:fs';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { Health } from '../ports.ts';
import type { DiskFiles } from './disk.ts';
import { LAID_BYTES, type Reserve } from './reserve.ts';

/** A start has more urgent things to do. */
const FIRST_MS = 10_000;
/** A quarter of a megabyte twice a second: the first time takes two and a half minutes, and no call notices. */
const NEXT_MS = 500;
/** How often it is looked whether something is missing, and a full disk is tried again. */
const LOOK_MS = 60_000;
/** What the journal of the store needs while it runs: as long as a checkpoint lets it become, and a little. */
const SPARE_BYTES = 6 * 1_048_576;

/** Lays the reserve little by little, and again when records have left the outbox. */
export class ReserveKeeper {
  readonly #reserve: Reserve;
  readonly #waiting: () => number;
  readonly #clock: Clock;
  readonly #trouble: Health;
  readonly #freeBytes: () => number;
  #timer: Timer | undefined;
  #laying = false;

  constructor(parts: {
    readonly reserve: Reserve;
    readonly waiting: () => number;
    readonly freeBytes: () => number;
    readonly clock: Clock;
    readonly trouble: Health;
  }) {
    this.#reserve = parts.reserve;
    this.#waiting = parts.waiting;
    this.#freeBytes = parts.freeBytes;
    this.#clock = parts.clock;
    this.#trouble = parts.trouble;
  }

  start(): void {
    this.#arm(FIRST_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, 'store.reserve', () => this.#lay());
  }

  #lay(): void {
    const laid = this.#layOne();
    if (laid === 'full') {
      const { heldBytes, wantedBytes, records } = this.#reserve.state(this.#waiting());
      const say = `Of ${mebibytes(wantedBytes)} for ${records} call records the disk gives ${mebibytes(heldBytes)}.`;
      this.#trouble.raise('outbox.noReserve', say);
    } else if (laid === 'done') {
      this.#trouble.clear('outbox.noReserve');
      if (this.#laying) this.#reserve.lengthenJournal();
    }
    this.#laying = laid === 'more';
    this.#arm(laid === 'more' ? NEXT_MS : LOOK_MS);
  }

  #layOne(): 'done' | 'more' | 'full' {
    const { heldBytes, wantedBytes } = this.#reserve.state(this.#waiting());
    try {
      if (heldBytes < wantedBytes && this.#freeBytes() < LAID_BYTES) return 'full';
      return this.#reserve.lay(this.#waiting());
    } catch {
      // A disk that does worse than being full is told of by whoever must write to it.
      return 'full';
    }
  }
}

/** What the disk of a folder has left for us. */
export function freeBytesOf(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // A disk that cannot say it is tried.
    return Number.POSITIVE_INFINITY;
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

/**
 * While no agent runs, the space of the journal is held by a file of its own, for a clean end deletes the journal. It goes when
 * the store is opened, so that the journal finds room on a full disk.
 */
export function takeSpare(files: DiskFiles, path: string): void {
  try {
    files.rmSync(spareOf(path), { force: true });
  } catch {
    // Then the journal finds room, or the store says that it cannot be written.
  }
}

/** See {@link takeSpare}. */
export function leaveSpare(files: DiskFiles, path: string): void {
  const block = new Uint8Array(65_536).fill(0xa5);
  try {
    const handle = files.openSync(spareOf(path), 'w', 0o600);
    try {
      for (let written = 0; written < SPARE_BYTES; ) written += files.writeSync(handle, block, 0);
    } finally {
      files.closeSync(handle);
    }
  } catch {
    // On a full disk it is as long as the journal was: that is enough.
  }
}

function spareOf(path: string): string {
  return `${path}-spare`;
}

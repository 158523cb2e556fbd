import { BOARD_FRAME_MS } from '../board.ts';

/** Frames that are made up for at once after a stall; what is older is skipped, so that no burst follows. */
export const CATCH_UP_FRAMES = 5;

/** When the next 10 ms are due. Deadlines are counted from the start, so that lateness never adds up. */
export interface SampleClock {
  readonly startMs: number;
  readonly frames: number;
  /** 10 ms that were skipped after stalls. */
  readonly slips: number;
}

export function newSampleClock(nowMs: number): SampleClock {
  return { startMs: nowMs, frames: 0, slips: 0 };
}

/** Pure: how many frames are due now, and the clock after them. */
export function takeDueFrames(clock: SampleClock, nowMs: number): { clock: SampleClock; due: number } {
  const behind = Math.floor((nowMs - clock.startMs) / BOARD_FRAME_MS) - clock.frames;
  const due = Math.max(0, Math.min(behind, CATCH_UP_FRAMES));
  const skipped = Math.max(0, behind - CATCH_UP_FRAMES);
  return {
    clock: {
      startMs: clock.startMs + skipped * BOARD_FRAME_MS,
      frames: clock.frames + due,
      slips: clock.slips + skipped,
    },
    due,
  };
}

/** Time of the next frame. */
export function nextFrameMs(clock: SampleClock): number {
  return clock.startMs + (clock.frames + 1) * BOARD_FRAME_MS;
}

import { ULAW_SILENCE } from '../../lib/dsp/g711.ts';
import type { HeardSound } from './trace-room.ts';

const SAMPLES_PER_MS = 8;
/** Pieces that come so much too early or late still follow each other: the process was busy, the line was not. */
const ADJACENT_MS = 60;

/** What a line said and heard from `fromMs` on, without gaps: where nothing came there is silence. µ-law at 8 kHz. */
export interface SoundTrack {
  readonly fromMs: number;
  readonly microphone: Uint8Array;
  readonly ear: Uint8Array;
}

/** Lays the pieces of one line one after the other, each where its time says. Undefined without any. */
export function soundTrack(pieces: readonly HeardSound[]): SoundTrack | undefined {
  const [first] = pieces;
  if (first === undefined) return undefined;
  const { fromMs } = first;
  const starts: number[] = [];
  let end = 0;
  for (const piece of pieces) {
    const due = Math.round((piece.fromMs - fromMs) * SAMPLES_PER_MS);
    const start = due > end + ADJACENT_MS * SAMPLES_PER_MS ? due : end;
    starts.push(start);
    end = start + piece.ear.length;
  }
  const microphone = new Uint8Array(end).fill(ULAW_SILENCE);
  const ear = new Uint8Array(end).fill(ULAW_SILENCE);
  for (const [index, piece] of pieces.entries()) {
    microphone.set(piece.microphone.subarray(0, piece.ear.length), starts[index] ?? 0);
    ear.set(piece.ear, starts[index] ?? 0);
  }
  return { fromMs, microphone, ear };
}

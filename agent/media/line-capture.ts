import { rm, writeFile } from 'node:fs/promises';
import type { Timer } from '../../lib/base/clock.ts';
import { ULAW_SILENCE, ulawDecode } from '../../lib/dsp/g711.ts';
import { sharedMode } from './shared-mode.ts';

const SAMPLES_PER_MS = 8;
const SAMPLE_RATE = 8_000;
/** RIFF/WAVE format tags: linear PCM, and µ-law (RFC 2361 appendix A). */
const TAG = { pcm: 1, ulaw: 7 } as const;

/** How samples are kept in the file. */
export type CaptureLaw = keyof typeof TAG;

/** A WAV file of two channels at 8 kHz: left the microphone, right the ear. */
export function wavFile(law: CaptureLaw, microphone: Uint8Array, ear: Uint8Array): Buffer {
  const bytesPerSample = law === 'pcm' ? 2 : 1;
  const length = Math.min(microphone.length, ear.length);
  // Anything but PCM has an extension size, and a `fact` chunk with the number of samples.
  const format = law === 'pcm' ? 16 : 18;
  const fact = law === 'pcm' ? 0 : 12;
  const dataBytes = length * 2 * bytesPerSample;
  const out = Buffer.alloc(12 + 8 + format + fact + 8 + dataBytes);
  let at = out.write('RIFF', 0, 'latin1');
  at = out.writeUInt32LE(out.length - 8, at);
  at += out.write('WAVEfmt ', at, 'latin1');
  at = out.writeUInt32LE(format, at);
  at = out.writeUInt16LE(TAG[law], at);
  at = out.writeUInt16LE(2, at);
  at = out.writeUInt32LE(SAMPLE_RATE, at);
  at = out.writeUInt32LE(SAMPLE_RATE * 2 * bytesPerSample, at);
  at = out.writeUInt16LE(2 * bytesPerSample, at);
  at = out.writeUInt16LE(8 * bytesPerSample, at);
  if (law === 'ulaw') {
    at = out.writeUInt16LE(0, at);
    at += out.write('fact', at, 'latin1');
    at = out.writeUInt32LE(4, at);
    at = out.writeUInt32LE(length, at);
  }
  at += out.write('data', at, 'latin1');
  at = out.writeUInt32LE(dataBytes, at);
  for (let index = 0; index < length; index++) {
    for (const side of [microphone, ear]) {
      const byte = side[index] ?? ULAW_SILENCE;
      at = law === 'pcm' ? out.writeInt16LE(ulawDecode(byte), at) : out.writeUInt8(byte, at);
    }
  }
  return out;
}

/** How a recording ended. */
export interface Captured {
  readonly file: string | null;
  readonly recordedMs: number;
  readonly say: string;
}

/**
 * Records both directions of a line while its phone is off hook, in memory and of bounded length, and writes the file when
 * it is over: readable by the box's own user alone, because it is somebody's talk.
 */
export class LineCapture {
  readonly file: string;
  readonly #law: CaptureLaw;
  readonly #microphone: Uint8Array;
  readonly #ear: Uint8Array;
  readonly #onEnd: (captured: Captured) => void;
  #filled = 0;
  #ended = false;
  /** Ends it when the phone is not off hook for so long. */
  timer: Timer | undefined;

  constructor(file: string, law: CaptureLaw, forMs: number, onEnd: (captured: Captured) => void) {
    this.file = file;
    this.#law = law;
    this.#microphone = new Uint8Array(forMs * SAMPLES_PER_MS);
    this.#ear = new Uint8Array(forMs * SAMPLES_PER_MS);
    this.#onEnd = onEnd;
  }

  push(microphone: Uint8Array, ear: Uint8Array): void {
    if (this.#ended) return;
    const room = this.#microphone.length - this.#filled;
    this.#microphone.set(microphone.subarray(0, room), this.#filled);
    this.#ear.set(ear.subarray(0, room), this.#filled);
    this.#filled += Math.min(room, microphone.length);
    if (this.#filled === this.#microphone.length) void this.end('The recording is complete.');
  }

  /** Writes what there is. Never rejects. */
  async end(say: string): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.timer?.cancel();
    const recordedMs = this.#filled / SAMPLES_PER_MS;
    const wav = wavFile(
      this.#law,
      this.#microphone.subarray(0, this.#filled),
      this.#ear.subarray(0, this.#filled),
    );
    try {
      await rm(this.file, { force: true });
      await writeFile(this.file, wav, { mode: sharedMode(), flag: 'wx' });
      this.#onEnd({ file: this.file, recordedMs, say });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#onEnd({ file: null, recordedMs, say: `The recording cannot be written: ${why}` });
    }
  }
}

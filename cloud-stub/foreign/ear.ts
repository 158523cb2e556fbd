import { ulawDecodeBlock } from '../../lib/dsp/g711.ts';
import { type FoundTone, levelDbm0, strongestTone } from '../../lib/dsp/goertzel.ts';

/** What an ear heard in a stretch of time. */
export interface Heard {
  readonly levelDbm0: number;
  /** Distinct tones, strongest first. */
  readonly tones: readonly FoundTone[];
  /** The strongest tone of each 100 ms; those without one are left out. */
  readonly windows: readonly { readonly atMs: number; readonly hz: number; readonly dbm0: number }[];
}

/** Longest stretch that one ear keeps. */
export const EAR_LIMIT_MS = 30_000;

const SAMPLES_PER_MS = 8;
const WINDOW_MS = 100;
/** Telephone band; below it there is only hum. */
const BAND = { fromHz: 250, toHz: 3_400 };
/** Windows whose tones differ by less than this belong to one tone. */
const SAME_TONE_HZ = 15;

/**
 * Listens to the audio that arrives from now on. Samples are placed by their RTP timestamp relative to the first packet,
 * so that a lost packet is a gap of silence and not a jump.
 */
export class Ear {
  readonly #samples: Int16Array;
  readonly #lengthMs: number;
  #firstTimestamp: number | undefined;
  #ssrc: number | undefined;
  /** Where the samples of the present source begin, and where they end. */
  #from = 0;
  #end = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = Math.min(Math.max(0, Math.floor(lengthMs)), EAR_LIMIT_MS);
    this.#samples = new Int16Array(this.#lengthMs * SAMPLES_PER_MS);
  }

  /**
   * A PCMU payload. What lies before the first packet or after the end is ignored. Another source, after a prompt for
   * example, has timestamps of its own: it goes on where the last one ended.
   */
  take(timestamp: number, payload: Uint8Array, ssrc = 0): void {
    if (this.#ssrc !== ssrc) {
      this.#ssrc = ssrc;
      this.#firstTimestamp = timestamp;
      this.#from = this.#end;
    }
    const offset = this.#from + ((timestamp - (this.#firstTimestamp ?? timestamp)) >>> 0);
    if (offset >= this.#samples.length) return;
    const room = this.#samples.length - offset;
    this.#samples.set(ulawDecodeBlock(payload.subarray(0, room)), offset);
    this.#end = Math.max(this.#end, offset + payload.length);
  }

  /** What was heard so far. */
  heard(): Heard {
    return analyse(this.#samples);
  }
}

/** Level, tones and 100 ms windows of a stretch of 8 kHz samples. */
export function analyse(samples: Int16Array): Heard {
  const windows: { atMs: number; hz: number; dbm0: number }[] = [];
  const size = WINDOW_MS * SAMPLES_PER_MS;
  for (let from = 0; from + size <= samples.length; from += size) {
    const tone = strongestTone(samples.subarray(from, from + size), BAND);
    if (tone !== undefined) {
      windows.push({ atMs: from / SAMPLES_PER_MS, hz: round(tone.hz), dbm0: round(tone.dbm0) });
    }
  }
  return { levelDbm0: round(levelDbm0(samples)), tones: distinct(windows), windows };
}

function distinct(windows: readonly FoundTone[]): FoundTone[] {
  const found: FoundTone[] = [];
  const strongestFirst = [...windows].sort((left, right) => right.dbm0 - left.dbm0);
  for (const { hz, dbm0 } of strongestFirst) {
    if (!found.some((tone) => Math.abs(tone.hz - hz) < SAME_TONE_HZ)) found.push({ hz, dbm0 });
  }
  return found;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

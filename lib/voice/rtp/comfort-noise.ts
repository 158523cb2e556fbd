import { ulawDecode } from '../../dsp/g711.ts';

/** Static payload type of comfort noise at 8 kHz (RFC 3389 §4). */
export const COMFORT_NOISE_TYPE = 13;

/** Full scale of µ-law: 0 dBov is a square wave of it. */
const FULL_SCALE = 32_124;
const QUIETEST_DBOV = 127;

/**
 * Reads the payload: a level of −0 to −127 dBov in the first byte; what it says of the spectrum is read over. Undefined when
 * it is empty.
 *
 * `3f`: −63 dBov.
 */
export function decodeComfortNoise(payload: Uint8Array): number | undefined {
  const level = payload[0];
  return level === undefined ? undefined : -(level & 0x7f);
}

/** Writes a payload of a level alone. */
export function encodeComfortNoise(levelDbov: number): Buffer {
  return Buffer.from([Math.min(QUIETEST_DBOV, Math.max(0, Math.round(-levelDbov)))]);
}

/** White noise of a level, smooth where one level follows another. Its chance is not worth a seed. */
export class NoiseMaker {
  #amplitude = 0;
  #wanted = 0;
  #state = 0x2545_f491;

  level(levelDbov: number): void {
    // Uniform noise of amplitude a has the power a²/3.
    this.#wanted = Math.min(FULL_SCALE, FULL_SCALE * 10 ** (levelDbov / 20) * Math.sqrt(3));
  }

  fill(out: Int16Array): void {
    for (let index = 0; index < out.length; index++) {
      this.#amplitude += (this.#wanted - this.#amplitude) / 64;
      // xorshift32 (Marsaglia)
      let state = this.#state;
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      this.#state = state;
      out[index] = Math.round((state / 0x8000_0000) * this.#amplitude);
    }
  }
}

/** Level of a block of µ-law in dBov; −127 for silence. */
export function levelOf(ulaw: Uint8Array): number {
  let energy = 0;
  for (const byte of ulaw) energy += ulawDecode(byte) ** 2;
  if (energy === 0 || ulaw.length === 0) return -QUIETEST_DBOV;
  return Math.max(-QUIETEST_DBOV, 10 * Math.log10(energy / ulaw.length / FULL_SCALE ** 2));
}

/** What is to be sent in place of 20 ms of sound. */
export type SilenceVerdict =
  | { readonly send: 'sound' }
  | { readonly send: 'noise'; readonly levelDbov: number }
  | { readonly send: 'nothing' };

/** Louder than this is always talk; quieter than that never. */
const ALWAYS_TALK_DBOV = -36;
const NEVER_TALK_DBOV = -66;
/** So much above the noise floor is talk. */
const ABOVE_FLOOR_DB = 8;
/** Ends of words are soft: so many blocks of 20 ms go on being sent. */
const HANGOVER_BLOCKS = 15;
/** The level is told again after so many blocks, or when it has moved by so much. */
const REPEAT_BLOCKS = 25;
const CHANGED_DB = 4;
/** The floor follows a lower level at once, and a higher one by so much a block: 5 dB a second. */
const FLOOR_RISE_DB = 0.1;

/** Tells talk from silence, block by block of 20 ms, and when the far end is to be told of the noise behind it. */
export class SilenceDetector {
  #floor = NEVER_TALK_DBOV;
  #hangover = HANGOVER_BLOCKS;
  #sinceTold = Infinity;
  #told = 0;

  decide(ulaw: Uint8Array): SilenceVerdict {
    const level = levelOf(ulaw);
    this.#floor = Math.max(-80, Math.min(level, this.#floor + FLOOR_RISE_DB));
    const talk =
      level > ALWAYS_TALK_DBOV || (level > NEVER_TALK_DBOV && level > this.#floor + ABOVE_FLOOR_DB);
    if (talk) this.#hangover = HANGOVER_BLOCKS;
    else if (this.#hangover > 0) this.#hangover--;
    if (talk || this.#hangover > 0) {
      this.#sinceTold = Infinity;
      return { send: 'sound' };
    }
    this.#sinceTold++;
    if (this.#sinceTold < REPEAT_BLOCKS && Math.abs(level - this.#told) < CHANGED_DB)
      return { send: 'nothing' };
    this.#sinceTold = 0;
    this.#told = level;
    return { send: 'noise', levelDbov: level };
  }
}

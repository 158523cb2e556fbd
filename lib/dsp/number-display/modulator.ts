import { peakOf } from '../level.ts';

const SAMPLE_RATE = 8_000;
const BITS_PER_SECOND = 1_200;
/** Forward channel of ITU-T V.23, mode 2: a one is 1,300 Hz, a zero 2,100 Hz. */
const MARK_HZ = 1_300;
const SPACE_HZ = 2_100;

/** How a frame sounds. */
export interface ModulationOptions {
  /** Level of the carrier. */
  readonly levelDbm0: number;
  /** Ones before the first character, so that the receiver finds the carrier. */
  readonly markBits: number;
  /** Ones after the last, so that its stop bit ends in carrier and not in a click. */
  readonly endBits: number;
}

/** 60 ms of mark first, as exchanges of NTT do, no channel seizure. */
export const DISPLAY_MODULATION: ModulationOptions = { levelDbm0: -14, markBits: 72, endBits: 12 };

/**
 * The signal of a frame at 8 kHz: each byte as a zero, its eight bits from the lowest, and a one; the phase never jumps.
 * Bits last 6⅔ samples, so that the frequency changes between samples where it must.
 */
export function modulateFrame(
  bytes: Uint8Array,
  options: ModulationOptions = DISPLAY_MODULATION,
): Int16Array {
  const bits: number[] = Array.from({ length: options.markBits }, () => 1);
  for (const byte of bytes) {
    bits.push(0);
    for (let bit = 0; bit < 8; bit++) bits.push((byte >> bit) & 1);
    bits.push(1);
  }
  for (let bit = 0; bit < options.endBits; bit++) bits.push(1);
  const peak = peakOf(options.levelDbm0);
  const out = new Int16Array(Math.ceil((bits.length * SAMPLE_RATE) / BITS_PER_SECOND));
  let cycles = 0;
  for (let index = 0; index < out.length; index++) {
    out[index] = Math.round(peak * Math.sin(2 * Math.PI * cycles));
    cycles = (cycles + cyclesOf(bits, index)) % 1;
  }
  return out;
}

/** How far the phase moves from one sample to the next, in cycles: a bit that ends between them shares the way. */
function cyclesOf(bits: readonly number[], index: number): number {
  const from = (index * BITS_PER_SECOND) / SAMPLE_RATE;
  const to = ((index + 1) * BITS_PER_SECOND) / SAMPLE_RATE;
  const first = Math.floor(from);
  const edge = Math.min(to, first + 1);
  const share = (edge - from) / (to - from);
  return (share * hzOf(bits[first]) + (1 - share) * hzOf(bits[first + 1])) / SAMPLE_RATE;
}

function hzOf(bit: number | undefined): number {
  return bit === 0 ? SPACE_HZ : MARK_HZ;
}

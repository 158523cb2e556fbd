import { ULAW_SILENCE, ulawDecode } from '../../lib/dsp/g711.ts';

/** Samples of one frame of the board. */
const FRAME_SAMPLES = 80;
/** First byte of a marked frame, and the sixteen bytes that stand for the digits of its number. */
const START = 0x90;
const DIGIT = 0xc0;
const DIGITS = 4;

/** Ten milliseconds of sound that carry a number (16 bits) as their first five samples. */
export function markedFrame(number: number): Int16Array {
  const out = new Int16Array(FRAME_SAMPLES).fill(ulawDecode(ULAW_SILENCE));
  out[0] = ulawDecode(START);
  for (let digit = 0; digit < DIGITS; digit++) {
    out[1 + digit] = ulawDecode(DIGIT + ((number >> (4 * digit)) & 0x0f));
  }
  return out;
}

/** The number that a frame of µ-law bytes carries, or undefined when its sound was made up or blended on the way. */
export function readMark(ulaw: Uint8Array, from: number): number | undefined {
  if (ulaw[from] !== START) return undefined;
  let number = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const value = (ulaw[from + 1 + digit] ?? 0) - DIGIT;
    if (value < 0 || value > 0x0f) return undefined;
    number |= value << (4 * digit);
  }
  return number;
}

import { crc32 } from 'node:zlib';
import type { Slot } from '../layout.ts';

/** Which slot is tried first, how many tries each has, and how new this copy is: `turn` goes 0, 1, 2, 0. */
export interface BootState {
  readonly order: readonly Slot[];
  readonly left: Readonly<Record<Slot, number>>;
  /** The slot of an update that has not been found healthy yet; it is kept when its tries have run out, so that one can tell. */
  readonly trial: Slot | null;
  readonly turn: 0 | 1 | 2;
}

/** One copy as it lies on the medium: a U-Boot environment, CRC-32 (little endian) before texts that end in NUL. */
export function bootStateCopy(state: BootState, bytes: number): Buffer {
  const copy = Buffer.alloc(bytes);
  const text = [
    `order=${state.order.join(' ')}`,
    `left_a=${state.left.a}`,
    `left_b=${state.left.b}`,
    `trial=${state.trial ?? 'none'}`,
    `turn=${state.turn}`,
  ].join('\0');
  copy.write(text, 4, 'latin1');
  copy.writeUInt32LE(crc32(copy.subarray(4)), 0);
  return copy;
}

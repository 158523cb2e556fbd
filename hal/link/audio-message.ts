import type { PortNumber } from '../../lib/base/ids.ts';
import { BOARD_FRAME_SAMPLES, type PortAudio } from '../board.ts';

/**
 * AUDIO payload: 10 ms of up to 8 ports in one frame. Bit `p − 1` of the mask says that port `p` is in it; the ports
 * follow in rising order, 80 bytes of µ-law each (ITU-T G.711, as on the line: inverted). A port outside 1–8 is left out.
 *
 * ```
 *  0        1                81
 * |mask u8 |lowest port, 80 B|next port, 80 B| …
 * ```
 */
export function encodeAudio(frames: readonly PortAudio[]): Buffer {
  const byPort = new Map(
    frames.filter(({ port }) => port >= 1 && port <= 8).map((frame) => [frame.port, frame]),
  );
  const sorted = [...byPort.values()].sort((a, b) => a.port - b.port);
  const payload = Buffer.alloc(1 + sorted.length * BOARD_FRAME_SAMPLES, 0xff);
  let mask = 0;
  sorted.forEach((frame, index) => {
    mask |= 1 << (frame.port - 1);
    payload.set(frame.ulaw.subarray(0, BOARD_FRAME_SAMPLES), 1 + index * BOARD_FRAME_SAMPLES);
  });
  payload[0] = mask;
  return payload;
}

/** Undefined when the length does not fit the mask. */
export function decodeAudio(payload: Uint8Array): readonly PortAudio[] | undefined {
  const mask = payload[0];
  if (mask === undefined) return undefined;
  const frames: PortAudio[] = [];
  let at = 1;
  for (let port = 1; port <= 8; port++) {
    if ((mask & (1 << (port - 1))) === 0) continue;
    frames.push({ port: port as PortNumber, ulaw: payload.subarray(at, at + BOARD_FRAME_SAMPLES) });
    at += BOARD_FRAME_SAMPLES;
  }
  return at === payload.length ? frames : undefined;
}

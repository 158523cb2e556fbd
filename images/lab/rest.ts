import { pause } from '../../scripts/demo/story.ts';
import type { Box } from './box.ts';
import { LabError } from './lab-error.ts';

const LOOK_EVERY_MS = 15_000;
const REST_BYTES = 512 * 1024;
const LIMIT_MS = 300_000;
const SECTOR_BYTES = 512;

/** Bytes that a box has written to its storage since its start (Documentation/block/stat.rst, field 7). */
export async function bytesWritten(box: Box): Promise<number> {
  const fields = (await box.root.get('cat /sys/class/block/vda/stat')).trim().split(/\s+/);
  return Number(fields[6] ?? 0) * SECTOR_BYTES;
}

/** Waits until nothing much is written any more: a box that was claimed a moment ago lays out room for its call records, once. */
export async function comesToRest(box: Box): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end) {
    const before = await bytesWritten(box);
    await pause(LOOK_EVERY_MS);
    if ((await bytesWritten(box)) - before < REST_BYTES) return;
  }
  throw new LabError(`nobody uses the box, and it does not stop writing in ${LIMIT_MS / 60_000} minutes`);
}

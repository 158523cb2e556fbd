import { pause } from '../../scripts/demo/story.ts';
import type { Box } from './box.ts';
import { dialTone } from './talks.ts';

const LAMP_LIMIT_MS = 60_000;
/** The box resets a board that was silent for 10 s. */
const SILENT_MS = 14_000;

/** The line lamp burns while a phone is lifted; power burns; the service is reached. */
export async function lampsFollow(box: Box): Promise<void> {
  await box.gpio.until('power', true, LAMP_LIMIT_MS);
  await box.gpio.until('service', true, LAMP_LIMIT_MS);
  await box.gpio.until('boardReset', true, LAMP_LIMIT_MS);
  await box.gpio.until('line', false, LAMP_LIMIT_MS);
  await box.board.lift(1);
  await box.gpio.until('line', true, LAMP_LIMIT_MS);
  await box.board.hangUp(1);
  await box.gpio.until('line', false, LAMP_LIMIT_MS);
}

/** A board that says nothing is reset by its line, and its phones work again. */
export async function boardIsReset(box: Box): Promise<void> {
  await Promise.all([box.gpio.next('boardReset', false, LAMP_LIMIT_MS), box.board.vanish(SILENT_MS)]);
  await box.gpio.until('boardReset', true, 30_000);
  await pause(1_000);
  await dialTone(box, 1, 90_000);
  await box.board.hangUp(1);
}

import type { DiaryLine } from '../../lib/net/device-diary.ts';
import type { MessageType } from './packet.ts';
import type { Verdict } from './verdict.ts';

/** One packet of a device and what was done with it. */
export interface TraceLine extends Verdict, DiaryLine {
  readonly message: MessageType;
}

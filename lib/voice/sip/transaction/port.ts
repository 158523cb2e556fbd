import type { Clock } from '../../../base/clock.ts';

/** What a transaction asks of the layer that keeps it. */
export interface LayerPort {
  readonly clock: Clock;
  /** `again` for a retransmission; `message` false when the sending itself is counted elsewhere. */
  countSent(again: boolean, message?: boolean): void;
  forgetClient(key: string): void;
  forgetServer(key: string): void;
}

import type { TransactionTimers } from './timers.ts';

/** What a transaction asks of the layer that keeps it. */
export interface LayerPort {
  readonly timers: TransactionTimers;
  /** `again` for a retransmission; `message` false when the sending itself is counted elsewhere. */
  countSent(again: boolean, message?: boolean): void;
  forgetClient(key: string): void;
  forgetServer(key: string, origin: string | undefined): void;
  /** The user of a server transaction never answered. */
  abandoned(): void;
}

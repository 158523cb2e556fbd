import type { Clock } from '../../../base/clock.ts';
import type { SipRequest } from '../codec/message.ts';

/** What the layer knows a server transaction by. */
export interface ServerSide {
  readonly key: string;
  readonly request: SipRequest;
}

/** What a transaction asks of the layer that keeps it. */
export interface LayerPort {
  readonly clock: Clock;
  /** `again` for a retransmission; `message` false when the sending itself is counted elsewhere. */
  countSent(again: boolean, message?: boolean): void;
  forgetClient(key: string): void;
  forgetServer(transaction: ServerSide): void;
  /** The user of a server transaction never answered. */
  abandoned(): void;
}

import type { SipAddress } from '../api.ts';

/** One way to one peer: a connection, or a UDP socket with a remote address. */
export interface Flow {
  readonly transport: SipAddress['transport'];
  /** TCP and TLS: no retransmissions. */
  readonly reliable: boolean;
  readonly remote: SipAddress;
  /** We opened it, so the peer's certificate was checked. */
  readonly outgoing: boolean;
  /** `host[:port]` that Via and Contact name. */
  readonly sentBy: string;
  readonly open: boolean;
  /** Sends, or calls `failed` later; never throws. */
  send(bytes: Buffer, failed: (say: string) => void): void;
  /** Calls `listener` once when the flow dies; UDP flows never do. The function that comes back takes the listener off. */
  onClose(listener: () => void): () => void;
}

/** One key for one remote party. */
export function flowKey(address: SipAddress): string {
  return `${address.transport}:${address.host}:${address.port}`;
}

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
  /** UDP: the same socket to another port of the peer. */
  atPort?(port: number): Flow;
  /**
   * UDP: a connection to the same place for a request that is too large for a datagram (RFC 3261 §18.1.1); undefined
   * where none was to be had lately. When it fails, the datagram is the way after all.
   */
  stream?(): Flow | undefined;
  /**
   * UDP: keeps the way open (RFC 5626 §4.4 without STUN) until the function that comes back is called. `lost` is called
   * once when a peer that used to answer no longer does. Connections do this by themselves.
   */
  keepAlive?(lost: () => void): () => void;
}

/** Requests larger than this do not go in a datagram, RFC 3261 §18.1.1. */
export const DATAGRAM_BYTES = 1_300;

/** One key for one remote party. */
export function flowKey(address: SipAddress): string {
  const srv = address.srv === true ? ':srv' : '';
  return `${address.transport}:${address.host}:${address.port}${srv}`;
}

import type { CodedError } from '../../base/errors.ts';

/** Which way media flows, seen from whoever says it (RFC 8866 §6.7). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** An address of a `c=` line. */
export interface Connection {
  readonly family: 4 | 6;
  readonly host: string;
}

/** One `m=` line and what belongs to it. Attributes are kept in order, name and value apart. */
export interface Media {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly connection: Connection | undefined;
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

/** The `o=` line. `version` grows whenever the description changes; both may be larger than a double holds exactly. */
export interface Origin {
  readonly user: string;
  readonly id: bigint;
  readonly version: bigint;
  readonly connection: Connection;
}

/** A session description (RFC 8866), without what telephony has no use for. */
export interface SessionDescription {
  readonly origin: Origin;
  readonly connection: Connection | undefined;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly media: readonly Media[];
}

/** Why a description is not taken. `status` is what SIP answers: 488 for what we do not speak, 400 for what nobody does. */
export type SdpRefusal = CodedError & { readonly status: 400 | 488 } & (
    | { readonly code: 'sdp.malformed'; readonly line: number }
    | { readonly code: 'sdp.noAudio' }
    | { readonly code: 'sdp.noCodec' }
    | { readonly code: 'sdp.noAddress' }
  );

/** What both ends need to know to send each other audio. */
export interface AudioPath {
  /** Where to send to. */
  readonly host: string;
  readonly port: number;
  /** Of PCMU, as the peer wants to receive it. */
  readonly payloadType: number;
  /** Of telephone-event (RFC 4733) as the peer wants to receive it; null when it has none. May differ each way. */
  readonly dtmfPayloadType: number | null;
  /** From our side: `sendonly` means that we send and do not listen. */
  readonly direction: Direction;
}

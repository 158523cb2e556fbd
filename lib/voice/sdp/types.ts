import type { CodedError } from '../../base/errors.ts';
import type { SrtpKeys } from '../srtp/suites.ts';

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
    | { readonly code: 'sdp.noKeys' }
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
  /** Keys both ways (RFC 4568); absent: plain RTP. */
  readonly srtp?: SrtpKeys;
  /** RTCP comes and goes on the port of RTP (RFC 5761). */
  readonly rtcpMux?: true;
  /** Where RTCP goes when it is neither there nor one port higher (RFC 3605). */
  readonly rtcp?: { readonly host: string; readonly port: number };
  /** Milliseconds in a packet, where the peer wants other than 20. */
  readonly ptimeMs?: number;
  /** Both sides take comfort noise (RFC 3389, payload type 13), so silence need not be sent. */
  readonly comfortNoise?: true;
}

/** What can be traced. */
export const TRACE_KINDS = ['sip', 'rtp', 'dhcp', 'mqtt'] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

/** An end of a way: an address and a port, as they were on the wire. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** One message as it was spoken, decrypted where it was encrypted. */
export interface Traced {
  readonly kind: TraceKind;
  /** Epoch ms, with a fraction, as the clock was set when it was shown. */
  readonly atMs: number;
  /** As the box sees it. */
  readonly direction: 'in' | 'out';
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly local: Place;
  readonly remote: Place;
  readonly bytes: Buffer;
  /** Kind `rtp`: what the datagram is. */
  readonly carries?: 'rtp' | 'rtcp' | 'udptl';
  /** Kind `rtp`: it was SRTP on the wire. */
  readonly decrypted?: true;
  /** Whom it belongs to, as far as the box knows. */
  readonly whose: Whose;
}

/** Whom a message belongs to. */
export interface Whose {
  /** Id of the call, as `engawa calls` shows it. */
  readonly call?: string;
  /** Call-ID of its SIP dialog. */
  readonly callId?: string;
  /** Port of the analog line. */
  readonly line?: number;
  /** Hardware address of the desk phone, twelve hexadecimal digits. */
  readonly phone?: string;
}

/** What was not shown, and why. */
export interface TraceLosses {
  /** More came in a second than was asked for. */
  readonly rate: number;
  /** The reader was too slow. */
  readonly slow: number;
  /** The media process had no room to tell of it. */
  readonly media: number;
}

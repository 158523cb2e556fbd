/** The part of the `sdp-transform` package (3.0.0) that the carrier uses, which ships no types. */
declare module 'sdp-transform' {
  export interface SdpMediaLine {
    type: string;
    port: number;
    protocol: string;
    /** Payload types, separated by blanks; a number when there is only one. */
    payloads?: string | number;
    rtp: { payload: number; codec: string; rate?: number; encoding?: number }[];
    fmtp: { payload: number; config: string }[];
    connection?: { version: number; ip: string };
    direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
    ptime?: number;
  }

  export interface SdpDocument {
    version?: number;
    origin?: {
      username: string;
      sessionId: number | string;
      sessionVersion: number;
      netType: string;
      ipVer: number;
      address: string;
    };
    name?: string;
    timing?: { start: number; stop: number };
    connection?: { version: number; ip: string };
    direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
    media: SdpMediaLine[];
  }

  export function parse(sdp: string): SdpDocument;
  export function write(document: SdpDocument): string;
}

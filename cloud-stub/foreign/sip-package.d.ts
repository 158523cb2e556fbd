/**
 * The part of the `sip` package (0.0.6) that the carrier uses, which ships no types. Header values that the package
 * parses are objects; every other header is the raw string. Whatever the package could not parse is missing, so each
 * field that comes from the wire is optional here, whatever the RFC demands.
 */
declare module 'sip' {
  /** Parameters of a header; `null` for one without a value. */
  export type SipParams = Record<string, string | null | undefined>;

  export interface SipNameAddress {
    name?: string | undefined;
    uri: string;
    params: SipParams;
  }

  export interface SipVia {
    version?: string;
    protocol?: string;
    host?: string;
    port?: number | undefined;
    params: SipParams;
  }

  export interface SipRouteHop {
    name?: string | undefined;
    /** As parsed by the package; `undefined` when it could not. A string is sent as it is. */
    uri: SipUri | string | undefined;
    params: SipParams;
  }

  /** A challenge or credentials; values are as on the wire, quotes included. */
  export interface SipAuthHeader {
    scheme: string;
    [parameter: string]: string | undefined;
  }

  export interface SipHeaderBag {
    'www-authenticate'?: SipAuthHeader[];
    'proxy-authenticate'?: SipAuthHeader[];
    authorization?: SipAuthHeader[];
    'proxy-authorization'?: SipAuthHeader[];
    expires?: string | number;
    'x-engawa-called'?: string;
    'x-engawa-origin'?: string;
    'x-engawa-why'?: string;
    to?: SipNameAddress;
    from?: SipNameAddress;
    contact?: SipNameAddress[] | '*';
    'call-id'?: string;
    cseq?: { seq: number; method: string };
    via?: SipVia[];
    'record-route'?: SipRouteHop[];
    route?: SipRouteHop[];
    reason?: string;
    privacy?: string;
    'p-asserted-identity'?: string;
    'content-type'?: string;
    'max-forwards'?: string | number;
    allow?: string;
    'user-agent'?: string;
  }

  export interface SipRequestMessage {
    method: string;
    uri: string;
    version?: string;
    status?: undefined;
    headers: SipHeaderBag;
    content?: string;
  }

  export interface SipResponseMessage {
    status: number;
    reason?: string;
    version?: string;
    method?: undefined;
    headers: SipHeaderBag;
    content?: string;
  }

  export interface SipRemote {
    protocol: string;
    address: string;
    port: number;
  }

  export interface SipUri {
    schema: string;
    user?: string | undefined;
    host: string;
    /** NaN when absent. */
    port: number;
    params: SipParams;
  }

  export interface SipStackOptions {
    address: string;
    port: number;
    udp: boolean;
    tcp: boolean;
    logger?: { error?: (error: unknown) => void };
  }

  export interface SipStack {
    send(
      message: SipRequestMessage | SipResponseMessage,
      onResponse?: (response: SipResponseMessage) => void,
    ): void;
    destroy(): void;
  }

  export function create(
    options: SipStackOptions,
    onRequest: (request: SipRequestMessage, remote: SipRemote) => void,
  ): SipStack;
  export function parseUri(uri: string): SipUri | undefined;
  export function makeResponse(
    request: SipRequestMessage,
    status: number,
    reason?: string,
    extension?: { headers?: SipHeaderBag; content?: string },
  ): SipResponseMessage;
}

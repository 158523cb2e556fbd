import type { SipHeaders } from '../api.ts';
import type { Headers } from './headers.ts';
import type { NameAddr } from './name-addr.ts';
import type { Uri } from './uri.ts';
import type { Via } from './via.ts';

/** What requests and responses share. All of it has been checked: nobody above the codec looks for garbage again. */
interface MessageBase {
  readonly headers: Headers;
  /** At least one, topmost first. */
  readonly vias: readonly [Via, ...Via[]];
  readonly from: NameAddr;
  readonly to: NameAddr;
  /** Empty for a peer of RFC 2543 that sends none. */
  readonly fromTag: string;
  readonly toTag: string;
  readonly callId: string;
  readonly cseq: { readonly number: number; readonly method: string };
  /** All contacts, `*` apart. */
  readonly contacts: readonly NameAddr[];
  readonly contactStar: boolean;
  readonly body: Buffer;
}

/** A request off the wire. */
export interface SipRequest extends MessageBase {
  readonly kind: 'request';
  readonly method: string;
  readonly requestUri: Uri;
  readonly maxForwards: number | undefined;
}

/** A response off the wire. */
export interface SipResponse extends MessageBase {
  readonly kind: 'response';
  readonly status: number;
  readonly phrase: string;
}

export type SipMessage = SipRequest | SipResponse;

/** A request that we are going to send. Headers are complete but for Via (the transaction's) and Content-Length (the writer's). */
export interface RequestDraft {
  readonly method: string;
  readonly requestUri: string;
  readonly headers: SipHeaders;
  readonly body?: string;
}

/** A response that we are going to send, complete but for Content-Length. */
export interface ResponseDraft {
  readonly status: number;
  readonly phrase: string;
  readonly headers: SipHeaders;
  readonly body?: string;
}

/** The session description of a message, or undefined when it carries none. */
export function sdpOf(message: SipMessage): string | undefined {
  if (message.body.length === 0) return undefined;
  const type = mediaType(message.headers.get('content-type'));
  return type === 'application/sdp' ? message.body.toString('utf8') : undefined;
}

/** `type/subtype` in lower case without parameters. */
export function mediaType(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const semicolon = value.indexOf(';');
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
}

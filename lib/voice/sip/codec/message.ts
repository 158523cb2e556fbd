import type { SipHeaders } from '../api.ts';
import { bodyParts } from './body.ts';
import { parseMediaType } from './fields/content.ts';
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

/**
 * The session description of a message, or undefined when it carries none. In a multipart body it is the first part of
 * that type that is meant for the session (RFC 5621 §5).
 */
export function sdpOf(message: SipMessage): string | undefined {
  if (message.body.length === 0) return undefined;
  if (message.headers.get('Content-Type') === SDP) return message.body.toString('utf8');
  const parts = bodyParts(message);
  if (parts === 'malformed') return undefined;
  const found = parts.find(
    ({ type, disposition }) => type.type === SDP && (disposition?.kind ?? 'session') === 'session',
  );
  return found?.bytes.toString('utf8');
}

const SDP = 'application/sdp';

/** The type of a body in lower case without parameters; undefined when it is missing or malformed. */
export function mediaType(value: string | undefined): string | undefined {
  return value === undefined ? undefined : parseMediaType(value)?.type;
}

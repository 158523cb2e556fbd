import { parseUri, type SipHeaderBag, type SipRequestMessage, type SipRouteHop, type SipUri } from 'sip';
import { type Random, randomHex } from '../../lib/base/random.ts';

/** Our half and the other half of a SIP dialog (RFC 3261 §12). The `sip` package has none, so this is the carrier's own. */
export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly localUri: string;
  readonly remoteUri: string;
  remoteTag: string | undefined;
  /** Contact of the other side: where requests inside the dialog are addressed. */
  remoteTarget: string;
  routes: readonly string[];
  localSequence: number;
  remoteSequence: number;
}

/** A fresh tag. */
export function newTag(random: Random): string {
  return randomHex(random, 8);
}

/** A request inside the dialog, with the next sequence number (ACK repeats the INVITE's). */
export function requestInside(
  dialog: Dialog,
  method: 'BYE' | 'ACK' | 'INVITE',
  more: {
    readonly contact: string;
    readonly random: Random;
    readonly headers?: SipHeaderBag;
    /** A session description. */
    readonly sdp?: string;
  },
): SipRequestMessage {
  if (method !== 'ACK') dialog.localSequence++;
  const headers: SipHeaderBag = {
    from: { uri: dialog.localUri, params: { tag: dialog.localTag } },
    to: { uri: dialog.remoteUri, params: dialog.remoteTag === undefined ? {} : { tag: dialog.remoteTag } },
    'call-id': dialog.callId,
    cseq: { seq: dialog.localSequence, method },
    contact: [{ uri: more.contact, params: {} }],
    'max-forwards': 70,
    ...more.headers,
  };
  if (dialog.routes.length > 0) {
    headers.route = dialog.routes.map((uri) => ({ uri: parseUri(uri), params: {} }));
  }
  // The package makes an ACK's branch out of a million values; a branch of our own is kept for that method alone.
  if (method === 'ACK') headers.via = [{ params: { branch: `z9hG4bK${randomHex(more.random, 12)}` } }];
  if (more.sdp === undefined) return { method, uri: dialog.remoteTarget, headers };
  headers['content-type'] = 'application/sdp';
  return { method, uri: dialog.remoteTarget, headers, content: more.sdp };
}

/** The first contact as a URI that the package can send to, or undefined. */
export function contactUri(headers: SipHeaderBag): string | undefined {
  const contact = headers.contact;
  if (!Array.isArray(contact)) return undefined;
  const uri = contact[0]?.uri;
  return uri !== undefined && parseUri(uri) !== undefined ? uri : undefined;
}

/** Record-Route as a route set, in the order in which we send it. */
export function routesFrom(hops: readonly SipRouteHop[] | undefined, side: 'caller' | 'callee'): string[] {
  const uris = (hops ?? []).flatMap((hop) => {
    if (hop.uri === undefined) return [];
    return [typeof hop.uri === 'string' ? hop.uri : uriText(hop.uri)];
  });
  return side === 'caller' ? uris.reverse() : uris;
}

function uriText(uri: SipUri): string {
  const user = uri.user === undefined ? '' : `${uri.user}@`;
  const port = Number.isNaN(uri.port) ? '' : `:${uri.port}`;
  const loose = 'lr' in uri.params ? ';lr' : '';
  return `${uri.schema}:${user}${uri.host}${port}${loose}`;
}

/** The user part of a URI, at most 64 characters, or an empty text. */
export function userOf(uri: string | undefined): string {
  if (uri === undefined || uri.length > 512) return '';
  return (parseUri(uri)?.user ?? '').slice(0, 64);
}

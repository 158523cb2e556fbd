import type { SipHeaders } from '../api.ts';
import type { RequestDraft, SipRequest, SipResponse } from '../codec/message.ts';
import { type NameAddr, parseNameAddrs, writeAddress } from '../codec/name-addr.ts';
import { parseUri, type SipUri } from '../codec/uri.ts';

/** A dialog (RFC 3261 §12) as plain data. URIs are as they stand between angle brackets, parties with their display names. */
export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localUri: string;
  readonly remoteUri: string;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
  readonly localSequence: number;
  /** -1 until the peer has sent a request inside the dialog. */
  readonly remoteSequence: number;
}

const routesOf = ({ headers }: SipRequest | SipResponse): readonly NameAddr[] =>
  parseNameAddrs(headers.all('record-route')) ?? [];

const party = (address: NameAddr): string => writeAddress(address.display, address.uri.text);

/** The caller's side, from the response that made the dialog (§12.1.2). */
export function dialogAsCaller(response: SipResponse, requestUri: string): Dialog {
  const routes = routesOf(response);
  return {
    callId: response.callId,
    localTag: response.fromTag,
    remoteTag: response.toTag,
    localUri: party(response.from),
    remoteUri: party(response.to),
    remoteTarget: response.contacts[0]?.uri.text ?? requestUri,
    routeSet: routes.map((route) => route.uri.text).reverse(),
    localSequence: response.cseq.number,
    remoteSequence: -1,
  };
}

/** The callee's side, from the request that made the dialog (§12.1.1). */
export function dialogAsCallee(request: SipRequest, localTag: string): Dialog {
  const routes = routesOf(request);
  return {
    callId: request.callId,
    localTag,
    remoteTag: request.fromTag,
    localUri: party(request.to),
    remoteUri: party(request.from),
    remoteTarget: request.contacts[0]?.uri.text ?? request.from.uri.text,
    routeSet: routes.map((route) => route.uri.text),
    localSequence: 0,
    remoteSequence: request.cseq.number,
  };
}

/** One key for one dialog, from our side. */
export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}\n${localTag}\n${remoteTag}`;
}

/** The next request inside a dialog (§12.2.1.1). An ACK repeats the sequence number of its INVITE. */
export function requestInside(
  dialog: Dialog,
  method: string,
  extra: SipHeaders,
  sequence: number = dialog.localSequence + 1,
): { dialog: Dialog; draft: RequestDraft } {
  const { requestUri, routes } = routing(dialog);
  const headers: (readonly [string, string])[] = [
    ['Max-Forwards', '70'],
    ...routes.map((route) => ['Route', `<${route}>`] as const),
    ['From', `${dialog.localUri};tag=${dialog.localTag}`],
    ['To', dialog.remoteTag === '' ? dialog.remoteUri : `${dialog.remoteUri};tag=${dialog.remoteTag}`],
    ['Call-ID', dialog.callId],
    ['CSeq', `${sequence} ${method}`],
    ...extra,
  ];
  return {
    dialog: { ...dialog, localSequence: Math.max(dialog.localSequence, sequence) },
    draft: { method, requestUri, headers },
  };
}

/** What the next request inside a dialog asks for. */
export function requestUriOf(dialog: Dialog): string {
  return routing(dialog).requestUri;
}

/** Where the next request goes: the first route, or the remote target. Undefined when that is no `sip:` URI. */
export function nextHop(dialog: Dialog): SipUri | undefined {
  const uri = parseUri(dialog.routeSet[0] ?? dialog.remoteTarget);
  return uri?.kind === 'sip' ? uri : undefined;
}

/** What a request of the peer does to the dialog: undefined when it is out of order (§12.2.2). */
export function acceptInside(dialog: Dialog, request: SipRequest): Dialog | undefined {
  if (request.cseq.number <= dialog.remoteSequence) return undefined;
  const refresh = request.method === 'INVITE' || request.method === 'UPDATE';
  const target = refresh ? request.contacts[0]?.uri.text : undefined;
  return {
    ...dialog,
    remoteSequence: request.cseq.number,
    remoteTarget: target ?? dialog.remoteTarget,
  };
}

/** A first route without `lr` is a strict router of RFC 2543: it wants its own address in the Request-URI. */
function routing(dialog: Dialog): { requestUri: string; routes: readonly string[] } {
  const [first, ...rest] = dialog.routeSet;
  if (first === undefined) return { requestUri: dialog.remoteTarget, routes: [] };
  const uri = parseUri(first);
  if (uri?.kind !== 'sip' || uri.params.has('lr')) {
    return { requestUri: dialog.remoteTarget, routes: dialog.routeSet };
  }
  return { requestUri: first, routes: [...rest, dialog.remoteTarget] };
}

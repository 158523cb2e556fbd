import {
  type HeaderBag,
  type NameAddress,
  type SipRequest,
  type SipResponse,
  stringUri,
  uriOf,
} from './message.ts';

/** Our half and the other half of a dialog (RFC 3261 §12); the package has none. */
export interface Dialog {
  readonly callId: string;
  readonly local: NameAddress;
  readonly remote: NameAddress;
  /** Contact of the other side. */
  target: string;
  routes: readonly string[];
  sequence: number;
  remoteSequence: number;
}

/** The next request in the dialog. ACK repeats the number of its INVITE, which is `sequence` then. */
export function inside(dialog: Dialog, method: string, headers: HeaderBag, content?: string): SipRequest {
  if (method !== 'ACK') dialog.sequence++;
  const request: SipRequest = {
    method,
    uri: dialog.target,
    headers: {
      from: { ...dialog.local, params: { ...dialog.local.params } },
      to: { ...dialog.remote, params: { ...dialog.remote.params } },
      'call-id': dialog.callId,
      cseq: { seq: dialog.sequence, method },
      'max-forwards': 70,
      ...(dialog.routes.length === 0
        ? {}
        : { route: dialog.routes.map((uri) => ({ uri: uriOf(uri), params: {} })) }),
      ...headers,
    },
  };
  return content === undefined ? request : { ...request, content };
}

/** Takes tag, contact and route set from the answer to a request that made the dialog. */
export function learn(dialog: Dialog, message: SipResponse | SipRequest, side: 'caller' | 'callee'): void {
  const { headers } = message;
  const other = side === 'caller' ? headers.to : headers.from;
  const tag = other?.params['tag'];
  if (typeof tag === 'string') dialog.remote.params['tag'] = tag;
  const [contact] = Array.isArray(headers.contact) ? headers.contact : [];
  if (uriOf(contact?.uri) !== undefined && contact !== undefined) dialog.target = contact.uri;
  const hops = (headers['record-route'] ?? []).map(({ uri }) => stringUri(uri)).filter((uri) => uri !== '');
  dialog.routes = side === 'caller' ? hops.toReversed() : hops;
}

/** Whether a request with a To tag belongs to it. */
export function belongs(dialog: Dialog, request: SipRequest): boolean {
  const { headers } = request;
  if (headers['call-id'] !== dialog.callId || headers.to?.params['tag'] !== dialog.local.params['tag'])
    return false;
  const tag = dialog.remote.params['tag'];
  return tag === undefined || headers.from?.params['tag'] === tag;
}

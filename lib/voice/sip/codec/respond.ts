import type { SipHeaders } from '../api.ts';
import type { ResponseDraft, SipRequest } from './message.ts';
import { phraseOf } from './phrases.ts';
import { stampVia, writeVia } from './via.ts';

/** What a response has beyond what it repeats from the request. */
export interface ResponseExtras {
  /** To tag of ours; left out of a 100 and where the request brought one. */
  readonly toTag?: string;
  readonly headers?: SipHeaders;
  readonly body?: string;
}

/** A response to a request that came from `source` (RFC 3261 §8.2.6). */
export function responseTo(
  request: SipRequest,
  source: { readonly host: string; readonly port: number },
  status: number,
  extras: ResponseExtras = {},
): ResponseDraft {
  const [top, ...below] = request.vias;
  const headers: (readonly [string, string])[] = [['Via', writeVia(stampVia(top, source.host, source.port))]];
  for (const via of below) headers.push(['Via', writeVia(via)]);
  for (const route of request.headers.all('record-route')) headers.push(['Record-Route', route]);
  headers.push(['From', request.headers.get('from') ?? '']);
  const to = request.headers.get('to') ?? '';
  const tagged = status > 100 && request.toTag === '' && extras.toTag !== undefined;
  headers.push(['To', tagged ? `${to};tag=${extras.toTag}` : to]);
  headers.push(['Call-ID', request.callId]);
  headers.push(['CSeq', `${request.cseq.number} ${request.cseq.method}`]);
  headers.push(...(extras.headers ?? []));
  return {
    status,
    phrase: phraseOf(status),
    headers,
    ...(extras.body === undefined ? {} : { body: extras.body }),
  };
}

import type { SipHeaders } from '../api.ts';
import { writeWarning } from './fields/guidance.ts';
import type { ResponseDraft, SipRequest } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import type { Rejection } from './parse.ts';
import { phraseOf } from './phrases.ts';
import { writeStampedVia, writeVia } from './via.ts';

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
  const headers: (readonly [string, string])[] = [['Via', writeStampedVia(top, source.host, source.port)]];
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

/** The refusal of a request that could not be read; it says why in a Warning (RFC 3261 §20.43, code 399). */
export function rejectionTo(
  rejection: Rejection,
  source: { readonly host: string; readonly port: number },
  toTag: string,
): ResponseDraft {
  const { status, say, via, lowerVias } = rejection;
  const headers: (readonly [string, string])[] = [['Via', writeStampedVia(via, source.host, source.port)]];
  for (const lower of lowerVias) headers.push(['Via', lower]);
  for (const [name, value] of rejection.echo) {
    const untagged = name === 'To' && parseNameAddr(value)?.params.has('tag') === false;
    headers.push([name, untagged ? `${value};tag=${toTag}` : value]);
  }
  headers.push(['Warning', writeWarning({ code: 399, agent: 'engawa', text: say })]);
  return { status, phrase: phraseOf(status), headers };
}

import { type NameAddr, parseNameAddr } from '../name-addr.ts';
import { type Params, parseParams } from '../params.ts';
import { CODE, isDigits, parseUint, quote, trimLws, unquote } from '../text.ts';
import { type Field, listed, numberParam, SECONDS_MAX, single } from './field.ts';

/** Retry-After, RFC 3261 §20.33: `18000;duration=3600`, a comment in brackets may stand between. */
export interface RetryAfter {
  readonly afterS: number;
  readonly comment: string;
  /** How long it will be there afterwards. */
  readonly durationS: number | undefined;
}

/** One value of Warning, RFC 3261 §20.43: `307 isi.edu "Session parameter 'foo' not understood"`. */
export interface Warning {
  readonly code: number;
  readonly agent: string;
  readonly text: string;
}

/** RFC 3261 §20.33. */
export const RETRY_AFTER = single('retry-after', (value): RetryAfter | undefined => {
  let end = 0;
  while (isDigits(value.charAt(end))) end++;
  const afterS = parseUint(value.slice(0, end), SECONDS_MAX);
  if (afterS === undefined) return undefined;
  const rest = trimLws(value.slice(end));
  const comment = readComment(rest);
  if (comment === undefined) return undefined;
  const params = parseParams(rest.slice(comment.length));
  const durationS = params === undefined ? 'malformed' : numberParam(params, 'duration', SECONDS_MAX);
  return durationS === 'malformed' ? undefined : { afterS, comment: comment.slice(1, -1), durationS };
});

/** RFC 3261 §20.43. */
export const WARNING: Field<readonly Warning[]> = listed('warning', (piece): Warning | undefined => {
  const first = piece.indexOf(' ');
  const second = piece.indexOf(' ', first + 1);
  if (first !== 3 || second < 0 || !isDigits(piece.slice(0, 3))) return undefined;
  const text = unquote(trimLws(piece.slice(second + 1)));
  const agent = piece.slice(first + 1, second);
  return text === undefined || agent === '' ? undefined : { code: Number(piece.slice(0, 3)), agent, text };
});

/** Warning as it goes on the wire. */
export function writeWarning(warning: Warning): string {
  return `${warning.code} ${warning.agent} ${quote(warning.text)}`;
}

/** `<uri>;param`: Alert-Info (RFC 3261 §20.4, RFC 7462 for the URNs), Call-Info (§20.9), Error-Info (§20.18). */
export interface InfoUri {
  /** As it stood: sounds and pages have URIs of any scheme. */
  readonly uri: string;
  readonly params: Params;
}

export const ALERT_INFO = listed('alert-info', parseInfo);
export const CALL_INFO = listed('call-info', parseInfo);
export const ERROR_INFO = listed('error-info', parseInfo);

/** Remote-Party-ID of old peers, read where P-Asserted-Identity is not there. */
export const REMOTE_PARTY_ID: Field<readonly NameAddr[]> = listed('remote-party-id', parseNameAddr);

function parseInfo(piece: string): InfoUri | undefined {
  const close = piece.indexOf('>');
  if (piece.charCodeAt(0) !== CODE.less || close < 2) return undefined;
  const params = parseParams(piece.slice(close + 1));
  return params === undefined ? undefined : { uri: piece.slice(1, close), params };
}

/** A comment at the start, brackets and all; brackets nest. Empty when there is none, undefined when it does not end. */
function readComment(text: string): string | undefined {
  if (text.charAt(0) !== '(') return '';
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') at++;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return text.slice(0, at + 1);
  }
  return undefined;
}

import { NO_PARAMS, type Params, parseParams } from './params.ts';
import { CODE, hasLws, isToken, quote, splitLws, splitOutside, trimLws, unquote } from './text.ts';
import { parseUri, type Uri } from './uri.ts';

/** `"display" <uri>;params`, as in From, To, Contact, Route (RFC 3261 §20.10). */
export interface NameAddr {
  readonly display: string;
  readonly uri: Uri;
  readonly params: Params;
}

/** Reads one address; undefined when it is malformed. */
export function parseNameAddr(value: string): NameAddr | undefined {
  const text = trimLws(value);
  const open = text.charCodeAt(0) === CODE.less ? 0 : openAngle(text);
  if (open === undefined) return undefined;
  if (open < 0) return parseBare(text);
  const close = text.indexOf('>', open);
  if (close < 0) return undefined;
  const display = open === 0 ? '' : parseDisplay(trimLws(text.slice(0, open)));
  // White space has no place in a URI, but `< sip:a@b>` is refused by the URI itself.
  const uri = parseUri(text.slice(open + 1, close));
  const params = close + 1 === text.length ? NO_PARAMS : parseParams(text, close + 1);
  if (display === undefined || uri === undefined || params === undefined) return undefined;
  return { display, uri, params };
}

/** Reads a comma-separated list of addresses over all lines of one header. Undefined when any is malformed. */
export function parseNameAddrs(values: readonly string[]): NameAddr[] | undefined {
  const out: NameAddr[] = [];
  for (const value of values) {
    const pieces = value.includes(',') ? splitOutside(value, CODE.comma) : [value];
    if (pieces === undefined) return undefined;
    for (const piece of pieces) {
      const parsed = parseNameAddr(piece);
      if (parsed === undefined) return undefined;
      out.push(parsed);
    }
  }
  return out;
}

/** As it goes on the wire, without parameters. */
export function writeAddress(display: string, uri: string): string {
  return display === '' ? `<${uri}>` : `${quote(display)} <${uri}>`;
}

/** Where `<` stands outside a quoted string: -1 when nowhere, undefined when a quote is left open. */
function openAngle(text: string): number | undefined {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted && code === CODE.backslash) at++;
    else if (code === CODE.quote) quoted = !quoted;
    else if (!quoted && code === CODE.less) return at;
  }
  return quoted ? undefined : -1;
}

/** Without brackets, what follows `;` belongs to the header, and `?` or `,` may not occur (RFC 3261 §20). */
function parseBare(text: string): NameAddr | undefined {
  const semicolon = text.indexOf(';');
  const spec = trimLws(semicolon < 0 ? text : text.slice(0, semicolon));
  if (spec.includes('?') || spec.includes(',') || hasLws(spec)) return undefined;
  const uri = parseUri(spec);
  const params = semicolon < 0 ? NO_PARAMS : parseParams(text.slice(semicolon));
  return uri === undefined || params === undefined ? undefined : { display: '', uri, params };
}

/** A quoted string or tokens. Bare UTF-8 is let through: phones here send 受付 without quotes. */
function parseDisplay(text: string): string | undefined {
  if (text.length === 0) return '';
  if (text.charCodeAt(0) === CODE.quote) return unquote(text);
  const words = splitLws(text);
  return words.every(isDisplayWord) ? words.join(' ') : undefined;
}

function isDisplayWord(word: string): boolean {
  for (const char of word) if ((char.codePointAt(0) ?? 0) < 128 && !isToken(char)) return false;
  return true;
}

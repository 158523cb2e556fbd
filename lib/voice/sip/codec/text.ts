import { SIP_LIMITS } from '../limits.ts';

/** Character classes of RFC 3261 §25.1, one bit each. */
export const CLASS = {
  /** `token`. */
  token: 1,
  hex: 2,
  /** User part of a URI, without escapes; `#` is not allowed and seen: feature codes of telephones. */
  user: 4,
  password: 8,
  /** Names and values of URI parameters. */
  uriParam: 16,
  /** What stands behind `?` in a URI. */
  uriHeader: 32,
  /** Host names and IPv4 addresses; `_` is not allowed and seen. */
  host: 64,
  /** A parameter's value: a token or a host. IPv6 hosts bring brackets and colons; `/`, `@` and such occur in the wild and harm nobody. */
  value: 128,
  digit: 256,
  /** What needs no escape anywhere in a URI. */
  plain: 512,
} as const;
const classes = new Uint16Array(128);

function mark(chars: string, bit: number): void {
  for (let at = 0; at < chars.length; at++) {
    const code = chars.charCodeAt(at);
    classes[code] = (classes[code] ?? 0) | bit;
  }
}

const DIGITS = '0123456789';
const ALPHANUM = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ${DIGITS}`;
const TOKEN = `${ALPHANUM}-.!%*_+\`'~`;
const UNRESERVED = `${ALPHANUM}-_.!~*'()`;
mark(TOKEN, CLASS.token);
mark('0123456789abcdefABCDEF', CLASS.hex);
mark(`${UNRESERVED}&=+$,;?/#`, CLASS.user);
mark(`${UNRESERVED}&=+$,`, CLASS.password);
mark(`${UNRESERVED}[]/:&+$`, CLASS.uriParam);
mark(`${UNRESERVED}[]/?:+$&=`, CLASS.uriHeader);
mark(`${ALPHANUM}-._`, CLASS.host);
mark(`${TOKEN}[]:/@$&?=`, CLASS.value);
mark(DIGITS, CLASS.digit);
mark(`${ALPHANUM}+-._`, CLASS.plain);

/** Where the run of characters of one class that begins at `from` ends. */
export function runEnd(text: string, from: number, bit: number): number {
  let at = from;
  while (at < text.length && has(text.charCodeAt(at), bit)) at++;
  return at;
}

/** The same, with escapes (`%41`) allowed: -1 when one of them is broken. */
export function escapedRunEnd(text: string, from: number, bit: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (has(code, bit)) at++;
    else if (code !== CODE.percent) return at;
    else if (has(text.charCodeAt(at + 1), CLASS.hex) && has(text.charCodeAt(at + 2), CLASS.hex)) at += 3;
    else return -1;
  }
  return at;
}

/** Where white space that begins at `from` ends. */
export function blankEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isLws(text.charCodeAt(at))) at++;
  return at;
}

const has = (code: number, bit: number): boolean => code < 128 && ((classes[code] ?? 0) & bit) !== 0;

export const CODE = {
  tab: 9,
  lf: 10,
  cr: 13,
  space: 32,
  quote: 34,
  percent: 37,
  comma: 44,
  colon: 58,
  semicolon: 59,
  less: 60,
  equals: 61,
  greater: 62,
  open: 91,
  question: 63,
  at: 64,
  backslash: 92,
} as const;

/** `token` of RFC 3261 §25.1. */
export function isToken(text: string): boolean {
  return text.length > 0 && runEnd(text, 0, CLASS.token) === text.length;
}

/** Decimal digits, at least one. */
export function isDigits(text: string): boolean {
  return text.length > 0 && runEnd(text, 0, CLASS.digit) === text.length;
}

/** A whole number from 0 to `max` in decimal digits, or undefined. Leading zeros are allowed, as the grammar allows them. */
export function parseUint(text: string, max: number): number | undefined {
  if (text.length === 0 || text.length > 32) return undefined;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= max ? value : undefined;
}

const isLws = (code: number): boolean =>
  code === CODE.space || code === CODE.tab || code === CODE.cr || code === CODE.lf;

/** Without white space at both ends. Only SIP's own white space counts, not Unicode's. */
export function trimLws(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isLws(text.charCodeAt(from))) from++;
  while (to > from && isLws(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

/** The same text in memory of its own: what was cut out of a message keeps all of the message. */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}

/** Whether there is white space anywhere in it. */
export function hasLws(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (isLws(text.charCodeAt(at))) return true;
  return false;
}

/** Splits at white space; no empty pieces. */
export function splitLws(text: string): string[] {
  const out: string[] = [];
  let from = -1;
  for (let at = 0; at <= text.length; at++) {
    const blank = at === text.length || isLws(text.charCodeAt(at));
    if (!blank && from < 0) from = at;
    else if (blank && from >= 0) {
      out.push(text.slice(from, at));
      from = -1;
    }
  }
  return out;
}

/**
 * Splits at `separator` where it stands outside quoted strings and angle brackets. Undefined when a quote or bracket
 * is not closed, or when there are more than {@link SIP_LIMITS}.listItems pieces. Pieces are trimmed and may be empty.
 */
export function splitOutside(text: string, separator: number): string[] | undefined {
  const out: string[] = [];
  let from = 0;
  let quoted = false;
  let angle = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === CODE.backslash) at++;
      else if (code === CODE.quote) quoted = false;
    } else if (code === CODE.quote) quoted = true;
    else if (angle) angle = code !== CODE.greater;
    else if (code === CODE.less) angle = true;
    else if (code === separator) {
      if (out.length >= SIP_LIMITS.listItems) return undefined;
      out.push(trimLws(text.slice(from, at)));
      from = at + 1;
    }
  }
  if (quoted || angle) return undefined;
  out.push(trimLws(text.slice(from)));
  return out;
}

/** Undoes `%41` escapes; invalid UTF-8 becomes U+FFFD. Escapes must be sound. */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) === CODE.percent) {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(text.charCodeAt(at) & 0xff);
  }
  return Buffer.from(bytes).toString('utf8');
}

/** A quoted string's content without quotes and backslashes, or undefined when it is not exactly one quoted string. */
export function unquote(text: string): string | undefined {
  if (text.length < 2 || text.charCodeAt(0) !== CODE.quote) return undefined;
  let out = '';
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === CODE.quote) return at === text.length - 1 ? out : undefined;
    if (code === CODE.backslash) at++;
    out += text.charAt(at);
  }
  return undefined;
}

/** As a quoted string; line ends become spaces, because nothing of ours may start a header line of its own. */
export function quote(text: string): string {
  let out = '"';
  for (const char of text) {
    if (char === '"' || char === '\\') out += `\\${char}`;
    else out += char < ' ' ? ' ' : char;
  }
  return `${out}"`;
}

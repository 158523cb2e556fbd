import { CONNECT, connectPasswordAt, packetTypeOf } from './mqtt-bytes.ts';
import type { Traced } from './traced.ts';

const STAR = 0x2a;
/** A key that is not base64 makes readers of captures give up on the whole description: zeros are. */
const ZERO_BASE64 = 0x41;
/** No message that we speak is longer; what is behind it is blackened whole. */
const READ_MOST = 262_144;
const VALUE_MOST = 8_192;

/** Headers that prove who somebody is. */
const PROVING = /^(?:proxy-)?(?:authorization|authentication-info)\s*:/i;
const PROOF = /\b(?:response|rspauth)\s*=\s*("?)([^",;\s]*)\1/gi;
const BASIC = /:\s*basic\s+(\S+)/i;
/** Keys of SRTP (RFC 4568). */
const SRTP_KEY = /\binline:([^\s|=]+)/gi;
/** Session keys of old (RFC 4566 §5.12), and digits that are pressed for a machine. */
const IN_BODY = /(?:^k=|^Signal=\s*)([^\s|]+)/gim;
/** Names of JSON fields whose values are nobody's business, quoted as often as JSON stands in JSON. */
const FIELD =
  /(\\*)"[\w-]{0,40}(?:pass|secret|token|pem|private|credential|ha1|psk|claim|authorization|pin\b)[\w-]{0,40}\1"\s*:\s*\1"/gi;

/** The message with stars in the place of secrets. As long as it was, so that every length in it still holds. */
export function masked(traced: Traced): Traced {
  const bytes = Buffer.from(traced.bytes);
  switch (traced.kind) {
    case 'sip':
      maskSip(bytes);
      return { ...traced, bytes };
    case 'mqtt':
      maskMqtt(bytes);
      return { ...traced, bytes };
    case 'rtp':
    case 'dhcp':
      return traced;
  }
}

function maskSip(bytes: Buffer): void {
  // Latin 1: one character a byte, so that places in the text are places in the message.
  const text = bytes.toString('latin1', 0, READ_MOST);
  bytes.fill(STAR, READ_MOST);
  const blank = /\r?\n\r?\n/.exec(text);
  const head = blank === null ? text : text.slice(0, blank.index);
  let at = 0;
  let proving = false;
  for (const line of head.split('\n')) {
    // A line that begins with a blank goes on with the header above it (RFC 3261 §7.3.1).
    if (!/^[ \t]/.test(line)) proving = PROVING.test(line);
    if (proving) maskProof(bytes, line, at);
    at += line.length + 1;
  }
  const body = text.slice(head.length);
  for (const found of body.matchAll(SRTP_KEY)) {
    const from = head.length + found.index + found[0].length - (found[1] ?? '').length;
    bytes.fill(ZERO_BASE64, from, from + (found[1] ?? '').length);
  }
  for (const found of body.matchAll(IN_BODY)) {
    blacken(bytes, head.length + found.index + found[0].length - (found[1] ?? '').length, found[1]);
  }
}

function maskProof(bytes: Buffer, line: string, at: number): void {
  for (const found of line.matchAll(PROOF)) {
    const quote = found[1] ?? '';
    const value = found[2] ?? '';
    blacken(bytes, at + found.index + found[0].length - quote.length - value.length, value);
  }
  const basic = BASIC.exec(line);
  if (basic !== null) blacken(bytes, at + basic.index + basic[0].length - (basic[1] ?? '').length, basic[1]);
}

function maskMqtt(bytes: Buffer): void {
  bytes.fill(STAR, READ_MOST);
  const password = packetTypeOf(bytes) === CONNECT ? connectPasswordAt(bytes) : undefined;
  if (password !== undefined) bytes.fill(STAR, password.from, password.to);
  const text = bytes.toString('latin1', 0, READ_MOST);
  for (const found of text.matchAll(FIELD)) {
    const from = found.index + found[0].length;
    bytes.fill(STAR, from, endOfText(text, from, (found[1] ?? '').length));
  }
}

/** Where a JSON text ends whose quotes have `depth` backslashes before them; a quote with more of them belongs to the text. */
function endOfText(text: string, from: number, depth: number): number {
  const most = Math.min(text.length, from + VALUE_MOST);
  for (let at = text.indexOf('"', from); at >= 0 && at < most; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (at - slashes - 1 >= from && text[at - slashes - 1] === '\\') slashes++;
    if (slashes === depth) return at - depth;
  }
  return most;
}

function blacken(bytes: Buffer, from: number, value: string | undefined): void {
  bytes.fill(STAR, from, from + (value ?? '').length);
}

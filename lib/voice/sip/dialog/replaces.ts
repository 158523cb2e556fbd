import type { DialogId, ReferOptions } from '../api.ts';
import { parseNameAddr } from '../codec/name-addr.ts';
import { parseParams } from '../codec/params.ts';
import { unescapeUri } from '../codec/text.ts';

/** What a Replaces header names, from our side (RFC 3891 §3), and whether the dialog must still be early. */
export interface Replaced extends DialogId {
  readonly earlyOnly: boolean;
}

/** Longer is no dialog of anybody. */
const LONGEST = 1_000;

/** Reads `callid;to-tag=ours;from-tag=theirs[;early-only]`; undefined when it is malformed. */
export function parseReplaces(value: string): Replaced | undefined {
  const semicolon = value.indexOf(';');
  if (semicolon < 1 || value.length > LONGEST) return undefined;
  const params = parseParams(value.slice(semicolon));
  const [localTag, remoteTag] = [params?.get('to-tag'), params?.get('from-tag')];
  if (params === undefined || localTag === undefined || remoteTag === undefined) return undefined;
  const callId = value.slice(0, semicolon).trim();
  return { callId, localTag, remoteTag, earlyOnly: params.has('early-only') };
}

/** As the peer of a dialog has to write it: its local side is our remote one. */
export function writeReplaces({ callId, localTag, remoteTag }: DialogId): string {
  return `${callId};to-tag=${remoteTag};from-tag=${localTag}`;
}

/** Where a Refer-To leads. */
export interface ReferTarget {
  /** Without the headers that came in it. */
  readonly uri: string;
  /** The Replaces header for the new INVITE, as it stands. */
  readonly replaces: string | undefined;
}

/** Reads a Refer-To header (RFC 3515 §2.1, RFC 3891 §6.1); undefined when it is malformed or not a call. */
export function parseReferTo(header: string): ReferTarget | undefined {
  if (header.length > 2 * LONGEST) return undefined;
  const address = parseNameAddr(header);
  if (address === undefined || address.uri.kind === 'other') return undefined;
  const { uri } = address;
  const text = uri.text;
  if (uri.kind === 'tel' || uri.headers === '') return { uri: text, replaces: undefined };
  let replaces: string | undefined;
  for (const part of uri.headers.split('&')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).toLowerCase() === 'replaces') {
      replaces = unescapeUri(part.slice(equals + 1));
    }
  }
  const method = uri.params.get('method')?.toUpperCase();
  if (method !== undefined && method !== 'INVITE') return undefined;
  return { uri: text.slice(0, text.indexOf('?')), replaces };
}

/**
 * The Refer-To of a REFER of ours. For a call of ours that is to be replaced: its peer's address, with the Replaces that
 * the referred party sends to it, which names the dialog as that peer sees it.
 */
export function writeReferTo(to: ReferOptions['to']): string | undefined {
  if ('uri' in to) return `<${to.uri}>`;
  const id = to.replaces.dialogId?.();
  const target = to.target ?? to.replaces.snapshot()?.remoteTarget;
  if (id === undefined || target === undefined) return undefined;
  const question = target.indexOf('?');
  const plain = question < 0 ? target : target.slice(0, question);
  return `<${plain}?Replaces=${escapeHeader(writeReplaces(id))}>`;
}

/** Everything but unreserved characters escaped (RFC 3261 §19.1.1). */
function escapeHeader(text: string): string {
  let out = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte);
    const plain =
      (byte >= 48 && byte <= 57) ||
      (byte >= 65 && byte <= 90) ||
      (byte >= 97 && byte <= 122) ||
      '-_.!~*()'.includes(char);
    out += plain ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

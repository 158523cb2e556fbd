/** Where a REFER wants a call to go. */
export type ReferTarget =
  /** To somebody who is to be called (blind transfer). */
  | { readonly to: 'number'; readonly digits: string }
  /** To whoever is in another call of the phone (attended transfer). */
  | { readonly to: 'call'; readonly replaces: ReplacesName };

/** A dialog as a Replaces header names it; `tags` are both, or none where a phone leaves them out. */
export interface ReplacesName {
  readonly callId: string;
  readonly tags: readonly string[];
}

const LONGEST = 1_000;

/** Reads a Refer-To header (RFC 3515 §2.1, RFC 3891 §6); undefined when it is nothing that can be called from here. */
export function readReferTo(header: string): ReferTarget | undefined {
  if (header.length > LONGEST) return undefined;
  const open = header.indexOf('<');
  const close = header.indexOf('>', open + 1);
  const uri = (open < 0 ? header : header.slice(open + 1, close < 0 ? undefined : close)).trim();
  const question = uri.indexOf('?');
  const headers = question < 0 ? '' : uri.slice(question + 1);
  for (const part of headers.split('&')) {
    const equals = part.indexOf('=');
    if (equals < 0 || part.slice(0, equals).toLowerCase() !== 'replaces') continue;
    const replaces = readReplaces(plain(part.slice(equals + 1)));
    return replaces === undefined ? undefined : { to: 'call', replaces };
  }
  const digits = dialledOf(question < 0 ? uri : uri.slice(0, question));
  return digits === undefined ? undefined : { to: 'number', digits };
}

/** A Replaces value (RFC 3891 §6.1). */
export function readReplaces(value: string | undefined): ReplacesName | undefined {
  if (value === undefined || value.length > LONGEST) return undefined;
  const [callId = '', ...params] = value.split(';').map((part) => part.trim());
  if (callId === '' || callId.length > 200) return undefined;
  const tags = params.flatMap((part) => {
    const [name = '', tag = ''] = part.split('=');
    return ['to-tag', 'from-tag'].includes(name.toLowerCase()) && tag !== '' ? [tag] : [];
  });
  return { callId, tags };
}

/** What a phone has dialled: the user part of a SIP or tel URI, when it is digits. */
export function dialledOf(uri: string): string | undefined {
  const user = /^(?:sips?|tel):([^@;?]{1,100})/i.exec(uri)?.[1];
  const digits = plain(user ?? '')?.replace(/[-.()]/g, '');
  return digits !== undefined && /^[0-9*#]{1,32}$/.test(digits) ? digits : undefined;
}

function plain(escaped: string): string | undefined {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

import { CLASS, isDigits, runEnd } from './text.ts';
import { parseUri, type Uri } from './uri.ts';

/** First line of a message, or what is wrong with it and which status says so. */
export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: Uri }
  | { readonly kind: 'response'; readonly status: number; readonly phrase: string }
  | { readonly kind: 'badRequest'; readonly status: number; readonly say: string }
  | { readonly kind: 'noise' };

const VERSION = 'SIP/2.0';

/** Reads a Request-Line or Status-Line (RFC 3261 §7.1, §7.2): exactly one space between elements, none at the end. */
export function parseStartLine(line: string): StartLine {
  if (line.startsWith('SIP/') || line.slice(0, 4).toUpperCase() === 'SIP/') return parseStatusLine(line);
  const first = line.indexOf(' ');
  const methodEnd = runEnd(line, 0, CLASS.token);
  if (methodEnd === 0 || methodEnd !== first) return { kind: 'noise' };
  const last = line.lastIndexOf(' ');
  if (last === first) return bad(400, 'Request-Line is incomplete');
  if (!isVersion(line, last + 1)) {
    return line.slice(last + 1, last + 5).toUpperCase() === 'SIP/'
      ? bad(505, 'Version Not Supported')
      : bad(400, 'Request-Line is malformed');
  }
  const uri = parseUri(line.slice(first + 1, last));
  if (uri === undefined) return bad(400, 'Request-URI is malformed');
  if (uri.kind === 'sip' && uri.headers !== '') return bad(400, 'Request-URI carries headers');
  return { kind: 'request', method: line.slice(0, first), uri };
}

function bad(status: number, say: string): StartLine {
  return { kind: 'badRequest', status, say };
}

/** Whether the rest of the line is our version. Case does not count (RFC 3261 §7.1). */
function isVersion(line: string, from: number): boolean {
  return (
    line.length - from === VERSION.length &&
    (line.endsWith(VERSION) || line.slice(from).toUpperCase() === VERSION)
  );
}

function parseStatusLine(line: string): StartLine {
  const code = line.slice(8, 11);
  const separated = line.charAt(7) === ' ' && (line.length === 11 || line.charAt(11) === ' ');
  const ours = line.startsWith(VERSION) || line.slice(0, 7).toUpperCase() === VERSION;
  if (!ours || !separated || !isDigits(code)) return { kind: 'noise' };
  const status = Number(code);
  return !(status >= 100 && status <= 699)
    ? { kind: 'noise' }
    : { kind: 'response', status, phrase: line.slice(12) };
}

import type { RequestDraft, ResponseDraft } from './message.ts';

/** A request as bytes. */
export function writeRequest(draft: RequestDraft): Buffer {
  return write(`${draft.method} ${clean(draft.requestUri)} SIP/2.0`, draft.headers, draft.body);
}

/** A response as bytes. */
export function writeResponse(draft: ResponseDraft): Buffer {
  return write(`SIP/2.0 ${draft.status} ${clean(draft.phrase)}`, draft.headers, draft.body);
}

/** Strings leave as UTF-8, and Content-Length counts bytes, not characters. */
function write(startLine: string, headers: RequestDraft['headers'], bodyText: string | undefined): Buffer {
  const body = Buffer.from(bodyText ?? '', 'utf8');
  let head = `${startLine}\r\n`;
  for (const [name, value] of headers) head += `${name}: ${clean(value)}\r\n`;
  const typed = headers.some(([name]) => name.toLowerCase() === 'content-type');
  if (body.length > 0 && !typed) head += 'Content-Type: application/sdp\r\n';
  head += `Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'utf8'), body]);
}

/** Nothing that came from outside may start a header line of its own. */
function clean(value: string): string {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code < 32 || code === 127) return cleanSlowly(value);
  }
  return value;
}

function cleanSlowly(value: string): string {
  let out = '';
  for (const char of value) out += char < ' ' || char === '\x7f' ? ' ' : char;
  return out;
}

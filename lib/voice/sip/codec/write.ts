import type { RequestDraft, ResponseDraft } from './message.ts';
import { CODE } from './text.ts';

/** A request as bytes. */
export function writeRequest(draft: RequestDraft): Buffer {
  return write(`${draft.method} ${draft.requestUri} SIP/2.0`, draft.headers, draft.body ?? '');
}

/** A response as bytes. */
export function writeResponse(draft: ResponseDraft): Buffer {
  return write(`SIP/2.0 ${draft.status} ${draft.phrase}`, draft.headers, draft.body ?? '');
}

/** Strings leave as UTF-8, and Content-Length counts bytes, not characters. */
function write(startLine: string, headers: RequestDraft['headers'], body: string): Buffer {
  const bodyBytes = body === '' ? 0 : Buffer.byteLength(body);
  const out = Buffer.from(headOf(startLine, headers, bodyBytes, plain) + body);
  // Nothing that came from outside may start a header line of its own. Nearly always nothing wants to, so the bytes are
  // counted once instead of every value being looked through.
  const lines = headers.length + (bodyBytes > 0 && !isTyped(headers) ? 4 : 3);
  return controlsIn(out, out.length - bodyBytes) === 2 * lines
    ? out
    : Buffer.from(headOf(startLine, headers, bodyBytes, clean) + body);
}

function headOf(
  startLine: string,
  headers: RequestDraft['headers'],
  bodyBytes: number,
  safe: (value: string) => string,
): string {
  let head = `${safe(startLine)}\r\n`;
  for (const [name, value] of headers) head += `${safe(name)}: ${safe(value)}\r\n`;
  if (bodyBytes > 0 && !isTyped(headers)) head += 'Content-Type: application/sdp\r\n';
  return `${head}Content-Length: ${bodyBytes}\r\n\r\n`;
}

function isTyped(headers: RequestDraft['headers']): boolean {
  return headers.some(
    ([name]) => name === 'Content-Type' || (name.length === 12 && name.toLowerCase() === 'content-type'),
  );
}

function controlsIn(bytes: Buffer, end: number): number {
  let count = 0;
  for (let at = 0; at < end; at++) {
    const code = bytes[at] ?? 0;
    if (code < CODE.space || code === 127) count++;
  }
  return count;
}

const plain = (value: string): string => value;

function clean(value: string): string {
  let out = '';
  for (const char of value) out += char < ' ' || char === '\x7f' ? ' ' : char;
  return out;
}

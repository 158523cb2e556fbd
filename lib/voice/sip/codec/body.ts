import { SIP_LIMITS } from '../limits.ts';
import { CONTENT_DISPOSITION, CONTENT_TYPE, type Disposition, type MediaType } from './fields/content.ts';
import { headEnd, splitHead } from './head.ts';
import { Headers } from './headers.ts';

/** One body of a message: the only one, or one part of a multipart body (RFC 5621). */
export interface BodyPart {
  readonly type: MediaType;
  readonly disposition: Disposition | undefined;
  /** Headers of the part; of a body that is not multipart, those of the message. */
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** How deep multiparts may lie in each other. */
const DEPTH = 3;
/** Longest boundary, RFC 2046 §5.1.1. */
const BOUNDARY_CHARS = 70;
const DASHES = '--';
/** What a part is that does not say it, RFC 2046 §5.1. */
const PLAIN_TEXT: MediaType = { type: 'text/plain', params: new Map([['charset', 'us-ascii']]) };

/**
 * All bodies of a message in their order, multiparts unpacked; none when it has no body. `'malformed'` when a part is not
 * closed, when a header of one is broken, or beyond the limits: {@link SIP_LIMITS}.bodyParts parts, three levels.
 */
export function bodyParts(message: {
  readonly headers: Headers;
  readonly body: Buffer;
}): readonly BodyPart[] | 'malformed' {
  if (message.body.length === 0) return [];
  const out: BodyPart[] = [];
  return collect(message.headers, message.body, 0, out) ? out : 'malformed';
}

function collect(headers: Headers, bytes: Buffer, depth: number, out: BodyPart[]): boolean {
  const read = headers.read(CONTENT_TYPE);
  const disposition = headers.read(CONTENT_DISPOSITION);
  if (read === 'malformed' || disposition === 'malformed') return false;
  const type = read ?? PLAIN_TEXT;
  if (!type.type.startsWith('multipart/')) {
    out.push({ type, disposition, headers, bytes });
    return out.length <= SIP_LIMITS.bodyParts;
  }
  const boundary = type.params.get('boundary') ?? '';
  if (boundary === '' || boundary.length > BOUNDARY_CHARS || depth >= DEPTH) return false;
  const parts = cutParts(bytes, boundary);
  return parts?.every((part) => collectPart(part, depth, out)) === true;
}

function collectPart(part: Buffer, depth: number, out: BodyPart[]): boolean {
  // A part without headers begins with the empty line.
  if (part[0] === 13 && part[1] === 10) return collect(Headers.of([]), part.subarray(2), depth + 1, out);
  const end = headEnd(part, 0);
  if (end < 0) return false;
  const { lines, fault } = splitHead(Buffer.concat([START, part.subarray(0, end - 4)]));
  return fault === undefined && collect(new Headers(lines), part.subarray(end), depth + 1, out);
}

/** Stands where a message has its start line. */
const START = Buffer.from('part\r\n');

/** What lies between the boundary lines, or undefined when the last of them is missing (RFC 2046 §5.1.1). */
function cutParts(bytes: Buffer, boundary: string): Buffer[] | undefined {
  const line = `${DASHES}${boundary}`;
  const opening = Buffer.from(line);
  const following = Buffer.from(`\r\n${line}`);
  const out: Buffer[] = [];
  // What stands before the first boundary is for readers who do not know multiparts.
  const first = bytes.subarray(0, opening.length).equals(opening) ? 0 : bytes.indexOf(following) + 2;
  if (first === 1) return undefined;
  let at = lineAfter(bytes, first + opening.length);
  while (at !== undefined && at !== 'last') {
    const end = bytes.indexOf(following, Math.max(0, at - 2));
    if (end < 0 || out.length >= SIP_LIMITS.bodyParts) return undefined;
    out.push(bytes.subarray(at, Math.max(at, end)));
    at = lineAfter(bytes, end + following.length);
  }
  return at === 'last' ? out : undefined;
}

/** Where the line behind a boundary begins: blanks may follow it, `--` says that it was the last. */
function lineAfter(bytes: Buffer, from: number): number | 'last' | undefined {
  if (bytes[from] === 45 && bytes[from + 1] === 45) return 'last';
  let at = from;
  while (bytes[at] === 32 || bytes[at] === 9) at++;
  return bytes[at] === 13 && bytes[at + 1] === 10 ? at + 2 : undefined;
}

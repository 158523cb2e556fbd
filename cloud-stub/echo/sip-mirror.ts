/** Longest request that is looked at, and the shortest that is worth an answer of several times its size. */
const MOST_BYTES = 4_096;
const LEAST_BYTES = 200;
const COPIED = /^(?:via|v|from|f|to|t|call-id|i|cseq)\s*:/i;

/**
 * The answer to a SIP request that holds the request itself, byte for byte, in base64, which no router on the way can read
 * and change: so a box learns what a SIP ALG made of what it sent. Undefined for what is no request.
 */
export function mirrorSip(
  bytes: Buffer,
  source: { readonly host: string; readonly port: number },
): Buffer | undefined {
  if (bytes.length < LEAST_BYTES || bytes.length > MOST_BYTES) return undefined;
  const text = bytes.toString('latin1');
  const blank = text.search(/\r?\n\r?\n/);
  const lines = (blank < 0 ? text : text.slice(0, blank)).split(/\r?\n/);
  const method = /^([A-Z]{3,20}) \S+ SIP\/2\.0$/.exec(lines[0] ?? '')?.[1];
  // An answer to an answer would go round for ever.
  if (method === undefined || method === 'ACK') return undefined;
  let stamped = false;
  const copied = lines.slice(1).flatMap((line) => {
    if (!COPIED.test(line)) return [];
    if (stamped || !/^v(?:ia)?\s*:/i.test(line)) return [line];
    stamped = true;
    return [stampOf(line, source)];
  });
  const body = Buffer.from(bytes).toString('base64');
  const head = [
    // An INVITE that was accepted would want an ACK and a BYE.
    method === 'OPTIONS' ? 'SIP/2.0 200 OK' : 'SIP/2.0 403 Only A Mirror',
    ...copied,
    `X-Engawa-Source: ${source.host}:${source.port}`,
    'Content-Type: application/octet-stream',
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** RFC 3261 §18.2.1 and RFC 3581 §4: where the request really came from. */
function stampOf(via: string, { host, port }: { readonly host: string; readonly port: number }): string {
  const ported = via.replace(/;rport(?=;|,|$)/i, `;rport=${port}`);
  return `${ported};received=${host}`;
}

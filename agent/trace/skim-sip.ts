/** What a person and a filter want to know of a SIP message. Absent: not there, or not readable. */
export interface SipSkim {
  /** `INVITE`, or of a response the method that it answers. */
  readonly method: string;
  /** Of a response. */
  readonly status?: number;
  readonly phrase?: string;
  readonly requestUser?: string;
  readonly fromUser?: string;
  readonly toUser?: string;
  readonly callId?: string;
  /** The call's id, which our own header carries on the trunk. */
  readonly call?: string;
  readonly hasSdp: boolean;
  /** Why it was refused or ended: the service's sentence, or the Reason header. */
  readonly why?: string;
}

/** Header lines that are looked at; what stands behind them is not needed to know whose a message is. */
const LINES_MOST = 100;
const HEAD_BYTES_MOST = 16_384;

const LONG_NAMES: Readonly<Record<string, string>> = {
  i: 'call-id',
  f: 'from',
  t: 'to',
  c: 'content-type',
};
const WANTED = new Set([
  'call-id',
  'from',
  'to',
  'cseq',
  'content-type',
  'reason',
  'x-engawa-call',
  'x-engawa-why',
]);

/**
 * Reads what a trace shows of a message. Takes any bytes: a message that our parser refuses is what somebody traces for.
 * Undefined for what has no start line of SIP.
 */
export function skimSip(bytes: Uint8Array): SipSkim | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD_BYTES_MOST)).toString(
    'utf8',
  );
  const [start = '', ...lines] = text.split(/\r?\n/, LINES_MOST);
  const response = /^SIP\/2\.0 (\d{3})(?: (.{0,200}))?$/.exec(start);
  const request = /^([A-Z]{2,20}) (\S{1,500}) SIP\/2\.0$/.exec(start);
  if (response === null && request === null) return undefined;
  const headers = headersOf(lines);
  const cseqMethod = /^\d+\s+([A-Z]{2,20})/.exec(headers.get('cseq') ?? '')?.[1];
  return {
    method: request?.[1] ?? cseqMethod ?? '?',
    ...(response === null ? {} : { status: Number(response[1]) }),
    ...given('phrase', response?.[2]),
    ...given('requestUser', userOf(request?.[2])),
    ...given('fromUser', userOf(headers.get('from'))),
    ...given('toUser', userOf(headers.get('to'))),
    ...given('callId', headers.get('call-id')?.slice(0, 200)),
    ...given('call', headers.get('x-engawa-call')?.slice(0, 80)),
    hasSdp: /^application\/sdp\b/i.test(headers.get('content-type') ?? ''),
    ...given('why', (headers.get('x-engawa-why') ?? headers.get('reason'))?.slice(0, 200)),
  };
}

/** The first of each header that is wanted, until the blank line. */
function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of lines) {
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon < 1 || colon > 40) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const long = LONG_NAMES[name] ?? name;
    if (WANTED.has(long) && !found.has(long)) found.set(long, line.slice(colon + 1).trim());
  }
  return found;
}

function userOf(text: string | undefined): string | undefined {
  return /\bsips?:([^@;>\s:]{1,64})[@:]/.exec((text ?? '').slice(0, 500))?.[1];
}

function given<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [Key in Name]?: string } {
  return (value === undefined || value === '' ? {} : { [name]: value }) as {
    readonly [Key in Name]?: string;
  };
}

import type { SipHeaders } from './api.ts';
import { bodyParts } from './codec/body.ts';
import { nameMask } from './codec/header-names.ts';
import { mediaType, type SipRequest, sdpOf } from './codec/message.ts';
import { ALLOW } from './session/core.ts';

/** A request that is sound but that we cannot serve, and what to say to it. */
export interface Objection {
  readonly status: number;
  readonly headers: SipHeaders;
}

const REQUIRED = nameMask('Require', 'Proxy-Require');
const ENCODED = nameMask('Content-Encoding');
const ACCEPTS = nameMask('Accept');
const ACCEPT = ['Accept', 'application/sdp'] as const;

/** The option tags that a request requires and that are not among `supported` (a list as in Supported). */
export function missingExtensions(request: SipRequest, supported: string): string[] {
  if (!request.headers.hasAny(REQUIRED)) return [];
  const required = [...request.headers.list('require'), ...request.headers.list('proxy-require')];
  const own = supported.split(', ');
  return required.filter((tag) => !own.includes(tag.toLowerCase()));
}

/**
 * What a user agent server checks of a request outside a dialog, in the order of RFC 3261 §8.2: method, Request-URI,
 * Require, content. Undefined when all is well. `supported` lists the extensions that we have.
 */
export function objectionTo(
  request: SipRequest,
  allow: string = ALLOW,
  supported = '',
): Objection | undefined {
  const { method } = request;
  if (method !== 'REGISTER' && !namesMethod(allow, method)) {
    return { status: KNOWN.has(method) ? 405 : 501, headers: [['Allow', allow]] };
  }
  if (request.requestUri.kind === 'other') return { status: 416, headers: [] };
  if (request.method === 'CANCEL') return undefined;
  const missing = missingExtensions(request, supported);
  if (missing.length > 0) return { status: 420, headers: [['Unsupported', missing.join(', ')]] };
  if (request.method === 'INVITE') return objectionToContent(request);
  return undefined;
}

/** Whether a list as in Allow names it; looked for where it stands, because each request asks. */
function namesMethod(allow: string, method: string): boolean {
  for (let at = allow.indexOf(method); at >= 0; at = allow.indexOf(method, at + 1)) {
    const end = at + method.length;
    const begins = at === 0 || allow.charAt(at - 1) === ' ';
    if (begins && (end === allow.length || allow.charAt(end) === ',')) return true;
  }
  return false;
}

/** Methods that exist but that we do not take: 405 rather than 501. */
const KNOWN: ReadonlySet<string> = new Set([
  'INFO',
  'MESSAGE',
  'NOTIFY',
  'PRACK',
  'PUBLISH',
  'REFER',
  'SUBSCRIBE',
]);

function objectionToContent(request: SipRequest): Objection | undefined {
  const { headers, body } = request;
  if (body.length > 0) {
    const encodings = headers.hasAny(ENCODED) ? headers.list('content-encoding') : [];
    const encoded = encodings.some((name) => name.toLowerCase() !== 'identity');
    if (encoded || !isUnderstood(request)) return { status: 415, headers: [ACCEPT] };
  }
  if (!headers.hasAny(ACCEPTS)) return undefined;
  const accepted = headers.list('accept').map((value) => mediaType(value));
  const some = accepted.some((type) => type !== undefined && SDP.has(type));
  return some ? undefined : { status: 406, headers: [ACCEPT] };
}

/** A description, and in a multipart body nothing beside it that must be understood (RFC 5621 §8.3). */
function isUnderstood(request: SipRequest): boolean {
  const { headers } = request;
  const plain = headers.get('content-type') === 'application/sdp';
  if (plain && headers.get('content-disposition') === undefined) return true;
  const parts = bodyParts(request);
  if (parts === 'malformed' || sdpOf(request) === undefined) return false;
  return parts.every(
    ({ type, disposition }) => type.type === 'application/sdp' || disposition?.handling === 'optional',
  );
}

const SDP: ReadonlySet<string> = new Set(['application/sdp', 'application/*', '*/*']);

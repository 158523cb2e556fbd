import type { SipHeaders } from './api.ts';
import { bodyParts } from './codec/body.ts';
import { mediaType, type SipRequest, sdpOf } from './codec/message.ts';
import { ALLOW } from './session/core.ts';

/** A request that is sound but that we cannot serve, and what to say to it. */
export interface Objection {
  readonly status: number;
  readonly headers: SipHeaders;
}

const ACCEPT = ['Accept', 'application/sdp'] as const;

/** The option tags that a request requires and that are not among `supported` (a list as in Supported). */
export function missingExtensions(request: SipRequest, supported: string): string[] {
  const required = [...request.headers.list('require'), ...request.headers.list('proxy-require')];
  if (required.length === 0) return required;
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
  if (method !== 'REGISTER' && !allow.split(', ').includes(method)) {
    return { status: KNOWN.has(method) ? 405 : 501, headers: [['Allow', allow]] };
  }
  if (request.requestUri.kind === 'other') return { status: 416, headers: [] };
  if (request.method === 'CANCEL') return undefined;
  const missing = missingExtensions(request, supported);
  if (missing.length > 0) return { status: 420, headers: [['Unsupported', missing.join(', ')]] };
  if (request.method === 'INVITE') return objectionToContent(request);
  return undefined;
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
    const encodings = headers.list('content-encoding').filter((name) => name.toLowerCase() !== 'identity');
    if (encodings.length > 0 || !isUnderstood(request)) return { status: 415, headers: [ACCEPT] };
  }
  const accepted = headers.list('accept').map((value) => mediaType(value));
  const some =
    headers.all('accept').length === 0 || accepted.some((type) => type !== undefined && SDP.has(type));
  return some ? undefined : { status: 406, headers: [ACCEPT] };
}

/** A description, and in a multipart body nothing beside it that must be understood (RFC 5621 §8.3). */
function isUnderstood(request: SipRequest): boolean {
  const parts = bodyParts(request);
  if (parts === 'malformed' || sdpOf(request) === undefined) return false;
  return parts.every(
    ({ type, disposition }) => type.type === 'application/sdp' || disposition?.handling === 'optional',
  );
}

const SDP: ReadonlySet<string> = new Set(['application/sdp', 'application/*', '*/*']);

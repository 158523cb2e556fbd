import { bodyParts } from '../../../../lib/voice/sip/codec/body.ts';
import {
  AUTHENTICATION_INFO,
  AUTHORIZATION,
  PROXY_AUTHENTICATE,
  PROXY_AUTHORIZATION,
  WWW_AUTHENTICATE,
} from '../../../../lib/voice/sip/codec/fields/auth.ts';
import { EXPIRES, MAX_FORWARDS, MIN_EXPIRES } from '../../../../lib/voice/sip/codec/fields/basics.ts';
import {
  ACCEPT,
  CONTENT_DISPOSITION,
  CONTENT_ENCODING,
  CONTENT_TYPE,
} from '../../../../lib/voice/sip/codec/fields/content.ts';
import { DATE } from '../../../../lib/voice/sip/codec/fields/date.ts';
import { EVENT, SUBSCRIPTION_STATE } from '../../../../lib/voice/sip/codec/fields/events.ts';
import type { Field } from '../../../../lib/voice/sip/codec/fields/field.ts';
import {
  ALERT_INFO,
  CALL_INFO,
  ERROR_INFO,
  REMOTE_PARTY_ID,
  RETRY_AFTER,
  WARNING,
} from '../../../../lib/voice/sip/codec/fields/guidance.ts';
import {
  DIVERSION,
  P_ASSERTED_IDENTITY,
  P_PREFERRED_IDENTITY,
  PRIVACY,
} from '../../../../lib/voice/sip/codec/fields/identity.ts';
import {
  ALLOW,
  ALLOW_EVENTS,
  PATH,
  PROXY_REQUIRE,
  RECORD_ROUTE,
  REQUIRE,
  ROUTE,
  SERVICE_ROUTE,
  SUPPORTED,
  UNSUPPORTED,
} from '../../../../lib/voice/sip/codec/fields/lists.ts';
import { RACK, RSEQ } from '../../../../lib/voice/sip/codec/fields/provisional.ts';
import { REASON } from '../../../../lib/voice/sip/codec/fields/reasons.ts';
import {
  REFER_SUB,
  REFER_TO,
  REFERRED_BY,
  REPLACES,
  TARGET_DIALOG,
} from '../../../../lib/voice/sip/codec/fields/refer.ts';
import { MIN_SE, SESSION_EXPIRES } from '../../../../lib/voice/sip/codec/fields/session-timer.ts';
import { nameId } from '../../../../lib/voice/sip/codec/header-names.ts';
import type { SipMessage } from '../../../../lib/voice/sip/codec/message.ts';
import type { NameAddr } from '../../../../lib/voice/sip/codec/name-addr.ts';
import type { Uri } from '../../../../lib/voice/sip/codec/uri.ts';
import { receivedOf } from '../../../../lib/voice/sip/codec/via.ts';

/** Every header that the core reads beyond those that stand in the message itself. */
export const FIELDS: readonly Field<unknown>[] = [
  ...[ACCEPT, ALERT_INFO, ALLOW, ALLOW_EVENTS, AUTHENTICATION_INFO, AUTHORIZATION, CALL_INFO],
  ...[CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, DATE, DIVERSION, ERROR_INFO, EVENT, EXPIRES],
  ...[MAX_FORWARDS, MIN_EXPIRES, MIN_SE, P_ASSERTED_IDENTITY, P_PREFERRED_IDENTITY, PATH, PRIVACY],
  ...[PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, PROXY_REQUIRE, RACK, REASON, RECORD_ROUTE, REFER_SUB],
  ...[REFER_TO, REFERRED_BY, REMOTE_PARTY_ID, REPLACES, REQUIRE, RETRY_AFTER, ROUTE, RSEQ, SERVICE_ROUTE],
  ...[SESSION_EXPIRES, SUBSCRIPTION_STATE, SUPPORTED, TARGET_DIALOG, UNSUPPORTED, WARNING, WWW_AUTHENTICATE],
];

/** Read by the message itself, or of no content but text. */
const ELSEWHERE = ['via', 'from', 'to', 'contact', 'call-id', 'cseq', 'content-length'];

/** Everything that was understood of a message, as plain JSON: the start line, every header, every body. */
export function wholeMessage(message: SipMessage): object {
  const known = FIELDS.filter(({ name }) => message.headers.all(name).length > 0);
  const fields = known.map((field) => [field.name, plain(message.headers.read(field))] as const);
  const taken = new Set([...ELSEWHERE, ...known.map(({ name }) => name)].map(nameId));
  const text = message.headers.entries.filter(([name]) => !taken.has(nameId(name)));
  const parts = bodyParts(message);
  return {
    ...(message.kind === 'request'
      ? { method: message.method, requestUri: plainUri(message.requestUri) }
      : { status: message.status, phrase: message.phrase }),
    vias: message.vias.map((via) => ({
      transport: via.transport,
      host: via.host,
      ...(via.port === undefined ? {} : { port: via.port }),
      ...(receivedOf(via) === undefined ? {} : { receivedFrom: receivedOf(via) }),
      params: plain(via.params),
    })),
    from: plainAddress(message.from),
    to: plainAddress(message.to),
    callId: message.callId,
    cseq: message.cseq,
    contacts: message.contactStar ? '*' : message.contacts.map(plainAddress),
    fields: Object.fromEntries(fields),
    text,
    body:
      parts === 'malformed'
        ? parts
        : parts.map(({ type, bytes }) => ({ type: type.type, bytes: bytes.length })),
  };
}

function plainAddress({ display, uri, params }: NameAddr): object {
  return { ...(display === '' ? {} : { display }), ...plainUri(uri), params: plain(params) };
}

function plainUri(uri: Uri): object {
  switch (uri.kind) {
    case 'sip': {
      const { secure, user, host, port, params, headers } = uri;
      return { uri: secure ? 'sips' : 'sip', user, host, port, uriParams: plain(params), headers };
    }
    case 'tel':
      return { uri: 'tel', number: uri.number, uriParams: plain(uri.params) };
    case 'other':
      return { uri: uri.scheme, text: uri.text };
  }
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('uri' in value && 'display' in value && 'params' in value) return plainAddress(value as NameAddr);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

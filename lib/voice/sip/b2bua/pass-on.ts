import type { InviteFacts, SipHeaders } from '../api.ts';

/** Never passed on, whoever asks for it: what belongs to one leg, one hop or one transaction. */
const OWN: ReadonlySet<string> = new Set([
  'via',
  'from',
  'to',
  'call-id',
  'cseq',
  'contact',
  'route',
  'record-route',
  'max-forwards',
  'content-length',
  'content-type',
  'authorization',
  'proxy-authorization',
  'require',
  'proxy-require',
  'supported',
  'allow',
  'replaces',
  'session-expires',
  'min-se',
  'rseq',
  'rack',
  'user-agent',
  'server',
  'record-route',
]);
const VALUES = 16;
const LONGEST = 1_000;

/** The headers of an INVITE that may go on to the other leg: those on the list, at most 16 values, none too long. */
export function passOn(invite: Pick<InviteFacts, 'header'>, allowed: readonly string[]): SipHeaders {
  const out: [string, string][] = [];
  for (const name of allowed) {
    if (OWN.has(name.toLowerCase())) continue;
    for (const value of invite.header(name)) {
      if (out.length < VALUES && value.length <= LONGEST) out.push([name, value]);
    }
  }
  return out;
}

/** Hops left to a call that goes on; undefined when there are none: 483 (RFC 3261 §16.3). */
export function hopsAfter(invite: Pick<InviteFacts, 'maxForwards'>): number | undefined {
  const left = (invite.maxForwards ?? 70) - 1;
  return left < 0 ? undefined : left;
}

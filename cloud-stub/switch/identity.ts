import type { CallId } from '../../lib/base/ids.ts';
import { CALL_HEADER, CALLED_NUMBER_HEADER } from '../../lib/contract/sip-headers.ts';
import type { InviteFacts, SipHeaders } from '../../lib/voice/sip/api.ts';
import { asksForPrivacy, REASON_NAMES, reasonNamed } from '../../lib/voice/sip/identity/absence.ts';
import {
  TRUSTED_TRUNK,
  type TrunkProfile,
  towardsTrunk,
} from '../../lib/voice/sip/identity/trunk-profile.ts';
import type { NetworkPlan } from '../routing/types.ts';
import { networkWord } from './network-word.ts';

/** Who calls, as the trusted trunk of the telephone network tells it. */
export interface CallerIdentity {
  /** National number from P-Asserted-Identity (RFC 3325), else from From; empty when there is none. */
  readonly number: string;
  readonly withheld: boolean;
  /** Calls from a public phone: shown as such, with or without its number. */
  readonly payphone: boolean;
  /** Reason for a missing number, which Japanese networks put into the display name: `Anonymous`, `Coin line/payphone`, … */
  readonly display: string;
}

const TEXT_LIMIT = 64;

/** The user part of a `sip:`, `sips:` or `tel:` URI, without visual separators; empty when there is none. */
export function userOf(uri: string): string {
  const colon = uri.indexOf(':');
  if (colon < 0 || uri.length > 512) return '';
  const at = uri.indexOf('@');
  const isTel = uri.slice(0, colon).toLowerCase() === 'tel';
  if (at < 0 && !isTel) return '';
  const user = uri.slice(colon + 1, at < 0 ? uri.length : at).split(';', 1)[0] ?? '';
  return dialable(user);
}

/** Keeps what can be dialled, at most {@link TEXT_LIMIT} characters; `+81` becomes the national `0`. */
export function dialable(text: string): string {
  let out = '';
  for (const char of text.slice(0, TEXT_LIMIT)) if ('0123456789*#+'.includes(char)) out += char;
  return out.startsWith('+81') ? `0${out.slice(3)}` : out;
}

/** Who calls from the telephone network. */
export function callerOf(invite: InviteFacts): CallerIdentity {
  const asserted = invite.header('P-Asserted-Identity')[0];
  const display = plainText(invite.fromDisplay);
  // With two of the reasons nobody asked to be hidden, although From is anonymous.
  const reason = reasonNamed(display);
  const anonymous = invite.fromUser.toLowerCase() === 'anonymous' && reason !== 'O' && reason !== 'S';
  const withheld = anonymous || asksForPrivacy(invite);
  return {
    number: asserted === undefined ? dialable(invite.fromUser) : userOf(inBrackets(asserted)),
    withheld,
    payphone: networkWord(invite)?.callerClass === 'payphone',
    display,
  };
}

/** The number that a device asks to show in this call (RFC 3325 §9.2); undefined when it asks for none. [S0-089] */
export function preferredOf(invite: Pick<InviteFacts, 'header'>): string | undefined {
  const preferred = invite.header('P-Preferred-Identity')[0];
  const number = preferred === undefined ? '' : userOf(inBrackets(preferred));
  return number === '' ? undefined : number;
}

function inBrackets(value: string): string {
  const from = value.indexOf('<');
  const to = value.indexOf('>', from);
  return from >= 0 && to > from ? value.slice(from + 1, to) : value.trim();
}

function plainText(text: string): string {
  let out = '';
  for (const char of text.slice(0, TEXT_LIMIT)) if (char >= ' ' && char !== '"' && char !== '\\') out += char;
  return out.trim();
}

/** Where the telephone network is, and what its trunk wants of a call. */
export interface TrunkPlace {
  readonly host: string;
  readonly port: number;
  /** Default {@link TRUSTED_TRUNK}. */
  readonly profile?: TrunkProfile;
}

/** From, To and headers of an INVITE that the switch sends. */
export interface OutgoingIdentity {
  readonly requestUri: string;
  readonly from: { readonly uri: string; readonly display?: string };
  readonly toUri: string;
  readonly headers: SipHeaders;
}

const ANONYMOUS = 'sip:anonymous@anonymous.invalid';
/** Nobody hides, but no number came along (3GPP TS 29.163 §7.2). */
const UNAVAILABLE = 'sip:unavailable@unknown.invalid';

/**
 * The INVITE to the telephone network. 184 makes From anonymous and asks for privacy, while the asserted identity
 * stays, because the trunk is trusted (RFC 3323, RFC 3325). Nothing of the gateway's own INVITE is carried over.
 */
export function towardsNetwork(
  plan: Pick<NetworkPlan, 'number' | 'presents' | 'withheld'> & Partial<Pick<NetworkPlan, 'emergency'>>,
  domain: string,
  carrier: TrunkPlace,
): OutgoingIdentity {
  const { number: called, presents, withheld, emergency = false } = plan;
  const profile = carrier.profile ?? TRUSTED_TRUNK;
  return towardsTrunk(profile, { called, presents, withheld, emergency, domain, to: carrier });
}

/**
 * The INVITE to one ID's device: who calls, which number was called, and the call's id. [S0-056] Of a missing number the
 * device learns the reason as SIP has it: withheld by anonymous and `Privacy: id`, not known by `unavailable`, a public
 * phone by `cpc=payphone` (3GPP TS 24.229 §7.2A.12). The name of one who hides is not passed on.
 */
export function towardsMember(
  call: CallId,
  member: string,
  called: string,
  caller: CallerIdentity,
  domain: string,
): OutgoingIdentity {
  const { number, withheld, payphone } = caller;
  const shown = !withheld && number !== '';
  const who = shown ? `sip:${number}@${domain}` : withheld ? ANONYMOUS : UNAVAILABLE;
  const category = payphone ? ';cpc=payphone' : '';
  const conflict = reasonNamed(caller.display) === 'S' ? 'S' : 'O';
  const reason = payphone ? 'C' : withheld ? 'P' : conflict;
  const display = shown ? caller.display : REASON_NAMES[reason];
  return {
    requestUri: `sip:${member}@${domain}`,
    from: {
      uri: `${who}${category}${shown ? ';user=phone' : ''}`,
      ...(display === '' ? {} : { display }),
    },
    toUri: `sip:${called}@${domain};user=phone`,
    headers: [
      [CALL_HEADER, call],
      [CALLED_NUMBER_HEADER, called],
      ...(withheld ? ([['Privacy', 'id']] as const) : []),
    ],
  };
}

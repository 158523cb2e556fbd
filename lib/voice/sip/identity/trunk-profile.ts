import type { InviteOptions, ReliableHabit, SessionTimerHabit, SipHeaders } from '../api.ts';
import { REASON_NAMES } from './absence.ts';

/** What one carrier's trunk wants of a call. Carriers differ: each trunk has a profile of its own. */
export interface TrunkProfile {
  readonly name: string;
  /**
   * Where the number stands that the carrier charges and shows (RFC 3325): `asserted` on a trusted trunk, `preferred` where
   * the carrier checks it first, `from` where it reads nothing else.
   */
  readonly identity: 'asserted' | 'preferred' | 'from';
  /** `user=phone` in the Request-URI, To and the caller's URIs (RFC 3261 §19.1.1). */
  readonly userPhone: boolean;
  /** 0355550123, +81355550123 in a SIP URI, or a `tel:` URI (RFC 3966). */
  readonly numbers: 'national' | 'global' | 'tel';
  /** The reason of a number that is not shown goes into the display name, as Japanese networks have it. */
  readonly reasons: boolean;
  readonly reliable: ReliableHabit;
  readonly sessionTimer?: SessionTimerHabit;
}

/** A trusted trunk of a Japanese carrier; options of RFCs only, no claim to JJ-90.30. */
export const TRUSTED_TRUNK: TrunkProfile = {
  name: 'trusted',
  identity: 'asserted',
  userPhone: true,
  numbers: 'national',
  reasons: true,
  reliable: 'supported',
  sessionTimer: { expiresS: 1_800 },
};

/** A trunk over the open net: the carrier believes nothing, and looks the caller up by its account. */
export const OPEN_TRUNK: TrunkProfile = {
  name: 'open',
  identity: 'preferred',
  userPhone: false,
  numbers: 'global',
  reasons: false,
  reliable: 'off',
  sessionTimer: { expiresS: 1_800 },
};

/** A call that goes out over a trunk. */
export interface TrunkCall {
  /** National number. */
  readonly called: string;
  /** National number that is shown; empty when there is none. */
  readonly presents: string;
  /** 184, or the line's habit. Taken note of at one place; an emergency call shows its number all the same. */
  readonly withheld: boolean;
  readonly emergency: boolean;
  /** SIP domain of the numbers. */
  readonly domain: string;
  readonly to: { readonly host: string; readonly port: number };
}

/** From, To and headers of the INVITE. */
export type TrunkIdentity = Pick<InviteOptions, 'requestUri' | 'from' | 'toUri'> & {
  readonly headers: SipHeaders;
};

const ANONYMOUS = 'sip:anonymous@anonymous.invalid';

/**
 * The INVITE as a trunk wants it. A withheld number leaves From (RFC 3323 §4.1.1.3) and asks for privacy, while a trusted trunk
 * is still told it (RFC 3325). 110, 118 and 119 are never anonymous.
 */
export function towardsTrunk(profile: TrunkProfile, call: TrunkCall): TrunkIdentity {
  const { called, presents, emergency, domain, to } = call;
  const withheld = call.withheld && !emergency;
  const hidden = withheld || presents === '';
  const own = uriOf(profile, presents, domain);
  const headers: [string, string][] = [];
  if (presents !== '' && profile.identity === 'asserted') headers.push(['P-Asserted-Identity', `<${own}>`]);
  if (presents !== '' && profile.identity === 'preferred') headers.push(['P-Preferred-Identity', `<${own}>`]);
  if (withheld) headers.push(['Privacy', 'id']);
  const name = profile.reasons ? { display: REASON_NAMES.P } : {};
  return {
    requestUri: uriOf(profile, called, `${to.host}:${to.port}`),
    // Where From is all that is read, it stays: the carrier hides it, as Privacy asks.
    from:
      hidden && !(profile.identity === 'from' && presents !== '')
        ? { uri: ANONYMOUS, ...name }
        : { uri: own },
    toUri: uriOf(profile, called, to.host),
    headers,
  };
}

function uriOf({ numbers, userPhone }: TrunkProfile, number: string, host: string): string {
  const global = numbers !== 'national' && isFull(number) ? `+81${number.slice(1)}` : number;
  if (numbers === 'tel' && global.startsWith('+')) return `tel:${global}`;
  return `sip:${global}@${host}${userPhone ? ';user=phone' : ''}`;
}

/** Ten or eleven digits with a leading zero; short numbers (110) and 0570 have no form that the world knows. */
function isFull(number: string): boolean {
  return /^0[1-9][0-9]{8,9}$/.test(number) && !number.startsWith('0570');
}

import { EMERGENCY_NUMBERS } from '../../lib/contract/check-site-config.ts';
import type { InviteFacts } from '../../lib/voice/sip/api.ts';
import { absenceOf, type OfficeState, phoneOf, placesOf } from '../calls/index.ts';
import { canBeTaken } from './lamps.ts';
import { dialledOf, readReplaces } from './refer-target.ts';

/** What a phone wants: somebody or something by digits, or a call by its name. */
export type Request = { readonly digits: string } | { readonly leg: string };

/** Why an INVITE of a phone becomes nothing. */
export interface Refusal {
  readonly status: number;
  readonly cause: number;
  readonly text: string;
}

/** What a phone's INVITE is to become, and on which of its places. `busy`: the place has a call of a phone. */
export function admit(
  invite: InviteFacts,
  account: string | undefined,
  state: OfficeState,
  busy: (port: number) => boolean,
): { readonly port: number; readonly wants: Request } | Refusal {
  const phone = account === undefined ? undefined : phoneOfExtension(state, account);
  if (phone === undefined) {
    return { status: 403, cause: 21, text: 'no phone of this office has this account' };
  }
  const replaces = invite.header('Replaces')[0];
  const wants = replaces === undefined ? digitsOf(invite, state) : takenBy(state, replaces);
  if (wants === undefined) {
    const status = replaces === undefined ? 404 : 481;
    return { status, cause: 1, text: 'there is nothing to be called' };
  }
  if (!state.ready || !state.mediaUp) {
    return { status: 503, cause: 41, text: 'no calls can be made now' };
  }
  // Whether it is encrypted as it must be, is looked at with the call's own keys.
  if (invite.sdp === undefined || !/^m=audio /m.test(invite.sdp)) {
    return { status: 488, cause: 88, text: 'the offer has no audio that this box speaks' };
  }
  const port = placesOf(phone).find((each) => isFree(state, each) && !busy(each));
  return port === undefined
    ? { status: 486, cause: 17, text: 'the phone has as many calls as it can' }
    : { port, wants };
}

/** Whether the phone calls 110, 118 or 119, with 184 or 186 in front or without. */
export function isEmergency({ requestUri }: Pick<InviteFacts, 'requestUri'>): boolean {
  const digits = dialledOf(requestUri)?.replace(/^(18[46])+/, '');
  return digits !== undefined && EMERGENCY_NUMBERS.includes(digits);
}

/** What is dialled. A phone that is set to call anonymously hides its number as 184 does, where nothing else was dialled. */
function digitsOf(invite: InviteFacts, state: OfficeState): Request | undefined {
  const digits = dialledOf(invite.requestUri);
  if (digits === undefined) return undefined;
  const anonymous = absenceOf(invite) === 'P' && /^0/.test(digits) && state.config !== undefined;
  return { digits: anonymous ? `184${digits}` : digits };
}

function takenBy(state: OfficeState, replaces: string): Request | undefined {
  const leg = readReplaces(replaces)?.callId;
  return leg !== undefined && canBeTaken(state, leg) ? { leg } : undefined;
}

function isFree(state: OfficeState, port: number): boolean {
  const place = state.ports.get(port);
  return place?.line.at === 'onHook' && place.desk.at === 'none' && !place.leaving;
}

function phoneOfExtension(state: OfficeState, extension: string): number | undefined {
  for (const [port, { phone, leaving }] of state.ports) {
    if (phone?.extension === extension && !leaving) return phoneOf(port);
  }
  return undefined;
}

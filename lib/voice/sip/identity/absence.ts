import type { AbsenceReason } from '../../../dsp/number-display/message.ts';
import type { InviteFacts } from '../api.ts';

/** The reasons for a missing number, as Japanese networks write them into the display name of From. */
export const REASON_NAMES: Readonly<Record<AbsenceReason, string>> = {
  P: 'Anonymous',
  O: 'Unavailable',
  S: 'Interaction with other service',
  C: 'Coin line/payphone',
};

/** Longer is no reason of a network's. */
const LONGEST = 512;
/** Words of the Privacy header that ask for the caller not to be shown (RFC 3323 §4.2, RFC 3325 §9.3). */
const WITHHELD = ['id', 'user', 'header'];
const REASONS: readonly AbsenceReason[] = ['P', 'O', 'S', 'C'];

/** The reason that a display name gives; undefined when it is a name like any other. */
export function reasonNamed(display: string): AbsenceReason | undefined {
  const name = display.trim().toLowerCase();
  return REASONS.find((reason) => REASON_NAMES[reason].toLowerCase() === name);
}

/** Whether the Privacy header asks for the caller not to be shown. */
export function asksForPrivacy(invite: Pick<InviteFacts, 'header'>): boolean {
  const said = invite.header('Privacy').join(';').slice(0, LONGEST).toLowerCase();
  const words = said.split(';').flatMap((part) => part.split(',').map((word) => word.trim()));
  return WITHHELD.some((word) => words.includes(word));
}

/** `cpc=payphone` (calling party's category, 3GPP TS 24.229 §7.2A.12) in From or P-Asserted-Identity. */
export function isPayphone(invite: Pick<InviteFacts, 'header'>): boolean {
  const identities = [...invite.header('From'), ...invite.header('P-Asserted-Identity')];
  return identities.some((value) => /[;?&]cpc=payphone(?![\w-])/i.test(value.slice(0, LONGEST)));
}

/**
 * Why the caller's number is not to be shown, or null when it is. A public phone says so by its category or by its name; whoever
 * asks for privacy is P, whatever else stands there; a network without a number writes something else than digits
 * (`unavailable@unknown.invalid`, 3GPP TS 29.163 §7.2) and, where two services are at odds, gives that as the name.
 */
export function absenceOf(
  invite: Pick<InviteFacts, 'fromUser' | 'header'> & Partial<Pick<InviteFacts, 'fromDisplay'>>,
): AbsenceReason | null {
  const named = reasonNamed(invite.fromDisplay ?? displayOf(invite.header('From')[0] ?? ''));
  if (isPayphone(invite)) return 'C';
  const user = invite.fromUser.toLowerCase();
  if (asksForPrivacy(invite)) return named === 'C' ? 'C' : 'P';
  if (/^\+?[0-9]+$/.test(user)) return null;
  if (named !== undefined) return named;
  return user === 'anonymous' ? 'P' : 'O';
}

/** The display name of a From header as it stands. */
function displayOf(value: string): string {
  const open = value.lastIndexOf('<', LONGEST);
  const text = open < 0 ? '' : value.slice(0, open).trim();
  return text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

import type { AbsenceReason } from '../../lib/dsp/number-display/message.ts';
import type { InviteFacts } from '../../lib/voice/sip/api.ts';

/** Words of the Privacy header that ask for the caller not to be shown (RFC 3323 §4.2, RFC 3325 §9.3). */
const WITHHELD = ['id', 'user', 'header'];

/**
 * Why the caller's number is not to be shown, or null when it is. A public phone says so by `cpc=payphone` (calling party's
 * category, 3GPP TS 24.229 §7.2A.12) in From or P-Asserted-Identity; a network without a number writes something else than
 * digits (`unavailable@unknown.invalid`, 3GPP TS 29.163 §7.2). SIP has no word for a conflict of services.
 */
export function absenceOf(invite: Pick<InviteFacts, 'fromUser' | 'header'>): AbsenceReason | null {
  const identities = [...invite.header('From'), ...invite.header('P-Asserted-Identity')];
  if (identities.some((value) => /[;?&]cpc=payphone(?![\w-])/i.test(value))) return 'C';
  const privacy = invite
    .header('Privacy')
    .join(';')
    .toLowerCase()
    .split(/[;,\s]+/);
  const user = invite.fromUser.toLowerCase();
  if (user === 'anonymous' || WITHHELD.some((word) => privacy.includes(word))) return 'P';
  return /^\+?[0-9]+$/.test(user) ? null : 'O';
}

import type { InviteFacts } from '../../lib/voice/sip/api.ts';
import { isPayphone, REASON_NAMES } from '../../lib/voice/sip/identity/absence.ts';
import type { CallRequest } from '../routing/types.ts';

type NetworkWord = NonNullable<Extract<CallRequest, { direction: 'in' }>['origin']>;
type CallerClass = NonNullable<NetworkWord['callerClass']>;

/**
 * On an INVITE of the trunk: what the network knows of the caller's place and kind of line, whether he shows his number or
 * not. `class=mobile;prefecture=%E6%9D%B1%E4%BA%AC%E9%83%BD`; names percent-encoded.
 */
export const ORIGIN_HEADER = 'X-Engawa-Origin';

/** Longer text is no word of the network. */
const LIMIT = 512;

const CLASSES: readonly CallerClass[] = [
  'fixed',
  'mobile',
  'ip050',
  'payphone',
  'international',
  'satellite',
];

/** What the network says of a caller; undefined when it says nothing. Total: what cannot be read is left out. */
export function networkWord(invite: Pick<InviteFacts, 'header' | 'fromDisplay'>): NetworkWord | undefined {
  const word: { -readonly [Key in keyof NetworkWord]: NetworkWord[Key] } = {};
  // The reason in the display name, or the calling party's category.
  const named = invite.fromDisplay.toLowerCase().includes(REASON_NAMES.C.toLowerCase());
  if (named || isPayphone(invite)) word.callerClass = 'payphone';
  for (const part of (invite.header(ORIGIN_HEADER)[0] ?? '').slice(0, LIMIT).split(';')) {
    const [name = '', text = ''] = part.split('=', 2);
    const value = decoded(text.trim());
    if (value === '') continue;
    const key = name.trim().toLowerCase();
    if (key === 'prefecture') word.prefecture = value;
    if (key === 'charge-area') word.chargeArea = value;
    const found = key === 'class' ? CLASSES.find((one) => one === value) : undefined;
    if (found !== undefined) word.callerClass = found;
  }
  return Object.keys(word).length === 0 ? undefined : word;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

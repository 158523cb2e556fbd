import { type NameAddr, parseNameAddr } from '../name-addr.ts';
import { type Params, parseParams } from '../params.ts';
import { CODE, hasLws, splitOutside, trimLws } from '../text.ts';
import { single } from './field.ts';

/** Which dialog an INVITE takes the place of (RFC 3891 §6.1), joins (RFC 3911 §7.1) or means (RFC 4538 §4). */
export interface DialogId {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  /** Replaces only: not when that dialog is confirmed already. */
  readonly earlyOnly: boolean;
  readonly params: Params;
}

/** Refer-To, RFC 3515 §2.1, compact `r`: exactly one address. `tel:` URIs and URIs with headers are kept as they are. */
export const REFER_TO = single('refer-to', parseNameAddr);
/** Referred-By, RFC 3892 §3, compact `b`. */
export const REFERRED_BY = single('referred-by', (value): NameAddr | undefined => parseNameAddr(value));

/** Refer-Sub, RFC 4488 §4: whether a subscription is wanted. */
export const REFER_SUB = single('refer-sub', (value) => {
  const word = (splitOutside(value, CODE.semicolon)?.[0] ?? '').toLowerCase();
  return word === 'true' || word === 'false' ? { wanted: word === 'true' } : undefined;
});

/** RFC 3891 §6.1. */
export const REPLACES = single('replaces', (value) => parseDialogId(value, 'to-tag', 'from-tag'));
/** RFC 4538 §4. */
export const TARGET_DIALOG = single('target-dialog', (value) =>
  parseDialogId(value, 'remote-tag', 'local-tag'),
);

/** Also for a Replaces inside a Refer-To URI, once unescaped. */
export function parseReplaces(value: string): DialogId | undefined {
  return parseDialogId(value, 'to-tag', 'from-tag');
}

/** Replaces as it goes on the wire. */
export function writeReplaces(dialog: Pick<DialogId, 'callId' | 'toTag' | 'fromTag' | 'earlyOnly'>): string {
  const { callId, toTag, fromTag, earlyOnly } = dialog;
  return `${callId};to-tag=${toTag};from-tag=${fromTag}${earlyOnly ? ';early-only' : ''}`;
}

/** Both tags are needed; a second of either is malformed (RFC 3891 §6.1), which the first-wins map cannot tell. */
function parseDialogId(value: string, to: string, from: string): DialogId | undefined {
  const semicolon = value.indexOf(';');
  if (semicolon < 0) return undefined;
  const callId = trimLws(value.slice(0, semicolon));
  const params = parseParams(value.slice(semicolon));
  const toTag = params?.get(to) ?? '';
  const fromTag = params?.get(from) ?? '';
  if (params === undefined || callId === '' || hasLws(callId) || toTag === '' || fromTag === '')
    return undefined;
  const names = splitOutside(value.slice(semicolon + 1), CODE.semicolon)?.map((piece) =>
    trimLws(piece.split('=', 1)[0] ?? '').toLowerCase(),
  );
  const once = (name: string): boolean => names?.filter((one) => one === name).length === 1;
  if (!once(to) || !once(from)) return undefined;
  return { callId, toTag, fromTag, earlyOnly: params.has('early-only'), params };
}

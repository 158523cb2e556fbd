import type { SipReason } from '../api.ts';
import { parseParams } from './params.ts';
import { CODE, parseUint, quote, splitOutside } from './text.ts';

/** Reads Reason headers (RFC 3326). Q.850 is preferred, because it says more about a telephone call than a SIP status. */
export function parseReason(values: readonly string[]): SipReason | undefined {
  let best: SipReason | undefined;
  for (const value of values.slice(0, 8)) {
    for (const piece of splitOutside(value, CODE.comma) ?? []) {
      const semicolon = piece.indexOf(';');
      if (semicolon < 0) continue;
      const params = parseParams(piece.slice(semicolon));
      const cause = parseUint(params?.get('cause') ?? '', 999);
      if (cause === undefined) continue;
      const reason = { cause, text: (params?.get('text') ?? '').slice(0, 200) };
      const protocol = piece.slice(0, semicolon).trim().toUpperCase();
      if (protocol === 'Q.850') return reason;
      if (protocol === 'SIP') best ??= { protocol, ...reason };
    }
  }
  return best;
}

/** As a header value. Without a protocol it is Q.850, whose causes end at 127; what is above is a SIP status. */
export function writeReason(reason: SipReason): string {
  const protocol = reason.protocol ?? (reason.cause <= 127 ? 'Q.850' : 'SIP');
  const text = reason.text === '' ? '' : `;text=${quote(reason.text)}`;
  return `${protocol};cause=${reason.cause}${text}`;
}

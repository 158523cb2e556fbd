import type { SipAddress } from '../../lib/voice/sip/api.ts';
import { parseMessage } from '../../lib/voice/sip/codec/parse.ts';
import type { MakeSockets } from '../../lib/voice/sip/core.ts';
import { parseAuthHeaders } from '../../lib/voice/sip/digest/auth-header.ts';

/** A header that names a tool for finding boxes and extensions; no phone calls itself so. */
const SCANNERS =
  /^(user-agent|from|f|to|t):[^\r\n]*(friendly-scanner|sipvicious|sipcli|sip-scan|sundayddr|vaxsipuseragent|iwar\b|sipsak|pplsip)/im;
/** Headers that matter stand in front. */
const LOOKED_AT_BYTES = 2_048;

/** True when a message comes from a tool that looks for boxes and extensions. */
export function isScanner(bytes: Buffer): boolean {
  return SCANNERS.test(bytes.toString('latin1', 0, LOOKED_AT_BYTES));
}

/** Whether a request carries a digest of anybody but `users`. What cannot be read is left to whoever refuses it. */
export function signsForOthers(bytes: Buffer, users: readonly string[]): boolean {
  const result = parseMessage(bytes);
  if (result.kind !== 'ok') return false;
  const { headers } = result.message;
  const values = [...headers.all('authorization'), ...headers.all('proxy-authorization')];
  return parseAuthHeaders(values).some(({ params }) => !users.includes(params.get('username') ?? ''));
}

/** What is not to be read, and who is told. */
export interface Sieve {
  scanner(source: SipAddress): void;
  mayOnlySign(source: SipAddress): readonly string[] | undefined;
}

/** Sockets that drop what scanners send, and what guesses passwords from where a phone is. No answer to either. */
export function sifted(make: MakeSockets, sieve: Sieve): MakeSockets {
  return (options, counters, message, idle) =>
    make(
      options,
      counters,
      (bytes, flow) => {
        const users = sieve.mayOnlySign(flow.remote);
        const scanner = isScanner(bytes);
        if (scanner) sieve.scanner(flow.remote);
        if (scanner || (users !== undefined && signsForOthers(bytes, users))) counters.dropped++;
        else message(bytes, flow);
      },
      idle,
    );
}

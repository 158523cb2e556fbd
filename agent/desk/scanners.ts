import type { SipAddress } from '../../lib/voice/sip/api.ts';
import type { MakeSockets } from '../../lib/voice/sip/core.ts';

/** A header that names a tool for finding boxes and extensions; no phone calls itself so. */
const SCANNERS =
  /^(user-agent|from|f|to|t):[^\r\n]*(friendly-scanner|sipvicious|sipcli|sip-scan|sundayddr|vaxsipuseragent|iwar\b|sipsak|pplsip)/im;
/** Headers that matter stand in front. */
const LOOKED_AT_BYTES = 2_048;

/** True when a message comes from a tool that looks for boxes and extensions. */
export function isScanner(bytes: Buffer): boolean {
  return SCANNERS.test(bytes.toString('latin1', 0, LOOKED_AT_BYTES));
}

/** Sockets that give such messages to `found` and no answer to anybody. */
export function withoutScanners(make: MakeSockets, found: (source: SipAddress) => void): MakeSockets {
  return (options, counters, message, idle) =>
    make(
      options,
      counters,
      (bytes, flow) => {
        if (isScanner(bytes)) found(flow.remote);
        else message(bytes, flow);
      },
      idle,
    );
}

import { PARK_HEADER } from '../../lib/contract/park.ts';
import { CALL_HEADER } from '../../lib/contract/sip-headers.ts';
import type { InviteOptions } from '../../lib/voice/sip/api.ts';
import type { OfficeEffect, OfficeState } from './model.ts';
import { trunkAddress, trunksOf } from './trunk-address.ts';

/** A trunk that says nothing at all for so long is not there, whatever it registered before. */
const UNHEARD_MS = 5_000;

/**
 * The INVITE of an outgoing call: to the trunk over TLS, as the ID of its line [S0-062], with the number as dialled
 * (184 and 186 are taken off by the service, at one place only) and the call's id in its header.
 */
export function inviteOptions(
  state: OfficeState,
  call: Extract<OfficeEffect, { readonly type: 'sipInvite' }>,
): InviteOptions | undefined {
  const line = state.ports.get(call.port)?.config;
  const trunk = trunksOf(state.config)[call.trunk];
  if (line === undefined || trunk === undefined) return undefined;
  const requestUri = `sip:${call.number}@${trunk.domain};user=phone`;
  return {
    to: trunkAddress(trunk),
    requestUri,
    toUri: requestUri,
    from: { uri: `sip:${line.sip.user}@${trunk.domain}` },
    sdp: call.sdp,
    // One of the line's own other numbers, for this call; the service checks it. (RFC 3325 §9.2) [S0-089]
    headers: [
      [CALL_HEADER, call.call],
      ...(call.presents === null
        ? []
        : [['P-Preferred-Identity', `<sip:${call.presents}@${trunk.domain}>`] as const]),
      ...(call.parkSlot === null ? [] : [[PARK_HEADER, String(call.parkSlot)] as const]),
    ],
    credentials: line.sip,
    unheardMs: UNHEARD_MS,
  };
}

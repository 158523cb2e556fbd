import type { InviteOptions, RegistrarAgent, SipHeaders } from '../../lib/voice/sip/api.ts';
import type { Leg, OfficeState } from '../calls/index.ts';
import { callsOf } from '../features/index.ts';
import { alertInfoOf } from '../provisioning/templates/index.ts';
import { callerOf } from './caller-name.ts';

/** The call that rings a place, or that it has. */
export function legAt(state: OfficeState, port: number): Leg | undefined {
  const place = state.ports.get(port);
  const [call] = place === undefined ? [] : callsOf(place.desk);
  return call === undefined ? undefined : state.legs.get(call);
}

/** The INVITE with which a phone rings, but for its offer; undefined when there is nothing to ring for or nobody to ring. */
export function ringInvite(
  state: OfficeState,
  port: number,
  sip: Pick<RegistrarAgent, 'bindingOf'>,
  domain: string,
): Omit<InviteOptions, 'sdp'> | undefined {
  const phone = state.ports.get(port)?.phone;
  const leg = legAt(state, port);
  const binding = phone === undefined ? undefined : sip.bindingOf(phone.extension);
  if (phone === undefined || leg === undefined || binding === undefined) return undefined;
  const { number, name } = callerOf(state, leg, port, phone.language);
  const uri = number === '' ? 'sip:anonymous@anonymous.invalid' : `sip:${number}@${domain}`;
  const own = phone.rings.find((ring) => ring.number === leg.to)?.ring;
  const headers: SipHeaders = [
    ...(own === undefined ? [] : [['Alert-Info', alertInfoOf(phone.vendor, own)] as const]),
    ...(number === '' ? [['Privacy', 'id'] as const] : []),
  ];
  return {
    to: { registration: phone.extension },
    requestUri: binding.contact,
    from: { uri, display: name },
    toUri: `sip:${phone.extension}@${domain}`,
    headers,
    // The office has its own patience.
    noAnswerMs: 600_000,
  };
}

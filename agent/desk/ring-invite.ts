import type { InviteOptions, RegistrarAgent, SipHeaders } from '../../lib/voice/sip/api.ts';
import type { Leg, OfficeState } from '../calls/index.ts';
import { callsOf } from '../features/index.ts';
import { alertInfoOf } from '../provisioning/templates/index.ts';

/** The INVITE with which a phone rings, but for its offer; undefined when there is nothing to ring for or nobody to ring. */
export function ringInvite(
  state: OfficeState,
  port: number,
  sip: Pick<RegistrarAgent, 'bindingOf'>,
  domain: string,
): Omit<InviteOptions, 'sdp'> | undefined {
  const place = state.ports.get(port);
  const [call] = place === undefined ? [] : callsOf(place.desk);
  const leg = call === undefined ? undefined : state.legs.get(call);
  if (place?.phone === undefined || leg === undefined) return undefined;
  const { phone } = place;
  const binding = sip.bindingOf(phone.extension);
  if (binding === undefined) return undefined;
  const { number, name } = callerOf(state, leg, port);
  const user = number === '' ? 'anonymous' : number;
  const uri = `sip:${user}@${number === '' ? 'anonymous.invalid' : domain}`;
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

/** Who is at the other end, and what the phone book or the office calls him. */
export function callerOf(
  state: OfficeState,
  leg: Leg,
  port: number,
): { readonly number: string; readonly name: string } {
  const called = leg.direction === 'in' || (leg.direction === 'internal' && leg.port !== port);
  const number = called ? leg.from : leg.to;
  if (number === '') return { number, name: '非通知' };
  const digits = number.replace(/^\+81/, '0').replace(/^18[46]/, '');
  const book = state.config?.lan.phoneBook.find((entry) => entry.number === digits);
  if (book !== undefined) return { number: digits, name: book.name };
  const colleague =
    leg.direction === 'internal'
      ? [...state.ports.values()].find(({ config }) => config.extension === digits)
      : undefined;
  return { number: digits, name: colleague?.config.label ?? digits };
}

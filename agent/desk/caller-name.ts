import type { PhoneConfig } from '../../lib/contract/lan-config.ts';
import type { AbsenceReason } from '../../lib/dsp/number-display/message.ts';
import type { Leg, OfficeState } from '../calls/index.ts';

/** Who is at the other end of a call. `number` is empty when there is none to show. */
export interface Caller {
  readonly number: string;
  readonly name: string;
}

/** Why there is no number, as Japanese phones say it. */
const ABSENT: Readonly<Record<AbsenceReason, Readonly<Record<PhoneConfig['language'], string>>>> = {
  P: { ja: '非通知', en: 'Anonymous' },
  C: { ja: '公衆電話', en: 'Coin line/payphone' },
  O: { ja: '表示圏外', en: 'Unavailable' },
  S: { ja: '表示圏外', en: 'Interaction with other service' },
};

/** Whether the other end has called the line of `port`; else it was called from there. */
export function wasCalled(leg: Leg, port: number): boolean {
  return leg.direction === 'in' || (leg.direction === 'internal' && leg.port !== port);
}

/** Who is at the other end of the call that `port` has, and what the phone book or the office calls him. */
export function callerOf(
  state: OfficeState,
  leg: Leg,
  port: number,
  language: PhoneConfig['language'] = 'ja',
): Caller {
  const called = wasCalled(leg, port);
  const reason = called && leg.direction === 'in' ? (leg.absence ?? null) : null;
  const number = called ? leg.from : leg.to;
  if (number === '' || reason !== null) return { number: '', name: ABSENT[reason ?? 'P'][language] };
  const digits = number.replace(/^\+81/, '0').replace(/^18[46]/, '');
  return { number: digits, name: nameOf(state, leg, digits) ?? digits };
}

/** The phone book knows people outside, the office its own extensions and groups. */
function nameOf(state: OfficeState, leg: Leg, digits: string): string | undefined {
  const { config } = state;
  const book = config?.lan.phoneBook.find((entry) => entry.number === digits);
  if (book !== undefined || config === undefined) return book?.name;
  const office = [
    ...config.lines,
    ...config.lan.phones,
    ...(config.groups ?? []),
    ...(config.elsewhere ?? []),
  ];
  const inside = leg.direction === 'internal' || leg.free;
  return inside ? office.find(({ extension }) => extension === digits)?.label : undefined;
}

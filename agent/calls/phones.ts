import type { PhoneConfig } from '../../lib/contract/lan-config.ts';
import { LINE_HABITS, type LineConfig, type SiteConfig } from '../../lib/contract/site-config.ts';
import type { OfficeState } from './model.ts';

/**
 * A desk phone is a line of the office for each call that it can have at once: the first call of phone 3 is on port 103, the
 * second on 203. The board's ports end at 8.
 */
const FIRST_PHONE_PORT = 101;
/** Calls of one phone at once: one that it talks to, one on hold, one more to ask somebody. */
const PLACES = [100, 200, 300] as const;
/** Sessions of the media process that belong to desk phones. */
export const PHONE_SESSION_PREFIX = 'phone-';

export function isPhonePort(port: number): boolean {
  return port >= FIRST_PHONE_PORT;
}

/** 1 to 32, in no order: a phone keeps its number while the box runs. */
export function phoneOf(port: number): number {
  return port % 100;
}

export function placesOf(phone: number): readonly number[] {
  return PLACES.map((place) => place + phone);
}

/** The line that a record names, and whose account carries calls to the outside: a phone has one. */
export function accountOf(port: number): number {
  return isPhonePort(port) ? FIRST_PHONE_PORT - 1 + phoneOf(port) : port;
}

/** The lines that the phones of a configuration are, each with the phone that it belongs to. */
export function phoneLines(
  state: OfficeState,
  config: SiteConfig,
): ReadonlyMap<number, { readonly line: LineConfig; readonly phone: PhoneConfig }> {
  const numbers = new Map<string, number>();
  for (const [port, { phone }] of state.ports) {
    if (phone !== undefined) numbers.set(phone.mac, phoneOf(port));
  }
  const taken = new Set(numbers.values());
  const lines = new Map<number, { line: LineConfig; phone: PhoneConfig }>();
  for (const phone of config.lan.phones) {
    let number = numbers.get(phone.mac);
    for (let free = 1; number === undefined; free++) {
      if (!taken.has(free)) number = free;
    }
    taken.add(number);
    for (const port of placesOf(number)) lines.set(port, { line: lineOf(phone, port), phone });
  }
  return lines;
}

/** A phone as a line: its own display, tones, second calls and three together are the phone's matter. */
function lineOf(phone: PhoneConfig, port: number): LineConfig {
  const { serviceId, label, extension, sip, presents, presentable, ringsFor } = phone;
  return {
    ...LINE_HABITS,
    ...{ port, serviceId, label, extension, sip, presents, presentable, ringsFor },
    ring: 'normal',
    callWaiting: false,
    echo: false,
  };
}

/** Whether a desk phone is there to be rung. */
export function isReachable(state: OfficeState, port: number): boolean {
  return !isPhonePort(port) || state.reachable.has(phoneOf(port));
}

/**
 * Where a new call for the line of `port` goes: for a phone the first place that is free, or nowhere when the phone is in
 * use and takes no second call (キャッチホン).
 */
export function freePlace(state: OfficeState, port: number): number | undefined {
  const free = (each: number): boolean => {
    const place = state.ports.get(each);
    return place?.line.at === 'onHook' && place.desk.at === 'none' && !place.leaving;
  };
  if (!isPhonePort(port)) return port;
  const places = placesOf(phoneOf(port));
  const waits = state.ports.get(port)?.phone?.callWaiting === true;
  return waits || places.every(free) ? places.find(free) : undefined;
}

import type { LineConfig } from '../../lib/contract/site-config.ts';
import { isFree } from '../lines/index.ts';
import type { CallerDisplay } from '../media/protocol.ts';
import { CADENCES } from './cadences.ts';
import type { Draft } from './draft.ts';
import type { Leg } from './model.ts';
import { freePlace, isPhonePort, isReachable } from './phones.ts';

/** Rings a line for a leg, with the ringing of the called number [S0-056] and, where that is on, who calls. */
export function ring(draft: Draft, port: number, leg: Leg): void {
  const config = draft.state.ports.get(port)?.config;
  if (config === undefined) return;
  const own = config.rings.find(({ number }) => number === leg.to)?.ring;
  draft.display = displayOf(config, leg);
  draft.feed(port, { type: 'ring', cadence: CADENCES[own ?? config.ring] });
  draft.display = null;
}

/** A new call wants a line: it rings, or is announced in a talk by the call-waiting tone. False when it is busy. */
export function wantLine(draft: Draft, port: number, leg: Leg): boolean {
  const state = draft.state.ports.get(port);
  if (state === undefined) return false;
  if (isPhonePort(port) && freePlace(draft.state, port) !== port) return false;
  if (isFree(state.line) && state.desk.at === 'none') {
    draft.deskStep(port, { type: 'placed', call: leg.id });
    ring(draft, port, leg);
    return true;
  }
  if (!state.config.callWaiting || state.line.at !== 'talking') return false;
  const effects = draft.deskStep(port, { type: 'offered', call: leg.id });
  if (!effects.some((effect) => effect.type === 'announce')) return false;
  const forMs = draft.state.config?.calls.ringForMs ?? 60_000;
  draft.push({ type: 'overlay', port, tone: 'callWaiting', forMs });
  return true;
}

function callerOf(absence: Leg['absence'], number: string): CallerDisplay['caller'] {
  if (absence) return { reason: absence };
  return /^\+?[0-9]{1,20}$/.test(number) ? { number } : { reason: number === '' ? 'P' : 'O' };
}

/** What a phone with Number Display is told; null where that is off. */
function displayOf(config: LineConfig, leg: Leg): CallerDisplay | null {
  if (!config.numberDisplay.on) return null;
  const number = leg.direction === 'out' ? leg.to : leg.from;
  const caller = callerOf(leg.absence ?? null, number);
  return config.numberDisplay.dialledNumber && /^[0-9]{1,20}$/.test(leg.to)
    ? { caller, dialled: leg.to }
    : { caller };
}

/** The call rings at another line or phone. False when that is not free. */
export function ringsAt(draft: Draft, leg: Leg, port: number): boolean {
  const next = freePlace(draft.state, port);
  if (next === undefined || !isReachable(draft.state, port)) return false;
  const end = leg.direction === 'internal' ? { peerPort: next } : { port: next };
  return wantLine(draft, next, draft.update({ ...leg, ...end }));
}

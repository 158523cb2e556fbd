import type { OfficeState } from './model.ts';

/** Calls with the outside that hold a channel. Two lines that ring for one call count once. [S0-059] */
export function channelsInUse(state: OfficeState): number {
  const calls = [...state.legs.values()]
    .filter((leg) => leg.direction !== 'internal' && !leg.free)
    .map((leg) => leg.call);
  return new Set(calls).size;
}

/** Bounds of one switch. */
export interface SwitchLimits {
  /** Calls at once; the next one gets 503. Emergency calls are let through. */
  readonly calls: number;
  readonly longestCallMs: number;
  /** A call is ended when no audio came for so long from either side, or from a box that is no longer registered. */
  readonly silentMs: number;
  /** A box that sends nothing for so long is asked whether it knows the call, and again so much later. */
  readonly ask: { readonly quietMs: number; readonly everyMs: number };
  /** How long the telephone network may ring. */
  readonly networkRingMs: number;
}

/** Used unless told otherwise. */
export const DEFAULT_LIMITS: SwitchLimits = {
  calls: 60,
  longestCallMs: 12 * 3_600_000,
  silentMs: 60_000,
  ask: { quietMs: 15_000, everyMs: 10_000 },
  networkRingMs: 180_000,
};

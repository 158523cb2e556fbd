/** Bounds of one switch. */
export interface SwitchLimits {
  /** Calls at once; the next one gets 503. Emergency calls are let through. */
  readonly calls: number;
  readonly longestCallMs: number;
  /** A call is ended when no audio came for so long from either side, or from a box that is no longer registered. */
  readonly silentMs: number;
  /** How long the telephone network may ring. */
  readonly networkRingMs: number;
}

/** Used unless told otherwise. */
export const DEFAULT_LIMITS: SwitchLimits = {
  calls: 60,
  longestCallMs: 12 * 3_600_000,
  silentMs: 60_000,
  networkRingMs: 180_000,
};

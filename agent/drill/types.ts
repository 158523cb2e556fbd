import type { CodedError } from '../../lib/base/errors.ts';

/** What a drill looks at. */
export type DrillFeature =
  /** The links are down. */
  | 'cut'
  | 'extensions'
  | 'lamps'
  | 'park'
  | 'pickup'
  | 'groups'
  | 'night'
  | 'outside'
  | 'emergency'
  /** Real sound through the media process, and guidance. */
  | 'sound'
  /** Desk phones are still registered at the box. */
  | 'phones'
  /** Calls that were up go on. */
  | 'calls'
  /** The way back: trunk, service, and what waited to be sent. */
  | 'trunkBack'
  | 'serviceBack'
  | 'recordsBack';

/** One row of the report. */
export interface DrillCheck {
  readonly feature: DrillFeature;
  /** `--`: there is nothing of it in this office. */
  readonly verdict: 'OK' | 'FAIL' | '--';
  readonly say: string;
}

/** What came of a drill. Times are epoch ms. */
export interface DrillReport {
  readonly startedAt: number;
  readonly endedAt: number;
  /** How long the links were to be cut. */
  readonly seconds: number;
  /** `endedEarly`: it gave way (emergency call, stop by hand, restart of the agent). */
  readonly verdict: 'OK' | 'FAIL' | 'endedEarly';
  readonly say: string;
  readonly checks: readonly DrillCheck[];
}

/** How the drill room stands. */
export interface DrillStatus {
  readonly at: 'idle' | 'waiting' | 'cut' | 'returning';
  /** When a drill that waits begins. */
  readonly beginsAt: number | null;
  readonly seconds: number | null;
  /** The last drills, newest first. */
  readonly reports: readonly DrillReport[];
}

/** Why there is no drill. */
export type DrillRefusal = CodedError & {
  readonly code:
    | 'drill.running'
    /** An emergency call is up. */
    | 'drill.emergency'
    /** There is no configuration to play, or no link to cut. */
    | 'drill.nothing'
    | 'drill.notRunning';
};

/** How long links may be cut. */
export const DRILL_SECONDS = { least: 5, usual: 60, most: 600 } as const;

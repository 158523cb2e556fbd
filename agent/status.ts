import type { BoardIdentity } from '../hal/board.ts';
import type { ReportedConfig } from '../lib/contract/facts.ts';

/** How bad a warning is: `error` means that somebody cannot make a call now. */
export type Severity = 'info' | 'warning' | 'error';

/** One thing that is wrong, from the registry in `agent/health`. */
export interface Warning {
  /** Stable, readable aloud: `W-BRD-101`. */
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong, in a sentence. */
  readonly say: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly sinceMs: number;
}

/** One analog line for people and programs. */
export interface LineStatus {
  readonly port: number;
  readonly label: string;
  readonly serviceId: string;
  readonly extension: string;
  /** State of the line machine: `onHook`, `dialTone`, `dialling`, `ringing`, `talking`… */
  readonly state: string;
  readonly registration: { readonly at: string; readonly say: string };
  /** Call on the line, if any. */
  readonly call: string | null;
  /** Why busy or congestion tone plays, if it does. */
  readonly because?: string | null;
}

/** One leg, running or ended. */
export interface CallStatus {
  readonly call: string;
  readonly direction: 'out' | 'in' | 'internal';
  readonly line: number;
  readonly from: string;
  readonly to: string;
  readonly state: 'trying' | 'ringing' | 'talking' | 'ended';
  /** Where an answered call is when not at the ear: on hold, waiting, in a talk of three, parked, or passed on. */
  readonly place?: 'held' | 'waiting' | 'three' | 'parked' | 'passedOn';
  /** Slot of a parked call. */
  readonly slot?: number;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly end: string | null;
  readonly because: string | null;
  /** How an ended call sounded at the box: estimated mean opinion score, loss, and the way there and back. */
  readonly sound?: {
    readonly mos: number;
    readonly lossPercent: number;
    readonly roundTripMs: number | null;
    readonly encrypted: boolean;
  };
}

/** Who the box is. */
export interface BoxIdentity {
  /** `damaged`: it was claimed, and what it was given cannot be used. */
  readonly at: 'claimed' | 'unclaimed' | 'damaged';
  readonly gateway: string | null;
  /** As on its label, where the board tells it; null where nothing tells it. */
  readonly serialNumber: string | null;
  /** SHA-256 of the public key of the device, hex; null when there is no key that can be read. */
  readonly fingerprint: string | null;
  /** What is wrong with it; empty for a claimed one. */
  readonly say: string;
}

/** The one typed status that CLI, LEDs and cloud render. */
export interface AgentStatus {
  readonly v: 1;
  /** Null for a box that nobody has claimed. */
  readonly gateway: string | null;
  readonly identity: BoxIdentity;
  readonly office: string | null;
  readonly version: string;
  readonly now: number;
  readonly upMs: number;
  readonly board: { readonly up: boolean; readonly identity: BoardIdentity | null; readonly say: string };
  readonly media: { readonly connected: boolean; readonly sessions: number };
  readonly cloud: {
    readonly connected: boolean;
    readonly sinceMs: number;
    readonly outbox: number;
    readonly oldestMs: number;
  };
  readonly config: ReportedConfig;
  readonly lines: readonly LineStatus[];
  readonly calls: { readonly now: number; readonly limit: number };
  readonly warnings: readonly Warning[];
  readonly memory: { readonly agentBytes: number; readonly mediaBytes: number };
}

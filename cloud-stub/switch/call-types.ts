import type { CallId, ServiceId } from '../../lib/base/ids.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import type { RoutePlan } from '../routing/types.ts';

/** The plans that the switch carries out. */
export type CarriedPlan = Extract<RoutePlan, { verb: 'ring' | 'network' }>;

/** What does not change during a call. */
export interface CallSetup {
  readonly call: CallId;
  readonly plan: CarriedPlan;
  /** For `ring`: the members with a registered flow. The others count as unreachable and are not tried. */
  readonly reachable: readonly ServiceId[];
  /** Without an answer after this long the caller gets 480. */
  readonly ringForMs: number;
  /** Longest call. */
  readonly longestMs: number;
}

/** One party that is called. Legs are numbered by their place. */
export interface Leg {
  readonly member: ServiceId | null;
  readonly at: 'trying' | 'ringing' | 'up' | 'gone';
  /** Final status of a leg that failed by itself. */
  readonly failed: { readonly status: number; readonly cause: number | undefined } | null;
}

/** A final refusal for the caller. `rule` and `say` go into the X-Engawa-Why header. */
export interface Refusal {
  readonly status: number;
  /** Q.850 cause. */
  readonly cause: number;
  readonly rule: string;
  readonly say: string;
  readonly end: EndReason;
}

/** A call in the switch. Times in ms on the monotonic clock. */
export type Call =
  /** The record is being written and the audio ports opened; nobody rings yet. */
  | { readonly at: 'opening'; readonly setup: CallSetup; readonly givenUp: 'caller' | 'stop' | null }
  /** Somebody is being called. */
  | {
      readonly at: 'offering';
      readonly setup: CallSetup;
      readonly legs: readonly Leg[];
      readonly rang: boolean;
    }
  /** Somebody has answered; the answer is being written before the caller hears of it. */
  | {
      readonly at: 'answering';
      readonly setup: CallSetup;
      readonly legs: readonly Leg[];
      readonly winner: number;
      readonly answeredMs: number;
    }
  | {
      readonly at: 'talking';
      readonly setup: CallSetup;
      readonly legs: readonly Leg[];
      readonly winner: number;
      readonly answeredMs: number;
    }
  /** Ended; only an answer that crossed our CANCEL can still arrive. */
  | { readonly at: 'over'; readonly setup: CallSetup; readonly legs: readonly Leg[] };

/** What can happen to a call. */
export type CallInput =
  | { readonly type: 'opened' }
  | { readonly type: 'openFailed'; readonly say: string }
  | {
      readonly type: 'progress';
      readonly leg: number;
      readonly status: number;
      readonly earlyMedia: boolean;
    }
  | { readonly type: 'answered'; readonly leg: number }
  | {
      readonly type: 'failed';
      readonly leg: number;
      readonly status: number;
      readonly cause: number | undefined;
    }
  | { readonly type: 'legEnded'; readonly leg: number; readonly by: 'peer' | 'lost' }
  | { readonly type: 'callerCancelled' }
  | { readonly type: 'callerEnded'; readonly by: 'peer' | 'lost' }
  | { readonly type: 'written' }
  | { readonly type: 'writeFailed'; readonly say: string }
  | { readonly type: 'noAnswer' }
  | { readonly type: 'tooLong' }
  | { readonly type: 'silent' }
  | { readonly type: 'stop' };

/** What the shell does about it, in order. */
export type CallEffect =
  | { readonly do: 'invite'; readonly leg: number; readonly member: ServiceId | null }
  /** 180 to the caller, or 183 with the early media of a leg. */
  | { readonly do: 'progress'; readonly earlyMediaOf: number | null }
  /** CANCEL or BYE, whichever fits. */
  | { readonly do: 'drop'; readonly leg: number; readonly why: DropReason }
  /** Write the answer down; `written` or `writeFailed` follows. */
  | { readonly do: 'write'; readonly leg: number }
  /** Pass the 200 on. */
  | { readonly do: 'answer'; readonly leg: number }
  | { readonly do: 'refuse'; readonly refusal: Refusal }
  | { readonly do: 'dropCaller'; readonly why: DropReason }
  | { readonly do: 'arm'; readonly timer: 'noAnswer' | 'tooLong'; readonly afterMs: number }
  | { readonly do: 'disarm' }
  /** Exactly once a call: give the channel back, close the audio ports, close the record. */
  | {
      readonly do: 'finish';
      readonly end: EndReason;
      readonly because: string;
      readonly talkMs: number;
    };

/** Why a party is hung up on. */
export type DropReason = 'elsewhere' | 'callerGaveUp' | 'noAnswer' | 'normal' | 'lost';

/** A step of the machine. */
export interface CallStep {
  readonly call: Call;
  readonly effects: readonly CallEffect[];
}

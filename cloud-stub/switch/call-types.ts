import type { CallId, ServiceId } from '../../lib/base/ids.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import type {
  ForwardPlan,
  Guidance,
  NetworkPlan,
  OutsideLeg,
  PlayPlan,
  RelayPlan,
  RingPlan,
  RoutePlan,
  TonePlan,
} from '../routing/types.ts';

/** Verbs that call somebody. */
export type OfferPlan = RingPlan | RelayPlan | ForwardPlan | NetworkPlan;

/** What does not change during a call. */
export interface CallSetup {
  readonly call: CallId;
  /** Executed from its root. */
  readonly plan: RoutePlan;
  /** How long the telephone network may ring for a call out. */
  readonly ringForMs: number;
  /** Longest call. */
  readonly longestMs: number;
}

/** Whom a leg goes to. */
export type LegTarget =
  | { readonly kind: 'member'; readonly id: ServiceId }
  | ({ readonly kind: 'external' | 'forward' } & OutsideLeg)
  | { readonly kind: 'network' };

/** One party that is called. Legs are numbered by their place, through all verbs of a call. */
export interface Leg {
  readonly target: LegTarget;
  /** `waiting`: others have a head start. */
  readonly at: 'waiting' | 'trying' | 'ringing' | 'up' | 'gone';
  /** Final status of a leg that failed by itself. */
  readonly failed: LegFailure | null;
}

/** Why a leg failed. `refusal` is the rule of ours that kept it from being sent out. */
export interface LegFailure {
  readonly status: number;
  readonly cause: number | undefined;
  readonly refusal?: { readonly rule: string; readonly say: string };
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

/** What goes through all verbs of a call. Times in ms on the monotonic clock. */
export interface Course {
  readonly setup: CallSetup;
  readonly legs: readonly Leg[];
  /** When the caller was answered: by a leg, or by a prompt before. */
  readonly answeredMs: number | null;
  /** Holds one of the contract's channels. [S0-059] */
  readonly channel: boolean;
}

/** A call in the switch. */
export type Call =
  /** The record is being written and the audio ports opened; nobody rings yet. */
  | { readonly at: 'opening'; readonly setup: CallSetup; readonly givenUp: 'caller' | 'stop' | null }
  /**
   * Somebody is being called. `first`: the first leg of this verb; `step`: of a relay; `tentative`: a leg that has
   * answered while desk phones, which go before it, may be answering at the same moment.
   */
  | ({
      readonly at: 'offering';
      readonly plan: OfferPlan;
      readonly step: number;
      readonly first: number;
      readonly rang: boolean;
      readonly tentative: number | null;
    } & Course)
  /** A prompt or a tone is played. `writing`: it answers the call, and that is being written first. */
  | ({ readonly at: 'playing'; readonly plan: PlayPlan | TonePlan; readonly writing: boolean } & Course)
  /** Somebody has answered; the answer is being written before the caller hears of it. */
  | ({
      readonly at: 'answering';
      readonly plan: OfferPlan;
      readonly winner: number;
      readonly legAnsweredMs: number;
    } & Course)
  | ({ readonly at: 'talking'; readonly winner: number } & Course)
  /** One party waits in a slot; the place of the other is free. `by`: who parked it, and is rung after a while. [S0-081] */
  | ({
      readonly at: 'parked';
      readonly winner: number;
      readonly waits: 'caller' | 'leg';
      readonly by: ServiceId;
    } & Course)
  /** Ended; only an answer that crossed our CANCEL can still arrive. */
  | ({ readonly at: 'over' } & Course);

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
  | ({ readonly type: 'failed'; readonly leg: number } & LegFailure)
  | { readonly type: 'legEnded'; readonly leg: number; readonly by: 'peer' | 'lost' }
  | { readonly type: 'callerCancelled' }
  | { readonly type: 'callerEnded'; readonly by: 'peer' | 'lost' }
  | { readonly type: 'written' }
  | { readonly type: 'writeFailed'; readonly say: string }
  /** The prompt or tone is over. */
  | { readonly type: 'played' }
  /** A party puts the other one into a slot. */
  | { readonly type: 'parked'; readonly who: 'caller' | 'leg'; readonly by: ServiceId }
  /** Somebody sits down in the free place. */
  | { readonly type: 'taken'; readonly by: ServiceId }
  /** Nobody has taken the call for a while. */
  | { readonly type: 'parkOver' }
  /** Whoever parked it was rung and did not come. */
  | { readonly type: 'recallFailed' }
  | { readonly type: 'headStart' }
  /** Nobody who goes before the leg that answered has answered at the same moment. */
  | { readonly type: 'settled' }
  | { readonly type: 'noAnswer' }
  | { readonly type: 'tooLong' }
  | { readonly type: 'silent' }
  /** An emergency call needs the channel (decision 11). */
  | { readonly type: 'preempted' }
  | { readonly type: 'stop' };

/** What the machine may look at besides the call. */
export interface Surroundings {
  /** The contract has a channel that no call holds. */
  readonly channelFree: boolean;
  reachable(member: ServiceId): boolean;
}

/** Something to be heard. */
export type Sound =
  | { readonly kind: 'prompt'; readonly prompt: string; readonly times: number }
  | { readonly kind: 'tone'; readonly tone: 'busy' | 'congestion' | 'ringback'; readonly forMs: number };

/** Timers of a call; each feeds the input of its name. */
export type CallTimer = 'noAnswer' | 'tooLong' | 'headStart' | 'settled' | 'parkOver';

/** What the shell does about it, in order. */
export type CallEffect =
  | { readonly do: 'invite'; readonly leg: number; readonly target: LegTarget }
  /** 180 to the caller, or 183 with the early media of a leg. */
  | { readonly do: 'progress'; readonly earlyMediaOf: number | null }
  /** CANCEL or BYE, whichever fits. */
  | { readonly do: 'drop'; readonly leg: number; readonly why: DropReason }
  /** Write the answer of a leg or, with null, of a prompt; `written` or `writeFailed` follows. */
  | { readonly do: 'write'; readonly leg: number | null }
  /** Pass the 200 on, or connect a caller who was answered before; null: a prompt answers. */
  | { readonly do: 'answer'; readonly leg: number | null }
  /** Play to the caller, as early media before the answer; `played` follows. Always the last effect. */
  | { readonly do: 'play'; readonly sound: Sound }
  /** Play before the talk, to whom it says. [S2-024] */
  | { readonly do: 'guide'; readonly guidance: Guidance }
  | { readonly do: 'refuse'; readonly refusal: Refusal }
  | { readonly do: 'dropCaller'; readonly why: DropReason; readonly cause?: number }
  /** Ring whoever parked the call; `taken` or `recallFailed` follows, unless it is called off. */
  | { readonly do: 'recall'; readonly by: ServiceId }
  | { readonly do: 'callOff' }
  | { readonly do: 'channel'; readonly take: boolean }
  | { readonly do: 'arm'; readonly timer: CallTimer; readonly afterMs: number }
  | { readonly do: 'disarm' }
  /** Exactly once a call: give the channel back, close the audio ports, close the record. */
  | {
      readonly do: 'finish';
      readonly end: EndReason;
      readonly because: string;
      readonly talkMs: number;
    };

/** Why a party is hung up on. */
export type DropReason = 'elsewhere' | 'callerGaveUp' | 'noAnswer' | 'normal' | 'lost' | 'preempted';

/** A step of the machine. */
export interface CallStep {
  readonly call: Call;
  readonly effects: readonly CallEffect[];
}

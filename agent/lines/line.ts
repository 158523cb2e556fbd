import type { GuideName } from '../media/protocol.ts';

/** What a dialled number turned out to be. */
export type NumberKind =
  | 'emergency'
  | 'service'
  | 'extension'
  | 'geographic'
  | 'mobile'
  | 'ipPhone'
  | 'tollFree'
  | 'sharedCost'
  | 'premium'
  | 'm2m'
  | 'carrierSelect'
  | 'international';

/** A number that can be called. */
export interface DialledNumber {
  readonly kind: NumberKind;
  /** As dialled, with 184 or 186 in front when it was dialled so; the network strips those. */
  readonly number: string;
  /** The n-th of the numbers that the line may present was chosen by code, for this call. [S0-089] */
  readonly presents?: number;
}

/** Something that the office does for whoever dials its code. */
export type FeatureCode =
  /** Take the call that rings `extension`, or any when null. */
  | { readonly code: 'pickup'; readonly extension: string | null }
  /** Park the held call, or take the one that is parked. [S0-081] */
  | { readonly code: 'park'; readonly slot: number }
  | { readonly code: 'redial' }
  /** The night switch of the office. */
  | { readonly code: 'night'; readonly on: boolean };

/** Digits that cannot be called, and the rule that says so. */
export interface DialRefusal {
  readonly rule: string;
  readonly say: string;
  /** What is said to the caller, where a tone would not help him. */
  readonly guide?: GuideName;
}

/** What the dial plan makes of the digits so far. */
export type Collected =
  /** Wait. `atTimeout` is what to do when no further digit comes, or when `#` is dialled. */
  | {
      readonly at: 'incomplete';
      readonly atTimeout: Final;
      /** Wait only a moment: the digit that would make it another number still counts afterwards. */
      readonly brief?: true;
      /** A prefix was understood: second dial tone until the next digit. */
      readonly heard?: true;
    }
  | Final;

/** The dial plan's last word. */
export type Final =
  | { readonly at: 'complete'; readonly called: DialledNumber }
  | { readonly at: 'code'; readonly code: FeatureCode }
  | { readonly at: 'refused'; readonly refusal: DialRefusal };

/** Somebody in a conference. */
export type Party =
  | { readonly to: 'rtp'; readonly session: string }
  | { readonly to: 'line'; readonly port: number };

/** What a line plays or is joined to. The shell hands it to the media process as it is. */
export type Sound =
  | { readonly to: 'silence' }
  | {
      readonly to: 'tone';
      readonly tone:
        | 'dial'
        | 'secondDial'
        | 'ringback'
        | 'busy'
        | 'congestion'
        | 'howler'
        | 'confirmation'
        | 'refused'
        | 'hold'
        | GuideName;
    }
  | { readonly to: 'rtp'; readonly session: string }
  | { readonly to: 'line'; readonly port: number }
  | { readonly to: 'conference'; readonly with: readonly Party[] };

/** On and off times of ringing in ms, repeated. */
export type Cadence = readonly number[];

/**
 * One FXS port as the exchange sees it. `calling`, `ringing` and `talking` are the states in which the ear belongs to a
 * call; which one, and whether another is held, only the office knows (see `agent/features`).
 */
export type Line =
  | { readonly at: 'onHook' }
  /** `recall`: after a flash, with a call on hold. */
  | { readonly at: 'dialTone'; readonly recall: boolean }
  | {
      readonly at: 'dialling';
      readonly digits: string;
      readonly wait: 'interDigit' | 'shortNumber';
      readonly heard: boolean;
    }
  /** We called: what the ear hears until the answer. `more`: digits that may still become another number. */
  | { readonly at: 'calling'; readonly hears: Sound; readonly more: string | null }
  | { readonly at: 'ringing'; readonly cadence: Cadence }
  /** Answered; silence until the audio is joined. */
  | { readonly at: 'talking'; readonly hears: Sound }
  /** The answer to a code, in tones. */
  | { readonly at: 'told'; readonly tone: 'confirmation' | 'refused'; readonly because: string }
  /** `more`: digits of a call that could not be placed, with which a longer number begins. */
  | { readonly at: 'busyTone'; readonly because: string; readonly more?: string }
  /** `guide` is said first, where there is something to say. */
  | {
      readonly at: 'congestion';
      readonly because: string;
      readonly guide?: GuideName;
      readonly more?: string;
    }
  | { readonly at: 'howler' }
  /** The howler has given up; the handset is still off the hook. */
  | { readonly at: 'quiet' };

/** The one timer of a line. Arming replaces the one that runs. */
export type LineTimer = 'firstDigit' | 'interDigit' | 'shortNumber' | 'tone' | 'howler';

/** Everything that can happen to a line. */
export type LineInput =
  | { readonly type: 'offHook' }
  | { readonly type: 'onHook' }
  | { readonly type: 'flash'; readonly durationMs: number }
  | { readonly type: 'digit'; readonly digit: string; readonly by: 'dtmf' | 'pulse' | 'rtp' }
  | { readonly type: 'timer'; readonly timer: LineTimer }
  /** An incoming call wants the line to ring. */
  | { readonly type: 'ring'; readonly cadence: Cadence }
  /** The outgoing call has news for the ear: ringback or early media. */
  | { readonly type: 'progress'; readonly hears: Sound }
  /** The audio of an answered call is ready. */
  | { readonly type: 'connect'; readonly hears: Sound }
  /** The ear goes (back) to a call, whatever it heard before: after a flash, a transfer, a change of parties. */
  | { readonly type: 'join'; readonly hears: Sound }
  /** A call was put on hold: second dial tone. */
  | { readonly type: 'recall' }
  /** A code was carried out, or not. */
  | { readonly type: 'tell'; readonly tone: 'confirmation' | 'refused'; readonly because: string }
  /** The call is over, by the other side. `tone` is what the ear gets when somebody listens. */
  | {
      readonly type: 'callEnded';
      readonly tone: 'busy' | 'congestion';
      readonly because: string;
      readonly guide?: GuideName;
    }
  /** A call of an earlier run goes on with its audio untouched. */
  | { readonly type: 'adopt'; readonly hears: Sound }
  /** The board or the line is gone: taken as on hook, nothing can be played. */
  | { readonly type: 'lost' };

/** What to do about it, in this order. */
export type LineEffect =
  | { readonly type: 'hear'; readonly sound: Sound }
  | { readonly type: 'ring'; readonly cadence: Cadence }
  | { readonly type: 'ringStop' }
  | { readonly type: 'arm'; readonly timer: LineTimer; readonly ms: number }
  | { readonly type: 'disarm' }
  /** Begin an outgoing call. */
  | { readonly type: 'place'; readonly called: DialledNumber }
  /** Give up the outgoing call that is not answered: a further digit made it another number. */
  | { readonly type: 'withdraw' }
  /** Carry out a code; the line waits for `tell`, `join` or a call. */
  | { readonly type: 'code'; readonly code: FeatureCode }
  /** A hook flash within the window of the line. */
  | { readonly type: 'flash' }
  /** A digit in a call, which the far end hears too. */
  | { readonly type: 'digit'; readonly digit: string }
  /** The incoming call is answered. */
  | { readonly type: 'answer' }
  /** The call on the line is given up by this line. */
  | { readonly type: 'release'; readonly why: 'hungUp' | 'lost' }
  /** The line cannot take the incoming call. */
  | { readonly type: 'refuseRing' }
  /** One sentence for the trace of the line. */
  | { readonly type: 'note'; readonly say: string };

/** Times, habits and the dial plan of a line. */
export interface LinePlan {
  readonly firstDigitMs: number;
  readonly interDigitMs: number;
  /** The wait after a short number that a longer one begins with. */
  readonly shortNumberMs: number;
  /** How long busy or congestion tone plays until the howler. */
  readonly toneMs: number;
  /** How long the howler plays until the line is quiet. */
  readonly howlerMs: number;
  /** A break of the loop that is a flash. */
  readonly flash: { readonly leastMs: number; readonly mostMs: number };
  /** Whether dial pulses count. */
  readonly pulse: boolean;
  readonly collect: (digits: string) => Collected;
}

/** A new line. */
export const IDLE_LINE: Line = { at: 'onHook' };

/** True when the line can take an incoming call. */
export function isFree(line: Line): boolean {
  return line.at === 'onHook';
}

/** True when the line has a call. */
export function hasCall(line: Line): boolean {
  return line.at === 'calling' || line.at === 'ringing' || line.at === 'talking';
}

/** What the line must hear now; after a restart of the media process this is told to it again. */
export function soundOf(line: Line): Sound {
  switch (line.at) {
    case 'onHook':
    case 'ringing':
    case 'quiet':
      return { to: 'silence' };
    case 'dialTone':
      return { to: 'tone', tone: line.recall ? 'secondDial' : 'dial' };
    case 'dialling':
      return line.heard ? { to: 'tone', tone: 'secondDial' } : { to: 'silence' };
    case 'calling':
    case 'talking':
      return line.hears;
    case 'told':
      return { to: 'tone', tone: line.tone };
    case 'busyTone':
      return { to: 'tone', tone: 'busy' };
    case 'congestion':
      return { to: 'tone', tone: line.guide ?? 'congestion' };
    case 'howler':
      return { to: 'tone', tone: 'howler' };
  }
}

/** Anything that a line can be joined to, also by others than the calls. */
interface SoundLike {
  readonly to: string;
  readonly tone?: string;
  readonly session?: string;
  readonly port?: number;
  readonly with?: readonly SoundLike[];
}

/** True when both are the same to the ear. */
export function sameSound(one: SoundLike, other: SoundLike): boolean {
  return nameOf(one) === nameOf(other);
}

function nameOf({ to, tone, session, port, with: parties = [] }: SoundLike): string {
  return [to, tone, session, port, ...parties.map(nameOf).sort()].join(' ');
}

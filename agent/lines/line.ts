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
}

/** Digits that cannot be called, and the rule that says so. */
export interface DialRefusal {
  readonly rule: string;
  readonly say: string;
}

/** What the dial plan makes of the digits so far. */
export type Collected =
  /** Wait. `atTimeout` is what to do when no further digit comes, or when `#` is dialled. */
  { readonly at: 'incomplete'; readonly atTimeout: Final } | Final;

/** The dial plan's last word. */
export type Final =
  | { readonly at: 'complete'; readonly called: DialledNumber }
  | { readonly at: 'refused'; readonly refusal: DialRefusal };

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
        | 'callWaiting'
        | 'confirmation'
        | 'refused'
        | 'hold'
        | 'reference';
    }
  | { readonly to: 'rtp'; readonly session: string }
  | { readonly to: 'line'; readonly port: number }
  /** Three or four hear each other; who leaves does not part the others. */
  | { readonly to: 'conference'; readonly with: readonly ConferenceParty[] };

/** Somebody in a conference beside the line itself. */
export type ConferenceParty =
  | { readonly to: 'rtp'; readonly session: string }
  | { readonly to: 'line'; readonly port: number };

/** On and off times of ringing in ms, repeated. */
export type Cadence = readonly number[];

/**
 * One FXS port as the exchange sees it. `calling`, `ringing` and `talking` are the states with a call; a line never has
 * more than one, and which one it is only the calls room knows.
 */
export type Line =
  | { readonly at: 'onHook' }
  | { readonly at: 'dialTone' }
  | { readonly at: 'dialling'; readonly digits: string }
  /** We called: what the ear hears until the answer. */
  | { readonly at: 'calling'; readonly called: DialledNumber; readonly hears: Sound }
  | { readonly at: 'ringing'; readonly cadence: Cadence }
  /** Answered; silence until the audio is joined. */
  | { readonly at: 'talking'; readonly hears: Sound }
  | { readonly at: 'busyTone'; readonly because: string }
  | { readonly at: 'congestion'; readonly because: string }
  | { readonly at: 'howler' };

/** The one timer of a line. Arming replaces the one that runs. */
export type LineTimer = 'firstDigit' | 'interDigit' | 'tone';

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
  /** The call is over, by the other side. `tone` is what the ear gets when somebody listens. */
  | { readonly type: 'callEnded'; readonly tone: 'busy' | 'congestion'; readonly because: string }
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
  /** The incoming call is answered. */
  | { readonly type: 'answer' }
  /** The call on the line is given up by this line. */
  | { readonly type: 'release'; readonly why: 'hungUp' | 'lost' }
  /** The line cannot take the incoming call. */
  | { readonly type: 'refuseRing' }
  /** One sentence for the trace of the line. */
  | { readonly type: 'note'; readonly say: string };

/** Times and the dial plan of a line. */
export interface LinePlan {
  readonly firstDigitMs: number;
  readonly interDigitMs: number;
  /** How long busy or congestion tone plays until the howler. */
  readonly toneMs: number;
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
    case 'dialling':
      return { to: 'silence' };
    case 'dialTone':
      return { to: 'tone', tone: 'dial' };
    case 'calling':
    case 'talking':
      return line.hears;
    case 'busyTone':
      return { to: 'tone', tone: 'busy' };
    case 'congestion':
      return { to: 'tone', tone: 'congestion' };
    case 'howler':
      return { to: 'tone', tone: 'howler' };
  }
}

/** True when both are the same to the ear. */
export function sameSound(one: Sound, other: Sound): boolean {
  switch (one.to) {
    case 'silence':
      return other.to === 'silence';
    case 'tone':
      return other.to === 'tone' && other.tone === one.tone;
    case 'rtp':
      return other.to === 'rtp' && other.session === one.session;
    case 'line':
      return other.to === 'line' && other.port === one.port;
    case 'conference':
      return (
        other.to === 'conference' &&
        other.with.length === one.with.length &&
        one.with.every((party, index) => {
          const same = other.with[index];
          return same !== undefined && sameSound(party, same);
        })
      );
  }
}

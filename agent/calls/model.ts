import type { Instant } from '../../lib/base/clock.ts';
import type { CallId, FactId } from '../../lib/base/ids.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import type { PhoneConfig } from '../../lib/contract/lan-config.ts';
import type { LineConfig, SiteConfig } from '../../lib/contract/site-config.ts';
import type { AbsenceReason } from '../../lib/dsp/number-display/message.ts';
import type { DialogSnapshot, ReinviteOutcome, SessionEvent } from '../../lib/voice/sip/api.ts';
import type { FaxInput, FaxTimer } from '../fax/index.ts';
import type { Desk } from '../features/index.ts';
import type { Cadence, DialledNumber, Line, LineInput, LineTimer, Sound } from '../lines/index.ts';
import type {
  CallerDisplay,
  FaxFigures,
  GuideName,
  LineSettings,
  MediaSnapshot,
  RtpFigures,
} from '../media/protocol.ts';
import type { CallStatus } from '../status.ts';
import type { FaxEntry } from '../store/index.ts';
import type { AudioSdp, RemoteAudio } from './audio-sdp.ts';
import type { FaxOrder, LegFax } from './fax-call.ts';
import type { LegEnd, LegStart, UnfinishedLeg } from './journal.ts';

/** One leg of the box: also the name of its RTP session. Unique for ever. */
export type LegId = string;

/**
 * How far a leg is. `opening` waits for the RTP socket before the INVITE, `answering` waits for it before the 200;
 * internal legs have no socket and know only `ringing` and `talking`.
 */
export type LegStage = 'opening' | 'inviting' | 'ringing' | 'answering' | 'talking';

/** A call that is up or coming up, on one line of the box (on two when it is internal). */
export interface Leg {
  readonly id: LegId;
  readonly call: CallId;
  readonly direction: 'out' | 'in' | 'internal';
  /** The line that the call is on now; `account` is the one that it began on, whose ID it belongs to and who pays. */
  readonly port: number;
  /** The other line of an internal call. */
  readonly peerPort: number | null;
  readonly account: number;
  readonly seat: Seat;
  /** Lines that ring together for the end that nobody has taken yet (ring group): then `port` or `peerPort` says nothing. */
  readonly rings: readonly number[];
  /** Who of a ring group is called next. */
  readonly hunt: Hunt | null;
  /** Takes no channel: hands over a parked call, or stays in the office. [S0-059] [S0-050] */
  readonly free: boolean;
  /** Asks the service for the call that waits in this slot there. [S0-081] */
  readonly parkSlot: number | null;
  /** How often phones have sent the call on by themselves. */
  readonly forwards: number;
  /** The line that passed the call on: it rings there again when nobody takes it. */
  readonly passedBy: number | null;
  readonly serviceId: string;
  readonly from: string;
  readonly to: string;
  /** Why an incoming call has no number to show; left out when it has one, or when nobody said. */
  readonly absence?: AbsenceReason | null | undefined;
  readonly emergency: boolean;
  /** Counts up with every leg: the newest has the highest. */
  readonly order: number;
  readonly stage: LegStage;
  readonly startedAt: Instant;
  readonly answeredAt: Instant | null;
  /** On the monotonic clock. */
  readonly answeredMs: number | null;
  /** The offer of an incoming call, until it is answered. */
  readonly offer: string | null;
  /** Port of our RTP socket, null while there is none. */
  readonly localPort: number | null;
  readonly remote: RemoteAudio | null;
  /** The far end has put us on hold: no audio is expected. */
  readonly held: boolean;
  /** Up to this monotonic moment it was agreed that the far end sends nothing, or nobody could tell: silence counts from here. */
  readonly quietUntilMs: number;
  /** What the far end was last made to hear: the line, a tone, or another session. Calls with the outside only. */
  readonly farHears: FarSound;
  /** Whether the far end was told that it is on hold, and whether an offer that says so is on its way. */
  readonly hold: { readonly told: boolean; readonly offering: boolean };
  /** Presented in this call instead of the line's own number. [S0-089] */
  readonly presents: string | null;
  /** Trunks that were asked for this call, the last one last. */
  readonly asked?: readonly number[];
}

/** How a ring group goes on. */
export interface Hunt {
  readonly group: string;
  /** Extensions that begin to ring together; the next ones after `eachMs`. */
  readonly waves: readonly (readonly string[])[];
  readonly next: number;
  /** Those who ring go on ringing when the next ones begin, and nobody is called twice. */
  readonly adds: boolean;
  readonly eachMs: number;
}

/** Where the near end of a call is. */
export type Seat =
  /** With its line (lines, when internal): see the desk of each. */
  | { readonly at: 'line' }
  /** In a parking slot, put there by line `by`; that end of an internal call is with nobody. */
  | { readonly at: 'parked'; readonly slot: number; readonly by: number }
  /** Passed on: joined to another call with the outside, no line in it. */
  | { readonly at: 'bridged'; readonly other: LegId };

/** What the far end of a call hears. */
export type FarSound =
  | { readonly to: 'line' }
  | { readonly to: 'tone'; readonly tone: 'hold' | 'ringback' }
  | { readonly to: 'session'; readonly session: string };

/** One line of the running configuration. */
export interface PortState {
  readonly config: LineConfig;
  /** The desk phone that this is a place of; undefined for a line of the board. */
  readonly phone?: PhoneConfig;
  readonly line: Line;
  /** Which calls belong to the line, and which its ear has. */
  readonly desk: Desk;
  /** The number that redial calls. */
  readonly lastNumber: DialledNumber | null;
  /** Monotonic time of the last hook flash, while a digit may follow it. */
  readonly flashedMs: number | null;
  /** No longer in the configuration: dropped as soon as it is on hook. */
  readonly leaving: boolean;
}

/** Whether an account is registered at a trunk. */
export type TrunkStanding = 'up' | 'down';

/** Why no call may go outside, though there is a way: what is said, and what the record says. Emergency calls go all the same. */
export interface OutsideBar {
  readonly guide: GuideName;
  readonly because: string;
}

/** A leg whose audio is being closed; its record ends when the figures are there. */
export interface Closing {
  readonly leg: Leg;
  readonly end: Omit<LegEnd, 'media'>;
}

/** The whole office on this box. Plain data; replaced, never changed in place. */
export interface OfficeState {
  readonly config: SiteConfig | undefined;
  /** Ports that the board has, undefined until it has spoken. */
  readonly boardPorts: number | undefined;
  readonly boardUp: boolean;
  readonly mediaUp: boolean;
  /** Epoch ms at which the media process started that was last seen. */
  readonly mediaStartedAt: number | undefined;
  /** False until the legs of an earlier run are adopted or ended. */
  readonly ready: boolean;
  readonly ports: ReadonlyMap<number, PortState>;
  /** Handsets that are off hook, also of ports that have no line. */
  readonly offHook: ReadonlySet<number>;
  /** Numbers of the desk phones that are registered. */
  readonly reachable: ReadonlySet<number>;
  readonly legs: ReadonlyMap<LegId, Leg>;
  readonly closing: ReadonlyMap<LegId, Closing>;
  /** What is known of fax in calls with the outside. */
  readonly faxes: ReadonlyMap<LegId, LegFax>;
  /** How each account stands at each trunk, by `account/trunk`; left out while nothing is known. */
  readonly trunks: ReadonlyMap<string, TrunkStanding>;
  /** Whom each rotary group called first the last time. */
  readonly rotary: ReadonlyMap<string, string>;
  /** The night switch is on. */
  readonly night: boolean;
  readonly nextOrder: number;
  /** Ended legs, newest first. */
  readonly history: readonly CallStatus[];
}

/** A session event without its callbacks, so that it is data. */
export type SipNews =
  | Exclude<SessionEvent, { readonly type: 'offer' }>
  | { readonly type: 'offer'; readonly sdp: string };

/** Everything that can happen to the office. */
export type OfficeInput =
  /** Checked by {@link checkConfig} before. */
  | { readonly type: 'config'; readonly config: SiteConfig }
  | { readonly type: 'line'; readonly port: number; readonly input: LineInput }
  | { readonly type: 'board'; readonly up: boolean; readonly ports: number | undefined; readonly say: string }
  /** An account is registered at a trunk, or no longer. */
  | {
      readonly type: 'trunk';
      readonly account: number;
      readonly trunk: number;
      readonly standing: TrunkStanding | undefined;
    }
  /** A desk phone registered, or is no longer there. */
  | { readonly type: 'phone'; readonly phone: number; readonly reachable: boolean }
  /** A desk phone does not take the call that rings it; `to` is where it sends the caller instead (302). */
  | { readonly type: 'decline'; readonly port: number; readonly status: number; readonly to?: string }
  /** A desk phone takes exactly this call, which rings elsewhere or is parked (INVITE with Replaces). */
  | { readonly type: 'takeCall'; readonly port: number; readonly leg: LegId }
  /** A desk phone joins the calls of two of its places and leaves both. */
  | { readonly type: 'joinCalls'; readonly port: number; readonly other: number }
  /** The connection to the media process is gone, or back with what it holds. */
  | { readonly type: 'mediaAway' }
  | { readonly type: 'mediaGone' }
  | { readonly type: 'mediaBack'; readonly snapshot: MediaSnapshot }
  /** First thing after the start: what an earlier run left. `snapshot` is undefined when the media process is away. */
  | {
      readonly type: 'resume';
      readonly unfinished: readonly UnfinishedLeg[];
      readonly snapshot: MediaSnapshot | undefined;
      /** Calls of desk phones whose dialogs the earlier run left: by port, with their media sessions. */
      readonly phones?: ReadonlyMap<number, string>;
    }
  | { readonly type: 'rtpOpened'; readonly leg: LegId; readonly localPort: number }
  | { readonly type: 'rtpRefused'; readonly leg: LegId; readonly say: string }
  | { readonly type: 'rtpClosed'; readonly leg: LegId; readonly figures: RtpFigures | undefined }
  | { readonly type: 'rtpSilent'; readonly leg: LegId; readonly silentMs: number }
  | {
      readonly type: 'invite';
      readonly leg: LegId;
      readonly call: CallId | undefined;
      /** User part of the Request-URI: the SIP user of a line. */
      readonly user: string;
      readonly from: string;
      readonly to: string;
      readonly absence?: AbsenceReason | null | undefined;
      readonly sdp: string | undefined;
      /** Asks for the call that is parked in this slot. [S0-081] */
      readonly parkSlot?: number | undefined;
    }
  | { readonly type: 'sip'; readonly leg: LegId; readonly news: SipNews }
  | { readonly type: 'ringTimer'; readonly leg: LegId }
  /** Time for the next ones of a ring group. */
  | { readonly type: 'huntTimer'; readonly leg: LegId }
  /** What came of an offer of ours inside a call. */
  | {
      readonly type: 'reinvited';
      readonly leg: LegId;
      readonly purpose: 'hold' | 'fax';
      readonly outcome: ReinviteOutcome;
    }
  /** Tones, timers and news of the fax of a call. */
  | { readonly type: 'fax'; readonly leg: LegId; readonly input: FaxInput }
  | { readonly type: 'faxFigures'; readonly leg: LegId; readonly figures: FaxFigures }
  /** Time to tell the far end again whether it is on hold. */
  | { readonly type: 'holdTimer'; readonly leg: LegId }
  /** The agent is about to stop: calls that are not answered end, the others keep their audio. */
  | { readonly type: 'stop' };

/** What is known of the moment of an input. `fresh` is a call id that nobody has used. */
export interface Env {
  readonly now: Instant;
  readonly monoMs: number;
  readonly fresh: CallId;
  /** Our own address in session descriptions. */
  readonly host: string;
  readonly sdp: AudioSdp;
  /** Whether a line may call a number outside now. Absent: it may. */
  readonly barOf?: (called: DialledNumber, account: number) => OutsideBar | undefined;
  /** Whether a call from outside may ring now. Absent: it may. */
  readonly barIn?: () => OutsideBar | undefined;
}

/** What `sip` and media do not need to know, to find a leg again after a restart. Small JSON. */
export interface Adoptable {
  readonly v: 1;
  readonly leg: LegId;
  readonly peerPort: number | null;
  readonly localPort: number | null;
  readonly remote: RemoteAudio | null;
  readonly dialog: DialogSnapshot | null;
  /** The line that the call was on, where it is not the one that it began on. */
  readonly port?: number;
  /** It takes no channel. */
  readonly free?: boolean;
  /** The far end holds us, and need not send anything. */
  readonly held?: boolean;
  /** An emergency call: what is promised of it outlives a restart. */
  readonly emergency?: boolean;
  /** State of the fax, when the call was one. */
  readonly fax?: unknown;
}

/** What to do, in this order. The shell has no decision in it. */
export type OfficeEffect =
  | { readonly type: 'hear'; readonly port: number; readonly sound: Sound }
  | {
      readonly type: 'ring';
      readonly port: number;
      readonly cadence: Cadence;
      readonly display: CallerDisplay | null;
    }
  | { readonly type: 'ringStop'; readonly port: number }
  /** The call-waiting tone over what the line hears. */
  | {
      readonly type: 'overlay';
      readonly port: number;
      readonly tone: 'callWaiting' | null;
      readonly forMs?: number;
    }
  /** What the far end of a session hears that no line is joined to. */
  | { readonly type: 'sessionTone'; readonly leg: LegId; readonly tone: 'hold' | 'ringback' | null }
  | { readonly type: 'bridge'; readonly leg: LegId; readonly other: LegId }
  | { readonly type: 'lineSettings'; readonly port: number; readonly settings: LineSettings }
  | { readonly type: 'lineTimer'; readonly port: number; readonly timer: LineTimer; readonly ms: number }
  | { readonly type: 'lineTimerOff'; readonly port: number }
  | { readonly type: 'ringTimer'; readonly leg: LegId; readonly ms: number }
  | { readonly type: 'ringTimerOff'; readonly leg: LegId }
  | { readonly type: 'huntTimer'; readonly leg: LegId; readonly ms: number }
  | { readonly type: 'huntTimerOff'; readonly leg: LegId }
  | { readonly type: 'holdTimer'; readonly leg: LegId; readonly ms: number }
  | { readonly type: 'mediaTimer'; readonly ms: number }
  | { readonly type: 'mediaTimerOff' }
  /** Answered by `rtpOpened` or `rtpRefused`. */
  | { readonly type: 'rtpOpen'; readonly leg: LegId }
  | { readonly type: 'rtpConnect'; readonly leg: LegId; readonly remote: RemoteAudio }
  /** Answered by `rtpClosed`, whatever happens. */
  | { readonly type: 'rtpClose'; readonly leg: LegId }
  /** A session that nobody knows any more. */
  | { readonly type: 'rtpDrop'; readonly session: string; readonly of: LegStart | null }
  /** A fax command for the session of the leg; when T.38 is refused, `fax` comes back with `noT38`. */
  | { readonly type: 'fax'; readonly leg: LegId; readonly command: FaxOrder }
  /** At random between the two, in steps of 10 ms; `fax` comes back with the timer. */
  | {
      readonly type: 'faxTimer';
      readonly leg: LegId;
      readonly timer: FaxTimer;
      readonly fromMs: number;
      readonly toMs: number;
    }
  | { readonly type: 'faxTimerOff'; readonly leg: LegId; readonly timer: FaxTimer }
  | { readonly type: 'faxLog'; readonly entry: FaxEntry }
  | { readonly type: 'journalBegin'; readonly leg: LegId; readonly start: LegStart }
  | { readonly type: 'journalAnswered'; readonly leg: LegId; readonly at: Instant }
  | { readonly type: 'journalKeep'; readonly leg: LegId }
  | { readonly type: 'journalEnd'; readonly leg: LegId; readonly end: LegEnd }
  /** The open row of an earlier run now belongs to `leg`. */
  | { readonly type: 'journalAdopt'; readonly leg: LegId; readonly fact: FactId }
  | { readonly type: 'journalInterrupt'; readonly fact: FactId; readonly end: LegEnd }
  | {
      readonly type: 'sipInvite';
      readonly leg: LegId;
      readonly call: CallId;
      readonly port: number;
      readonly number: string;
      readonly sdp: string;
      readonly presents: string | null;
      readonly parkSlot: number | null;
      /** Which of the trunks is asked. */
      readonly trunk: number;
    }
  /** Offers anew inside the call; answered by `reinvited`. */
  | {
      readonly type: 'sipReinvite';
      readonly leg: LegId;
      readonly purpose: 'hold' | 'fax';
      readonly sdp: string;
    }
  | { readonly type: 'sipRinging'; readonly leg: LegId }
  | { readonly type: 'sipAnswer'; readonly leg: LegId; readonly sdp: string }
  | {
      readonly type: 'sipReject';
      readonly leg: LegId;
      readonly status: number;
      readonly cause: number;
      readonly text: string;
      /** Rule and sentence for the service. */
      readonly why?: string;
    }
  | { readonly type: 'sipHangUp'; readonly leg: LegId; readonly cause: number; readonly text: string }
  | { readonly type: 'sipAnswerOffer'; readonly leg: LegId; readonly sdp: string }
  | { readonly type: 'sipRefuseOffer'; readonly leg: LegId; readonly status: number }
  | { readonly type: 'sipAdopt'; readonly leg: LegId; readonly dialog: DialogSnapshot }
  /** The call of a desk phone goes on, on this place. */
  | { readonly type: 'phoneAdopt'; readonly port: number }
  /** Ends the call of an earlier run that cannot go on. */
  | { readonly type: 'sipBye'; readonly dialog: DialogSnapshot }
  /** The night switch outlives a restart. */
  | { readonly type: 'keepNight'; readonly on: boolean }
  | { readonly type: 'note'; readonly port: number | null; readonly leg: LegId | null; readonly say: string };

/** How a call is written into its record when it ends. */
export interface Ending {
  readonly end: EndReason;
  readonly because: string;
}

/** An office without configuration. */
export const EMPTY_OFFICE: OfficeState = {
  config: undefined,
  boardPorts: undefined,
  boardUp: false,
  mediaUp: false,
  mediaStartedAt: undefined,
  ready: false,
  ports: new Map(),
  offHook: new Set(),
  reachable: new Set(),
  legs: new Map(),
  closing: new Map(),
  faxes: new Map(),
  trunks: new Map(),
  rotary: new Map(),
  night: false,
  nextOrder: 1,
  history: [],
};

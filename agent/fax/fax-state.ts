import type { FaxTone } from '../media/protocol.ts';

/** Media that an offer or an answer of the far end holds, ports of 0 left out. */
export type OfferedMedia = 'audio' | 'image' | 'both' | 'nothing';

/** What may be done for the faxes of a line. */
export interface FaxSettings {
  /** False: T.38 is neither offered nor accepted, by the line's or the trunk's configuration. */
  readonly t38: boolean;
}

/** What was heard in a call so far. */
export interface FaxHeard {
  /** CNG from the network: who called us is a fax machine. */
  readonly cngFromNetwork: boolean;
  /** CED, ANSam or V.21 came from there first: that machine is the one that answers, and its side offers T.38. */
  readonly answerer: 'line' | 'network' | null;
}

/** Sound held back, each way by itself. */
export interface FaxMute {
  readonly toNetwork: boolean;
  readonly toLine: boolean;
}

interface Common {
  readonly heard: FaxHeard;
  readonly mute: FaxMute;
  /** We offered T.38 in this call and were refused or not answered: never again in this call. */
  readonly tried: boolean;
}

/** Where the fax of one call stands. Plain data: it is kept for the next run of the agent. */
export type FaxState =
  /** Not listened to: an internal call, or one that is not answered yet. */
  | { readonly at: 'off' }
  /** Voice, until a machine is heard. */
  /** `spoke`: V.21 of the far machine was heard, and we wait for the far end's offer. */
  | ({ readonly at: 'listening'; readonly spoke: boolean } & Common)
  /** Our re-INVITE to T.38 is under way. */
  | ({ readonly at: 'offering'; readonly glares: number } & Common)
  /** The far end offered at the same moment (491): wait, then offer again. */
  | ({ readonly at: 'glare'; readonly glares: number } & Common)
  /** `pending`: the answer to our offer is late and may still come. */
  | ({ readonly at: 'passthrough'; readonly because: string; readonly pending: boolean } & Common)
  | ({ readonly at: 't38'; readonly since: 'ours' | 'theirs' } & Common);

/** Timers of the fax of one call; arming replaces the one of the same name. */
export type FaxTimer = 'answer' | 'glare' | 'callerTry' | 'mute';

/** Everything that can happen to the fax of a call. */
export type FaxInput =
  /** The call is answered and has sound both ways, or (`image`) T.38 from the beginning. */
  | { readonly type: 'talking'; readonly image?: boolean }
  | { readonly type: 'tone'; readonly from: 'line' | 'network'; readonly tone: FaxTone }
  /** A re-INVITE or UPDATE with an offer, while the call is up. */
  | { readonly type: 'offer'; readonly media: OfferedMedia }
  /** Our offer was accepted; `media` is what the answer holds. */
  | { readonly type: 'accepted'; readonly media: OfferedMedia }
  | { readonly type: 'refused'; readonly status: number }
  | { readonly type: 'timer'; readonly timer: FaxTimer }
  /** Neither machine has said anything over T.38 for so long. */
  | { readonly type: 'silent'; readonly silentMs: number }
  /** The media process cannot speak T.38 on this call. */
  | { readonly type: 'noT38'; readonly say: string };

/** What to do, in this order. */
export type FaxEffect =
  | { readonly type: 'watch'; readonly on: boolean }
  | { readonly type: 'mute'; readonly mute: FaxMute }
  /** Re-INVITE with an image offer; answered by `accepted` or `refused`. */
  | { readonly type: 'offerImage' }
  /** Answer the offer of the far end with T.38; audio beside it gets port 0. */
  | { readonly type: 'acceptImage' }
  /** Answer it with audio; an image beside it gets port 0. */
  | { readonly type: 'acceptAudio' }
  | { readonly type: 'refuseOffer'; readonly status: 488 | 491 }
  /** The sound of the call becomes T.38, as agreed by the last accepted offer or answer. */
  | { readonly type: 'startT38' }
  | { readonly type: 'startPassthrough'; readonly because: string }
  | { readonly type: 'startVoice' }
  /** `fromMs` to `toMs`, at random, in steps of 10 ms (RFC 3261 §14.1). */
  | { readonly type: 'arm'; readonly timer: FaxTimer; readonly fromMs: number; readonly toMs: number }
  | { readonly type: 'disarm'; readonly timer: FaxTimer }
  /** The call must end. */
  | { readonly type: 'end'; readonly because: string }
  | { readonly type: 'note'; readonly say: string };

/** What is known besides the state. */
export interface FaxEnv {
  readonly settings: FaxSettings;
  /** True when our side made the call, and so its Call-ID. */
  readonly ownsCallId: boolean;
}

/** A state and what to do on the way into it. */
export interface FaxStepped {
  readonly state: FaxState;
  readonly effects: readonly FaxEffect[];
}

export const FAX_OFF: FaxState = { at: 'off' };

import type { InviteOptions, Session, SipHeaders, UserAgent } from '../api.ts';

/** The two legs of a call: `a` called us, `b` was called by us; after a transfer, whoever sits there. */
export type Side = 'a' | 'b';

export function otherSide(side: Side): Side {
  return side === 'a' ? 'b' : 'a';
}

/** Where a call goes on, and as whom it shows itself there. Nothing of the first leg is carried over but what is named. */
export interface BridgePlan {
  readonly agent: Pick<UserAgent, 'invite'>;
  readonly invite: Omit<InviteOptions, 'sdp' | 'maxForwards'>;
  /** Headers of the caller's INVITE that go on as they are. Default none. */
  readonly pass?: readonly string[];
}

/** What a caller is told instead. */
export interface Refusal {
  readonly status: number;
  readonly cause: number;
  readonly text: string;
  readonly headers?: SipHeaders;
}

/**
 * The descriptions of one call. The default passes them on as they are; whoever anchors the audio gives each leg its own
 * address and codecs here, which also hides the one from the other.
 */
export interface BridgeMedia {
  /** What the other leg is shown of a description of `from`; undefined when it cannot be: 488. */
  show(from: Side, sdp: string, kind: 'offer' | 'answer'): string | undefined;
  /** The call is over. */
  close(): void;
}

/** Who calls what, decided by the user of the B2BUA. */
export interface B2buaOptions {
  /** A new call. */
  route(session: Session, account: string | undefined): BridgePlan | Refusal;
  /** The party at `side` wants the other one to go to `uri` (RFC 3515). Absent: REFER is refused with 603. */
  transfer?(call: BridgeFacts, side: Side, uri: string, referredBy: string | undefined): BridgePlan | Refusal;
  /** Audio of a new call. Default: descriptions pass as they are. */
  media?(caller: Session): BridgeMedia;
  /** A call is over. */
  ended?(call: BridgeFacts, end: BridgeEnd): void;
  /** Calls at once. Default 5,000. */
  readonly limit?: number;
}

/** What there is to know of a call from outside. */
export interface BridgeFacts {
  /** The legs as they are now; `b` is absent when nobody was called. */
  readonly a: Session;
  readonly b: Session | undefined;
}

/** How a call ended. */
export interface BridgeEnd {
  readonly answered: boolean;
  /** Who ended it: a party, a loss on its leg, or we. */
  readonly by: Side | 'us';
  readonly how: 'cancelled' | 'refused' | 'hungUp' | 'lost' | 'stopped';
}

import type { Clock } from '../../base/clock.ts';
import type { Result } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { OwnHost } from '../../base/own-host.ts';
import type { Random } from '../../base/random.ts';
import type { RegisterOptions, RegistrarPort, Registration } from './registration/api.ts';
import type { Resolver } from './transport/resolver.ts';

export type { RegisterOptions, RegistrarPort, Registration, RegistrationState } from './registration/api.ts';

/** Where a flow goes. `tls` is the trunk; `udp` is the carrier side and the LAN. */
export interface SipAddress {
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** An address or a name. */
  readonly host: string;
  readonly port: number;
  /** The name is looked up by SRV first (RFC 3263); `port` is for a name without such records. */
  readonly srv?: boolean | undefined;
}

/** Addresses and ranges (`192.0.2.0/24`, `2001:db8::/32`) that may send to us. */
export interface AccessRules {
  /** Present: nobody else may. */
  readonly allow?: readonly string[];
  /** Wins over `allow`. */
  readonly deny?: readonly string[];
}

/** What a user agent listens on. */
export type SipListener =
  | { readonly transport: 'udp' | 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly transport: 'tls';
      readonly host: string;
      readonly port: number;
      readonly certPem: string;
      readonly keyPem: string;
    };

/** A header as it goes on the wire: canonical name and value. Order is kept. */
export type SipHeaders = readonly (readonly [name: string, value: string])[];

/** What the user of a call sees of the INVITE that made it. */
export interface InviteFacts {
  readonly callId: string;
  /** Hops that are left to it; undefined where it does not say. */
  readonly maxForwards?: number;
  /** The flow it came over; for a request over a registered flow `registration` names the account. */
  readonly source: SipAddress;
  readonly requestUri: string;
  readonly toUser: string;
  readonly fromUser: string;
  readonly fromDisplay: string;
  /** Values of a header, case-insensitive, in order. */
  header(name: string): readonly string[];
  readonly sdp: string | undefined;
}

/** Cause and text for the Reason header (RFC 3326). */
export interface SipReason {
  /** Default `Q.850`. `SIP` with cause 200 on a CANCEL says that the call was completed elsewhere. */
  readonly protocol?: 'Q.850' | 'SIP';
  readonly cause: number;
  readonly text: string;
}

/** What happens to a call after it was made. */
export type SessionEvent =
  | {
      readonly type: 'progress';
      readonly status: number;
      readonly sdp: string | undefined;
      /** To tag of the one that says so: a forked call has several, each with its own early media (RFC 3960). */
      readonly branch?: string;
      /** Sent reliably: the answer in it stands (RFC 3262 §5). */
      readonly reliable?: boolean;
    }
  | { readonly type: 'answered'; readonly sdp: string | undefined }
  /** The call never came up. `status` 408 when nobody answered the request at all, 503 when it could not be sent. */
  | {
      readonly type: 'failed';
      readonly status: number;
      readonly reason: SipReason | undefined;
      readonly why: string | undefined;
      /** Where a 3xx says that the callee is: URIs, best first. */
      readonly contacts?: readonly string[];
    }
  /** The caller gave up before the answer (CANCEL). */
  | { readonly type: 'cancelled'; readonly reason: SipReason | undefined }
  /** BYE from the peer, or the dialog died (`lost`: no answer to a request inside it). */
  | { readonly type: 'ended'; readonly by: 'peer' | 'lost'; readonly reason: SipReason | undefined }
  /** A re-INVITE or UPDATE with an offer; `answer` or `refuse` it at once. */
  | {
      readonly type: 'offer';
      readonly sdp: string;
      readonly answer: (sdp: string) => void;
      readonly refuse: (status: number) => void;
    };

/** What must be kept to go on with a dialog after a restart. Plain JSON. */
export interface DialogSnapshot {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localUri: string;
  readonly remoteUri: string;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
  readonly localSequence: number;
  readonly remoteSequence: number;
  readonly via: SipAddress;
  /** The registered account at the other end, on the side that keeps the registrations. */
  readonly account?: string;
  /** Last session descriptions, so that a refresh can repeat them. */
  readonly localSdp: string | undefined;
  readonly remoteSdp: string | undefined;
  /** The session timer that was agreed (RFC 4028); it starts anew when the dialog is taken up. */
  readonly timer?: { readonly expiresS: number; readonly refresher: 'us' | 'peer' };
}

/** What names a dialog from our side. */
export interface DialogId {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

/** How an offer inside a call is made. */
export interface ReinviteOptions {
  /**
   * Where the other side is offering at the same moment (491), try again by itself, this many times, after the pauses of
   * RFC 3261 §14.1. Default none: the user decides.
   */
  readonly retries?: number;
  /** UPDATE where the peer takes it (RFC 3311), which asks nobody at the phone; else, and by default, re-INVITE. */
  readonly by?: 'INVITE' | 'UPDATE';
}

/** A REFER of ours inside a call (RFC 3515): the peer is asked to call somebody else. */
export interface ReferOptions {
  /**
   * Whom: a URI; or the party of another call of ours, whose dialog the new call is to replace (attended transfer,
   * RFC 3891). With `target` the peer of that call is reached at another URI than its Contact.
   */
  readonly to:
    | { readonly uri: string }
    | { readonly replaces: Pick<Session, 'dialogId' | 'snapshot'>; readonly target?: string };
  /** On whose behalf (RFC 3892), a URI. */
  readonly referredBy?: string;
  /**
   * How far the new call is, as the peer tells it: 202 when it has taken the REFER, then the statuses of its INVITE.
   * `final` comes once: with a refusal, with the last NOTIFY, or with 408 when nothing more comes.
   */
  onProgress(status: number, final: boolean): void;
}

/** What came of an offer of ours inside a call. 491: the other side is offering too, try again in a moment. */
export type ReinviteOutcome =
  | { readonly ok: true; readonly sdp: string | undefined }
  | { readonly ok: false; readonly status: number };

/** One call with one party. Every verb is idempotent once the call is over. */
export interface Session {
  readonly direction: 'in' | 'out';
  readonly invite: InviteFacts;
  listen(listener: (event: SessionEvent) => void): void;
  /** 180, or 183 with early media. Incoming calls only, before the answer. */
  progress(status: 180 | 183, sdp?: string): void;
  /** 200 with the answer (or the offer when the INVITE had none). Retransmitted until ACK. */
  answer(sdp: string): void;
  /** A final refusal of an incoming call. `headers` are added. */
  reject(status: number, reason?: SipReason, headers?: SipHeaders): void;
  /**
   * Offers anew inside the call (RFC 3261 §14.1), one offer at a time; `settled` is called once. 481 when the call is
   * not up. A refused offer leaves everything as it was; a peer that no longer knows the call ends it (`lost`).
   */
  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void, options?: ReinviteOptions): void;
  /** CANCEL before the answer, BYE after; nothing when over. */
  hangUp(reason?: SipReason): void;
  /** Present once the dialog is confirmed. */
  snapshot(): DialogSnapshot | undefined;
  /** Answers the offer of a 200 whose INVITE had none, in its ACK. Outgoing calls only. */
  acknowledge?(sdp: string): void;
  /** Asks (OPTIONS) whether the peer still knows the call: 481 says no. `undefined`: nothing came back. Ends nothing. */
  probe?(told: (knows: boolean | undefined) => void): void;
  /** Asks the peer to call somebody else. Only inside a call that is up. */
  refer?(options: ReferOptions): void;
  /** Present as soon as the peer has a tag, early dialogs included: what a Replaces header names. */
  dialogId?(): DialogId | undefined;
  /** The call whose place this one is to take (RFC 3891): answer this one, then hang that one up. */
  readonly replaces?: Session;
}

/**
 * Reliable provisional responses (RFC 3262). `off`: never, and `Require: 100rel` is refused with 420. `supported`: where the
 * other side can or wants it. `required`: calls of ours demand it.
 */
export type ReliableHabit = 'off' | 'supported' | 'required';

/** What we want of session timers (RFC 4028), so that a call whose peer died without a word ends. */
export interface SessionTimerHabit {
  /** Time without a refresh after which a call is dead. At least 90 s. */
  readonly expiresS: number;
  /** The shortest that is taken from others (Min-SE): 422 below it. Default 90 s. */
  readonly minS?: number;
}

/** An outgoing call. */
export interface InviteOptions {
  /** Next hop: a flow of a registration (cloud → gateway), or an address. */
  readonly to: SipAddress | { readonly registration: string };
  readonly requestUri: string;
  readonly from: { readonly uri: string; readonly display?: string };
  readonly toUri: string;
  /** Absent: the callee offers in its 200, and `acknowledge` answers. */
  readonly sdp?: string;
  readonly headers?: SipHeaders;
  readonly credentials?: Credentials;
  /** For this call, where it differs from the agent's `reliable`. */
  readonly reliable?: ReliableHabit;
  /** Hops that are left; a call that is passed on has fewer than the one that it continues. Default 70. */
  readonly maxForwards?: number;
  /** Give up when there is no final answer after this long (Timer C). Default 180 s. */
  readonly noAnswerMs?: number;
  /**
   * `failed` with 408 where nothing at all has come back for so long, not even 100: whoever waits need not wait for all
   * repetitions. What still comes after that is ended.
   */
  readonly unheardMs?: number;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** A REFER inside a call (RFC 3515). */
export interface IncomingRefer {
  /** Call-ID of the call. */
  readonly callId: string;
  /** The Refer-To header as it stands. */
  readonly referTo: string;
  readonly referredBy: string | undefined;
  /** Referrer wants no NOTIFYs (RFC 4488): `tell` says nothing then. */
  readonly quiet?: boolean;
  /** 202. */
  accept(): void;
  refuse(status: number): void;
  /** How far the new call is, as the status of its INVITE. */
  tell(status: number, final: boolean): void;
}

/** What a subscription is for. */
export interface SubscriptionFacts {
  readonly account: string;
  /** `dialog`, `message-summary`. */
  readonly event: string;
  /** User part of the Request-URI. */
  readonly resource: string;
}

/** State of a resource, as the body of a NOTIFY. */
export interface EventState {
  readonly contentType: string;
  readonly body: string;
  /** What the subscriber knows once it has this; handed back for the next NOTIFY, so that only changes need be told. */
  readonly told?: unknown;
}

/** What may be subscribed to (RFC 6665). */
export interface EventsPort {
  /** The package exists, and this account may see this resource: 200; else the status of the refusal. */
  permits(subscription: SubscriptionFacts): number;
  /**
   * The state; `version` counts the NOTIFYs of one subscription from 0. `told` is what the one before was remembered by;
   * undefined where the whole state is due (first, and after every SUBSCRIBE).
   */
  stateOf(subscription: SubscriptionFacts, version: number, told: unknown): EventState;
}

/** How a subscription of ours stands (RFC 6665 §4.1.2). */
export type SubscriptionState =
  | { readonly at: 'pending' | 'active'; readonly expiresInS: number }
  /** Refused, ended by the notifier or silent. `retryInMs` where we try again by ourselves. */
  | { readonly at: 'ended'; readonly status: number; readonly reason: string; readonly retryInMs?: number };

/** A subscription of ours, kept alive until `stop`. */
export interface SubscribeOptions {
  readonly to: SipAddress;
  /** The resource. */
  readonly requestUri: string;
  readonly from: { readonly uri: string };
  /** `dialog`, `message-summary`, … */
  readonly event: string;
  readonly accept: string;
  readonly expiresS: number;
  readonly credentials?: Credentials;
  onState(state: SubscriptionState): void;
  /** A NOTIFY with a body, in order. */
  onNotify(contentType: string, body: string): void;
}

/** One request outside any call. */
export interface RequestOptions {
  readonly to: { readonly registration: string };
  readonly method: string;
  readonly from: { readonly uri: string };
  readonly headers: SipHeaders;
  readonly body?: string;
  /** Answers a challenge of the peer. */
  readonly credentials?: Credentials;
}

/** Counters for diagnostics and tests. */
export interface SipCounters {
  messagesReceived: number;
  messagesSent: number;
  dropped: number;
  rejected: number;
  retransmitsSent: number;
  rateLimited: number;
  /** Requests that came by two ways or back to us (482). */
  loops: number;
  /** Transactions that we ended because our own user never did. */
  abandoned: number;
  /** Calls that ended because their session timer ran out (RFC 4028). */
  expired: number;
  /** Calls whose BYE nobody answered in four minutes, or for which there was no room to say it again. */
  byesGivenUp: number;
}

/** A message on its way, decrypted where it is encrypted on the wire. The bytes are the message's own: who keeps them copies them. */
export interface TappedMessage {
  readonly direction: 'in' | 'out';
  readonly transport: SipAddress['transport'];
  readonly local: { readonly host: string; readonly port: number };
  readonly remote: { readonly host: string; readonly port: number };
  readonly bytes: Buffer;
}

/** A place to watch every message of a user agent from. */
export interface SipTap {
  /** Undefined while nobody watches: then a message costs one look at it. Must not throw. */
  watch: ((message: TappedMessage) => void) | undefined;
}

/** Takes a datagram. The bytes may be the socket's own: they are valid until the call returns. */
export type TakeDatagram = (bytes: Buffer, host: string, port: number) => void;

/** A bound UDP socket. `failed` is told later, and `send` never throws. */
export interface SipDatagramSocket {
  send(bytes: Buffer, host: string, port: number, failed: (say: string) => void): void;
  close(): void | Promise<void>;
}

/** What is alive in a user agent at the moment: all zero when nothing goes on. */
export interface SipFigures {
  readonly calls: number;
  readonly dialogs: number;
  readonly transactions: number;
  readonly subscriptions: number;
}

export interface UserAgentOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly product: string;
  readonly listeners: readonly SipListener[];
  /** Local address that outgoing TCP and TLS connections bind to; one that may change is asked for at every connection. */
  readonly localHost: OwnHost;
  /** PEM of the one authority that TLS peers are checked against. */
  readonly caPem?: string;
  /** Name a TLS peer's certificate must carry, when it differs from the address (SNI and check). */
  readonly tlsServerName?: string;
  /** Present on the cloud: answers REGISTER and authenticates INVITEs of registered users. */
  readonly registrar?: RegistrarPort & {
    readonly realm: string;
    /**
     * Digest algorithms offered, best first. Default SHA-256 and MD5. Old devices give up when SHA-256 is offered at
     * all (seen with baresip 1.0) or first (sipp 3.6): where such register, offer MD5 alone.
     */
    readonly algorithms?: readonly ('SHA-256' | 'MD5')[];
  };
  /** Datagrams and connections accepted per second and source, by token bucket. */
  readonly rateLimit?: { readonly perSecond: number; readonly burst: number };
  /**
   * A new INVITE. On the cloud `account` is the authenticated user for a call from a registered flow, undefined for
   * one from a listener without authentication (the carrier's, which is admitted by address).
   */
  onInvite(session: Session, account: string | undefined): void;
  /** Takes REFER inside calls; without it REFER is refused with 405. */
  onRefer?(refer: IncomingRefer): void;
  /** What authenticated users may subscribe to; without it SUBSCRIBE is refused with 405. Needs a registrar. */
  readonly events?: EventsPort;
  /**
   * Live transactions at most; beyond it new requests get 503. Each lives half a minute after its end. Default 20,000, which
   * is some 200 calls a second through a B2BUA.
   */
  readonly transactions?: number;
  /** Session timers; without it none are asked for, and `Require: timer` is refused with 420. */
  readonly sessionTimer?: SessionTimerHabit;
  /** Default `off`. */
  readonly reliable?: ReliableHabit;
  /**
   * INVITE with Replaces (RFC 3891). `matched`: its dialog is looked for here, 481 where there is none; the new call has the
   * old one in `replaces`. `named`: the names in it are the user's own (as a lamp shows them), and the header is left to it.
   * Without it the extension is not claimed.
   */
  readonly replaces?: 'matched' | 'named';
  /** Sources of which nothing is read at all: strangers, and those who guess passwords. */
  shuns?(source: SipAddress): boolean;
  /** Who may send at all, asked before anything is read and before a TLS handshake. Default: everybody. */
  readonly access?: AccessRules;
  /** Names to addresses, for what we open ourselves. Default: the machine's. */
  readonly resolver?: Resolver;
  /**
   * UDP sockets for addresses of IPv4, for whoever has better ones than Node's, whose every datagram costs as much time as a
   * message takes to read.
   */
  openDatagrams?(host: string, port: number, take: TakeDatagram): Result<SipDatagramSocket>;
  /** Where messages can be watched; keepalives are none. */
  readonly tap?: SipTap;
  /** Decides by source whether an unauthenticated request is admitted. Default: none where there is a registrar. */
  admits?(source: SipAddress): boolean;
}

/**
 * Everything two SIP parties need, over real sockets. `start` binds and throws a `StartupError` that names the port when
 * it is taken. Made by `createUserAgent` in `user-agent.ts`.
 */
export interface UserAgent {
  start(): Promise<void>;
  stop(): Promise<void>;
  invite(options: InviteOptions): Session;
  register(options: RegisterOptions): Registration;
  /** Takes up a confirmed dialog again after a restart. */
  adopt(snapshot: DialogSnapshot): Session;
  readonly counters: Readonly<SipCounters>;
  /** Subscribes to the state of something elsewhere, until `stop`. */
  subscribe?(options: SubscribeOptions): { stop(): void };
  /** Ends the registration of an account: nobody is called there until it registers anew, with whatever `ha1` says then. */
  endBinding?(account: string): void;
  figures?(): SipFigures;
}

/** One registration. */
export interface BindingFacts {
  readonly contact: string;
  readonly source: SipAddress;
  /** Its User-Agent. */
  readonly agent: string;
  readonly callId: string;
  readonly expiresInS: number;
}

/** A user agent with a registrar: what it can do for those who are registered. */
export interface RegistrarAgent extends UserAgent {
  /** Who is registered where, and the Contact that it wants to be called by. */
  bindingOf(account: string): BindingFacts | undefined;
  /** Remembers a registration of an earlier process: over UDP, because connections die with theirs. False for others. */
  restoreBinding(account: string, binding: BindingFacts): boolean;
  /** Sends one request to a registered account; the status of its answer, 408 without one, 480 when not registered. */
  request(options: RequestOptions): Promise<number>;
  /** Tells every subscriber of a resource its state anew. */
  stateChanged(event: string, resource: string): void;
}

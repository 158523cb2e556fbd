import type {
  DialogId,
  DialogSnapshot,
  ReferOptions,
  ReinviteOptions,
  ReinviteOutcome,
  Session,
  SipHeaders,
  SipReason,
} from '../api.ts';
import { type ResponseDraft, type SipRequest, type SipResponse, sdpOf } from '../codec/message.ts';
import { parseReason, writeReason } from '../codec/reason.ts';
import { responseTo } from '../codec/respond.ts';
import { acceptInside, type Dialog } from '../dialog/dialog.ts';
import type { Signer } from '../digest/client.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { missingExtensions } from '../uas-checks.ts';
import type { DialogUsage, Peer, SessionCore } from './core.ts';
import type { SessionEvents } from './events.ts';
import { DialogLink, lists } from './link.ts';
import { judgeOffer, mayOffer, type OfferFacts } from './offer-verdict.ts';
import { OwnOffer } from './own-offer.ts';
import { Referred } from './referred.ts';
import { Referring } from './referring.ts';
import type { ReliableResponses } from './reliable.ts';
import {
  askForTimer,
  judgeTimer,
  leastOf,
  SessionTimer,
  type TimerTerms,
  termsOfAnswer,
} from './session-timer.ts';
import { TheirOffer } from './their-offer.ts';
import { UntilAck } from './until-ack.ts';

/** A refresh that crosses something is tried again so often. */
const REFRESH_RETRIES = 4;

/** What one dialog is made of. */
export interface InDialogOptions {
  readonly core: SessionCore;
  readonly session: Session;
  readonly dialog: Dialog;
  readonly peer: Peer;
  readonly events: SessionEvents;
  readonly localUser: string;
  readonly localSdp: string | undefined;
  readonly remoteSdp: string | undefined;
  readonly signer: Signer | undefined;
  /** We made the call. */
  readonly caller: boolean;
  /** The first offer was answered before this dialog was taken up. */
  readonly settled: boolean;
  /** A BYE came: how the call that this belongs to hears of it. */
  bye(reason: SipReason | undefined): void;
  /** Called once when the dialog is gone. */
  gone(): void;
}

/** What goes on inside a dialog: BYE both ways, offers both ways, 2xx until ACK, PRACK, REFER, session timer. */
export class InDialog implements DialogUsage {
  readonly link: DialogLink;
  readonly #options: InDialogOptions;
  readonly #untilAck: UntilAck;
  readonly #timer: SessionTimer;
  readonly #referred: Referred;
  readonly #referring: Referring;
  #localSdp: string | undefined;
  #remoteSdp: string | undefined;
  readonly #theirs: TheirOffer;
  #own: OwnOffer | undefined;
  #settled: boolean;
  #confirmed = false;
  #reliable: ReliableResponses | undefined;
  /** The peer takes UPDATE; assumed not until it says so. */
  #updates = false;
  #leastS = 0;
  #state: 'up' | 'byeWaits' | 'over' = 'up';
  #byeReason: SipReason | undefined;

  constructor(options: InDialogOptions) {
    const { core, dialog, peer, localUser, signer } = options;
    this.#options = options;
    this.#localSdp = options.localSdp;
    this.#remoteSdp = options.remoteSdp;
    this.#settled = options.settled;
    this.link = new DialogLink(core, dialog, peer, localUser, signer);
    this.#untilAck = new UntilAck(core.clock, () => this.#lost());
    this.#timer = new SessionTimer(
      core.clock,
      () => this.#refresh(),
      () => this.#expired(),
    );
    this.#theirs = new TheirOffer(this.link, options.events);
    this.#referred = new Referred(this.link);
    this.#referring = new Referring(this.link);
  }

  start(): void {
    this.#options.core.addDialog(this.link.key, this);
  }

  get remoteTag(): string {
    return this.link.dialog.remoteTag;
  }

  get id(): DialogId {
    return this.link.id;
  }

  standing(): ReturnType<NonNullable<DialogUsage['standing']>> {
    if (this.#state !== 'up') return undefined;
    const early = this.#options.caller ? 'calling' : 'called';
    return { session: this.#options.session, at: this.#confirmed ? 'up' : early };
  }

  describe(local: string | undefined, remote: string | undefined): void {
    this.#localSdp = local ?? this.#localSdp;
    this.#remoteSdp = remote ?? this.#remoteSdp;
  }

  /** The first offer has its answer (RFC 3264): others may follow, also before the call is up. */
  settle(): void {
    this.#settled = true;
  }

  /** The dialog is up, as its 2xx has it. */
  confirm(terms: TimerTerms | undefined): void {
    this.#confirmed = true;
    this.#timer.agree(terms);
  }

  /** Learns what the peer takes, from any message of it. */
  learn(message: SipRequest | SipResponse): void {
    if (message.headers.get('allow') === undefined) return;
    this.#updates = message.headers.list('allow').some((method) => method.toUpperCase() === 'UPDATE');
  }

  /** Provisional responses of this dialog that PRACKs may acknowledge. */
  expectPracks(reliable: ReliableResponses | undefined): void {
    this.#reliable = reliable;
  }

  /** A request of the peer inside this dialog, ACK apart. */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction;
    const { core } = this.#options;
    const next = acceptInside(this.link.dialog, request);
    if (this.#state === 'over' && request.method !== 'BYE') {
      this.link.reply(transaction, 481);
      return;
    }
    if (next === undefined) {
      this.link.reply(transaction, 500);
      return;
    }
    const missing = missingExtensions(request, core.supported);
    if (missing.length > 0) {
      this.link.reply(transaction, 420, { headers: [['Unsupported', missing.join(', ')]] });
      return;
    }
    this.learn(request);
    switch (request.method) {
      case 'INVITE':
      case 'UPDATE':
        this.#offerCame(transaction, next, request.method);
        return;
      case 'PRACK':
        this.#prackCame(transaction, next);
        return;
      default:
        this.link.become(next);
        this.#otherCame(transaction);
        return;
    }
  }

  /** The ACK of a 2xx of ours. */
  acknowledge(request: SipRequest): void {
    if (!this.#untilAck.acknowledge(request) || this.#state !== 'byeWaits') return;
    this.#referred.whenTold(() => this.#sendBye());
  }

  /** Sends a 2xx and repeats it until its ACK. */
  respondUntilAck(
    transaction: ServerTransaction,
    draft: ResponseDraft,
    acknowledged: (request: SipRequest) => void,
  ): void {
    this.#untilAck.send(transaction, draft, acknowledged);
  }

  /** The ACK of a 2xx of the peer's, as bytes are made of it each time one is repeated. */
  sendAck(sequence: number, extra: SipHeaders, body?: string): (() => void) | undefined {
    return this.link.sendAck(sequence, extra, body);
  }

  /** Offers anew, one offer at a time: a crossing one of either side is glare (RFC 3261 §14.1). */
  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void, options: ReinviteOptions = {}): void {
    const by = options.by === 'UPDATE' && this.#updates ? 'UPDATE' : 'INVITE';
    const free = this.#own === undefined && (mayOffer(by, this.#facts()) || this.#busyForNow(options));
    if (this.#state !== 'up' || !free) {
      settled({ ok: false, status: this.#state === 'up' ? 491 : 481 });
      return;
    }
    this.#offerOut(sdp, { ...options, by }, (outcome) => settled(outcome));
  }

  /** What is in the way is an offer of the peer's, or an ACK that is to come: worth waiting for. */
  #busyForNow({ retries = 0 }: ReinviteOptions): boolean {
    const { unacknowledged } = this.#facts();
    return retries > 0 && this.#confirmed && this.#settled && (this.#theirs.open || unacknowledged);
  }

  probe(told: (knows: boolean | undefined) => void): void {
    const done = (status: number, response?: SipResponse): void =>
      told(response === undefined ? undefined : status !== 481);
    if (this.#state === 'up' && this.#confirmed) this.link.request('OPTIONS', {}, { done });
    else told(undefined);
  }

  refer(options: ReferOptions): void {
    if (this.#state === 'up' && this.#confirmed) this.#referring.send(options);
    else options.onProgress(481, true);
  }

  /** Ends the call. A callee must not send BYE before the ACK of its 2xx (RFC 3261 §15); then it waits for it. */
  bye(reason: SipReason | undefined): void {
    if (this.#state !== 'up') return;
    this.#byeReason = reason;
    this.#options.events.close();
    this.#state = 'byeWaits';
    if (!this.#untilAck.waits) this.#referred.whenTold(() => this.#sendBye());
  }

  /** Ends a dialog that the user never heard of. */
  byeSilently(): void {
    this.#sendBye();
  }

  /** Forgets a dialog that was never confirmed. */
  drop(): void {
    if (this.#state !== 'over') this.#over();
  }

  snapshot(): DialogSnapshot | undefined {
    if (this.#state === 'over') return undefined;
    const { peer } = this.#options;
    const via = peer.kind === 'address' ? peer.address : this.link.flow()?.remote;
    if (via === undefined) return undefined;
    const account = peer.kind === 'account' ? { account: peer.user } : {};
    const timer = this.#timer.terms === undefined ? {} : { timer: this.#timer.terms };
    const described = { localSdp: this.#localSdp, remoteSdp: this.#remoteSdp };
    return { ...this.link.dialog, via, ...described, ...account, ...timer };
  }

  #otherCame(transaction: ServerTransaction): void {
    const { allow } = this.#options.core;
    switch (transaction.request.method) {
      case 'BYE':
        this.#byeCame(transaction);
        return;
      case 'OPTIONS':
        this.link.reply(transaction, 200, { headers: [['Allow', allow]] });
        return;
      case 'REFER':
        this.#referred.receive(transaction);
        return;
      case 'NOTIFY':
        if (!this.#referring.notified(transaction)) this.link.reply(transaction, 481);
        return;
      case 'SUBSCRIBE':
        if (!this.#referred.subscribe(transaction)) this.link.reply(transaction, 489);
        return;
      default:
        this.link.reply(transaction, 405, { headers: [['Allow', allow]] });
        return;
    }
  }

  #facts(): OfferFacts {
    const own = this.#own?.open === true ? this.#own : undefined;
    const { caller } = this.#options;
    const first = this.#settled ? 'none' : caller ? 'ours' : 'theirs';
    return {
      open: this.#theirs.open ? 'theirs' : own?.describes === true ? 'ours' : first,
      settled: this.#settled,
      ownInvite: own?.invites === true || (caller && !this.#confirmed),
      theirInvite: !caller && !this.#confirmed,
      unacknowledged: this.#untilAck.waits,
    };
  }

  // --- the peer offers ---

  /** A re-INVITE or an UPDATE (RFC 3261 §14.2, RFC 3311 §5.2). */
  #offerCame(transaction: ServerTransaction, next: Dialog, method: 'INVITE' | 'UPDATE'): void {
    const sdp = sdpOf(transaction.request);
    const verdict = judgeOffer(method, sdp !== undefined, this.#facts());
    if (verdict !== 'take') {
      const headers: SipHeaders = verdict === 500 ? [['Retry-After', '2']] : [];
      this.link.reply(transaction, verdict, { headers });
      return;
    }
    const { sessionTimer } = this.#options.core;
    const timer = judgeTimer(transaction.request, sessionTimer);
    if (timer.kind === 'malformed' || timer.kind === 'tooBrief') {
      this.link.become({ ...this.link.dialog, remoteSequence: next.remoteSequence });
      if (timer.kind === 'malformed') this.link.reply(transaction, 400);
      else this.link.reply(transaction, 422, { headers: timer.headers });
      return;
    }
    this.link.become(next);
    const accept = (local: string | undefined): void => {
      const agreed = timer.kind === 'terms' ? timer.terms : undefined;
      if (this.#confirmed) this.#timer.agree(agreed);
      this.#accept(transaction, local, timer.kind === 'terms' ? timer.headers : []);
    };
    if (sdp === undefined) accept(this.#localSdp);
    else this.#ask(transaction, sdp, accept, () => undefined);
  }

  /** PRACK of a reliable provisional response of ours (RFC 3262 §3); it may carry an offer. */
  #prackCame(transaction: ServerTransaction, next: Dialog): void {
    const reliable = this.#reliable;
    const sdp = sdpOf(transaction.request);
    if (reliable === undefined || !reliable.acknowledge(transaction.request)) {
      this.link.become({ ...this.link.dialog, remoteSequence: next.remoteSequence });
      this.link.reply(transaction, 481);
      return;
    }
    this.link.become(next);
    const verdict = judgeOffer('PRACK', sdp !== undefined, this.#facts());
    const answer = (status: number, body?: string): void => {
      this.link.reply(transaction, status, body === undefined ? {} : { body });
      reliable.proceed();
    };
    if (sdp === undefined) answer(200);
    else if (verdict !== 'take') answer(verdict);
    else
      this.#ask(
        transaction,
        sdp,
        (local) => answer(200, local),
        () => reliable.proceed(),
      );
  }

  #ask(
    transaction: ServerTransaction,
    sdp: string,
    accept: (local: string) => void,
    refused: () => void,
  ): void {
    const taken = (local: string): void => {
      this.describe(local, sdp);
      accept(local);
    };
    this.#theirs.ask(transaction, sdp, taken, refused);
  }

  /** 200 to a re-INVITE (until ACK) or UPDATE. A refresh without an offer is answered with what we said last. */
  #accept(transaction: ServerTransaction, sdp: string | undefined, extra: SipHeaders): void {
    const { request, flow } = transaction;
    const { core } = this.#options;
    const invite = request.method === 'INVITE';
    const body = sdp !== undefined && (invite || request.body.length > 0) ? { body: sdp } : {};
    const headers: SipHeaders = [
      this.link.contact(flow),
      ['Allow', core.allow],
      ...(core.supported === '' ? [] : [['Supported', core.supported] as const]),
      ...extra,
    ];
    const draft = responseTo(request, flow.remote, 200, { headers, ...body });
    if (invite) this.respondUntilAck(transaction, draft, () => undefined);
    else transaction.respond(draft);
  }

  // --- we offer ---

  #offerOut(
    sdp: string | undefined,
    options: ReinviteOptions,
    settled: (outcome: ReinviteOutcome, response?: SipResponse) => void,
  ): void {
    const own = new OwnOffer(
      {
        link: this.link,
        callIdIsOurs: this.#options.caller,
        sdp,
        clear: () => !this.#theirs.open && !this.#untilAck.waits,
        headers: () => this.#timerHeaders(),
        settled: (outcome, response) => {
          if (this.#own === own) this.#own = undefined;
          if (response !== undefined) this.learn(response);
          if (outcome.ok && response !== undefined) this.#agreed(sdp, outcome.sdp, response);
          settled(outcome, response);
          // The peer knows nothing of this dialog any more (§12.2.1.2).
          if (!outcome.ok && (outcome.status === 481 || outcome.status === 408)) this.#lost();
        },
      },
      options,
    );
    this.#own = own;
    own.begin();
  }

  #agreed(local: string | undefined, remote: string | undefined, response: SipResponse): void {
    this.link.retarget(response);
    if (local !== undefined) this.describe(local, remote);
    if (this.#options.core.sessionTimer !== undefined) this.#timer.agree(this.#termsOf(response));
  }

  /** A peer that knows no timers answers all the same: that is what we refresh for. One that knows them switches off (§7.2). */
  #termsOf(response: SipResponse): TimerTerms | undefined {
    const terms = this.#timer.terms;
    const ours = terms?.refresher === 'us' && !lists(response, 'supported', 'timer') ? terms : undefined;
    return termsOfAnswer(response) ?? ours;
  }

  #timerHeaders(): SipHeaders {
    const habit = this.#options.core.sessionTimer;
    if (habit === undefined) return [];
    return askForTimer({ ...habit, minS: Math.max(habit.minS, this.#leastS) }, this.#timer.terms);
  }

  /** Half of the session's time is over and it is for us to say that we live (RFC 4028 §10). */
  #refresh(): void {
    const by = this.#updates ? 'UPDATE' : 'INVITE';
    if (this.#state !== 'up') return;
    if (this.#own !== undefined || !mayOffer(by, this.#facts())) {
      this.#timer.postpone();
      return;
    }
    const sdp = by === 'UPDATE' ? undefined : this.#localSdp;
    this.#offerOut(sdp, { by, retries: REFRESH_RETRIES }, (outcome, response) => {
      if (outcome.ok) return;
      const least = response === undefined ? undefined : leastOf(response);
      if (least !== undefined && least > this.#leastS) {
        this.#leastS = least;
        this.#refresh();
      } else if (by === 'UPDATE' && (outcome.status === 405 || outcome.status === 501)) {
        this.#updates = false;
        this.#refresh();
      } else this.#timer.postpone();
    });
  }

  /** Nobody has refreshed the session: the peer is gone (RFC 4028 §10). */
  #expired(): void {
    this.#options.core.counters.expired++;
    this.#byeReason ??= { cause: 102, text: 'Session timer expired' };
    this.#lost();
  }

  // --- the end ---

  #byeCame(transaction: ServerTransaction): void {
    const reason = parseReason(transaction.request.headers.all('reason'));
    this.link.reply(transaction, 200);
    if (this.#state === 'over') return;
    this.#over();
    this.#options.bye(reason);
  }

  /** The dialog is over once a BYE is out, whatever is said to it (RFC 3261 §15.1.1). */
  #sendBye(): void {
    const headers: SipHeaders =
      this.#byeReason === undefined ? [] : [['Reason', writeReason(this.#byeReason)]];
    this.#options.core.lastByes.say(this.link, headers);
    this.#over();
  }

  /** The peer is gone; say so, and BYE in case it is not (RFC 3261 §13.3.1.4). */
  #lost(): void {
    if (this.#state === 'over') return;
    this.#options.events.emit({ type: 'ended', by: 'lost', reason: undefined });
    this.#sendBye();
  }

  #over(): void {
    this.#untilAck.stop();
    this.#timer.stop();
    this.#referred.stop();
    this.#theirs.giveUp();
    this.#state = 'over';
    this.#own?.giveUp();
    this.#referring.stop();
    this.#options.core.removeDialog(this.link.key, this);
    this.#options.gone();
  }
}

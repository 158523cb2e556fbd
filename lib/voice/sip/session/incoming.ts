import { randomHex } from '../../../base/random.ts';
import type {
  DialogId,
  DialogSnapshot,
  InviteFacts,
  ReferOptions,
  ReinviteOptions,
  ReinviteOutcome,
  Session,
  SessionEvent,
  SipHeaders,
  SipReason,
} from '../api.ts';
import { type ResponseDraft, sdpOf } from '../codec/message.ts';
import { writeReason } from '../codec/reason.ts';
import { responseTo } from '../codec/respond.ts';
import { userOf } from '../codec/uri.ts';
import { dialogAsCallee } from '../dialog/dialog.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { contactFor, type Peer, peerOf, type SessionCore } from './core.ts';
import { SessionEvents } from './events.ts';
import { factsOfRequest } from './facts.ts';
import { InDialog } from './in-dialog.ts';
import { lists } from './link.ts';
import { ReliableResponses } from './reliable.ts';
import type { TimerVerdict } from './session-timer.ts';

/** What is known of an INVITE when its call is made. */
export interface IncomingFacts {
  readonly account: string | undefined;
  /** The call that it replaces (RFC 3891). */
  readonly replaces: Session | undefined;
  readonly timer: Extract<TimerVerdict, { kind: 'none' | 'terms' }>;
}

/** A call that somebody makes to us. */
export class IncomingCall implements Session {
  readonly direction = 'in';
  readonly invite: InviteFacts;
  readonly replaces?: Session;
  readonly #core: SessionCore;
  readonly #transaction: ServerTransaction;
  readonly #events = new SessionEvents();
  readonly #localTag: string;
  readonly #dialog: InDialog;
  readonly #timer: IncomingFacts['timer'];
  readonly #reliable: ReliableResponses | undefined;
  /** The answer that went out reliably before the call was answered: nothing else can be said later. */
  #early: string | undefined;
  #afterAnswer: () => void = () => undefined;
  /** `answering`: the 200 waits for a PRACK. */
  #state: 'ringing' | 'answering' | 'up' | 'over' = 'ringing';

  constructor(core: SessionCore, transaction: ServerTransaction, facts: IncomingFacts) {
    const { request, flow } = transaction;
    const { account, replaces, timer } = facts;
    this.#core = core;
    this.#transaction = transaction;
    this.#timer = timer;
    this.#localTag = randomHex(core.random, 8);
    this.invite = factsOfRequest(request, flow.remote);
    if (replaces !== undefined) this.replaces = replaces;
    const peer: Peer =
      account === undefined ? peerOf(transaction) : { kind: 'account', user: account, last: flow };
    this.#dialog = new InDialog({
      core,
      session: this,
      dialog: dialogAsCallee(request, this.#localTag),
      peer,
      events: this.#events,
      localUser: userOf(request.requestUri),
      localSdp: undefined,
      remoteSdp: this.invite.sdp,
      signer: undefined,
      caller: false,
      settled: false,
      bye: (reason) => this.#byeCame(reason),
      gone: () => {
        if (this.#state === 'up') this.#state = 'over';
        this.#core.released(this);
      },
    });
    this.#dialog.learn(request);
    const reliable =
      core.reliable !== 'off' &&
      (lists(request, 'supported', '100rel') || lists(request, 'require', '100rel'));
    this.#reliable = reliable
      ? new ReliableResponses(core.clock, core.random, transaction, () => this.#prackNeverCame())
      : undefined;
    this.#dialog.expectPracks(this.#reliable);
  }

  start(): void {
    this.#dialog.start();
    this.#transaction.onFailed((cause) => {
      if (this.#state !== 'ringing' && this.#state !== 'answering') return;
      this.#core.log.info({ callId: this.invite.callId, cause }, 'SIP call died before its answer');
      this.#close({ type: 'cancelled', reason: undefined });
    });
    this.#transaction.onCancelled((reason) => this.#cancelled(reason));
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#events.listen(listener);
  }

  progress(status: 180 | 183, sdp?: string): void {
    if (this.#state !== 'ringing') return;
    const body = this.#early === undefined ? sdp : undefined;
    if (body !== undefined) this.#dialog.describe(body, undefined);
    const draft = this.#response(status, [], body);
    if (this.#reliable === undefined) {
      this.#transaction.respond(draft);
      return;
    }
    // A description in answer to an offer, sent reliably, is the answer; an offer of ours waits for the 200.
    if (body !== undefined && this.invite.sdp !== undefined) {
      this.#early = body;
      this.#dialog.settle();
      this.#reliable.send(draft);
    } else this.#reliable.send(this.#response(status, [], undefined));
  }

  answer(sdp: string): void {
    if (this.#state !== 'ringing') return;
    this.#state = 'answering';
    if (this.#reliable === undefined) this.#sendAnswer(sdp);
    else this.#reliable.whenSettled(() => this.#sendAnswer(sdp));
  }

  reject(status: number, reason?: SipReason, headers: SipHeaders = []): void {
    if (this.#state !== 'ringing' && this.#state !== 'answering') return;
    const extra: SipHeaders = reason === undefined ? headers : [['Reason', writeReason(reason)], ...headers];
    const final = status >= 300 && status <= 699 ? status : 500;
    this.#transaction.respond(this.#response(final, extra, undefined));
    this.#events.close();
    this.#close(undefined);
  }

  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void, options?: ReinviteOptions): void {
    // Our 200 is on its way to go out: the offer comes after it.
    if (this.#state === 'answering') {
      this.#afterAnswer = () => {
        if (this.#state === 'up') this.#dialog.reinvite(sdp, settled, options);
        else settled({ ok: false, status: 481 });
      };
    } else if (this.#state !== 'over') this.#dialog.reinvite(sdp, settled, options);
    else settled({ ok: false, status: 481 });
  }

  probe(told: (knows: boolean | undefined) => void): void {
    this.#dialog.probe(told);
  }

  refer(options: ReferOptions): void {
    this.#dialog.refer(options);
  }

  hangUp(reason?: SipReason): void {
    if (this.#state === 'ringing' || this.#state === 'answering') {
      this.reject(480, reason);
      return;
    }
    if (this.#state !== 'up') return;
    this.#state = 'over';
    this.#dialog.bye(reason);
  }

  snapshot(): DialogSnapshot | undefined {
    return this.#state === 'up' ? this.#dialog.snapshot() : undefined;
  }

  dialogId(): DialogId | undefined {
    return this.#state === 'over' ? undefined : this.#dialog.id;
  }

  /** A CANCEL came for the INVITE (RFC 3261 §9.2), or a BYE before the answer. */
  #cancelled(reason: SipReason | undefined): void {
    if (this.#state !== 'ringing' && this.#state !== 'answering') return;
    this.#transaction.respond(this.#response(487, [], undefined));
    this.#close({ type: 'cancelled', reason });
  }

  #sendAnswer(sdp: string): void {
    if (this.#state !== 'answering') return;
    this.#state = 'up';
    const said = this.#early ?? sdp;
    this.#dialog.describe(said, undefined);
    const offered = this.invite.sdp !== undefined;
    if (offered) this.#dialog.settle();
    const timer = this.#timer.kind === 'terms' ? this.#timer : undefined;
    const response = this.#response(200, timer?.headers ?? [], said);
    this.#dialog.respondUntilAck(this.#transaction, response, (ack) => {
      // Without an offer in the INVITE, 200 carried ours and the ACK brings the answer.
      if (offered) return;
      this.#dialog.describe(undefined, sdpOf(ack));
      this.#dialog.settle();
      this.#events.emit({ type: 'answered', sdp: sdpOf(ack) });
    });
    this.#dialog.confirm(timer?.terms);
    this.#afterAnswer();
  }

  #prackNeverCame(): void {
    if (this.#state !== 'ringing' && this.#state !== 'answering') return;
    this.#transaction.respond(this.#response(504, [], undefined));
    this.#close({ type: 'cancelled', reason: undefined });
  }

  #byeCame(reason: SipReason | undefined): void {
    if (this.#state === 'ringing' || this.#state === 'answering') {
      this.#cancelled(reason);
      return;
    }
    this.#events.emit({ type: 'ended', by: 'peer', reason });
  }

  #close(event: SessionEvent | undefined): void {
    this.#state = 'over';
    this.#reliable?.stop();
    this.#dialog.drop();
    this.#afterAnswer();
    if (event !== undefined) this.#events.emit(event);
  }

  #response(status: number, extra: SipHeaders, body: string | undefined): ResponseDraft {
    const { request, flow } = this.#transaction;
    const { allow, supported, product } = this.#core;
    const own: SipHeaders =
      status < 300
        ? [
            ['Contact', contactFor(flow, userOf(request.requestUri))],
            ['Allow', allow],
            ...(supported === '' ? [] : [['Supported', supported] as const]),
          ]
        : [];
    return responseTo(request, flow.remote, status, {
      toTag: this.#localTag,
      headers: [...own, ['Server', product], ...extra],
      ...(body === undefined ? {} : { body }),
    });
  }
}

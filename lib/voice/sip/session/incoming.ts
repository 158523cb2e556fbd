import { randomHex } from '../../../base/random.ts';
import type {
  DialogSnapshot,
  InviteFacts,
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
import { contactFor, type Peer, type SessionCore } from './core.ts';
import { SessionEvents } from './events.ts';
import { factsOfRequest } from './facts.ts';
import { InDialog } from './in-dialog.ts';

/** A call that somebody makes to us. */
export class IncomingCall implements Session {
  readonly direction = 'in';
  readonly invite: InviteFacts;
  readonly #core: SessionCore;
  readonly #transaction: ServerTransaction;
  readonly #events = new SessionEvents();
  readonly #localTag: string;
  readonly #dialog: InDialog;
  #state: 'ringing' | 'up' | 'over' = 'ringing';

  constructor(core: SessionCore, transaction: ServerTransaction, account: string | undefined) {
    const { request, flow } = transaction;
    this.#core = core;
    this.#transaction = transaction;
    this.#localTag = randomHex(core.random, 8);
    this.invite = factsOfRequest(request, flow.remote);
    const peer: Peer =
      account === undefined
        ? { kind: 'address', address: flow.remote }
        : { kind: 'account', user: account, last: flow };
    this.#dialog = new InDialog({
      core,
      dialog: dialogAsCallee(request, this.#localTag),
      peer,
      events: this.#events,
      localUser: userOf(request.requestUri),
      localSdp: undefined,
      remoteSdp: sdpOf(request),
      credentials: undefined,
      bye: (reason) => this.#byeCame(reason),
      gone: () => {
        if (this.#state === 'up') this.#state = 'over';
        this.#core.released(this);
      },
    });
  }

  start(): void {
    this.#dialog.start();
    this.#transaction.onFailed((cause) => {
      if (this.#state !== 'ringing') return;
      this.#core.log.info({ callId: this.invite.callId, cause }, 'SIP call died before its answer');
      this.#close({ type: 'cancelled', reason: undefined });
    });
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#events.listen(listener);
  }

  progress(status: 180 | 183, sdp?: string): void {
    if (this.#state !== 'ringing') return;
    if (sdp !== undefined) this.#dialog.describe(sdp, undefined);
    this.#transaction.respond(this.#response(status, [], sdp));
  }

  answer(sdp: string): void {
    if (this.#state !== 'ringing') return;
    this.#state = 'up';
    this.#dialog.describe(sdp, undefined);
    const offered = this.invite.sdp !== undefined;
    this.#dialog.respondUntilAck(this.#transaction, this.#response(200, [], sdp), (ack) => {
      // Without an offer in the INVITE, 200 carried ours and the ACK brings the answer.
      if (offered) return;
      this.#dialog.describe(undefined, sdpOf(ack));
      this.#events.emit({ type: 'answered', sdp: sdpOf(ack) });
    });
  }

  reject(status: number, reason?: SipReason, headers: SipHeaders = []): void {
    if (this.#state !== 'ringing') return;
    const extra: SipHeaders = reason === undefined ? headers : [['Reason', writeReason(reason)], ...headers];
    const final = status >= 300 && status <= 699 ? status : 500;
    this.#transaction.respond(this.#response(final, extra, undefined));
    this.#events.close();
    this.#close(undefined);
  }

  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void): void {
    if (this.#state === 'up') this.#dialog.reinvite(sdp, settled);
    else settled({ ok: false, status: 481 });
  }

  hangUp(reason?: SipReason): void {
    if (this.#state === 'ringing') {
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

  /** A CANCEL came for the INVITE (RFC 3261 §9.2); after the answer it is too late and does nothing. */
  cancelled(reason: SipReason | undefined): void {
    if (this.#state !== 'ringing') return;
    this.#transaction.respond(this.#response(487, [], undefined));
    this.#close({ type: 'cancelled', reason });
  }

  #byeCame(reason: SipReason | undefined): void {
    if (this.#state === 'ringing') {
      this.cancelled(reason);
      return;
    }
    this.#events.emit({ type: 'ended', by: 'peer', reason });
  }

  #close(event: SessionEvent | undefined): void {
    this.#state = 'over';
    this.#dialog.drop();
    if (event !== undefined) this.#events.emit(event);
  }

  #response(status: number, extra: SipHeaders, body: string | undefined): ResponseDraft {
    const { request, flow } = this.#transaction;
    const contact: SipHeaders =
      status < 300
        ? [
            ['Contact', contactFor(flow, userOf(request.requestUri))],
            ['Allow', this.#core.allow],
          ]
        : [];
    return responseTo(request, flow.remote, status, {
      toTag: this.#localTag,
      headers: [...contact, ['Server', this.#core.product], ...extra],
      ...(body === undefined ? {} : { body }),
    });
  }
}

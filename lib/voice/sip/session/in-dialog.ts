import type { Timer } from '../../../base/clock.ts';
import type { Credentials, DialogSnapshot, ReinviteOutcome, SipHeaders, SipReason } from '../api.ts';
import {
  type RequestDraft,
  type ResponseDraft,
  type SipRequest,
  type SipResponse,
  sdpOf,
} from '../codec/message.ts';
import { phraseOf } from '../codec/phrases.ts';
import { parseReason, writeReason } from '../codec/reason.ts';
import { responseTo } from '../codec/respond.ts';
import { acceptInside, type Dialog, dialogKey, requestInside } from '../dialog/dialog.ts';
import { answerChallenge } from '../digest/client.ts';
import { T1_MS, T2_MS } from '../limits.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { contactFor, type DialogUsage, type Peer, type SessionCore } from './core.ts';
import type { SessionEvents } from './events.ts';
import { OwnOffer } from './own-offer.ts';

/** An offer that nobody answers is refused after this long. */
const OFFER_LIMIT_MS = 10_000;

/** What one dialog is made of. */
export interface InDialogOptions {
  readonly core: SessionCore;
  readonly dialog: Dialog;
  readonly peer: Peer;
  readonly events: SessionEvents;
  readonly localUser: string;
  readonly localSdp: string | undefined;
  readonly remoteSdp: string | undefined;
  readonly credentials: Credentials | undefined;
  /** A BYE came: how the call that this belongs to hears of it. */
  bye(reason: SipReason | undefined): void;
  /** Called once when the dialog is gone. */
  gone(): void;
}

/** A 2xx of ours that waits for its ACK. */
interface Unacknowledged {
  readonly sequence: number;
  readonly acknowledged: (request: SipRequest) => void;
  repeat: Timer;
  readonly limit: Timer;
}

/** What goes on inside a dialog: BYE both ways, offers, 2xx until ACK. */
export class InDialog implements DialogUsage {
  readonly #options: InDialogOptions;
  readonly #key: string;
  #dialog: Dialog;
  #localSdp: string | undefined;
  #remoteSdp: string | undefined;
  #unacknowledged: Unacknowledged | undefined;
  #offer: ServerTransaction | undefined;
  #own: OwnOffer | undefined;
  #state: 'up' | 'byeWaits' | 'over' = 'up';
  #byeReason: SipReason | undefined;

  constructor(options: InDialogOptions) {
    this.#options = options;
    this.#dialog = options.dialog;
    this.#localSdp = options.localSdp;
    this.#remoteSdp = options.remoteSdp;
    const { callId, localTag, remoteTag } = options.dialog;
    this.#key = dialogKey(callId, localTag, remoteTag);
  }

  start(): void {
    this.#options.core.addDialog(this.#key, this);
  }

  get remoteTag(): string {
    return this.#dialog.remoteTag;
  }

  describe(local: string | undefined, remote: string | undefined): void {
    this.#localSdp = local ?? this.#localSdp;
    this.#remoteSdp = remote ?? this.#remoteSdp;
  }

  /** A request of the peer inside this dialog, ACK apart. */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction;
    const next = acceptInside(this.#dialog, request);
    if (this.#state === 'over' && request.method !== 'BYE') {
      this.#reply(transaction, 481);
      return;
    }
    if (next === undefined) {
      this.#reply(transaction, 500);
      return;
    }
    switch (request.method) {
      case 'BYE':
        this.#dialog = next;
        this.#byeCame(transaction);
        return;
      case 'INVITE':
      case 'UPDATE':
        this.#offerCame(transaction, next);
        return;
      case 'OPTIONS':
        this.#dialog = next;
        this.#reply(transaction, 200, { headers: [['Allow', this.#options.core.allow]] });
        return;
      case 'REFER':
        this.#dialog = next;
        this.#referCame(transaction);
        return;
      default:
        this.#dialog = next;
        this.#reply(transaction, 405, { headers: [['Allow', this.#options.core.allow]] });
        return;
    }
  }

  /** The ACK of a 2xx of ours. */
  acknowledge(request: SipRequest): void {
    const waiting = this.#unacknowledged;
    if (waiting === undefined || waiting.sequence !== request.cseq.number) return;
    this.#stopRepeating();
    waiting.acknowledged(request);
    if (this.#state === 'byeWaits') this.#sendBye();
  }

  /** Sends a 2xx and repeats it until its ACK, over any transport (RFC 3261 §13.3.1.4). */
  respondUntilAck(
    transaction: ServerTransaction,
    draft: ResponseDraft,
    acknowledged: (request: SipRequest) => void,
  ): void {
    const { clock } = this.#options.core;
    transaction.respond(draft);
    const again = (delayMs: number): Timer =>
      clock.after(delayMs, 'SIP 2xx', () => {
        if (this.#unacknowledged === undefined) return;
        transaction.respond(draft);
        this.#unacknowledged.repeat = again(Math.min(delayMs * 2, T2_MS));
      });
    this.#unacknowledged = {
      sequence: transaction.request.cseq.number,
      acknowledged,
      repeat: again(T1_MS),
      limit: clock.after(64 * T1_MS, 'SIP ACK limit', () => this.#ackNeverCame()),
    };
  }

  /** The ACK of a 2xx of the peer's, as bytes are made of it each time one is repeated. */
  sendAck(sequence: number, extra: SipHeaders): void {
    const { core, peer } = this.#options;
    const { draft } = requestInside(this.#dialog, 'ACK', extra, sequence);
    const flow = core.flowFor(peer, this.#dialog);
    if (flow !== undefined) core.transactions.sendAck(draft, flow);
  }

  /** Offers anew, one offer at a time: a crossing one of either side is glare (RFC 3261 §14.1). */
  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void): void {
    const busy = this.#own !== undefined || this.#offer !== undefined || this.#unacknowledged !== undefined;
    if (this.#state !== 'up' || busy) {
      settled({ ok: false, status: this.#state === 'up' ? 491 : 481 });
      return;
    }
    const { core, peer, credentials, localUser } = this.#options;
    const own = new OwnOffer({
      core,
      credentials,
      localUser,
      sdp,
      flow: () => core.flowFor(peer, this.#dialog),
      request: (extra) => this.#request('INVITE', extra),
      acknowledge: (sequence, extra) => this.sendAck(sequence, extra),
      settled: (outcome, response) => {
        if (this.#own === own) this.#own = undefined;
        if (outcome.ok && response !== undefined) {
          const target = response.contacts[0]?.uri.text ?? this.#dialog.remoteTarget;
          this.#dialog = { ...this.#dialog, remoteTarget: target };
          this.describe(sdp, outcome.sdp);
        }
        settled(outcome);
        // The peer knows nothing of this dialog any more (§12.2.1.2).
        if (!outcome.ok && (outcome.status === 481 || outcome.status === 408)) this.#lost();
      },
    });
    this.#own = own;
    own.send();
  }

  /** Ends the call. A callee must not send BYE before the ACK of its 2xx (RFC 3261 §15); then it waits for it. */
  bye(reason: SipReason | undefined): void {
    if (this.#state !== 'up') return;
    this.#byeReason = reason;
    this.#options.events.close();
    if (this.#unacknowledged === undefined) this.#sendBye();
    else this.#state = 'byeWaits';
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
    const { peer, core } = this.#options;
    const via = peer.kind === 'address' ? peer.address : core.flowFor(peer, this.#dialog)?.remote;
    if (via === undefined) return undefined;
    const account = peer.kind === 'account' ? { account: peer.user } : {};
    return { ...this.#dialog, via, localSdp: this.#localSdp, remoteSdp: this.#remoteSdp, ...account };
  }

  /** The peer wants the call to go on elsewhere (RFC 3515); how far that is, is told by NOTIFY in this dialog. */
  #referCame(transaction: ServerTransaction): void {
    const { core, peer } = this.#options;
    const { request } = transaction;
    if (core.onRefer === undefined) {
      this.#reply(transaction, 405, { headers: [['Allow', core.allow]] });
      return;
    }
    const [target, ...more] = request.headers.all('refer-to');
    if (target === undefined || more.length > 0) {
      this.#reply(transaction, 400);
      return;
    }
    const tell = (status: number, final: boolean): void => {
      if (this.#state !== 'up') return;
      const draft = this.#request('NOTIFY', [
        ['Event', `refer;id=${request.cseq.number}`],
        ['Subscription-State', final ? 'terminated;reason=noresource' : 'active;expires=60'],
        ['Content-Type', 'message/sipfrag;version=2.0'],
        ['User-Agent', core.product],
      ]);
      const flow = core.flowFor(peer, this.#dialog);
      const nothing = (): void => undefined;
      if (flow === undefined) return;
      const body = `SIP/2.0 ${status} ${phraseOf(status)}\r\n`;
      core.transactions.request({ ...draft, body }, flow, { response: nothing, failed: nothing });
    };
    core.onRefer({
      callId: request.callId,
      referTo: target,
      referredBy: request.headers.get('referred-by'),
      accept: () =>
        this.#reply(transaction, 202, {
          headers: [['Contact', contactFor(transaction.flow, this.#options.localUser)]],
        }),
      refuse: (status) => this.#reply(transaction, status),
      tell,
    });
  }

  #byeCame(transaction: ServerTransaction): void {
    this.#reply(transaction, 200);
    if (this.#state === 'over') return;
    const reason = parseReason(transaction.request.headers.all('reason'));
    this.#over();
    this.#options.bye(reason);
  }

  #sendBye(): void {
    const { core, peer, credentials } = this.#options;
    const reason: SipHeaders =
      this.#byeReason === undefined ? [] : [['Reason', writeReason(this.#byeReason)]];
    const first = this.#request('BYE', reason);
    // The dialog is over once a BYE is out, whatever is said to it (RFC 3261 §15.1.1).
    const flow = core.flowFor(peer, this.#dialog);
    this.#over();
    if (flow === undefined) return;
    const nothing = (): void => undefined;
    const retry = (response: SipResponse): void => {
      if ((response.status !== 401 && response.status !== 407) || credentials === undefined) return;
      const { random } = core;
      const { method, requestUri: uri } = first;
      const authorization = answerChallenge({ response, credentials, method, uri, random });
      if (authorization === undefined) return;
      const draft = this.#request('BYE', [...reason, ...authorization]);
      core.transactions.request(draft, flow, { response: nothing, failed: nothing });
    };
    core.transactions.request(first, flow, { response: retry, failed: nothing });
  }

  #request(method: string, extra: SipHeaders): RequestDraft {
    const { dialog, draft } = requestInside(this.#dialog, method, extra);
    this.#dialog = dialog;
    return draft;
  }

  /** A re-INVITE or an UPDATE (RFC 3261 §14.2, RFC 3311 §5.2). */
  #offerCame(transaction: ServerTransaction, next: Dialog): void {
    if (this.#offer !== undefined) {
      this.#reply(transaction, 500, { headers: [['Retry-After', '2']] });
      return;
    }
    // Our own 2xx or offer is still under way: an offer now would cross it.
    if (this.#unacknowledged !== undefined || this.#own !== undefined) {
      this.#reply(transaction, 491);
      return;
    }
    this.#dialog = next;
    const sdp = sdpOf(transaction.request);
    if (sdp === undefined) {
      this.#accept(transaction, this.#localSdp);
      return;
    }
    this.#offer = transaction;
    const { clock } = this.#options.core;
    const settle = (run: () => void): void => {
      if (this.#offer !== transaction) return;
      this.#offer = undefined;
      limit.cancel();
      run();
    };
    const refuse = (status: number): void => settle(() => this.#reply(transaction, status));
    const limit = clock.after(OFFER_LIMIT_MS, 'SIP offer', () => refuse(488));
    transaction.onFailed(() => settle(() => undefined));
    const answer = (local: string): void =>
      settle(() => {
        this.describe(local, sdp);
        this.#accept(transaction, local);
      });
    this.#options.events.emit({ type: 'offer', sdp, answer, refuse });
  }

  /** 200 to a re-INVITE (until ACK) or UPDATE. A refresh without an offer is answered with what we said last. */
  #accept(transaction: ServerTransaction, sdp: string | undefined): void {
    const { request, flow } = transaction;
    const invite = request.method === 'INVITE';
    const body = sdp !== undefined && (invite || request.body.length > 0) ? { body: sdp } : {};
    const headers: SipHeaders = [
      ['Contact', contactFor(flow, this.#options.localUser)],
      ['Allow', this.#options.core.allow],
    ];
    const draft = responseTo(request, flow.remote, 200, { headers, ...body });
    if (invite) this.respondUntilAck(transaction, draft, () => undefined);
    else transaction.respond(draft);
  }

  #reply(transaction: ServerTransaction, status: number, extras: { headers?: SipHeaders } = {}): void {
    transaction.respond(responseTo(transaction.request, transaction.flow.remote, status, extras));
  }

  /** 64·T1 without an ACK: the peer is gone; say so, and BYE in case it is not (RFC 3261 §13.3.1.4). */
  #ackNeverCame(): void {
    this.#stopRepeating();
    this.#lost();
  }

  #lost(): void {
    if (this.#state === 'over') return;
    this.#options.events.emit({ type: 'ended', by: 'lost', reason: undefined });
    this.#sendBye();
  }

  #stopRepeating(): void {
    this.#unacknowledged?.repeat.cancel();
    this.#unacknowledged?.limit.cancel();
    this.#unacknowledged = undefined;
  }

  #over(): void {
    this.#stopRepeating();
    if (this.#offer !== undefined) this.#reply(this.#offer, 487);
    this.#offer = undefined;
    this.#state = 'over';
    this.#own?.giveUp();
    this.#options.core.removeDialog(this.#key, this);
    this.#options.gone();
  }
}

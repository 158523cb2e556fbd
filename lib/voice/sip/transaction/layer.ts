import type { Clock } from '../../../base/clock.ts';
import { type Random, randomHex } from '../../../base/random.ts';
import type { SipCounters, SipHeaders } from '../api.ts';
import type { RequestDraft, SipRequest, SipResponse } from '../codec/message.ts';
import { MAGIC_COOKIE } from '../codec/via.ts';
import { writeRequest } from '../codec/write.ts';
import { SIP_LIMITS } from '../limits.ts';
import type { Flow } from '../transport/flow.ts';
import { ClientTransaction, type ClientUser, cancelDraft, clientKey, NOBODY, viaOf } from './client.ts';
import type { LayerPort } from './port.ts';
import { ServerTransaction } from './server.ts';
import { TransactionTimers } from './timers.ts';

/** Who handles requests: the user agent's core. */
export interface TransactionUser {
  /** A new request, never an ACK. */
  request(transaction: ServerTransaction): void;
  /** An ACK for a 2xx. */
  ack(request: SipRequest): void;
}

/** Default Timer C, RFC 3261 §16.6 item 11. */
export const NO_ANSWER_MS = 180_000;

/** All transactions of a user agent: matches messages to them (RFC 3261 §17.1.3, §17.2.3). */
export class TransactionLayer {
  readonly #limit: number;
  readonly #random: Random;
  readonly #user: TransactionUser;
  readonly #port: LayerPort;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();
  /** Requests outside dialogs by what stays the same when a proxy forks them (RFC 3261 §8.2.2.2). */
  readonly #origins = new Map<string, ServerTransaction>();

  constructor(
    clock: Clock,
    random: Random,
    counters: SipCounters,
    user: TransactionUser,
    limit: number = SIP_LIMITS.transactions,
  ) {
    this.#limit = limit;
    this.#random = random;
    this.#user = user;
    this.#port = {
      timers: new TransactionTimers(clock),
      countSent(again, message = true) {
        if (message) counters.messagesSent++;
        if (again) counters.retransmitsSent++;
      },
      forgetClient: (key) => this.#clients.delete(key),
      forgetServer: (key, origin) => {
        this.#servers.delete(key);
        if (origin !== undefined) this.#origins.delete(origin);
      },
      abandoned: () => {
        counters.abandoned++;
      },
    };
  }

  /** Live transactions, for leak checks. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  get full(): boolean {
    return this.size >= this.#limit;
  }

  /** Sends a request in a transaction of its own. */
  request(
    draft: RequestDraft,
    flow: Flow,
    user: ClientUser,
    noAnswerMs: number = NO_ANSWER_MS,
  ): ClientTransaction {
    return this.#begin(draft, flow, this.#branch(), user, noAnswerMs);
  }

  /** Sends the CANCEL of an INVITE. What is answered to it does not matter; the INVITE's own final response does. */
  cancel(invite: ClientTransaction, extra: SipHeaders): void {
    this.#begin(cancelDraft(invite.draft, extra), invite.flow, invite.branch, NOBODY, NO_ANSWER_MS);
    invite.cancelled();
  }

  /**
   * Sends an ACK for a 2xx: outside any transaction, never answered (RFC 3261 §13.2.2.4). What comes back sends the same
   * again.
   */
  sendAck(draft: RequestDraft, flow: Flow): () => void {
    const headers: SipHeaders = [['Via', viaOf(flow, this.#branch())], ...draft.headers];
    const bytes = writeRequest({ ...draft, headers });
    const send = (): void => {
      this.#port.countSent(false);
      flow.send(bytes, () => undefined);
    };
    send();
    return send;
  }

  /** False when it belongs to no transaction of ours. */
  receiveResponse(response: SipResponse): boolean {
    const branch = response.vias[0].params.get('branch') ?? '';
    const transaction = this.#clients.get(clientKey(branch, response.cseq.method));
    if (transaction?.method !== response.cseq.method) return false;
    transaction.receive(response);
    return true;
  }

  /** `reply` is where responses go (RFC 3261 §18.2.2, RFC 3581). */
  receiveRequest(request: SipRequest, flow: Flow, reply: Flow): void {
    const key = serverKey(request, request.method);
    const known = this.#servers.get(key);
    if (request.method === 'ACK') {
      if (known === undefined || known.status < 300) this.#user.ack(request);
      known?.feed({ type: 'ack' });
    } else if (known !== undefined) {
      known.feed({ type: 'request' });
    } else {
      const transaction = new ServerTransaction(this.#port, request, key, flow, reply);
      this.#servers.set(key, transaction);
      transaction.start();
      this.#user.request(transaction);
    }
  }

  /**
   * Whether a request outside a dialog has come by another way already (a proxy forked it and both ways lead here), or is
   * one of ours that came back: then it is answered with 482 (RFC 3261 §8.2.2.2).
   */
  looped(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    if (request.toTag !== '') return false;
    for (const via of request.vias.slice(1)) {
      const branch = via.params.get('branch') ?? '';
      if (this.#clients.get(clientKey(branch, request.method))?.method === request.method) return true;
    }
    const origin = originOf(request);
    const first = this.#origins.get(origin);
    if (first !== undefined && first !== transaction) return true;
    transaction.origin = origin;
    this.#origins.set(origin, transaction);
    return false;
  }

  /** The INVITE that a CANCEL is about (RFC 3261 §9.2). */
  inviteOf(cancel: SipRequest): ServerTransaction | undefined {
    return this.#servers.get(serverKey(cancel, 'INVITE'));
  }

  /** Forgets everything; nobody is told. */
  stop(): void {
    for (const transaction of this.#clients.values()) transaction.abandon();
    for (const transaction of this.#servers.values()) transaction.abandon();
    this.#clients.clear();
    this.#servers.clear();
    this.#origins.clear();
  }

  #begin(
    draft: RequestDraft,
    flow: Flow,
    branch: string,
    user: ClientUser,
    noAnswerMs: number,
  ): ClientTransaction {
    const transaction = new ClientTransaction(this.#port, draft, flow, branch, user, noAnswerMs);
    this.#clients.set(transaction.key, transaction);
    transaction.start();
    return transaction;
  }

  /** 96 bits, so that no two live transactions of anybody share one. */
  #branch(): string {
    return `${MAGIC_COOKIE}${randomHex(this.#random, 12)}`;
  }
}

/**
 * Branch, sent-by and method; for peers of RFC 2543, whose branch means nothing, everything that stays the same in a
 * retransmission (RFC 3261 §17.2.3). Joined, because a template would hold on to its pieces, and they to the message that
 * they were cut out of: a key lives half a minute longer.
 */
function serverKey(request: SipRequest, method: string): string {
  const { host, port = '', params } = request.vias[0];
  const name = method === 'ACK' ? 'INVITE' : method;
  const branch = params.get('branch');
  if (branch?.startsWith(MAGIC_COOKIE) === true) return [branch, host, port, name].join(' ');
  const { callId, fromTag, cseq, requestUri } = request;
  return ['2543', host, port, branch, name, cseq.number, callId, fromTag, requestUri.text].join(' ');
}

/** Joined for the same reason. */
function originOf({ callId, fromTag, cseq }: SipRequest): string {
  return [cseq.number, cseq.method, fromTag, callId].join(' ');
}

import type { DialogId, SipHeaders } from '../api.ts';
import type { RequestDraft, SipRequest, SipResponse } from '../codec/message.ts';
import { responseTo } from '../codec/respond.ts';
import { type Dialog, dialogKey, requestInside, requestUriOf } from '../dialog/dialog.ts';
import { isChallenge, isStale, type Signer } from '../digest/client.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { Flow } from '../transport/flow.ts';
import { contactFor, type Peer, type SessionCore } from './core.ts';

/** A challenged request is sent again so many times at most; a stale nonce counts too. */
const ATTEMPTS = 3;

/** What a request inside a dialog carries. */
export interface Inside {
  readonly headers?: SipHeaders;
  readonly body?: string;
  /** Our Contact goes along: what may change the peer's idea of where we are. */
  readonly contact?: boolean;
  readonly noAnswerMs?: number;
}

/** How a request inside a dialog went. */
export interface InsideUser {
  /** The final answer, once; 408 and 503 without a response when none came. */
  done(status: number, response?: SipResponse): void;
  /** A 2xx to an INVITE, each time it comes, with the authorization that its ACK repeats (RFC 3261 §22.1). */
  success?(response: SipResponse, authorization: SipHeaders): void;
}

/** One dialog as the verbs of a call use it: sends requests in it, signs them, and answers those that come in it. */
export class DialogLink {
  readonly core: SessionCore;
  readonly peer: Peer;
  readonly localUser: string;
  readonly key: string;
  readonly #signer: Signer | undefined;
  #dialog: Dialog;

  constructor(core: SessionCore, dialog: Dialog, peer: Peer, localUser: string, signer: Signer | undefined) {
    this.core = core;
    this.peer = peer;
    this.localUser = localUser;
    this.#signer = signer;
    this.#dialog = dialog;
    this.key = dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag);
  }

  get dialog(): Dialog {
    return this.#dialog;
  }

  get id(): DialogId {
    const { callId, localTag, remoteTag } = this.#dialog;
    return { callId, localTag, remoteTag };
  }

  /** Whoever made the Call-ID waits longer after glare (RFC 3261 §14.1). */
  become(dialog: Dialog): void {
    this.#dialog = dialog;
  }

  /** The peer says in a response where it wants to be reached from now on (RFC 3261 §12.2.1.2). */
  retarget(response: SipResponse): void {
    const target = response.contacts[0]?.uri.text;
    if (target !== undefined) this.#dialog = { ...this.#dialog, remoteTarget: target };
  }

  flow(): Flow | undefined {
    return this.core.flowFor(this.peer, this.#dialog);
  }

  contact(flow: Flow): readonly [string, string] {
    return ['Contact', contactFor(flow, this.localUser)];
  }

  /** Sends a request; a challenge to it is answered. False when there is no way to the peer: then `done` said 503. */
  request(method: string, parts: Inside, user: InsideUser): boolean {
    return this.#send(method, parts, user, [], 1);
  }

  /** The ACK of a 2xx to an INVITE of ours. What comes back sends the same again; undefined where there is no way. */
  sendAck(sequence: number, headers: SipHeaders, body?: string): (() => void) | undefined {
    const { draft } = requestInside(this.#dialog, 'ACK', headers, sequence);
    const flow = this.flow();
    if (flow === undefined) return undefined;
    return this.core.transactions.sendAck(body === undefined ? draft : { ...draft, body }, flow);
  }

  reply(
    transaction: ServerTransaction,
    status: number,
    extras: { readonly headers?: SipHeaders; readonly body?: string } = {},
  ): void {
    const { request, flow } = transaction;
    const toTag = this.#dialog.localTag;
    transaction.respond(responseTo(request, flow.remote, status, { toTag, ...extras }));
  }

  #send(method: string, parts: Inside, user: InsideUser, answer: SipHeaders, attempt: number): boolean {
    const flow = this.flow();
    if (flow === undefined) {
      user.done(503);
      return false;
    }
    const { body } = parts;
    const signed = { method, uri: requestUriOf(this.#dialog), body };
    const authorization = answer.length > 0 ? answer : (this.#signer?.sign(signed) ?? []);
    const draft = this.#draft(method, parts, flow, authorization);
    let done = false;
    const finish = (status: number, response?: SipResponse): void => {
      if (done) return;
      done = true;
      user.done(status, response);
    };
    const retry = (response: SipResponse): boolean => {
      if (done || !isChallenge(response) || attempt >= ATTEMPTS) return false;
      if (attempt > 1 && !isStale(response)) return false;
      const again = this.#signer?.answer(response, signed);
      if (again === undefined) return false;
      done = true;
      this.#send(method, parts, user, again, attempt + 1);
      return true;
    };
    this.core.transactions.request(
      draft,
      flow,
      {
        response: (response) => {
          if (response.status < 200 || retry(response)) return;
          if (response.status < 300) user.success?.(response, authorization);
          finish(response.status, response);
        },
        failed: (cause) => finish(cause === 'timeout' ? 408 : 503),
        noAnswer: () => finish(504),
      },
      parts.noAnswerMs,
    );
    return true;
  }

  #draft(method: string, parts: Inside, flow: Flow, authorization: SipHeaders): RequestDraft {
    const { core } = this;
    const extra: SipHeaders = [
      ...(parts.contact === true ? [this.contact(flow), ['Allow', core.allow] as const] : []),
      ...(parts.contact === true && core.supported !== '' ? [['Supported', core.supported] as const] : []),
      ['User-Agent', core.product],
      ...authorization,
      ...(parts.headers ?? []),
    ];
    const { dialog, draft } = requestInside(this.#dialog, method, extra);
    this.#dialog = dialog;
    return parts.body === undefined ? draft : { ...draft, body: parts.body };
  }
}

/** Whether a message lists an option tag in a header. */
export function lists(message: SipRequest | SipResponse, header: string, tag: string): boolean {
  return message.headers.list(header).some((one) => one.toLowerCase() === tag);
}

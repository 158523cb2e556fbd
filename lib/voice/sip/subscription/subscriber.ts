import type { Timer } from '../../../base/clock.ts';
import { randomHex } from '../../../base/random.ts';
import type { SipHeaders, SubscribeOptions } from '../api.ts';
import type { SipRequest, SipResponse } from '../codec/message.ts';
import { parseParams } from '../codec/params.ts';
import { responseTo } from '../codec/respond.ts';
import { parseUint } from '../codec/text.ts';
import { acceptInside, type Dialog, dialogAsCallee, requestInside } from '../dialog/dialog.ts';
import { isChallenge, isStale, Signer } from '../digest/client.ts';
import { backoffMs } from '../registration/backoff.ts';
import { contactFor, type SessionCore } from '../session/core.ts';
import type { ServerTransaction } from '../transaction/server.ts';

/** The refresh comes after this share of the time granted. */
const REFRESH_SHARE = 0.8;
/** The first NOTIFY must come within this after the 2xx (RFC 6665 §4.1.2.4, Timer N). */
const NOTIFY_LIMIT_MS = 32_000;
const LONGEST_S = 86_400;

/** Whoever leads NOTIFYs to subscribers. */
export interface SubscriberKeeper {
  /** From now on it is found by its `key`; by `before` no more. */
  renamed(subscriber: Subscriber, before: string): void;
  /** Nothing more can come for it. */
  gone(subscriber: Subscriber): void;
}

/** Keeps one subscription of ours alive (RFC 6665 §4.1). */
export class Subscriber {
  /** Names it for NOTIFYs, which may come before the answer: they carry our tag as theirs. */
  key: string;
  readonly #core: SessionCore;
  readonly #options: SubscribeOptions;
  readonly #signer: Signer | undefined;
  readonly #keeper: SubscriberKeeper;
  #callId = '';
  #tag = '';
  #sequence = 0;
  #dialog: Dialog | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  /** Counts the SUBSCRIBEs, so that an answer to an older one is not taken for the newest one's. */
  #attempt = 0;
  #stopped = false;

  constructor(core: SessionCore, options: SubscribeOptions, keeper: SubscriberKeeper) {
    this.#core = core;
    this.#options = options;
    this.#keeper = keeper;
    const { credentials } = options;
    this.#signer = credentials === undefined ? undefined : new Signer(credentials, core.random);
    this.key = '';
    this.#rename();
  }

  start(): void {
    this.#subscribe(this.#options.expiresS);
  }

  /** Ends the subscription; its last NOTIFY is waited for. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer?.cancel();
    if (this.#dialog === undefined) this.#keeper.gone(this);
    else {
      this.#subscribe(0);
      this.#after(NOTIFY_LIMIT_MS, () => this.#keeper.gone(this));
    }
  }

  /** Stops without a word: the user agent is closing its sockets. */
  abandon(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** A NOTIFY for this subscription. */
  receive(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const reply = (status: number): void =>
      transaction.respond(responseTo(request, flow.remote, status, { toTag: this.#tag }));
    const next = this.#accepted(request);
    if (typeof next === 'number') {
      reply(next);
      return;
    }
    this.#dialog = next;
    reply(200);
    const contentType = request.headers.get('content-type');
    const state = readState(request.headers.get('subscription-state') ?? '');
    if (!this.#stopped && request.body.length > 0 && contentType !== undefined) {
      this.#options.onNotify(contentType, request.body.toString('utf8'));
    }
    if (state.at === 'terminated') this.#terminated(state.reason, state.retryAfterS);
    else if (!this.#stopped) this.#alive(state.at, state.expiresS);
  }

  /** The dialog with this request in it, or the status that refuses it. Of a forked SUBSCRIBE the first notifier is kept. */
  #accepted(request: SipRequest): Dialog | number {
    const event = (request.headers.get('event') ?? '').split(';')[0]?.trim().toLowerCase();
    if (event !== this.#options.event) return 489;
    const dialog = this.#dialog;
    if (dialog === undefined) return { ...dialogAsCallee(request, this.#tag), localSequence: this.#sequence };
    if (dialog.remoteTag !== request.fromTag) return 481;
    return acceptInside(dialog, request) ?? 500;
  }

  #alive(at: 'pending' | 'active', expiresS: number | undefined): void {
    this.#failures = 0;
    const expiresInS = Math.max(1, Math.min(expiresS ?? this.#options.expiresS, LONGEST_S));
    this.#options.onState({ at, expiresInS });
    this.#after(expiresInS * 1_000 * REFRESH_SHARE, () => this.#subscribe(this.#options.expiresS));
  }

  /** RFC 6665 §4.1.3: what the reason says of trying again. */
  #terminated(reason: string, retryAfterS: number | undefined): void {
    this.#dialog = undefined;
    if (this.#stopped) {
      this.abandon();
      this.#keeper.gone(this);
      return;
    }
    this.#rename();
    const never = reason === 'rejected' || reason === 'noresource' || reason === 'invariant';
    if (never) this.#ended(200, reason, undefined);
    else if (reason === 'deactivated' || reason === 'timeout') this.#ended(200, reason, this.#soon());
    else this.#ended(200, reason, (retryAfterS ?? 60) * 1_000);
  }

  #subscribe(expiresS: number, answer: SipHeaders = [], challenges = 0): void {
    this.#attempt++;
    const attempt = this.#attempt;
    const { to, requestUri, from, event, accept } = this.#options;
    const flow = this.#core.flowFor({ kind: 'address', address: to }, this.#dialog);
    if (flow === undefined) {
      this.#failed(503);
      return;
    }
    this.#sequence++;
    const signed = { method: 'SUBSCRIBE', uri: this.#dialog?.remoteTarget ?? requestUri };
    const extra: SipHeaders = [
      ['Contact', contactFor(flow, '')],
      ['Event', event],
      ['Accept', accept],
      ['Expires', String(expiresS)],
      ['User-Agent', this.#core.product],
      ...(answer.length > 0 ? answer : (this.#signer?.sign(signed) ?? [])),
    ];
    const inside = this.#dialog ?? {
      callId: this.#callId,
      localTag: this.#tag,
      remoteTag: '',
      localUri: `<${from.uri}>`,
      remoteUri: `<${requestUri}>`,
      remoteTarget: requestUri,
      routeSet: [],
      localSequence: 0,
      remoteSequence: -1,
    };
    const { draft } = requestInside(inside, 'SUBSCRIBE', extra, this.#sequence);
    const current = (): boolean => attempt === this.#attempt;
    this.#core.transactions.request(draft, flow, {
      failed: (cause) => current() && this.#failed(cause === 'timeout' ? 408 : 503),
      response: (response) => {
        if (!current() || response.status < 200) return;
        const fresh = challenges === 0 || (challenges === 1 && isStale(response));
        const again = fresh && isChallenge(response) ? this.#signer?.answer(response, signed) : undefined;
        if (again !== undefined) this.#subscribe(expiresS, again, challenges + 1);
        else this.#answered(response, expiresS);
      },
    });
  }

  #answered(response: SipResponse, expiresS: number): void {
    const { status } = response;
    if (status >= 300) {
      this.#failed(status);
      return;
    }
    if (this.#stopped || expiresS === 0) return;
    const granted = parseUint(response.headers.get('expires') ?? '', LONGEST_S) ?? expiresS;
    if (this.#dialog === undefined) this.#after(NOTIFY_LIMIT_MS, () => this.#failed(408));
    else this.#after(granted * 1_000 * REFRESH_SHARE, () => this.#subscribe(this.#options.expiresS));
  }

  /** Refused, or nobody there. 481 to a refresh: the notifier has forgotten it, and a new one is made at once. */
  #failed(status: number): void {
    const known = this.#dialog !== undefined;
    this.#dialog = undefined;
    if (this.#stopped) return;
    this.#rename();
    const final = status === 403 || status === 404 || status === 405 || status === 489 || status === 603;
    if (final) this.#ended(status, 'refused', undefined);
    else this.#ended(status, 'failed', known && status === 481 ? this.#soon() : this.#later());
  }

  #ended(status: number, reason: string, retryInMs: number | undefined): void {
    this.#timer?.cancel();
    this.#options.onState({ at: 'ended', status, reason, ...(retryInMs === undefined ? {} : { retryInMs }) });
    if (retryInMs !== undefined) this.#after(retryInMs, () => this.#subscribe(this.#options.expiresS));
  }

  #soon(): number {
    return backoffMs(0, this.#core.random.fraction());
  }

  #later(): number {
    return backoffMs(this.#failures++, this.#core.random.fraction());
  }

  #after(ms: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#core.clock.after(ms, 'SIP subscription', run);
  }

  #rename(): void {
    const before = this.key;
    this.#callId = randomHex(this.#core.random, 16);
    this.#tag = randomHex(this.#core.random, 8);
    this.#sequence = 0;
    this.key = subscriberKey(this.#callId, this.#tag);
    this.#keeper.renamed(this, before);
  }
}

/** Call-ID and our own tag. */
export function subscriberKey(callId: string, tag: string): string {
  return `${callId}\n${tag}`;
}

type SaidState =
  | { readonly at: 'pending' | 'active'; readonly expiresS: number | undefined }
  | { readonly at: 'terminated'; readonly reason: string; readonly retryAfterS: number | undefined };

/** `active;expires=60`, `terminated;reason=timeout;retry-after=5` (RFC 6665 §8.2.3). */
function readState(value: string): SaidState {
  const semicolon = value.indexOf(';');
  const name = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
  const params = parseParams(semicolon < 0 ? '' : value.slice(semicolon));
  const number = (key: string): number | undefined => parseUint(params?.get(key) ?? '', LONGEST_S);
  if (name !== 'terminated') {
    return { at: name === 'pending' ? 'pending' : 'active', expiresS: number('expires') };
  }
  const reason = (params?.get('reason') ?? '').toLowerCase().slice(0, 64);
  return { at: 'terminated', reason, retryAfterS: number('retry-after') };
}

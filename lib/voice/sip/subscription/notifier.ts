import type { Timer } from '../../../base/clock.ts';
import { randomHex } from '../../../base/random.ts';
import type { EventsPort, SipHeaders, SubscriptionFacts } from '../api.ts';
import type { SipRequest } from '../codec/message.ts';
import { responseTo } from '../codec/respond.ts';
import { parseUint } from '../codec/text.ts';
import { userOf } from '../codec/uri.ts';
import { acceptInside, type Dialog, dialogAsCallee, dialogKey, requestInside } from '../dialog/dialog.ts';
import { contactFor, type DialogUsage, type Peer, type SessionCore } from '../session/core.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { Flow } from '../transport/flow.ts';

/** Shorter is refused with 423, longer is cut; 0 ends a subscription, or asks once. */
const EXPIRES_S = { shortest: 10, usual: 600, longest: 3_600 } as const;
/** Live subscriptions in all, and of one account. */
const LIMIT = { all: 2_000, account: 64 } as const;

/** Answers SUBSCRIBE and tells subscribers what changes (RFC 6665, notifier's side). The whole state after each SUBSCRIBE. */
export class Notifier {
  readonly #core: SessionCore;
  readonly #port: EventsPort;
  readonly #subscriptions = new Set<Subscription>();

  constructor(core: SessionCore, port: EventsPort) {
    this.#core = core;
    this.#port = port;
  }

  /** A SUBSCRIBE outside any dialog, of a user whose digest was right. */
  subscribe(transaction: ServerTransaction, account: string): void {
    const { request, flow } = transaction;
    const refuse = (status: number, headers: SipHeaders = []): void =>
      transaction.respond(responseTo(request, flow.remote, status, { toTag: 'events', headers }));
    const event = (request.headers.get('event') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    const facts: SubscriptionFacts = { account, event, resource: userOf(request.requestUri) };
    const status = this.#port.permits(facts);
    if (status !== 200) {
      refuse(status, status === 489 ? [['Allow-Events', 'dialog, message-summary']] : []);
      return;
    }
    const expiresS = expiryOf(request);
    if (expiresS > 0 && expiresS < EXPIRES_S.shortest) {
      refuse(423, [['Min-Expires', String(EXPIRES_S.shortest)]]);
      return;
    }
    const own = [...this.#subscriptions].filter((each) => each.facts.account === account);
    if (this.#subscriptions.size >= LIMIT.all || own.length >= LIMIT.account) {
      refuse(503, [['Retry-After', '60']]);
      return;
    }
    const subscription = new Subscription(this.#core, this.#port, facts, transaction, () =>
      this.#subscriptions.delete(subscription),
    );
    this.#subscriptions.add(subscription);
    subscription.refresh(transaction, expiresS);
  }

  /** A resource has another state. */
  changed(event: string, resource: string): void {
    for (const each of [...this.#subscriptions]) {
      if (each.facts.event === event && each.facts.resource === resource) each.notify();
    }
  }

  /** Live subscriptions. */
  get size(): number {
    return this.#subscriptions.size;
  }

  /** Forgets everybody; nobody is told. */
  stop(): void {
    for (const each of [...this.#subscriptions]) each.forget();
  }
}

/** One subscription dialog. */
class Subscription implements DialogUsage {
  readonly facts: SubscriptionFacts;
  readonly #core: SessionCore;
  readonly #port: EventsPort;
  readonly #peer: Peer;
  readonly #eventHeader: string;
  readonly #localTag: string;
  readonly #key: string;
  readonly #gone: () => void;
  #dialog: Dialog;
  #flow: Flow;
  #version = 0;
  /** What the subscriber knows, in the words of whoever makes the state; undefined when the whole state is due. */
  #told: unknown;
  #expiresAtMs = 0;
  #timer: Timer | undefined;
  /** One NOTIFY at a time, so that they arrive in order; what changes meanwhile goes out afterwards. */
  #sending = false;
  #dirty = false;
  #over = false;

  constructor(
    core: SessionCore,
    port: EventsPort,
    facts: SubscriptionFacts,
    transaction: ServerTransaction,
    gone: () => void,
  ) {
    const { request, flow } = transaction;
    this.facts = facts;
    this.#core = core;
    this.#port = port;
    this.#gone = gone;
    this.#peer = { kind: 'account', user: facts.account, last: flow };
    this.#eventHeader = request.headers.get('event') ?? facts.event;
    this.#localTag = randomHex(core.random, 8);
    this.#dialog = dialogAsCallee(request, this.#localTag);
    this.#flow = flow;
    this.#key = dialogKey(request.callId, this.#localTag, request.fromTag);
    core.addDialog(this.#key, this);
  }

  /** A SUBSCRIBE inside the subscription refreshes it or ends it. */
  receive(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const reply = (status: number): void =>
      transaction.respond(responseTo(request, flow.remote, status, { toTag: this.#localTag }));
    const next = acceptInside(this.#dialog, request);
    if (request.method !== 'SUBSCRIBE') reply(405);
    else if (next === undefined) reply(500);
    else {
      this.#dialog = { ...next, remoteTarget: request.contacts[0]?.uri.text ?? next.remoteTarget };
      this.refresh(transaction, expiryOf(request));
    }
  }

  acknowledge(): void {}

  /** 200, and the state at once (§4.2.1.2). */
  refresh(transaction: ServerTransaction, wantedS: number): void {
    const { request, flow } = transaction;
    const expiresS = Math.min(wantedS, EXPIRES_S.longest);
    const { clock } = this.#core;
    this.#flow = flow;
    this.#told = undefined;
    this.#expiresAtMs = clock.monotonicMs() + expiresS * 1_000;
    this.#timer?.cancel();
    transaction.respond(
      responseTo(request, flow.remote, 200, {
        toTag: this.#localTag,
        headers: [
          ['Contact', contactFor(flow, this.facts.resource)],
          ['Expires', String(expiresS)],
        ],
      }),
    );
    if (expiresS > 0) {
      this.#timer = clock.after(expiresS * 1_000, 'SIP subscription', () => this.#end('timeout'));
      this.notify();
    } else this.#end('timeout');
  }

  notify(): void {
    if (this.#sending) this.#dirty = true;
    else this.#send(undefined);
  }

  forget(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#core.removeDialog(this.#key, this);
    this.#gone();
  }

  #end(reason: string): void {
    this.#send(reason);
    this.forget();
  }

  #send(ended: string | undefined): void {
    if (this.#over) return;
    // The way that the SUBSCRIBE came; when its connection is gone, where the account is registered now.
    const flow = this.#flow.open ? this.#flow : this.#core.flowFor(this.#peer);
    if (flow === undefined) {
      this.forget();
      return;
    }
    const leftS = Math.max(0, Math.round((this.#expiresAtMs - this.#core.clock.monotonicMs()) / 1_000));
    const { contentType, body, told } = this.#port.stateOf(this.facts, this.#version++, this.#told);
    this.#told = told;
    const { dialog, draft } = requestInside(this.#dialog, 'NOTIFY', [
      ['Event', this.#eventHeader],
      ['Subscription-State', ended === undefined ? `active;expires=${leftS}` : `terminated;reason=${ended}`],
      ['Contact', contactFor(flow, this.facts.resource)],
      ['User-Agent', this.#core.product],
      ['Content-Type', contentType],
    ]);
    this.#dialog = dialog;
    this.#sending = true;
    const answered = (alive: boolean): void => {
      this.#sending = false;
      if (!alive) this.forget();
      else if (this.#dirty) {
        this.#dirty = false;
        this.notify();
      }
    };
    this.#core.transactions.request({ ...draft, body }, flow, {
      // A subscriber that refuses has no use for more (§4.2.2).
      response: ({ status }) => status >= 200 && answered(status < 300),
      failed: () => answered(false),
    });
  }
}

function expiryOf(request: SipRequest): number {
  const text = request.headers.get('expires');
  return text === undefined ? EXPIRES_S.usual : (parseUint(text, 2 ** 32 - 1) ?? EXPIRES_S.usual);
}

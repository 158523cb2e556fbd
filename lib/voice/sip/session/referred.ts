import type { Timer } from '../../../base/clock.ts';
import type { IncomingRefer, SipHeaders } from '../api.ts';
import type { SipRequest } from '../codec/message.ts';
import { phraseOf } from '../codec/phrases.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { type DialogLink, lists } from './link.ts';

/** Referrals of one dialog whose progress is told at the same time. */
const LIMIT = 8;
/** A referral whose user says nothing more is ended for the referrer after this long. */
const LIFE_S = 180;
/** A BYE waits for the answer to the last NOTIFY so long: in one dialog they would overtake each other. */
const TOLD_LIMIT_MS = 2_000;

interface Referral {
  readonly id: number;
  last: number;
  timer: Timer;
}

/** REFERs that come inside one dialog, and their implicit subscriptions (RFC 3515 §2.4). */
export class Referred {
  readonly #link: DialogLink;
  readonly #take: ((refer: IncomingRefer) => void) | undefined;
  readonly #referrals = new Map<number, Referral>();
  /** NOTIFYs without an answer. */
  #telling = 0;
  #told: (() => void) | undefined;
  #limit: Timer | undefined;

  constructor(link: DialogLink) {
    this.#link = link;
    this.#take = link.core.onRefer;
  }

  receive(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const link = this.#link;
    const allow: SipHeaders = [['Allow', link.core.allow]];
    const [target, ...more] = request.headers.all('refer-to');
    const take = this.#take;
    if (take === undefined || target === undefined || more.length > 0 || this.#referrals.size >= LIMIT) {
      if (take === undefined) link.reply(transaction, 405, { headers: allow });
      else link.reply(transaction, this.#referrals.size >= LIMIT ? 486 : 400);
      return;
    }
    const id = request.cseq.number;
    // RFC 4488: only a referrer that says so in Require or Supported may do without.
    const quiet =
      request.headers.get('refer-sub')?.trim().toLowerCase() === 'false' &&
      (lists(request, 'supported', 'norefersub') || lists(request, 'require', 'norefersub'));
    take({
      callId: request.callId,
      referTo: target,
      referredBy: request.headers.get('referred-by'),
      quiet,
      accept: () => {
        if (transaction.status >= 200) return;
        const headers: SipHeaders = [link.contact(flow), ...(quiet ? [['Refer-Sub', 'false'] as const] : [])];
        link.reply(transaction, 202, { headers });
        if (!quiet) this.#begin(id);
      },
      refuse: (status) => link.reply(transaction, status),
      tell: (status, final) => this.#tell(id, status, final),
    });
  }

  /** A SUBSCRIBE inside the dialog for a referral: asks anew, or wants no more (§2.4.4). True when it was one. */
  subscribe(transaction: ServerTransaction): boolean {
    const { request, flow } = transaction;
    const referral = this.#referralOf(request);
    if (referral === undefined) return false;
    const ends = (request.headers.get('expires') ?? '').trim() === '0';
    const headers: SipHeaders = [['Expires', ends ? '0' : String(LIFE_S)], this.#link.contact(flow)];
    this.#link.reply(transaction, 200, { headers });
    if (ends) this.#end(referral, 'timeout');
    else this.#notify(referral, 'active');
    return true;
  }

  /** Runs `then` at once, or when the referrer has answered what it was told, or has had its time. */
  whenTold(then: () => void): void {
    if (this.#telling === 0) {
      then();
      return;
    }
    this.#told = then;
    this.#limit = this.#link.core.clock.after(TOLD_LIMIT_MS, 'SIP told', () => this.#release());
  }

  #release(): void {
    const then = this.#told;
    this.#told = undefined;
    this.#limit?.cancel();
    then?.();
  }

  /** The dialog is over. */
  stop(): void {
    this.#told = undefined;
    this.#limit?.cancel();
    for (const { timer } of this.#referrals.values()) timer.cancel();
    this.#referrals.clear();
  }

  #referralOf(request: SipRequest): Referral | undefined {
    const [event, ...params] = (request.headers.get('event') ?? '').split(';');
    if (event?.trim().toLowerCase() !== 'refer') return undefined;
    const id = params.map((one) => one.trim()).find((one) => one.startsWith('id='));
    if (id !== undefined) return this.#referrals.get(Number(id.slice(3)));
    return this.#referrals.size === 1 ? [...this.#referrals.values()][0] : undefined;
  }

  #begin(id: number): void {
    const { clock } = this.#link.core;
    const timer = clock.after(LIFE_S * 1_000, 'SIP referral', () => this.#tell(id, 408, true));
    this.#referrals.set(id, { id, last: 100, timer });
  }

  #tell(id: number, status: number, final: boolean): void {
    const referral = this.#referrals.get(id);
    if (referral === undefined) return;
    referral.last = status;
    if (final) this.#end(referral, 'noresource');
    else this.#notify(referral, 'active');
  }

  #end(referral: Referral, reason: string): void {
    referral.timer.cancel();
    this.#referrals.delete(referral.id);
    this.#notify(referral, `terminated;reason=${reason}`);
  }

  #notify({ id, last }: Referral, state: string): void {
    const headers: SipHeaders = [
      ['Event', `refer;id=${id}`],
      ['Subscription-State', state === 'active' ? `active;expires=${LIFE_S}` : state],
      ['Content-Type', 'message/sipfrag;version=2.0'],
    ];
    const body = `SIP/2.0 ${last} ${phraseOf(last)}\r\n`;
    this.#telling++;
    const done = (): void => {
      this.#telling--;
      if (this.#telling === 0) this.#release();
    };
    this.#link.request('NOTIFY', { headers, body, contact: true }, { done });
  }
}

import type { Timer } from '../../../base/clock.ts';
import type { ReinviteOptions, ReinviteOutcome, SipHeaders } from '../api.ts';
import { type SipResponse, sdpOf } from '../codec/message.ts';
import type { DialogLink } from './link.ts';
import { glarePauseMs } from './offer-verdict.ts';

/** A re-INVITE without a final answer is given up after this long. */
const ANSWER_LIMIT_MS = 20_000;

/** What one offer of ours needs of the dialog that it is made in. */
export interface OwnOfferNeeds {
  readonly link: DialogLink;
  readonly callIdIsOurs: boolean;
  /** Undefined for a refresh by UPDATE without a description. */
  readonly sdp: string | undefined;
  /** Nothing of the peer's is open: a repeated offer waits until then. */
  clear(): boolean;
  /** What the request carries besides. */
  headers(): SipHeaders;
  /** Called once. */
  settled(outcome: ReinviteOutcome, response?: SipResponse): void;
}

/** A re-INVITE or UPDATE of ours: sent, after glare again where that is wanted, every 2xx of it acknowledged. */
export class OwnOffer {
  readonly #needs: OwnOfferNeeds;
  readonly #method: 'INVITE' | 'UPDATE';
  #retries: number;
  #pause: Timer | undefined;
  #settled = false;

  constructor(needs: OwnOfferNeeds, options: ReinviteOptions = {}) {
    this.#needs = needs;
    this.#method = options.by ?? 'INVITE';
    this.#retries = Math.min(options.retries ?? 0, 8);
  }

  /** It is on its way, and not waiting after glare. */
  get open(): boolean {
    return this.#pause === undefined;
  }

  get invites(): boolean {
    return this.#method === 'INVITE';
  }

  get describes(): boolean {
    return this.#needs.sdp !== undefined;
  }

  /** Sends, or waits until nothing of the peer's is in the way. */
  begin(): void {
    if (this.#needs.clear()) this.#send();
    else {
      this.#retries--;
      this.#wait();
    }
  }

  #send(): void {
    this.#pause = undefined;
    const { link, sdp } = this.#needs;
    const body = sdp === undefined ? {} : { body: sdp };
    const headers = this.#needs.headers();
    const parts = { contact: true, headers, noAnswerMs: ANSWER_LIMIT_MS, ...body };
    link.request(this.#method, parts, {
      success: (response, authorization) => {
        if (this.#method === 'INVITE') link.sendAck(response.cseq.number, authorization);
      },
      done: (status, response) => this.#done(status, response),
    });
  }

  /** The dialog is over. */
  giveUp(): void {
    this.#settle({ ok: false, status: 487 });
  }

  #done(status: number, response: SipResponse | undefined): void {
    if (this.#settled) return;
    if (response !== undefined && status >= 200 && status < 300) {
      this.#settle({ ok: true, sdp: sdpOf(response) }, response);
      return;
    }
    if (status !== 491 || this.#retries <= 0) {
      this.#settle({ ok: false, status }, response);
      return;
    }
    this.#retries--;
    this.#wait();
  }

  #wait(): void {
    const { core } = this.#needs.link;
    const pauseMs = glarePauseMs(this.#needs.callIdIsOurs, core.random.fraction());
    this.#pause = core.clock.after(pauseMs, 'SIP glare', () => {
      if (this.#needs.clear()) this.#send();
      else this.#wait();
    });
  }

  #settle(outcome: ReinviteOutcome, response?: SipResponse): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#pause?.cancel();
    this.#needs.settled(outcome, response);
  }
}

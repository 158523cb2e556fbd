import type { Credentials, ReinviteOutcome, SipHeaders } from '../api.ts';
import { type RequestDraft, type SipResponse, sdpOf } from '../codec/message.ts';
import { answerChallenge } from '../digest/client.ts';
import type { Flow } from '../transport/flow.ts';
import { contactFor, type SessionCore } from './core.ts';

/** A re-INVITE without a final answer is given up after this long. */
const ANSWER_LIMIT_MS = 20_000;

/** What one offer of ours needs of the dialog that it is made in. */
export interface OwnOfferOptions {
  readonly core: SessionCore;
  readonly credentials: Credentials | undefined;
  readonly localUser: string;
  readonly sdp: string;
  flow(): Flow | undefined;
  /** The next INVITE of the dialog. */
  request(extra: SipHeaders): RequestDraft;
  acknowledge(sequence: number, extra: SipHeaders): void;
  /** Called once. */
  settled(outcome: ReinviteOutcome, response?: SipResponse): void;
}

/** A re-INVITE of ours: sent, challenged once at most, answered or refused, and every 2xx of it acknowledged. */
export class OwnOffer {
  readonly #options: OwnOfferOptions;
  #challenged = false;
  #settled = false;

  constructor(options: OwnOfferOptions) {
    this.#options = options;
  }

  send(authorization: SipHeaders = []): void {
    const { core, localUser, sdp } = this.#options;
    const flow = this.#options.flow();
    if (flow === undefined) {
      this.#settle({ ok: false, status: 503 });
      return;
    }
    const draft = this.#options.request([
      ['Contact', contactFor(flow, localUser)],
      ['Allow', core.allow],
      ['User-Agent', core.product],
      ...authorization,
    ]);
    core.transactions.request(
      { ...draft, body: sdp },
      flow,
      {
        response: (response) => this.#response(response, draft, authorization),
        failed: (cause) => this.#settle({ ok: false, status: cause === 'timeout' ? 408 : 503 }),
        noAnswer: () => this.#settle({ ok: false, status: 504 }),
      },
      ANSWER_LIMIT_MS,
    );
  }

  /** The dialog is over. */
  giveUp(): void {
    this.#settle({ ok: false, status: 487 });
  }

  #response(response: SipResponse, draft: RequestDraft, authorization: SipHeaders): void {
    const { status } = response;
    if (status < 200) return;
    if (status < 300) {
      this.#options.acknowledge(response.cseq.number, authorization);
      this.#settle({ ok: true, sdp: sdpOf(response) }, response);
      return;
    }
    const { credentials, core } = this.#options;
    if ((status === 401 || status === 407) && credentials !== undefined && !this.#challenged) {
      this.#challenged = true;
      const { method, requestUri: uri } = draft;
      const answer = answerChallenge({ response, credentials, method, uri, random: core.random });
      if (answer !== undefined) {
        this.send(answer);
        return;
      }
    }
    this.#settle({ ok: false, status });
  }

  #settle(outcome: ReinviteOutcome, response?: SipResponse): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#options.settled(outcome, response);
  }
}

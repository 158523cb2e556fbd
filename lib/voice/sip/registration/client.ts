import type { Clock, Timer } from '../../../base/clock.ts';
import type { Logger } from '../../../base/log.ts';
import { type Random, randomHex } from '../../../base/random.ts';
import type { SipHeaders } from '../api.ts';
import type { RequestDraft, SipResponse } from '../codec/message.ts';
import { phraseOf } from '../codec/phrases.ts';
import { parseUint } from '../codec/text.ts';
import { isChallenge, isStale, Signer } from '../digest/client.ts';
import { contactFor } from '../session/core.ts';
import type { TransactionLayer } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';
import type { RegisterOptions, Registration } from './api.ts';
import { backoffMs } from './backoff.ts';

/** What a registration needs from the user agent. */
export interface RegistrationPort {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly product: string;
  readonly transactions: TransactionLayer;
  flow(): Flow | undefined;
  /** The place behind a flow does not answer, or says that it is out of service: another one, if there is any. */
  distrust?(flow: Flow): void;
}

/** The refresh comes after this share of the time granted. */
const REFRESH_SHARE = 0.8;
/** How long `stop` waits for the farewell to be answered. */
const FAREWELL_MS = 2_000;

/** Keeps one account registered (RFC 3261 §10.2, RFC 5626 §4.5 for the retries). */
export class RegistrationClient implements Registration {
  readonly #port: RegistrationPort;
  readonly #options: RegisterOptions;
  readonly #callId: string;
  readonly #tag: string;
  readonly #signer: Signer;
  #sequence = 0;
  #failures = 0;
  #expiresS: number;
  #timer: Timer | undefined;
  #unwatch: () => void = () => undefined;
  /** Counts the attempts, so that an answer to an older one is not taken for the newest one's. */
  #attempt = 0;
  #bound = false;
  /** Between two tries. */
  #pausing = false;
  /** While a try was under way, which may have begun too early. */
  #hurried = false;
  #stopped = false;

  constructor(port: RegistrationPort, options: RegisterOptions) {
    this.#port = port;
    this.#options = options;
    this.#expiresS = options.expiresS;
    this.#callId = randomHex(port.random, 16);
    this.#tag = randomHex(port.random, 8);
    this.#signer = new Signer(options.credentials, port.random);
  }

  start(): void {
    this.#register();
  }

  /** Removes the binding, and waits a short while for the registrar to say so. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#halt();
    const flow = this.#bound ? this.#port.flow() : undefined;
    if (flow === undefined) return;
    await new Promise<void>((resolve) => {
      const limit = this.#port.clock.after(FAREWELL_MS, 'SIP farewell', resolve);
      this.#send(flow, 0, () => {
        limit.cancel();
        resolve();
      });
    });
  }

  hurry(): void {
    if (this.#pausing) this.#register();
    else if (!this.#bound) this.#hurried = true;
  }

  /** Stops without a word: the user agent is closing its sockets. */
  abandon(): void {
    if (!this.#stopped) this.#halt();
  }

  #halt(): void {
    this.#stopped = true;
    this.#pausing = false;
    this.#options.turn?.leave();
    this.#timer?.cancel();
    this.#unwatch();
  }

  #register(): void {
    this.#pausing = false;
    this.#timer?.cancel();
    const { turn } = this.#options;
    if (turn === undefined) this.#attempted();
    else turn.take(() => this.#attempted());
  }

  #attempted(): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    this.#unwatch();
    const flow = this.#port.flow();
    if (flow === undefined) {
      this.#failed(503);
      return;
    }
    this.#options.onState({ at: 'registering' });
    this.#unwatch = flow.onClose(() => this.#flowDied());
    this.#send(flow, this.#expiresS, (status, response) => {
      if (this.#stopped) return;
      if (response !== undefined && status === 200) {
        this.#registered(response);
        this.#keepAlive(flow);
      } else if (response !== undefined && status === 423) this.#tooBrief(response);
      else {
        this.#failed(status);
        if (status === 408 || status === 503) this.#port.distrust?.(flow);
      }
    });
  }

  /** Over UDP the way back to us is kept open; when the peer falls silent, that is as if a connection had died. */
  #keepAlive(flow: Flow): void {
    const stop = flow.keepAlive?.(() => this.#flowDied());
    const unwatch = this.#unwatch;
    this.#unwatch = () => {
      unwatch();
      stop?.();
    };
  }

  /** A registration that stood is renewed at once over a new connection; one that was failing keeps its patience. */
  #flowDied(): void {
    if (this.#stopped || !this.#bound) return;
    this.#bound = false;
    this.#timer?.cancel();
    this.#options.onState({ at: 'registering', lost: true });
    // A short spread: all boxes lose the cloud at the same moment when it restarts.
    const delayMs = this.#port.random.fraction() * 250;
    this.#timer = this.#port.clock.after(delayMs, 'SIP re-register', () => this.#register());
  }

  #registered(response: SipResponse): void {
    this.#bound = true;
    this.#hurried = false;
    this.#failures = 0;
    const granted = response.contacts[0]?.params.get('expires') ?? response.headers.get('expires') ?? '';
    const expiresS = Math.max(1, parseUint(granted, 86_400) ?? this.#expiresS);
    this.#options.onState({ at: 'registered', expiresInS: expiresS });
    const delayMs = expiresS * 1_000 * REFRESH_SHARE;
    this.#timer?.cancel();
    this.#timer = this.#port.clock.after(delayMs, 'SIP refresh', () => this.#register());
  }

  #tooBrief(response: SipResponse): void {
    const shortest = parseUint(response.headers.get('min-expires') ?? '', 86_400);
    if (shortest === undefined || shortest <= this.#expiresS) {
      this.#failed(423);
      return;
    }
    this.#expiresS = shortest;
    this.#register();
  }

  #failed(status: number): void {
    this.#bound = false;
    if (this.#hurried) this.#failures = 0;
    this.#hurried = false;
    const retryInMs = backoffMs(this.#failures, this.#port.random.fraction());
    this.#failures++;
    const say = sayOf(status, this.#options);
    this.#port.log.warn({ user: this.#options.credentials.user, status, retryInMs }, say);
    this.#options.onState({ at: 'failed', status, say, retryInMs });
    this.#timer?.cancel();
    this.#pausing = true;
    this.#timer = this.#port.clock.after(retryInMs, 'SIP retry', () => this.#register());
  }

  /** One REGISTER and, where it is challenged, the signed one after it. `done` is called once. */
  #send(flow: Flow, expiresS: number, done: (status: number, response?: SipResponse) => void): void {
    this.#attempt++;
    const attempt = this.#attempt;
    const finish = (status: number, response?: SipResponse): void => {
      if (attempt === this.#attempt) done(status, response);
    };
    const go = (authorization: SipHeaders, challenges: number): void => {
      const draft = this.#draft(flow, expiresS, authorization);
      this.#port.transactions.request(draft, flow, {
        failed: (cause) => finish(cause === 'timeout' ? 408 : 503),
        response: (response) => {
          if (response.status < 200) return;
          const fresh = challenges === 0 || (challenges === 1 && isStale(response));
          const signed =
            fresh && isChallenge(response) ? this.#signer.answer(response, this.#signed()) : undefined;
          if (signed === undefined) finish(response.status, response);
          else go(signed, challenges + 1);
        },
      });
    };
    // The nonce of the last time, counted on, often saves the challenge.
    go(this.#signer.sign(this.#signed()), 0);
  }

  #signed(): { readonly method: string; readonly uri: string } {
    return { method: 'REGISTER', uri: `sip:${this.#options.domain}` };
  }

  #draft(flow: Flow, expiresS: number, authorization: SipHeaders): RequestDraft {
    const { domain, credentials } = this.#options;
    const account = `<sip:${credentials.user}@${domain}>`;
    this.#sequence++;
    return {
      method: 'REGISTER',
      requestUri: `sip:${domain}`,
      headers: [
        ['Max-Forwards', '70'],
        ['From', `${account};tag=${this.#tag}`],
        ['To', account],
        ['Call-ID', this.#callId],
        ['CSeq', `${this.#sequence} REGISTER`],
        ['Contact', `${contactFor(flow, credentials.user)};expires=${expiresS}`],
        ['Expires', String(expiresS)],
        ['User-Agent', this.#port.product],
        ...authorization,
      ],
    };
  }
}

/** A sentence for the technician. */
function sayOf(status: number, options: RegisterOptions): string {
  const { host, port } = options.registrar;
  const who = `${options.credentials.user} is not registered at ${host}:${port}`;
  switch (status) {
    case 401:
    case 403:
    case 407:
      return `${who}: the password is refused. Enrol the box again.`;
    case 408:
      return `${who}: no answer. Check the way to the cloud.`;
    case 503:
      return `${who}: no connection. Check network, address and certificate.`;
    default:
      return `${who}: refused with ${status} ${phraseOf(status)}.`;
  }
}

import type { Clock, Timer } from '../../../lib/base/clock.ts';
import { belongs, type Dialog, inside, learn } from './dialog.ts';
import type { Line } from './line.ts';
import { fromWire, headerText, responseTo, type SipRequest, type SipResponse } from './message.ts';

export interface SubscriptionOptions {
  readonly line: Line;
  readonly event: 'dialog' | 'message-summary';
  readonly accept: string;
  /** Whose state. */
  readonly user: string;
  readonly clock: Clock;
  /** A body has come; undefined when the subscription has ended and nothing is known any more. */
  told(body: string | undefined): void;
}

const EXPIRES_S = 3_600;
const RETRY_MS = 30_000;

/** A watch on somebody's state (RFC 6665): SUBSCRIBE, its NOTIFYs, again before it runs out. */
export class Subscription {
  readonly #options: SubscriptionOptions;
  #dialog: Dialog;
  #timer: Timer | undefined;
  #ended = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#dialog = this.#fresh();
  }

  begin(): void {
    this.#send(EXPIRES_S);
  }

  end(politely: boolean): void {
    this.#timer?.cancel();
    if (politely && !this.#ended && this.#dialog.remote.params['tag'] !== undefined) this.#send(0);
    this.#ended = true;
  }

  /** A NOTIFY; false when it is of another subscription. */
  take(request: SipRequest): boolean {
    if (this.#ended || !belongs(this.#dialog, request)) return false;
    const { line, told } = this.#options;
    const sequence = request.headers.cseq?.seq ?? 0;
    if (sequence <= this.#dialog.remoteSequence) {
      line.respond(responseTo(request, 500, 'Out of order'));
      return true;
    }
    this.#dialog.remoteSequence = sequence;
    // A NOTIFY may be faster than the answer to SUBSCRIBE (RFC 6665 §4.4.1).
    learn(this.#dialog, request, 'callee');
    line.respond(responseTo(request, 200, 'OK'));
    const over = /^terminated/i.test(headerText(request.headers, 'subscription-state'));
    if (request.content !== undefined && request.content !== '') told(fromWire(request.content));
    if (over) {
      told(undefined);
      this.#anew(RETRY_MS);
    }
    return true;
  }

  #fresh(): Dialog {
    const { line, user } = this.#options;
    const uri = line.uriFor(user);
    return {
      callId: line.newCallId(),
      local: line.self(),
      remote: { uri, params: {} },
      target: uri,
      routes: [],
      sequence: 0,
      remoteSequence: 0,
    };
  }

  #send(expiresS: number): void {
    const { line, event, accept } = this.#options;
    const dialog = this.#dialog;
    const first = dialog.remote.params['tag'] === undefined;
    const request = inside(dialog, 'SUBSCRIBE', {
      event,
      accept,
      expires: String(expiresS),
      contact: line.contact(),
      ...(first ? line.route() : {}),
    });
    line.request(
      request,
      (response) => this.#answered(response, dialog),
      (sent) => {
        dialog.sequence = sent.headers.cseq?.seq ?? dialog.sequence;
      },
    );
  }

  #answered(response: SipResponse, dialog: Dialog): void {
    if (response.status < 200 || this.#ended || dialog !== this.#dialog) return;
    if (response.status < 300) {
      learn(dialog, response, 'caller');
      const grantedS = Number(headerText(response.headers, 'expires')) || EXPIRES_S;
      this.#arm(Math.max(5_000, grantedS * 850), () => this.#send(EXPIRES_S));
      return;
    }
    this.#options.told(undefined);
    this.#anew(response.status === 481 ? 0 : RETRY_MS);
  }

  #anew(afterMs: number): void {
    this.#dialog = this.#fresh();
    this.#arm(afterMs, () => this.#send(EXPIRES_S));
  }

  #arm(afterMs: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(afterMs, 'phone watches', run);
  }
}

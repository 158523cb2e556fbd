import { type Random, randomHex } from '../../../lib/base/random.ts';
import type { AccountSettings } from '../config/settings.ts';
import { authorised } from './digest.ts';
import {
  type HeaderBag,
  type NameAddress,
  quotedName,
  type SipRequest,
  type SipResponse,
  uriOf,
} from './message.ts';
import type { SipStack, Target } from './stack.ts';

/** What every request of a phone says of it. */
export interface Manners {
  readonly userAgent: string;
  /** Name of this very phone in its Contact (RFC 5626), where the maker sends one. */
  readonly instance: string | undefined;
}

export interface LineOptions {
  readonly settings: AccountSettings;
  readonly stack: SipStack;
  /** Where the account's server or outbound proxy is. */
  readonly target: Target;
  readonly address: string;
  readonly port: number;
  readonly random: Random;
  readonly manners: Manners;
}

export const ALLOW = 'INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE';

/** One account: how its requests are written, where they go, and how they log in. */
export class Line {
  readonly settings: AccountSettings;
  readonly target: Target;
  readonly random: Random;
  readonly #options: LineOptions;

  constructor(options: LineOptions) {
    this.#options = options;
    this.settings = options.settings;
    this.target = options.target;
    this.random = options.random;
  }

  get uri(): string {
    return `sip:${this.settings.user}@${this.settings.domain}`;
  }

  uriFor(user: string): string {
    return `sip:${user.replaceAll('#', '%23')}@${this.settings.domain}`;
  }

  /** Ourselves, with a fresh tag. */
  self(): NameAddress {
    const name = quotedName(this.settings.displayName);
    const params = { tag: randomHex(this.random, 6) };
    return name === undefined ? { uri: this.uri, params } : { name, uri: this.uri, params };
  }

  contact(): NameAddress[] {
    const { address, port, manners } = this.#options;
    const { user, transport } = this.settings;
    const tail = transport === 'tcp' ? ';transport=tcp' : '';
    const params =
      manners.instance === undefined ? {} : { 'reg-id': '1', '+sip.instance': `"<${manners.instance}>"` };
    return [{ uri: `sip:${user}@${address}:${port}${tail}`, params }];
  }

  /** What an INVITE says beside its offer; the session timer where the account asks for one (RFC 4028). */
  offerHeaders(): HeaderBag {
    const { sessionS, leastSessionS } = this.settings;
    return {
      contact: this.contact(),
      supported: 'replaces, timer',
      'content-type': 'application/sdp',
      ...(sessionS === null ? {} : { 'session-expires': String(sessionS), 'min-se': String(leastSessionS) }),
    };
  }

  newCallId(): string {
    return `${randomHex(this.random, 10)}@${this.#options.address}`;
  }

  /** The outbound proxy in a Route header, for requests that begin something. */
  route(): HeaderBag {
    if (!this.settings.routed) return {};
    const { host, port } = this.target;
    const uri = uriOf(`sip:${host}:${port};lr`);
    return { route: [{ uri, params: {} }] };
  }

  /**
   * Sends a request, logging in where that is asked for. `sent` is told of every request that really goes out, since a login
   * is a request of its own with the next number.
   */
  request(
    request: SipRequest,
    answer: (response: SipResponse) => void,
    sent: (request: SipRequest) => void = () => undefined,
  ): void {
    const { stack, target, manners, settings } = this.#options;
    request.headers['user-agent'] = manners.userAgent;
    request.headers['allow'] ??= ALLOW;
    let tries = 0;
    const send = (now: SipRequest): void => {
      sent(now);
      stack.request(now, target, (response) => {
        const login = { user: settings.authUser, password: settings.password };
        const again = tries < 2 ? authorised(now, response, login, this.random) : undefined;
        if (again === undefined) {
          answer(response);
          return;
        }
        tries++;
        send(again);
      });
    };
    send(request);
  }

  respond(response: SipResponse): void {
    response.headers['user-agent'] = this.#options.manners.userAgent;
    this.#options.stack.respond(response);
  }

  cancel(invite: SipRequest): void {
    this.#options.stack.cancel(invite, this.target);
  }

  acknowledge(ack: SipRequest): void {
    ack.headers['user-agent'] = this.#options.manners.userAgent;
    this.#options.stack.acknowledge(ack, `z9hG4bK${randomHex(this.random, 12)}`, this.target);
  }
}

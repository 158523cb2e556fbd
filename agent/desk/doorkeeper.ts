import type { Clock } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { SipAddress } from '../../lib/voice/sip/api.ts';
import type { Health } from '../ports.ts';
import { Guard, MILD, STRICT } from './guard.ts';

/** What comes of it, for people. */
const SHUNNED = 'nothing of it is read for a while';
const SPARED = 'a phone is registered there and goes on being heard, for somebody else may have sent it';
const NARROWED = 'a phone is registered there, and only its own account is heard for a while';

export interface DoorkeeperOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
  /** The accounts that are registered from there now. */
  usersAt(host: string): readonly string[];
}

/**
 * Whom the registrar does not listen to. Any device can write any sender on a datagram, so what was only claimed does little: it
 * counts for datagrams alone and for a short time, and silences no phone that is registered, which may be calling 110. Over a
 * connection, and by a digest over a nonce that was sent to it, a source has proved to be where it says.
 */
export class Doorkeeper {
  readonly #options: DoorkeeperOptions;
  readonly #proved = new Guard(STRICT);
  /** Apart, so that invented senders push no proved one out of the memory. */
  readonly #claimed = new Guard(MILD);

  constructor(options: DoorkeeperOptions) {
    this.#options = options;
  }

  /** Digests are judged only over nonces that were issued to their source. */
  judged(user: string, source: SipAddress, right: boolean): void {
    if (right) this.#proved.right(source.host, user);
    else if (this.#proved.wrong(source.host, user, this.#nowMs())) {
      this.#report(source, 'has sent several wrong passwords for desk phones', NARROWED);
    }
  }

  /** Phones know their extension: who asks for many, or comes with a scanner (`sure`), is none. */
  strange(source: SipAddress, sure: boolean): void {
    const { host, transport } = source;
    const guard = transport === 'udp' ? this.#claimed : this.#proved;
    const shunned = sure ? guard.ban(host, this.#nowMs()) : guard.wrong(host, '', this.#nowMs());
    if (shunned) this.#report(source, 'looks for extensions of desk phones', SPARED);
  }

  /** Nothing is read of such a source. */
  shuns(source: SipAddress): boolean {
    const { host, transport } = source;
    const claimed = transport === 'udp' && this.#claimed.shuns(host, this.#nowMs());
    return (claimed || this.#proved.shuns(host, this.#nowMs())) && !this.#hasPhone(source);
  }

  /**
   * The only names that may sign from a source, undefined where any may: a phone that guesses the passwords of others is
   * heard for its own account alone.
   */
  mayOnlySign(source: SipAddress): readonly string[] | undefined {
    if (source.transport !== 'udp' || !this.#proved.shuns(source.host, this.#nowMs())) return undefined;
    return this.#options.usersAt(source.host);
  }

  /** Over a connection nobody speaks in another's name, so that a phone is no excuse there. */
  #hasPhone({ host, transport }: SipAddress): boolean {
    return transport === 'udp' && this.#options.usersAt(host).length > 0;
  }

  #report(source: SipAddress, what: string, withPhone: string): void {
    const { health, log } = this.#options;
    const say = `${source.host} ${what}; ${this.#hasPhone(source) ? withPhone : SHUNNED}.`;
    log.warn({ source: source.host }, say);
    health.raise('desk.guessing', say);
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

import type { Logger } from '../../lib/base/log.ts';
import type { LineConfig, SiteConfig } from '../../lib/contract/site-config.ts';
import type { Registration, RegistrationState, UserAgent } from '../../lib/voice/sip/api.ts';
import type { Health } from '../ports.ts';
import type { LineStatus } from '../status.ts';
import { trunkAddress } from './trunk-address.ts';

interface Account {
  /** Everything that the registration was made from: a change of any of it makes a new one. */
  readonly key: string;
  readonly registration: Registration;
  state: RegistrationState | undefined;
}

/** Keeps the SIP account of every line and desk phone registered at the service, each line's own ID. [S0-062] */
export class Registrations {
  readonly #sip: Pick<UserAgent, 'register'>;
  readonly #health: Health;
  readonly #log: Logger;
  readonly #changed: () => void;
  readonly #accounts = new Map<number, Account>();

  constructor(sip: Pick<UserAgent, 'register'>, health: Health, log: Logger, changed: () => void) {
    this.#sip = sip;
    this.#health = health;
    this.#log = log;
    this.#changed = changed;
  }

  /**
   * Registers what is new, ends what is gone, leaves alone what is the same. An account with a call on it is left as it
   * is, for its call still needs the way back; false when there was one, and `apply` is due again when the call is over.
   */
  apply(config: SiteConfig, lines: readonly LineConfig[], busy: ReadonlySet<number>): boolean {
    const wanted = new Map(lines.map((line) => [line.port, line]));
    let whole = true;
    for (const [port, account] of this.#accounts) {
      const line = wanted.get(port);
      if (line !== undefined && keyOf(config, line) === account.key) continue;
      if (busy.has(port)) {
        whole = false;
        continue;
      }
      this.#accounts.delete(port);
      this.#end(port, account);
    }
    for (const [port, line] of wanted) {
      if (!this.#accounts.has(port)) this.#begin(config, line);
    }
    return whole;
  }

  /** For the status of the line. */
  status(port: number): LineStatus['registration'] {
    const state = this.#accounts.get(port)?.state;
    switch (state?.at) {
      case undefined:
      case 'registering':
        return { at: 'registering', say: 'registering at the service' };
      case 'registered':
        return { at: 'registered', say: `registered for ${state.expiresInS} s` };
      case 'failed':
        return { at: 'failed', say: state.say };
    }
  }

  async stop(): Promise<void> {
    const accounts = [...this.#accounts.values()];
    this.#accounts.clear();
    await Promise.allSettled(accounts.map((account) => account.registration.stop()));
  }

  #begin(config: SiteConfig, line: LineConfig): void {
    const { trunk } = config;
    let account: Account | undefined;
    let early: RegistrationState | undefined;
    const registration = this.#sip.register({
      registrar: trunkAddress(trunk),
      serverName: trunk.serverName,
      domain: trunk.domain,
      credentials: line.sip,
      expiresS: trunk.registerEveryS,
      onState: (state) => {
        if (account === undefined) early = state;
        else if (this.#accounts.get(line.port) === account) this.#take(line.port, account, state);
      },
    });
    account = { key: keyOf(config, line), registration, state: undefined };
    this.#accounts.set(line.port, account);
    if (early !== undefined) this.#take(line.port, account, early);
  }

  #take(port: number, account: Account, state: RegistrationState): void {
    account.state = state;
    if (state.at === 'registered') this.#clear(port);
    if (state.at === 'failed') {
      const refused = state.status === 401 || state.status === 403 || state.status === 404;
      this.#health.raise(`${refused ? 'trunk.refused' : 'trunk.notRegistered'}/${port}`, state.say);
    }
    this.#changed();
  }

  #end(port: number, account: Account): void {
    this.#clear(port);
    account.registration.stop().catch((error: unknown) => {
      this.#log.warn({ port, err: error }, 'a registration did not end well');
    });
  }

  #clear(port: number): void {
    this.#health.clear(`trunk.refused/${port}`);
    this.#health.clear(`trunk.notRegistered/${port}`);
  }
}

function keyOf(config: SiteConfig, line: LineConfig): string {
  return JSON.stringify([config.trunk, line.sip]);
}

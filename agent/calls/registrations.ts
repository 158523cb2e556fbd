import type { Clock } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { LineConfig, SiteConfig } from '../../lib/contract/site-config.ts';
import type { Registration, RegistrationState, UserAgent } from '../../lib/voice/sip/api.ts';
import type { Health } from '../ports.ts';
import type { LineStatus } from '../status.ts';
import type { TrunkStanding } from './model.ts';
import { type TrunkPlace, trunkAddress, trunksOf } from './trunk-address.ts';
import { type Seat, TrunkPacer } from './trunk-pacer.ts';

interface Account {
  /** Everything that the registration was made from: a change of any of it makes a new one. */
  readonly key: string;
  readonly port: number;
  readonly user: string;
  readonly trunk: number;
  readonly seat: Seat;
  readonly registration: Registration;
  state: RegistrationState | undefined;
}

/** What registrations need from the room. */
export interface RegistrationsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly sip: Pick<UserAgent, 'register'>;
  readonly health: Health;
  readonly log: Logger;
  /** How an account stands at a trunk; undefined when it is given up. */
  stands(port: number, trunk: number, standing: TrunkStanding | undefined): void;
  changed(): void;
}

/** Answers that say that nobody works there; any other comes from somebody who does. */
const ABSENT = [408, 500, 502, 503, 504];

/** Keeps the SIP account of every line and desk phone registered at every trunk, each line's own ID. [S0-062] */
export class Registrations {
  readonly #options: RegistrationsOptions;
  readonly #accounts = new Map<string, Account>();
  /** By the place of the trunk in the configuration. */
  readonly #pacers = new Map<number, TrunkPacer>();

  constructor(options: RegistrationsOptions) {
    this.#options = options;
  }

  /**
   * Registers what is new, ends what is gone, leaves alone what is the same. An account with a call on it is left as it
   * is, for its call still needs the way back; false when there was one, and `apply` is due again when the call is over.
   */
  apply(config: SiteConfig, lines: readonly LineConfig[], busy: ReadonlySet<number>): boolean {
    const trunks = trunksOf(config);
    const orders = lines.flatMap((line) => trunks.map((place, trunk) => ({ line, place, trunk })));
    const wanted = new Map<string, (typeof orders)[number]>(
      orders.map((order) => [`${order.line.port}/${order.trunk}`, order]),
    );
    let whole = true;
    for (const [name, account] of this.#accounts) {
      const order = wanted.get(name);
      if (order !== undefined && keyOf(order.place, order.line) === account.key) continue;
      if (busy.has(account.port)) {
        whole = false;
        continue;
      }
      this.#accounts.delete(name);
      this.#end(account);
    }
    for (const [name, { line, place, trunk }] of wanted) {
      if (!this.#accounts.has(name)) this.#begin(name, line, place, trunk);
    }
    return whole;
  }

  /** The way to the service is there again: who asks for all asks now. A refusal stays one, and waits as before. */
  hurry(): void {
    for (const { state, registration } of [...this.#accounts.values()]) {
      if (state?.at !== 'failed' || ABSENT.includes(state.status)) registration.hurry();
    }
  }

  /** For the status of the line. */
  status(port: number): LineStatus['registration'] {
    const all = [...this.#accounts.values()].filter((account) => account.port === port);
    const best = all.find(({ state }) => state?.at === 'registered') ?? all[0];
    const state = best?.state;
    switch (state?.at) {
      case undefined:
      case 'registering':
        return { at: 'registering', say: 'registering at the service' };
      case 'registered': {
        const where = best?.trunk === 0 ? '' : ' at the second trunk';
        return { at: 'registered', say: `registered${where} for ${state.expiresInS} s` };
      }
      case 'failed':
        return { at: 'failed', say: state.say };
    }
  }

  async stop(): Promise<void> {
    const accounts = [...this.#accounts.values()];
    this.#accounts.clear();
    for (const pacer of this.#pacers.values()) pacer.stop();
    await Promise.allSettled(accounts.map((account) => account.registration.stop()));
  }

  #begin(name: string, line: LineConfig, place: TrunkPlace, trunk: number): void {
    let account: Account | undefined;
    let early: RegistrationState | undefined;
    const seat = this.#pacerOf(trunk).seat();
    const registration = this.#options.sip.register({
      registrar: trunkAddress(place),
      serverName: place.serverName,
      domain: place.domain,
      credentials: line.sip,
      expiresS: place.registerEveryS,
      turn: seat,
      onState: (state) => {
        if (account === undefined) early = state;
        else if (this.#accounts.get(name) === account) this.#take(account, state);
      },
    });
    const { port, sip } = line;
    account = { key: keyOf(place, line), port, user: sip.user, trunk, seat, registration, state: undefined };
    this.#accounts.set(name, account);
    if (early !== undefined) this.#take(account, early);
  }

  #pacerOf(trunk: number): TrunkPacer {
    const known = this.#pacers.get(trunk);
    if (known !== undefined) return known;
    const { clock, random } = this.#options;
    const pacer = new TrunkPacer(clock, random);
    this.#pacers.set(trunk, pacer);
    return pacer;
  }

  #take(account: Account, state: RegistrationState): void {
    account.state = state;
    const pacer = this.#pacerOf(account.trunk);
    switch (state.at) {
      case 'registering':
        if (state.lost === true) pacer.lost();
        break;
      case 'registered':
        this.#stands(account, 'up');
        pacer.heard(account.seat, true);
        break;
      case 'failed': {
        const absent = ABSENT.includes(state.status);
        this.#stands(account, 'down');
        if (absent) this.#allWait(account, state);
        pacer.heard(account.seat, !absent);
        break;
      }
    }
    this.#options.changed();
  }

  /** Who waits for the account that asks for all knows as much as it does. */
  #allWait(scout: Account, failed: Extract<RegistrationState, { readonly at: 'failed' }>): void {
    for (const account of this.#accounts.values()) {
      const { state, trunk } = account;
      const knows = state?.at === 'registered' || (state?.at === 'failed' && !ABSENT.includes(state.status));
      if (trunk !== scout.trunk || account === scout || knows) continue;
      account.state = { ...failed, say: failed.say.replaceAll(scout.user, account.user) };
      this.#stands(account, 'down');
    }
  }

  #stands(account: Account, standing: TrunkStanding): void {
    this.#options.stands(account.port, account.trunk, standing);
    this.#warn(account.port);
  }

  /** What is wrong with the registrations of one line, all trunks together. */
  #warn(port: number): void {
    const { health } = this.#options;
    const all = [...this.#accounts.values()].filter((account) => account.port === port);
    const up = all.some(({ state }) => state?.at === 'registered');
    const failed = all.find(({ state }) => state?.at === 'failed');
    const state = failed?.state?.at === 'failed' ? failed.state : undefined;
    const refused = state !== undefined && [401, 403, 404].includes(state.status);
    const wrong: Readonly<Record<string, boolean>> = {
      'trunk.refused': state !== undefined && !up && refused,
      'trunk.notRegistered': state !== undefined && !up && !refused,
      'trunk.oneOfTwo': state !== undefined && up,
    };
    for (const [code, raised] of Object.entries(wrong)) {
      if (raised) health.raise(`${code}/${port}`, state?.say ?? '');
      else health.clear(`${code}/${port}`);
    }
  }

  #end(account: Account): void {
    const { port, trunk } = account;
    this.#options.stands(port, trunk, undefined);
    this.#warn(port);
    account.registration.stop().catch((error: unknown) => {
      this.#options.log.warn({ port, err: error }, 'a registration did not end well');
    });
  }
}

function keyOf(place: TrunkPlace, line: LineConfig): string {
  return JSON.stringify([place, line.sip]);
}

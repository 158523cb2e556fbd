import { connect, isIP, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock, Timer } from '../../../base/clock.ts';
import { hostNow, NO_HOST, type OwnHost } from '../../../base/own-host.ts';
import type { Random } from '../../../base/random.ts';
import type { SipAddress } from '../api.ts';
import { DeadTargets } from './dead-targets.ts';
import { locate, type Target } from './locate.ts';
import type { Resolver } from './resolver.ts';

/** One place has this long to take a connection, TLS included, when there are others; the only one has longer. */
const TRY_MS = 4_000;
const ONLY_TRY_MS = 10_000;
/** Names that are not found by then are not found. */
const LOOKUP_MS = 5_000;

/** What a TLS connection is checked against. */
export interface TlsCheck {
  readonly ca: string | undefined;
  /** Name for the certificate and for SNI. */
  readonly name: string;
}

/** What came of a call for a connection. */
export type Dialled =
  | {
      readonly ok: true;
      readonly socket: Socket;
      readonly target: Target;
      /** Better places that were passed over; when one of them is back, it is the way again. */
      readonly better: readonly Target[];
      readonly others: number;
    }
  | { readonly ok: false; readonly say: string };

export interface DiallerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly resolver: Resolver;
  /** Local address of the connections, where it is of the same family. */
  readonly localHost: OwnHost;
  tlsCheck(address: SipAddress): TlsCheck;
}

/** Opens connections: finds the places behind a name and tries one after the other (RFC 3263 §4.3). */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #dead = new DeadTargets();

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  /** Calls `done` once, unless the function that comes back is called before. */
  dial(address: SipAddress, limitMs: number | undefined, done: (outcome: Dialled) => void): () => void {
    const { clock, resolver, random } = this.#options;
    let cancelled = false;
    let stopTrying = (): void => undefined;
    const limit = clock.after(LOOKUP_MS, 'SIP lookup', () => {
      cancelled = true;
      done({ ok: false, say: `${address.host} could not be looked up in time` });
    });
    const go = (targets: readonly Target[]): void => {
      limit.cancel();
      if (cancelled) return;
      stopTrying = this.#tryInTurn(address, this.living(targets), limitMs, (outcome) => {
        done(outcome.ok ? { ...outcome, better: betterThan(outcome.target, targets) } : outcome);
      });
    };
    locate(address, resolver, () => random.fraction()).then(go, () => go([]));
    return () => {
      cancelled = true;
      limit.cancel();
      stopTrying();
    };
  }

  /** The places behind a name, those that live first, for who needs no connection. */
  async places(address: SipAddress): Promise<readonly Target[]> {
    const { resolver, random } = this.#options;
    return this.living(await locate(address, resolver, () => random.fraction()));
  }

  /** Some places, those that live first. */
  living(targets: readonly Target[]): readonly Target[] {
    return this.#dead.order(targets, this.#options.clock.monotonicMs());
  }

  /** A place that took a connection does not do its work: it is passed over for a while. */
  distrust(target: Target): void {
    this.#dead.failed(target, this.#options.clock.monotonicMs());
  }

  /** How long until the first of some places may be tried again. */
  deadForMs(targets: readonly Target[]): number {
    const nowMs = this.#options.clock.monotonicMs();
    return Math.min(...targets.map((target) => this.#dead.deadForMs(target, nowMs)));
  }

  /** Tries some places and no others. */
  dialOne(address: SipAddress, targets: readonly Target[], done: (outcome: Dialled) => void): () => void {
    return this.#tryInTurn(address, targets, TRY_MS, (outcome) => {
      done(outcome.ok ? { ...outcome, better: betterThan(outcome.target, targets) } : outcome);
    });
  }

  #tryInTurn(
    address: SipAddress,
    targets: readonly Target[],
    limitMs: number | undefined,
    done: (outcome: Dialled) => void,
  ): () => void {
    const { clock } = this.#options;
    const tryMs = limitMs ?? (targets.length > 1 ? TRY_MS : ONLY_TRY_MS);
    let stop = (): void => undefined;
    const next = (at: number, say: string): void => {
      const target = targets[at];
      if (target === undefined) {
        done({ ok: false, say });
        return;
      }
      stop = this.#try(address, target, tryMs, (socket, fault) => {
        if (socket !== undefined) {
          this.#dead.answered(target);
          done({ ok: true, socket, target, better: [], others: targets.length - 1 });
          return;
        }
        this.#dead.failed(target, clock.monotonicMs());
        next(at + 1, fault);
      });
    };
    next(0, `${address.host} is not known`);
    return () => stop();
  }

  #try(
    address: SipAddress,
    target: Target,
    tryMs: number,
    done: (socket: Socket | undefined, say: string) => void,
  ): () => void {
    let opened: Socket;
    try {
      opened = this.#open(address, target);
    } catch (error) {
      // An authority that cannot be read: no connection, as if nobody were there.
      let wanted = true;
      const say = error instanceof Error ? error.message : String(error);
      queueMicrotask(() => {
        if (wanted) done(undefined, say);
      });
      return () => {
        wanted = false;
      };
    }
    const socket = opened;
    let timer: Timer | undefined;
    const settle = (won: boolean, say: string): void => {
      timer?.cancel();
      socket.removeListener('error', fail);
      socket.removeListener('close', close);
      // Without a listener a late error would end the process.
      socket.on('error', () => undefined);
      if (!won) socket.destroy();
      done(won ? socket : undefined, say);
    };
    const fail = (error: Error): void => settle(false, error.message);
    const close = (): void => settle(false, 'closed by the peer');
    socket.once('error', fail);
    socket.once('close', close);
    socket.once(address.transport === 'tls' ? 'secureConnect' : 'connect', () => settle(true, ''));
    timer = this.#options.clock.after(tryMs, 'SIP connect limit', () =>
      settle(false, 'no connection in time'),
    );
    return () => {
      timer?.cancel();
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
    };
  }

  #open(address: SipAddress, { host, port }: Target): Socket {
    const own = hostNow(this.#options.localHost);
    const binds = own !== NO_HOST && isIPv6(host) === isIPv6(own);
    const place = binds ? { host, port, localAddress: own } : { host, port };
    if (address.transport !== 'tls') return connect(place);
    const { ca, name } = this.#options.tlsCheck(address);
    return connectTls({
      ...place,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
      ...checkedName(name),
    });
  }
}

/** Places that were to be asked before the one that took us: of a lower priority number, not the luck of the weights. */
function betterThan(chosen: Target, targets: readonly Target[]): Target[] {
  return targets.filter(({ rank }) => rank < chosen.rank);
}

/** A name is indicated and checked; an address is never indicated and checks itself (RFC 6066 §3). */
function checkedName(name: string): { readonly servername?: string } {
  return isIP(name) === 0 ? { servername: name } : {};
}

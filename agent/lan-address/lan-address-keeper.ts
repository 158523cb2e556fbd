import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import { formatIpv4, type Ipv4Subnet } from '../../lib/net/ipv4.ts';
import type { Health } from '../ports.ts';
import {
  isLinkLocal,
  type LanAddress,
  type LanAddressWish,
  readLanAddress,
  readWish,
  writeLanAddress,
} from './lan-address.ts';

/** The address of the LAN port, as the local API shows it. */
export interface LanAddressView {
  /** Name of the port; null where the box has no LAN of its own. */
  readonly device: string | null;
  /** It is set here; elsewhere the computer's own system has it. */
  readonly settable: boolean;
  /** Null: whoever gives addresses on the LAN. */
  readonly fixed: {
    readonly address: string;
    readonly router: string | null;
    readonly nameServers: readonly string[];
  } | null;
  /** What the port has now, `192.168.58.1/24`; null without one. */
  readonly has: string | null;
  readonly state: /** Has what is fixed, or what was given. */
    | 'inForce'
    /** Nobody gave one; the port took one of 169.254.0.0/16 for itself. */
    | 'linkLocal'
    /** Has none, or another one than is fixed. */
    | 'missing';
}

/** Sets and shows it. */
export interface LanAddressTools {
  view(): LanAddressView;
  /** `force`: also while calls are up, which may lose their sound. Refusals: those of {@link readWish}, `lanAddress.notHere`, `.calls`, `.disk`. */
  set(wish: LanAddressWish, force: boolean): Result<LanAddressView>;
}

export interface LanAddressOptions {
  readonly device: string | undefined;
  /** File that the system of the box follows; undefined where none does. */
  readonly file: string | undefined;
  /** What the port has now. */
  readonly has: () => Ipv4Subnet | undefined;
  /** Networks at the other ports of the box. */
  readonly others: () => readonly Ipv4Subnet[];
  /** Calls that are up. */
  readonly calls: () => number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
}

const LOOK_MS = 5_000;
/** Whether nobody else has an address is asked for some seconds before it is taken (RFC 5227). */
const PATIENCE_MS = 20_000;
/** So long the port may still have what was fixed; the LAN could have given that as well. */
const LEAVES_WITHIN_MS = 10_000;

/** Keeps the wish on disk, where the system of the box reads it, and warns while it is not in force. */
export class LanAddressKeeper implements LanAddressTools {
  readonly #options: LanAddressOptions;
  #missingSinceMs: number | undefined;
  /** Was fixed until just now. */
  #leaving: { readonly address: string; readonly untilMs: number } | undefined;
  #timer: Timer | undefined;

  constructor(options: LanAddressOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#options.file === undefined) return;
    this.#look();
    this.#timer = this.#options.clock.after(LOOK_MS, 'lan address', () => this.start());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  view(): LanAddressView {
    const { device, file } = this.#options;
    const wanted = this.#wanted();
    const has = this.#options.has();
    return {
      device: device ?? null,
      settable: device !== undefined && file !== undefined,
      fixed:
        wanted.how === 'given'
          ? null
          : {
              address: spoken(wanted.subnet),
              router: wanted.router === undefined ? null : formatIpv4(wanted.router),
              nameServers: wanted.nameServers.map(formatIpv4),
            },
      has: has === undefined ? null : spoken(has),
      state: this.#leaves(has) ? 'missing' : standing(wanted, has),
    };
  }

  set(wish: LanAddressWish, force: boolean): Result<LanAddressView> {
    const { device, file, others, calls, log } = this.#options;
    if (device === undefined || file === undefined) {
      return no(
        'notHere',
        'caller',
        'On a computer its own system sets addresses; here that cannot be done.',
      );
    }
    const read = readWish(wish, others());
    if (!read.ok) return read;
    if (calls() > 0 && !force) {
      return no(
        'calls',
        'caller',
        'With another address calls lose their sound: when nobody talks, or with --force.',
      );
    }
    const before = this.#wanted();
    try {
      keep(file, writeLanAddress(read.value));
    } catch (error) {
      return no('disk', 'environment', `The address cannot be written down: ${String(error)}.`);
    }
    log.warn(
      { ...this.view().fixed },
      read.value.how === 'given' ? 'the LAN gives the address' : 'fixed address',
    );
    this.#missingSinceMs = undefined;
    const untilMs = this.#options.clock.monotonicMs() + LEAVES_WITHIN_MS;
    const leaves = before.how === 'fixed' && read.value.how === 'given';
    this.#leaving = leaves ? { address: spoken(before.subnet), untilMs } : undefined;
    this.#look();
    return ok(this.view());
  }

  #look(): void {
    const { clock, health } = this.#options;
    const { fixed, has, state, device } = this.view();
    if (fixed === null || state === 'inForce') {
      this.#missingSinceMs = undefined;
      health.clear('lan.address');
      return;
    }
    const nowMs = clock.monotonicMs();
    this.#missingSinceMs ??= nowMs;
    if (nowMs - this.#missingSinceMs < PATIENCE_MS) return;
    const instead = has === null ? 'no address' : has;
    health.raise('lan.address', `The port ${device} is to have ${fixed.address} and has ${instead}.`);
  }

  #leaves(has: Ipv4Subnet | undefined): boolean {
    if (this.#leaving === undefined || has === undefined) return false;
    const { address, untilMs } = this.#leaving;
    return spoken(has) === address && this.#options.clock.monotonicMs() < untilMs;
  }

  #wanted(): LanAddress {
    const { file } = this.#options;
    if (file === undefined) return { how: 'given' };
    try {
      return readLanAddress(readFileSync(file, 'utf8'));
    } catch {
      return { how: 'given' };
    }
  }
}

function standing(wanted: LanAddress, has: Ipv4Subnet | undefined): LanAddressView['state'] {
  if (has === undefined) return 'missing';
  if (wanted.how === 'fixed') return spoken(has) === spoken(wanted.subnet) ? 'inForce' : 'missing';
  return isLinkLocal(has.address) ? 'linkLocal' : 'inForce';
}

function spoken({ address, prefixBits }: Ipv4Subnet): string {
  return `${formatIpv4(address)}/${prefixBits}`;
}

/** Whole or not at all, and on the disk when it returns. */
function keep(file: string, text: string): void {
  if (text === '') rmSync(file, { force: true });
  else {
    const fresh = openSync(`${file}.new`, 'w', 0o600);
    try {
      writeSync(fresh, text);
      fsyncSync(fresh);
    } finally {
      closeSync(fresh);
    }
    renameSync(`${file}.new`, file);
  }
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function no(code: string, fault: 'caller' | 'environment', say: string) {
  return refuse<CodedError>({ code: `lanAddress.${code}`, fault, say });
}

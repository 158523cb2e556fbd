import type { Ipv4, Ipv4Subnet } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { Pool } from './lease-book.ts';

/** What is done on the LAN. `detect` looks only; nothing but `serve` and `phonesOnly` ever gives an address. */
export type DhcpMode = 'off' | 'detect' | 'optionOnly' | 'phonesOnly' | 'serve';

/** An address that is kept for one device (固定割当). */
export interface StaticAssignment {
  readonly mac: MacAddress;
  readonly address: Ipv4;
  readonly hostName: string | null;
}

/** Which devices a rule of options is for; every part that is given must hold. */
export interface OptionMatch {
  readonly mac?: MacAddress;
  /** First three bytes of the address, `c074ad`. */
  readonly oui?: string;
  /** How the vendor class (option 60) begins, capitals or not. */
  readonly vendorClassPrefix?: string;
  /** Found anywhere in the vendor class, capitals or not: `GRP2614`. */
  readonly model?: string;
}

/** Options for some devices. A later rule overwrites an earlier one, option by option. */
export interface OptionRule {
  readonly name: string;
  readonly match: OptionMatch;
  readonly options: ReadonlyMap<number, Uint8Array>;
}

/** Bounds that keep one device from taking everything (starvation), and a flood from taking our time. */
export interface DhcpLimits {
  /** Addresses that may be given to newcomers: at most so many at once, and then so many a minute. */
  readonly newLeases: { readonly burst: number; readonly perMinute: number };
  /** Packets of one hardware address: at most so many at once, then so many a second. */
  readonly perClient: { readonly burst: number; readonly perSecond: number };
  /** Share of the pool that may be held by offers nobody has asked for. */
  readonly offeredShare: number;
}

/** For an office: eight phones that boot together are served at once, a tool that takes every address is not. */
export const OFFICE_LIMITS: DhcpLimits = {
  newLeases: { burst: 64, perMinute: 30 },
  perClient: { burst: 8, perSecond: 2 },
  offeredShare: 0.5,
};

/** Everything that the server core needs to know; made from the configuration and the interface. */
export interface ServerSettings {
  readonly mode: DhcpMode;
  /** Our own address on the LAN, which is also the server id, and the LAN's prefix. */
  readonly lan: Ipv4Subnet;
  readonly pool: Pool | undefined;
  readonly statics: readonly StaticAssignment[];
  readonly leaseMs: number;
  readonly offerMs: number;
  /** How long an address rests that somebody else was found to use, and one that a client declined. */
  readonly quarantineMs: { readonly probe: number; readonly declined: number };
  /** Options for everybody: router, names, times. */
  readonly common: ReadonlyMap<number, Uint8Array>;
  readonly rules: readonly OptionRule[];
  /** Makers and models that count as phones for `phonesOnly`. */
  readonly phones: readonly OptionMatch[];
  readonly limits: DhcpLimits;
}

/** Times of the design: an offer waits 30 s, a found conflict rests 10 min, a declined address an hour. */
export const DEFAULT_TIMES = {
  leaseMs: 86_400_000,
  offerMs: 30_000,
  quarantineMs: { probe: 600_000, declined: 3_600_000 },
} as const;

import { promises as dns } from 'node:dns';

/** One SRV record (RFC 2782). */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  /** Lower ones first. */
  readonly priority: number;
  /** Among equals: how often this one is tried first. */
  readonly weight: number;
}

/** Names to places. Both reject, or give nothing, when there is none. */
export interface Resolver {
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** A and AAAA, best first. */
  addresses(name: string): Promise<readonly string[]>;
}

/** The machine's resolver: the file of hosts is asked for addresses too. */
export const systemResolver: Resolver = {
  srv: (name) => dns.resolveSrv(name),
  addresses: async (name) => (await dns.lookup(name, { all: true })).map(({ address }) => address),
};

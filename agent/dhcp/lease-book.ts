import type { Ipv4 } from '../../lib/net/ipv4.ts';
import { ExpiryHeap } from './expiry-heap.ts';
import type { AddressedLease, ClientKey, ClientTraits, Lease } from './lease.ts';

/** First and last address that may be given, both included. */
export interface Pool {
  readonly first: Ipv4;
  readonly last: Ipv4;
}

/** Entries of the heap for every lease before it is built anew. */
const STALE_FACTOR = 4;

/**
 * Who holds which address. No clock and no socket: every verb is told the time. Each verb costs the same however large
 * the pool is, so that a full office is served as fast as an empty one.
 */
export class LeaseBook {
  readonly #leases = new Map<Ipv4, Lease>();
  readonly #byClient = new Map<ClientKey, Ipv4>();
  /** Free addresses of the pool that somebody once had, the longest free first. */
  readonly #freed = new Map<Ipv4, true>();
  readonly #ends = new ExpiryHeap();
  #pool: Pool | undefined;
  #reserved: ReadonlySet<Ipv4> = new Set();
  #nextFresh = 0;
  #offered = 0;
  #bound = 0;

  /** Another pool, or none. Leases outside of it run on until they end; `reserved` addresses are given to their owners only. */
  use(pool: Pool | undefined, reserved: ReadonlySet<Ipv4>): void {
    this.#pool = pool;
    this.#reserved = reserved;
    this.#nextFresh = pool?.first ?? 0;
    this.#freed.clear();
    for (const [address, lease] of this.#leases) if (lease.at === 'free') this.#offerAgain(address);
  }

  get offered(): number {
    return this.#offered;
  }

  get bound(): number {
    return this.#bound;
  }

  get(address: Ipv4): Lease | undefined {
    return this.#leases.get(address);
  }

  /** The address that this client has, had last, or is offered. */
  addressOf(client: ClientKey): Ipv4 | undefined {
    return this.#byClient.get(client);
  }

  isInPool(address: Ipv4): boolean {
    const pool = this.#pool;
    return (
      pool !== undefined && address >= pool.first && address <= pool.last && !this.#reserved.has(address)
    );
  }

  /** True when nobody but `client` has a right to it at this time. */
  isFreeFor(address: Ipv4, client: ClientKey): boolean {
    const lease = this.#leases.get(address);
    if (lease === undefined || lease.at === 'free') return true;
    return lease.at !== 'quarantined' && lease.client === client;
  }

  /** An address of the pool that nobody holds: one never given before, else the one that is free for the longest time. */
  pick(): Ipv4 | undefined {
    const pool = this.#pool;
    if (pool === undefined) return undefined;
    while (this.#nextFresh <= pool.last) {
      const address = this.#nextFresh as Ipv4;
      if (!this.#leases.has(address) && !this.#reserved.has(address)) return address;
      this.#nextFresh++;
    }
    for (const address of this.#freed.keys()) return address;
    return undefined;
  }

  /** Keeps an address for a client until it asks for it. What it has already stays its own meanwhile. */
  offer(address: Ipv4, client: ClientKey, traits: ClientTraits, nowMs: number, untilMs: number): void {
    const other = this.#otherOf(client, address);
    if (other !== undefined && this.#leases.get(other)?.at === 'offered') this.release(other, nowMs);
    this.#hold(address, { at: 'offered', client, traits, untilMs });
  }

  /** Gives the address, or gives it for longer. The other address that this client had is free then. */
  bind(address: Ipv4, client: ClientKey, traits: ClientTraits, nowMs: number, untilMs: number): void {
    const before = this.#leases.get(address);
    const same = before?.at === 'bound' && before.client === client;
    const other = this.#otherOf(client, address);
    if (other !== undefined) this.release(other, nowMs);
    this.#hold(address, { at: 'bound', client, traits, sinceMs: same ? before.sinceMs : nowMs, untilMs });
  }

  /** The client does not want it any more, or its time is over. It gets it again if it comes before it is given away. */
  release(address: Ipv4, nowMs: number): void {
    const lease = this.#leases.get(address);
    if (lease === undefined || lease.at === 'quarantined' || lease.at === 'free') return;
    const { client, traits } = lease;
    this.#put(address, { at: 'free', client, traits, sinceMs: nowMs });
    this.#offerAgain(address);
  }

  quarantine(address: Ipv4, because: 'probe' | 'declined', untilMs: number): void {
    this.#forgetHolder(address);
    this.#put(address, { at: 'quarantined', untilMs, because });
    this.#ends.push(untilMs, address);
  }

  /** Ends everything whose time has come; answers the addresses that were bound and are not any more. */
  expire(nowMs: number): Ipv4[] {
    const ended: Ipv4[] = [];
    for (let entry = this.#ends.popEnded(nowMs); entry !== undefined; entry = this.#ends.popEnded(nowMs)) {
      const lease = this.#leases.get(entry.address);
      if (lease === undefined || lease.at === 'free' || lease.untilMs > nowMs) continue;
      if (lease.at === 'bound') ended.push(entry.address);
      if (lease.at === 'quarantined') this.#remove(entry.address);
      else this.release(entry.address, nowMs);
    }
    if (this.#ends.size > STALE_FACTOR * (this.#leases.size + 16)) this.#ends.rebuild(this.#running());
    return ended;
  }

  /** Every lease, by address. */
  list(): AddressedLease[] {
    return [...this.#leases]
      .map(([address, lease]) => ({ ...lease, address }))
      .sort((left, right) => left.address - right.address);
  }

  *#running(): Iterable<readonly [number, Ipv4]> {
    for (const [address, lease] of this.#leases) if (lease.at !== 'free') yield [lease.untilMs, address];
  }

  #hold(address: Ipv4, lease: Extract<Lease, { at: 'offered' | 'bound' }>): void {
    this.#forgetHolder(address);
    this.#byClient.set(lease.client, address);
    this.#put(address, lease);
    this.#ends.push(lease.untilMs, address);
  }

  #otherOf(client: ClientKey, address: Ipv4): Ipv4 | undefined {
    const other = this.#byClient.get(client);
    return other === address ? undefined : other;
  }

  #forgetHolder(address: Ipv4): void {
    const before = this.#leases.get(address);
    if (before === undefined || before.at === 'quarantined') return;
    if (this.#byClient.get(before.client) === address) this.#byClient.delete(before.client);
  }

  #put(address: Ipv4, lease: Lease): void {
    this.#count(this.#leases.get(address), -1);
    this.#count(lease, 1);
    this.#leases.set(address, lease);
    this.#freed.delete(address);
  }

  #remove(address: Ipv4): void {
    this.#count(this.#leases.get(address), -1);
    this.#leases.delete(address);
    if (this.isInPool(address) && address < this.#nextFresh) this.#nextFresh = address;
  }

  #count(lease: Lease | undefined, by: number): void {
    if (lease?.at === 'offered') this.#offered += by;
    if (lease?.at === 'bound') this.#bound += by;
  }

  #offerAgain(address: Ipv4): void {
    if (this.isInPool(address)) this.#freed.set(address, true);
  }
}

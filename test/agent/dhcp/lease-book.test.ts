import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientKey, ClientTraits } from '../../../agent/dhcp/lease.ts';
import { LeaseBook } from '../../../agent/dhcp/lease-book.ts';
import type { Ipv4 } from '../../../lib/net/ipv4.ts';
import { ip } from './packets.ts';

const NOBODY: ClientTraits = { mac: null, hostName: null, vendorClass: null };
const POOL = { first: ip('10.0.0.10'), last: ip('10.0.0.17') };
const RESERVED = ip('10.0.0.12');

type Verb =
  | { readonly verb: 'take'; readonly client: number; readonly bind: boolean; readonly forMs: number }
  | { readonly verb: 'release' | 'quarantine'; readonly offset: number }
  | { readonly verb: 'wait'; readonly ms: number };

const verb: fc.Arbitrary<Verb> = fc.oneof(
  fc.record({
    verb: fc.constant('take' as const),
    client: fc.nat(12),
    bind: fc.boolean(),
    forMs: fc.integer({ min: 1, max: 500 }),
  }),
  fc.record({ verb: fc.constantFrom('release' as const, 'quarantine' as const), offset: fc.nat(7) }),
  fc.record({ verb: fc.constant('wait' as const), ms: fc.nat(300) }),
);

/** The same book, told the simple way: every address looked at every time. */
function picksRight(book: LeaseBook): void {
  const picked = book.pick();
  const free: Ipv4[] = [];
  for (let address = POOL.first; address <= POOL.last; address = (address + 1) as Ipv4) {
    const lease = book.get(address);
    if (address !== RESERVED && (lease === undefined || lease.at === 'free')) free.push(address);
  }
  if (picked === undefined) expect(free).toEqual([]);
  else expect(free).toContain(picked);
}

describe('the lease book', () => {
  it('never gives one address twice, counts what it gave, and always finds a free address while there is one', () => {
    fc.assert(
      fc.property(fc.array(verb, { maxLength: 120 }), (verbs) => {
        const book = new LeaseBook();
        book.use(POOL, new Set([RESERVED]));
        let nowMs = 0;
        for (const each of verbs) {
          book.expire(nowMs);
          if (each.verb === 'wait') nowMs += each.ms;
          if (each.verb === 'release') book.release((POOL.first + each.offset) as Ipv4, nowMs);
          if (each.verb === 'quarantine')
            book.quarantine((POOL.first + each.offset) as Ipv4, 'probe', nowMs + 100);
          if (each.verb === 'take') {
            const client = `hw:${each.client}` as ClientKey;
            const own = book.addressOf(client);
            const address = own !== undefined && book.isFreeFor(own, client) ? own : book.pick();
            if (address !== undefined) {
              expect(book.isFreeFor(address, client)).toBe(true);
              if (each.bind) book.bind(address, client, NOBODY, nowMs, nowMs + each.forMs);
              else book.offer(address, client, NOBODY, nowMs, nowMs + each.forMs);
            }
          }
          picksRight(book);
        }
        const list = book.list();
        const holders = list.flatMap((lease) => (lease.at === 'bound' ? [lease.client] : []));
        expect(new Set(holders).size).toBe(holders.length);
        expect(book.bound).toBe(list.filter((lease) => lease.at === 'bound').length);
        expect(book.offered).toBe(list.filter((lease) => lease.at === 'offered').length);
      }),
    );
  });

  it('gives the address that has been free for the longest time, when none is fresh', () => {
    const book = new LeaseBook();
    book.use({ first: ip('10.0.0.1'), last: ip('10.0.0.3') }, new Set());
    for (const last of [1, 2, 3])
      book.bind(ip(`10.0.0.${last}`), `hw:${last}` as ClientKey, NOBODY, 0, 1_000);
    book.release(ip('10.0.0.2'), 10);
    book.release(ip('10.0.0.1'), 20);
    expect(book.pick()).toBe(ip('10.0.0.2'));
  });

  it('costs the same after ten thousand renewals: the list of ends does not pile up', () => {
    const book = new LeaseBook();
    book.use(POOL, new Set());
    const client = 'hw:1' as ClientKey;
    for (let nowMs = 0; nowMs < 10_000; nowMs++) {
      book.bind(POOL.first, client, NOBODY, nowMs, nowMs + 1_000_000);
      book.expire(nowMs);
    }
    expect(book.expire(2_000_000)).toEqual([POOL.first]);
  });
});

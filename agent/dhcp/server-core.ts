import { type Ipv4, isHostOf, isInSubnet, NO_ADDRESS } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { DhcpEffect, LeaseChange, Outgoing } from './effects.ts';
import { type AddressedLease, type ClientKey, type ClientTraits, clientKeyOf, traitsOf } from './lease.ts';
import { LeaseBook } from './lease-book.ts';
import { onDiscover, onProbed } from './on-discover.ts';
import { onDecline, onInform, onRelease } from './on-others.ts';
import { onRequest } from './on-request.ts';
import { type DhcpPacket, macOf } from './packet.ts';
import type { Probed } from './probe-book.ts';
import { grantReply, matches, nakReply } from './reply.ts';
import type { ServerSettings } from './settings.ts';
import { type ForeignEvidence, foundNobody, heardForeign, type Standing, standingOf } from './standing.ts';
import { TokenBuckets } from './token-buckets.ts';
import { silent, type Verdict } from './verdict.ts';

/** What came of one packet. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly effects: readonly DhcpEffect[];
}

/** A DISCOVER that waits for the answer of a probe. */
interface Probing {
  readonly request: DhcpPacket;
  readonly address: Ipv4;
  readonly tries: number;
}

/** Addresses that are probed at the same time; beyond it an offer is made without (the client looks too, RFC 2131 §3.1.5). */
const PROBES_MOST = 64;
const CLIENTS_COUNTED = 4_096;

/**
 * The DHCP server without sockets, clock and disk: packets and times in, effects out. Beside {@link LeaseBook} it keeps
 * what is under way: probes, limits, and whether another server was heard.
 */
export class DhcpServerCore {
  readonly book = new LeaseBook();
  readonly probing = new Map<number, Probing>();
  #settings: ServerSettings;
  #standing: Standing;
  #perClient: TokenBuckets<string>;
  #newcomers: TokenBuckets<'all'>;
  #tickets = 0;
  #probesSkipped = 0;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    this.#standing = standingOf(settings.mode);
    this.#perClient = new TokenBuckets(settings.limits.perClient, CLIENTS_COUNTED);
    this.#newcomers = this.#newcomerBucket();
    this.#useSettings();
  }

  get settings(): ServerSettings {
    return this.#settings;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Offers that were made without a probe, because too many were under way. */
  get probesSkipped(): number {
    return this.#probesSkipped;
  }

  /** Another configuration. Leases run on; a mode that begins anew forgets that it had stepped down. */
  reconfigure(settings: ServerSettings): void {
    if (settings.mode !== this.#settings.mode) this.#standing = standingOf(settings.mode);
    this.#settings = settings;
    this.#perClient = new TokenBuckets(settings.limits.perClient, CLIENTS_COUNTED);
    this.#newcomers = this.#newcomerBucket();
    this.#useSettings();
  }

  /** One packet from the LAN or a relay. */
  handle(request: DhcpPacket, nowMs: number): Outcome {
    this.book.expire(nowMs);
    const barrier = this.#barrier(request, nowMs);
    if (barrier !== undefined) return { verdict: barrier, effects: [] };
    switch (request.type) {
      case 'discover':
        return onDiscover(this, request, nowMs);
      case 'request':
        return onRequest(this, request, nowMs);
      case 'decline':
        return onDecline(this, request, nowMs);
      case 'release':
        return onRelease(this, request, nowMs);
      case 'inform':
        return onInform(this, request);
      case 'offer':
      case 'ack':
      case 'nak':
        return {
          verdict: silent('dhcp.serverMessage', 'Only servers send this message; we are no client.'),
          effects: [],
        };
      default:
        return request.type satisfies never;
    }
  }

  /** A probe has ended: who was found at the address, if anybody. */
  probed(ticket: number, probed: Probed, nowMs: number): Outcome {
    return onProbed(this, ticket, probed, nowMs);
  }

  /** A sign of another server: an offer that we did not make, or a client that asks for one that is not ours. */
  heardForeign(foreign: Ipv4, evidence: ForeignEvidence, nowMs: number): void {
    this.#standing = heardForeign(this.#standing, foreign, evidence, nowMs);
  }

  /** A round of looking for other servers has ended without one. */
  foundNobody(nowMs: number): void {
    this.#standing = foundNobody(this.#standing, nowMs);
  }

  /** What the disk remembers, at the start. */
  restore(changes: Iterable<LeaseChange>, nowMs: number): void {
    for (const change of changes) {
      if (change.change === 'released') this.book.release(change.address, nowMs);
      else if (change.change === 'quarantined') {
        this.book.quarantine(change.address, change.because, nowMs + change.forMs);
      } else {
        this.book.bind(change.address, change.client, change.traits, nowMs, nowMs + change.forMs);
      }
    }
    this.book.expire(nowMs);
  }

  leases(nowMs: number): AddressedLease[] {
    this.book.expire(nowMs);
    return this.book.list();
  }

  /** The static address of this sender. */
  staticOf(request: DhcpPacket): Ipv4 | undefined {
    const mac = macOf(request);
    return this.#settings.statics.find((each) => each.mac === mac)?.address;
  }

  /** True when this address is ours to give to this client at this time. */
  mayHave(address: Ipv4, client: ClientKey, request: DhcpPacket): boolean {
    if (!isHostOf(address, this.#settings.lan) || address === this.#settings.lan.address) return false;
    const own = this.staticOf(request) === address;
    return (own || this.book.isInPool(address)) && this.book.isFreeFor(address, client);
  }

  /** True when addresses may be given to who has none of ours now. */
  get servesNewcomers(): boolean {
    return this.#standing.at === 'serving' || this.#standing.at === 'phonesOnly';
  }

  /** Why nobody new may be served now, or undefined. */
  refusesNewcomer(nowMs: number): Verdict | undefined {
    if (this.#standing.at === 'looking') {
      return silent(
        'dhcp.looking',
        'Still looking for another DHCP server: nobody new is served before that.',
      );
    }
    if (this.#standing.at === 'steppedDown') {
      return silent('dhcp.steppedDown', 'Another DHCP server was heard: nobody new is served here.');
    }
    const pool = this.#settings.pool;
    const size = pool === undefined ? 0 : pool.last - pool.first + 1;
    if (this.book.offered >= Math.max(4, size * this.#settings.limits.offeredShare)) {
      return silent(
        'dhcp.tooManyOffers',
        'Too many addresses are offered and not asked for (starvation limit).',
      );
    }
    if (!this.#newcomers.take('all', nowMs)) {
      return silent('dhcp.newLeaseLimit', 'Too many new devices in a short time (starvation limit).');
    }
    return undefined;
  }

  /** Ticket of a new probe, or undefined when so many are under way that this one is left out. */
  beginProbe(request: DhcpPacket, address: Ipv4, tries: number): number | undefined {
    if (this.probing.size >= PROBES_MOST) {
      this.#probesSkipped++;
      return undefined;
    }
    const ticket = ++this.#tickets;
    this.probing.set(ticket, { request, address, tries });
    return ticket;
  }

  /** Holds the address for the client and makes the OFFER. */
  offer(request: DhcpPacket, address: Ipv4, nowMs: number): Outcome {
    const { client, traits } = this.#sender(request);
    const held = this.book.get(address);
    if (!(held?.at === 'bound' && held.client === client)) {
      this.book.offer(address, client, traits, nowMs, nowMs + this.#settings.offerMs);
    }
    const message = grantReply(
      request,
      'offer',
      { address, leaseMs: this.#settings.leaseMs },
      this.#settings,
    );
    return { verdict: { done: 'offered', rule: 'dhcp.offer', say: '' }, effects: [{ do: 'send', message }] };
  }

  /** Gives the address for the whole time; the ACK goes when it is on the disk. */
  acknowledge(request: DhcpPacket, address: Ipv4, nowMs: number, rule: string): Outcome {
    const { client, traits } = this.#sender(request);
    const { leaseMs } = this.#settings;
    this.book.bind(address, client, traits, nowMs, nowMs + leaseMs);
    const thenSend: Outgoing = grantReply(request, 'ack', { address, leaseMs }, this.#settings);
    const change: LeaseChange = { change: 'bound', address, client, traits, forMs: leaseMs };
    return {
      verdict: { done: 'acknowledged', rule, say: '' },
      effects: [{ do: 'commit', change, thenSend }],
    };
  }

  /** NAK where we are the only server; beside another one silence, because the address may be right there. */
  refuse(request: DhcpPacket, rule: string, say: string): Outcome {
    if (this.#standing.at !== 'serving')
      return { verdict: silent(rule, `${say} (not our LAN alone)`), effects: [] };
    const message = nakReply(request, this.#settings, say);
    return { verdict: { done: 'refused', rule, say }, effects: [{ do: 'send', message }] };
  }

  #sender(request: DhcpPacket): { client: ClientKey; traits: ClientTraits } {
    return { client: clientKeyOf(request), traits: traitsOf(request, macOf(request)) };
  }

  /** What keeps a packet out before it is looked at. */
  #barrier(request: DhcpPacket, nowMs: number): Verdict | undefined {
    const { at } = this.#standing;
    if (request.op !== 'request') return silent('dhcp.reply', 'A server’s answer, not a client’s request.');
    if (at === 'mute') return silent('dhcp.mute', `Mode ${this.#settings.mode} answers nobody.`);
    if (at === 'optionsOnly' && request.type !== 'inform') {
      return silent('dhcp.optionsOnly', 'Mode optionOnly gives no addresses; the router does.');
    }
    if (at === 'phonesOnly' && !this.#isPhone(request)) {
      return silent('dhcp.notAPhone', 'Mode phonesOnly serves phones only, and this is none that it knows.');
    }
    const { relayAddress, clientAddress } = request;
    if (relayAddress !== NO_ADDRESS && !isInSubnet(relayAddress, this.#settings.lan)) {
      return silent('dhcp.otherSubnet', 'The relay stands in a subnet that is not served here.');
    }
    if (clientAddress !== NO_ADDRESS && clientAddress === this.#settings.lan.address) {
      return silent('dhcp.ownAddress', 'The client claims our own address.');
    }
    const sender: MacAddress | string = macOf(request) ?? clientKeyOf(request);
    if (!this.#perClient.take(sender, nowMs)) {
      return silent('dhcp.clientLimit', 'This device sends too many packets.');
    }
    return undefined;
  }

  #isPhone(request: DhcpPacket): boolean {
    if (this.staticOf(request) !== undefined) return true;
    return this.#settings.phones.some((match) => matches(request, match));
  }

  #newcomerBucket(): TokenBuckets<'all'> {
    const { burst, perMinute } = this.#settings.limits.newLeases;
    return new TokenBuckets({ burst, perSecond: perMinute / 60 }, 1);
  }

  #useSettings(): void {
    const statics = this.#settings.statics.map((each) => each.address);
    this.book.use(this.#settings.pool, new Set([...statics, this.#settings.lan.address]));
  }
}

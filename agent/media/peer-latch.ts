import { type Ipv4Subnet, isInSubnet, parseIpv4 } from '../../lib/net/ipv4.ts';

/** Where a far end is said to be, and the network in which it may be instead. */
export interface LatchPlace {
  readonly host: string;
  readonly port: number;
  readonly network: string;
  readonly prefix: number;
}

/** What to do with a datagram that looks right. `take` also when it comes from where it should. */
export type LatchVerdict = 'take' | 'wait' | 'refuse' | 'latch';

/** So many in a row from one address, and it is the far end: a single forged datagram takes no call. */
const LATCH_PACKETS = 3;

/**
 * Symmetric RTP (RFC 4961) for a phone of the LAN whose description names another address than it sends from. The described
 * address always wins: once it has been heard, nobody else is. Another address must lie in the phones' own network, send
 * what looks right (SRTP: what is genuine) three times in a row, and is then the far end until a new description.
 */
export class PeerLatch {
  readonly #place: LatchPlace;
  readonly #subnet: Ipv4Subnet | undefined;
  #candidate = '';
  #count = 0;

  constructor(place: LatchPlace) {
    this.#place = place;
    const address = parseIpv4(place.network);
    this.#subnet = address === undefined ? undefined : { address, prefixBits: place.prefix };
  }

  /** Whether anything from there could be of the far end: asked before a datagram is looked into. */
  mayBe(host: string, port: number): boolean {
    if (host === this.#place.host && port === this.#place.port) return true;
    const address = parseIpv4(host);
    // Privileged ports belong to services, never to a phone's sound.
    if (address === undefined || this.#subnet === undefined || port < 1_024) return false;
    return isInSubnet(address, this.#subnet);
  }

  /** A datagram that looks right came from there. */
  judge(host: string, port: number): LatchVerdict {
    if (host === this.#place.host && port === this.#place.port) return 'take';
    if (!this.mayBe(host, port)) return 'refuse';
    const source = `${host} ${port}`;
    this.#count = source === this.#candidate ? this.#count + 1 : 1;
    this.#candidate = source;
    return this.#count >= LATCH_PACKETS ? 'latch' : 'wait';
  }
}

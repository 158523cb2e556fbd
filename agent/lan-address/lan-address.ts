import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import {
  formatIpv4,
  type Ipv4,
  type Ipv4Subnet,
  isHostOf,
  isInSubnet,
  parseIpv4,
} from '../../lib/net/ipv4.ts';

/** How the port on the customer's LAN comes to its address. */
export type LanAddress =
  /** From whoever gives addresses there; a link-local one (RFC 3927) where nobody does. */
  | { readonly how: 'given' }
  | {
      readonly how: 'fixed';
      readonly subnet: Ipv4Subnet;
      /** Way to other networks; undefined where none leads over this port. */
      readonly router: Ipv4 | undefined;
      readonly nameServers: readonly Ipv4[];
    };

/** As a technician says it. */
export interface LanAddressWish {
  /** `192.168.58.1/24`, or `given`. */
  readonly address: string;
  readonly router?: string | undefined;
  readonly nameServers?: readonly string[] | undefined;
}

/** The resolver asks three and no more (resolv.conf(5)). */
const MOST_NAME_SERVERS = 3;
/** A smaller prefix is no office, a larger one has no room for a phone. */
const PREFIX_BITS = { least: 8, most: 30 };

/**
 * Reads a wish. `others`: networks at the box's other ports, which may not be the same. Refusals: `lanAddress.unreadable`,
 * `.unusable`, `.router`, `.nameServer`, `.overlaps`.
 */
export function readWish(wish: LanAddressWish, others: readonly Ipv4Subnet[]): Result<LanAddress> {
  if (wish.address === 'given') {
    return wish.router === undefined && (wish.nameServers ?? []).length === 0
      ? ok({ how: 'given' })
      : no('unreadable', 'Router and name servers come with the address that is given: leave them out.');
  }
  const subnet = subnetIn(wish.address);
  if (subnet === undefined) {
    return no('unreadable', 'Write the address with the length of its prefix: 192.168.58.1/24, or given.');
  }
  const { prefixBits } = subnet;
  if (prefixBits < PREFIX_BITS.least || prefixBits > PREFIX_BITS.most) {
    return no('unusable', `A prefix of ${prefixBits} bits is no LAN: 8 to 30, mostly 24.`);
  }
  if (!isForHosts(subnet.address) || !isHostOf(subnet.address, subnet)) {
    return no('unusable', `${formatIpv4(subnet.address)} is no address that a device may have.`);
  }
  const other = others.find((each) => overlap(each, subnet));
  if (other !== undefined) {
    const there = `${formatIpv4(other.address)}/${other.prefixBits}`;
    return no('overlaps', `Another port of the box is in that network already: it has ${there}.`);
  }
  const router = wish.router === undefined ? undefined : parseIpv4(wish.router);
  if (wish.router !== undefined && (router === undefined || !isNeighbour(router, subnet))) {
    return no('router', `${wish.router} is no other device in the network of ${wish.address}.`);
  }
  const nameServers = (wish.nameServers ?? []).map(parseIpv4);
  if (nameServers.length > MOST_NAME_SERVERS) return no('nameServer', 'Three name servers at most.');
  const known = nameServers.filter((each): each is Ipv4 => each !== undefined && isForHosts(each));
  if (known.length < nameServers.length) {
    return no('nameServer', 'Write name servers as 192.168.58.254,1.1.1.1.');
  }
  return ok({ how: 'fixed', subnet, router, nameServers: known });
}

/** What the file says that the system of the box reads: one fact a line. Nothing for an address that is given. */
export function writeLanAddress(wanted: LanAddress): string {
  if (wanted.how === 'given') return '';
  const { subnet, router, nameServers } = wanted;
  return [
    `address ${formatIpv4(subnet.address)}/${subnet.prefixBits}`,
    ...(router === undefined ? [] : [`router ${formatIpv4(router)}`]),
    ...nameServers.map((each) => `dns ${formatIpv4(each)}`),
    '',
  ].join('\n');
}

/** Reads the file again. What cannot be read is no wish: the address is given. */
export function readLanAddress(text: string): LanAddress {
  const facts = text.split('\n').map((line) => line.split(' '));
  const named = (name: string): string[] =>
    facts.flatMap(([key, value = '']) => (key === name ? [value] : []));
  const [address] = named('address');
  if (address === undefined) return { how: 'given' };
  const read = readWish({ address, router: named('router')[0], nameServers: named('dns') }, []);
  return read.ok ? read.value : { how: 'given' };
}

/** Nobody gave this address: the port took it for itself (RFC 3927). */
export function isLinkLocal(address: Ipv4): boolean {
  return address >>> 16 === 0xa9fe;
}

function subnetIn(text: string): Ipv4Subnet | undefined {
  const [host = '', bits = '', more] = text.split('/');
  const address = parseIpv4(host);
  if (address === undefined || more !== undefined || !/^(0|[1-9][0-9]?)$/.test(bits)) return undefined;
  return Number(bits) > 32 ? undefined : { address, prefixBits: Number(bits) };
}

/** Not of this host, not link-local, not multicast or reserved (RFC 6890). */
function isForHosts(address: Ipv4): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224 && !isLinkLocal(address);
}

function isNeighbour(router: Ipv4, subnet: Ipv4Subnet): boolean {
  return router !== subnet.address && isHostOf(router, subnet);
}

function overlap(one: Ipv4Subnet, other: Ipv4Subnet): boolean {
  return isInSubnet(one.address, other) || isInSubnet(other.address, one);
}

function no(code: string, say: string) {
  return refuse<CodedError>({ code: `lanAddress.${code}`, fault: 'caller', say });
}

import type { Brand } from '../base/brand.ts';

/** An IPv4 address as an unsigned 32-bit number, network order: 192.168.1.1 is 0xc0a80101. */
export type Ipv4 = Brand<number, 'Ipv4'>;

/** 0.0.0.0, which DHCP writes where there is no address. */
export const NO_ADDRESS = 0 as Ipv4;
/** 255.255.255.255: everybody on this link. */
export const LIMITED_BROADCAST = 0xffff_ffff as Ipv4;

/** Reads `192.168.1.1`: four decimal numbers, no leading zeros; undefined for anything else. */
export function parseIpv4(text: string): Ipv4 | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (part.length === 0 || part.length > 3 || (part.length > 1 && part.startsWith('0'))) return undefined;
    let byte = 0;
    for (const digit of part) {
      if (digit < '0' || digit > '9') return undefined;
      byte = byte * 10 + (digit.charCodeAt(0) - 48);
    }
    if (byte > 255) return undefined;
    value = value * 256 + byte;
  }
  return value as Ipv4;
}

/** As people write it. */
export function formatIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

/** One subnet: an address in it and the length of its prefix in bits. */
export interface Ipv4Subnet {
  readonly address: Ipv4;
  readonly prefixBits: number;
}

/** Netmask of a prefix of 0 to 32 bits. */
export function netmaskOf(prefixBits: number): Ipv4 {
  return (prefixBits === 0 ? 0 : (0xffff_ffff << (32 - prefixBits)) >>> 0) as Ipv4;
}

/** The first address of the subnet, which names it. */
export function networkOf(subnet: Ipv4Subnet): Ipv4 {
  return ((subnet.address & netmaskOf(subnet.prefixBits)) >>> 0) as Ipv4;
}

/** The last address of the subnet, which reaches all of it. */
export function broadcastOf(subnet: Ipv4Subnet): Ipv4 {
  return ((subnet.address | ~netmaskOf(subnet.prefixBits)) >>> 0) as Ipv4;
}

/** True when `address` lies in the subnet, its first and last address included. */
export function isInSubnet(address: Ipv4, subnet: Ipv4Subnet): boolean {
  return (address & netmaskOf(subnet.prefixBits)) >>> 0 === networkOf(subnet);
}

/**
 * True when `host`, as a socket names it (`192.168.1.7`, `::ffff:192.168.1.7`), is another host of this LAN or the machine
 * itself. Private addresses of other networks are not: they come by way of a router.
 */
export function isHostOnLan(host: string, lan: Ipv4Subnet | undefined): boolean {
  const address = parseIpv4(host.startsWith('::ffff:') ? host.slice(7) : host);
  if (address === undefined) return false;
  return isLoopback(address) || (lan !== undefined && isHostOf(address, lan));
}

function isLoopback(address: Ipv4): boolean {
  return address >>> 24 === 127;
}

/** True when a host may have it: in the subnet, and neither its first nor its last address (RFC 3021 for /31 and /32). */
export function isHostOf(address: Ipv4, subnet: Ipv4Subnet): boolean {
  if (!isInSubnet(address, subnet)) return false;
  return subnet.prefixBits >= 31 || (address !== networkOf(subnet) && address !== broadcastOf(subnet));
}

import { type Ipv4Subnet, isInSubnet, networkOf, parseIpv4 } from '../../lib/net/ipv4.ts';

/** Ranges that an office's LAN may have here, each named by the first three parts of its addresses. */
export const NETS: readonly string[] = Array.from({ length: 40 }, (_, index) => `192.168.${58 + index}`);

/** The one that was used before, else the first, that touches none of those in use; undefined when all do. */
export function freeNet(kept: string, used: readonly Ipv4Subnet[]): string | undefined {
  return [...NETS.filter((each) => each === kept), ...NETS].find((each) => isFree(each, used));
}

/** `192.168.1.2/24`, as interfaces and routes are written; undefined for what has no range, as `default`. */
export function readSubnet(cidr: string): Ipv4Subnet | undefined {
  const [text = '', bits = '32'] = cidr.split('/');
  const address = parseIpv4(text);
  return address === undefined ? undefined : { address, prefixBits: Number(bits) };
}

function isFree(net: string, used: readonly Ipv4Subnet[]): boolean {
  const own = readSubnet(`${net}.0/24`);
  return (
    own !== undefined &&
    !used.some((each) => isInSubnet(own.address, each) || isInSubnet(networkOf(each), own))
  );
}

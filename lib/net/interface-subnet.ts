import { networkInterfaces } from 'node:os';
import { type Ipv4Subnet, parseIpv4 } from './ipv4.ts';

/** Address and prefix of an interface now: its first IPv4 address; undefined where it has none. */
export function subnetOfInterface(device: string): Ipv4Subnet | undefined {
  for (const each of networkInterfaces()[device] ?? []) {
    const [text = '', bits = ''] = each.cidr?.split('/') ?? [];
    const address = each.family === 'IPv4' ? parseIpv4(text) : undefined;
    if (address !== undefined) return { address, prefixBits: Number(bits) };
  }
  return undefined;
}

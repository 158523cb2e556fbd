import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { type Ipv4Subnet, parseIpv4 } from './ipv4.ts';

/** Address and prefix of an interface now: its first IPv4 address; undefined where it has none. */
export function subnetOfInterface(device: string): Ipv4Subnet | undefined {
  return (networkInterfaces()[device] ?? []).map(subnetOf).find((subnet) => subnet !== undefined);
}

/** Networks that this machine is in at its other interfaces, loopback left out. */
export function subnetsBeside(device: string | undefined): readonly Ipv4Subnet[] {
  return Object.entries(networkInterfaces())
    .filter(([name]) => name !== device)
    .flatMap(([, each = []]) => each.filter(({ internal }) => !internal).map(subnetOf))
    .filter((subnet) => subnet !== undefined);
}

function subnetOf({ family, cidr }: NetworkInterfaceInfo): Ipv4Subnet | undefined {
  const [text = '', bits = ''] = cidr?.split('/') ?? [];
  const address = family === 'IPv4' ? parseIpv4(text) : undefined;
  return address === undefined ? undefined : { address, prefixBits: Number(bits) };
}

import type { Clock } from '../base/clock.ts';
import { NO_HOST } from '../base/own-host.ts';
import { subnetOfInterface } from './interface-subnet.ts';
import { formatIpv4, type Ipv4Subnet } from './ipv4.ts';

/** How long an answer of the kernel is good for: whoever has a new address needs longer until he is heard of anyway. */
const KEEP_MS = 500;

/**
 * The IPv4 address of the first of `devices` that has one, as it is when asked; {@link NO_HOST} while none has. The first is the one
 * that the machine speaks to the world over: `['wan', 'lan']`.
 */
export function firstAddress(
  devices: readonly string[],
  clock: Clock,
  subnetOf: (device: string) => Ipv4Subnet | undefined = subnetOfInterface,
): () => string {
  let known: { readonly host: string; readonly atMs: number } | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (known !== undefined && nowMs - known.atMs < KEEP_MS) return known.host;
    const found = devices.map(subnetOf).find((subnet) => subnet !== undefined);
    known = { host: found === undefined ? NO_HOST : formatIpv4(found.address), atMs: nowMs };
    return known.host;
  };
}

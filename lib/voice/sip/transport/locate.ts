import { isIP } from 'node:net';
import type { SipAddress } from '../api.ts';
import type { Resolver, SrvRecord } from './resolver.ts';

/** Where a connection may go to: an address and a port. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** Priority of its SRV record: lower ones are wanted first, equal ones are as good as each other. */
  readonly rank: number;
}

/** Records and addresses that are looked at; who publishes more is not taken seriously. */
const RECORDS = 16;
const TARGETS = 32;

/**
 * The places behind an address, in the order in which they are to be tried (RFC 3263 §4.2, §4.3): SRV where `srv` is
 * asked for and there are such records, else A and AAAA with the port given. The transport is known beforehand, so NAPTR
 * has nothing to say. `fraction` gives numbers from 0 to 1 for the weights. Empty when the name is not known.
 */
export async function locate(
  address: SipAddress,
  resolver: Resolver,
  fraction: () => number,
): Promise<readonly Target[]> {
  if (isIP(address.host) !== 0) return [{ host: address.host, port: address.port, rank: 0 }];
  const out: Target[] = [];
  if (address.srv === true) {
    for (const { name, port, priority: rank } of byWeight(await records(address, resolver), fraction)) {
      for (const host of await addressesOf(name, resolver)) out.push({ host, port, rank });
    }
  }
  if (out.length === 0) {
    for (const host of await addressesOf(address.host, resolver))
      out.push({ host, port: address.port, rank: 0 });
  }
  return out.slice(0, TARGETS);
}

/** The name under which a service is published, RFC 3263 §4.1. */
export function srvName(address: Pick<SipAddress, 'transport' | 'host'>): string {
  switch (address.transport) {
    case 'tls':
      return `_sips._tcp.${address.host}`;
    case 'tcp':
      return `_sip._tcp.${address.host}`;
    case 'udp':
      return `_sip._udp.${address.host}`;
  }
}

/** RFC 2782: by priority, and among equals by chance in proportion to weight. */
export function byWeight(found: readonly SrvRecord[], fraction: () => number): SrvRecord[] {
  const out: SrvRecord[] = [];
  const left = [...found].sort((a, b) => a.priority - b.priority || a.weight - b.weight);
  while (left.length > 0) {
    const equals = left.filter(({ priority }) => priority === left[0]?.priority);
    const sum = equals.reduce((total, { weight }) => total + weight, 0);
    const mark = fraction() * (sum + 1);
    let running = 0;
    const chosen = equals.find(({ weight }) => {
      running += weight;
      return running >= Math.floor(mark);
    });
    if (chosen === undefined) break;
    out.push(chosen);
    left.splice(left.indexOf(chosen), 1);
  }
  return out;
}

/** No records and no answer are the same to us: the name itself is tried. `.` says that there is no such service. */
async function records(address: SipAddress, resolver: Resolver): Promise<readonly SrvRecord[]> {
  const found = await resolver.srv(srvName(address)).catch(() => []);
  return found.filter(({ name, port }) => name !== '' && name !== '.' && port > 0).slice(0, RECORDS);
}

async function addressesOf(name: string, resolver: Resolver): Promise<readonly string[]> {
  if (isIP(name) !== 0) return [name];
  const found = await resolver.addresses(name).catch(() => []);
  return found.filter((host) => isIP(host) !== 0);
}

import { unreachable } from '../../lib/base/errors.ts';
import type { DhcpOptionValue } from '../../lib/contract/lan-config.ts';
import { type Ipv4, parseIpv4 } from '../../lib/net/ipv4.ts';

/** Longest value of an option: four parts (RFC 3396); more would not fit a packet. */
export const OPTION_VALUE_LIMIT = 1_020;

/** The bytes of a value, or undefined when it cannot be written: a number too large, a wrong address, odd hex, too long. */
export function optionBytesOf(value: DhcpOptionValue): Uint8Array | undefined {
  const bytes = write(value);
  return bytes === undefined || bytes.length > OPTION_VALUE_LIMIT ? undefined : bytes;
}

function write(value: DhcpOptionValue): Uint8Array | undefined {
  switch (value.as) {
    case 'text':
      return value.text.includes('\0') ? undefined : Buffer.from(value.text, 'utf8');
    case 'addresses':
      return addressBytes(value.addresses);
    case 'number':
      return numberBytes(value.bytes, value.value);
    case 'hex':
      return /^([0-9a-f]{2})*$/i.test(value.hex) ? Buffer.from(value.hex, 'hex') : undefined;
    case 'suboptions':
      return subOptionBytes(value.suboptions);
    case 'enterprise': {
      const inner = subOptionBytes(value.suboptions);
      const number = numberBytes(4, value.enterprise);
      if (inner === undefined || number === undefined || inner.length > 255) return undefined;
      return Buffer.concat([number, Uint8Array.of(inner.length), inner]);
    }
    case 'sipServers':
      return sipServerBytes(value.servers);
    default:
      return unreachable(value);
  }
}

/** Addresses one after the other, as most options of RFC 2132 carry them. */
export function addressBytes(addresses: readonly string[]): Uint8Array | undefined {
  const parsed = addresses.map(parseIpv4);
  return parsed.every((each): each is Ipv4 => each !== undefined) ? ipv4Bytes(parsed) : undefined;
}

/** The same, of addresses that are known to be right. */
export function ipv4Bytes(addresses: readonly Ipv4[]): Uint8Array {
  const out = Buffer.alloc(addresses.length * 4);
  for (const [index, address] of addresses.entries()) out.writeUInt32BE(address, index * 4);
  return out;
}

/** A whole number in network order; undefined when it does not fit. */
export function numberBytes(bytes: 1 | 2 | 4, value: number): Uint8Array | undefined {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * bytes)) return undefined;
  const out = Buffer.alloc(bytes);
  out.writeUIntBE(value, 0, bytes);
  return out;
}

type SubOptions = Extract<DhcpOptionValue, { as: 'suboptions' }>['suboptions'];

function subOptionBytes(suboptions: SubOptions): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const { code, value } of suboptions) {
    const bytes = write(value);
    if (bytes === undefined || bytes.length > 255 || !Number.isInteger(code) || code < 1 || code > 254) {
      return undefined;
    }
    parts.push(Uint8Array.of(code, bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

function sipServerBytes(servers: readonly string[]): Uint8Array | undefined {
  if (servers.length === 0) return undefined;
  const addresses = addressBytes(servers);
  if (addresses !== undefined) return Buffer.concat([Uint8Array.of(1), addresses]);
  const names = servers.map(domainNameBytes);
  if (!names.every((each): each is Uint8Array => each !== undefined)) return undefined;
  return Buffer.concat([Uint8Array.of(0), ...names]);
}

/** A name as DNS writes it on the wire (RFC 1035 §3.1), without compression (RFC 3361 §3.1). */
function domainNameBytes(name: string): Uint8Array | undefined {
  if (name.length > 253) return undefined;
  const labels = name.replace(/\.$/, '').split('.');
  if (!labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))) return undefined;
  return Buffer.concat([
    ...labels.flatMap((label) => [Uint8Array.of(label.length), Buffer.from(label, 'latin1')]),
    Uint8Array.of(0),
  ]);
}

import { isIPv6 } from 'node:net';

export const AF_INET = 2;
const AF_INET6 = 10;
/** Room for either family. */
export const SOCKET_ADDRESS_BYTES = 28;

/** `AF_INET` or `AF_INET6`. */
export function familyOf(host: string): number {
  return isIPv6(host) ? AF_INET6 : AF_INET;
}

/**
 * `struct sockaddr_in` or `sockaddr_in6` (Linux, ip(7), ipv6(7)): the family in the machine's order (x86-64 and arm64 are
 * little-endian), the port in the net's. `127.0.0.1` port 5060: `02 00 13 c4 7f 00 00 01`, eight zeros. `host` is an IP
 * address, never a name; a zone (`fe80::1%eth0`) is not looked at.
 */
export function encodeSocketAddress(host: string, port: number): Buffer {
  if (!isIPv6(host)) {
    const out = Buffer.alloc(16);
    out.writeUInt16LE(AF_INET, 0);
    out.writeUInt16BE(port, 2);
    for (const [at, part] of host.split('.').entries()) out[4 + at] = Number(part);
    return out;
  }
  const out = Buffer.alloc(SOCKET_ADDRESS_BYTES);
  out.writeUInt16LE(AF_INET6, 0);
  out.writeUInt16BE(port, 2);
  for (const [at, group] of groupsOf(host).entries()) out.writeUInt16BE(group, 8 + 2 * at);
  return out;
}

/** The address and port that the kernel wrote. IPv6 comes back as eight groups without abbreviation. */
export function decodeSocketAddress(bytes: Buffer): { readonly host: string; readonly port: number } {
  const port = bytes.readUInt16BE(2);
  if (bytes.readUInt16LE(0) === AF_INET) return { host: bytes.subarray(4, 8).join('.'), port };
  const groups: string[] = [];
  for (let at = 8; at < 24; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  return { host: groups.join(':'), port };
}

/** An address whose family is nobody's: connecting to it lets the peer go (Linux, connect(2)). */
export function nobodysAddress(): Buffer {
  return Buffer.alloc(16);
}

/** The eight groups of an IPv6 address, `::` written out; an IPv4 address at the end counts as two. */
function groupsOf(host: string): number[] {
  const bare = host.split('%', 1)[0] ?? '';
  const [head, tail] = bare.split('::', 2);
  const before = partsOf(head ?? '');
  const after = tail === undefined ? [] : partsOf(tail);
  const between = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => 0);
  return [...before, ...(tail === undefined ? [] : between), ...after].slice(0, 8);
}

function partsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16) & 0xffff];
    const bytes = part.split('.').map(Number);
    return [((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0), ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)];
  });
}

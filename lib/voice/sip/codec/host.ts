import { CLASS, CODE, isDigits, parseUint, runEnd } from './text.ts';

/** A place on the network as a URI or a Via names it. */
export interface HostPort {
  /** Lower case; IPv6 without its brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/** Longest host name, RFC 1035 §2.3.4. */
const HOST_CHARS = 255;

/** A host in the form that URIs and Via want: IPv6 in brackets. */
export function bracketHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** Splits `host`, `host:port`, `[v6]` and `[v6]:port`; nothing else may stand there. */
export function parseHostPort(text: string): HostPort | undefined {
  const six = text.charCodeAt(0) === CODE.open;
  const end = six ? text.indexOf(']') + 1 : runEnd(text, 0, CLASS.host);
  if (end === 0 || end > HOST_CHARS) return undefined;
  const host = six ? sixOf(text.slice(1, end - 1)) : text.slice(0, end).toLowerCase();
  if (host === undefined) return undefined;
  if (end === text.length) return { host, port: undefined };
  if (text.charCodeAt(end) !== CODE.colon) return undefined;
  const port = parseUint(text.slice(end + 1), 65_535);
  return port === undefined ? undefined : { host, port };
}

/**
 * An IPv6 address in lower case. The grammar of RFC 3261 has a fault that lets three colons stand before an IPv4 address;
 * such an address is taken for the one that was meant (RFC 5118 §4.10).
 */
function sixOf(text: string): string | undefined {
  const host = text.toLowerCase();
  if (isIPv6Text(host)) return host;
  const three = host.indexOf(':::');
  const mended = three < 0 ? host : `${host.slice(0, three)}${host.slice(three + 1)}`;
  return three >= 0 && host.includes('.') && isIPv6Text(mended) ? mended : undefined;
}

/** `192.0.2.1`: four numbers up to 255 without leading zeros that would make them octal for somebody. */
export function isIPv4Text(text: string): boolean {
  if (text.length < 7 || text.length > 15) return false;
  const parts = text.split('.', 5);
  return parts.length === 4 && parts.every(isOctet);
}

function isOctet(text: string): boolean {
  if (!isDigits(text) || text.length > 3 || (text.length > 1 && text.startsWith('0'))) return false;
  return Number(text) <= 255;
}

/** RFC 4291 §2.2 in all its forms, an IPv4 address at the end included; no zone. Two colons stand in it once at the most. */
export function isIPv6Text(text: string): boolean {
  if (text.length < 2 || text.length > 45) return false;
  const gap = text.indexOf('::');
  if (gap < 0) return groupsOf(text, true) === 8;
  if (text.includes('::', gap + 1)) return false;
  const before = text.slice(0, gap);
  const behind = text.slice(gap + 2);
  const left = before === '' ? 0 : groupsOf(before, false);
  const right = behind === '' ? 0 : groupsOf(behind, true);
  return left >= 0 && right >= 0 && left + right <= 7;
}

/** How many groups of 16 bits, or -1 when one of them is none. */
function groupsOf(text: string, mayEndInIPv4: boolean): number {
  const parts = text.split(':', 9);
  let groups = 0;
  for (const [at, part] of parts.entries()) {
    if (mayEndInIPv4 && at === parts.length - 1 && isIPv4Text(part)) groups += 2;
    else if (part.length > 0 && part.length <= 4 && runEnd(part, 0, CLASS.hex) === part.length) groups += 1;
    else return -1;
  }
  return groups;
}

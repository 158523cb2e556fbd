const MAPPED = '::ffff:';

/** An address as everybody else writes it: IPv4 that came in through an IPv6 socket is IPv4. */
export function plainHost(host: string): string {
  return host.startsWith(MAPPED) && host.includes('.') ? host.slice(MAPPED.length) : host;
}

/** An address without its zone, which means something only on the machine that wrote it (RFC 4007 §11.2). */
export function withoutZone(host: string): string {
  const percent = host.indexOf('%');
  return percent < 0 ? host : host.slice(0, percent);
}

/**
 * Whom an address stands for when it is counted: of IPv6 the first 64 bits, because every subscriber has all that follow
 * for himself.
 */
export function sourceKey(host: string): string {
  if (!host.includes(':')) return host;
  const [before = '', behind] = withoutZone(host).toLowerCase().split('::', 2);
  const left = before === '' ? [] : before.split(':');
  const right = behind === undefined || behind === '' ? [] : behind.split(':');
  const missing = behind === undefined ? 0 : 8 - left.length - right.length - (host.includes('.') ? 1 : 0);
  const groups = [...left, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...right];
  return groups.slice(0, 4).join(':');
}

import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { AccessRules } from '../api.ts';
import { withoutZone } from './source.ts';

/** Who may send to us at all, by address. Asked before a byte is looked at, and before a TLS handshake. */
export class AccessList {
  readonly #allow: BlockList | undefined;
  readonly #deny: BlockList;
  /** No rules: every message is asked about, and nothing need be done. */
  readonly #anybody: boolean;

  /** Throws a RangeError that names an entry that is no address and no `address/bits`: that is a fault of ours. */
  constructor(rules: AccessRules = {}) {
    this.#allow = rules.allow === undefined ? undefined : listOf(rules.allow);
    this.#deny = listOf(rules.deny ?? []);
    this.#anybody = rules.allow === undefined && (rules.deny ?? []).length === 0;
  }

  /** Denied wins over allowed; with a list of allowed ones everybody else is denied. */
  permits(source: string): boolean {
    if (this.#anybody) return true;
    const host = withoutZone(source);
    const family = isIPv6(host) ? 'ipv6' : 'ipv4';
    if (this.#deny.check(host, family)) return false;
    return this.#allow === undefined || this.#allow.check(host, family);
  }
}

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const slash = entry.indexOf('/');
    const host = slash < 0 ? entry : entry.slice(0, slash);
    const family = isIPv4(host) ? 'ipv4' : isIPv6(host) ? 'ipv6' : undefined;
    const longest = family === 'ipv4' ? 32 : 128;
    const bits = slash < 0 ? longest : Number(entry.slice(slash + 1));
    if (family === undefined || !Number.isInteger(bits) || bits < 0 || bits > longest) {
      throw new RangeError(`"${entry}" is no address and no range of addresses`);
    }
    list.addSubnet(host, bits, family);
  }
  return list;
}

import { type MacAddress, parseMac } from '../../lib/net/mac-address.ts';

/** Longest request target that is looked at; phones' are below 60. */
export const TARGET_MOST = 200;

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;
const SOME_MAC = /(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/i;

/**
 * The file that a request target names below `/p/`, or undefined: `/p/cfgC074AD2BD859.xml` and `//p//cfgc074ad2bd859.xml` are
 * `cfg….xml` as they stand. No escapes, no queries, no dots before a name: phones send none, and everything that could
 * mean another place is refused before it could.
 */
export function fileOf(target: string): string | undefined {
  if (target.length > TARGET_MOST || !target.startsWith('/')) return undefined;
  const [folder, ...names] = target.split('/').filter((part) => part !== '');
  if (folder !== 'p' || names.length === 0 || names.length > 4 || target.endsWith('/')) return undefined;
  return names.every((name) => NAME.test(name)) ? names.join('/') : undefined;
}

/** The hardware address in a file name, in either case. `cfg` ends before it: `g` is no hex digit. */
export function macInName(file: string): MacAddress | undefined {
  return parseMac(SOME_MAC.exec(file)?.[0] ?? '');
}

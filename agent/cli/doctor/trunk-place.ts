import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { locate } from '../../../lib/voice/sip/transport/locate.ts';
import { type Resolver, systemResolver } from '../../../lib/voice/sip/transport/resolver.ts';

/** The place of the trunk that is wanted first: by SRV where the configuration says so, else its host and port. */
export async function trunkPlace(
  { host, port, srv }: SiteConfig['trunk'],
  resolver: Resolver = systemResolver,
): Promise<{ readonly host: string; readonly port: number }> {
  if (srv !== true) return { host, port };
  const [first] = await locate({ transport: 'tls', host, port, srv }, resolver, () => 0.5);
  return first ?? { host, port };
}

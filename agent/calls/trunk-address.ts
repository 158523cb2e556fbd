import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { SipAddress } from '../../lib/voice/sip/api.ts';

/** Where calls with the outside go: the first trunk, and the second where there is one. */
export type TrunkPlace = Omit<SiteConfig['trunk'], 'fax'>;

/** The trunks of a configuration, the one to be asked first in front. A call names them by their place in this list. */
export function trunksOf(config: SiteConfig | undefined): readonly TrunkPlace[] {
  if (config === undefined) return [];
  return config.secondTrunk === undefined ? [config.trunk] : [config.trunk, config.secondTrunk];
}

/** Where a trunk is: by its host and port, or by the SRV records of its host where the service has them (RFC 3263). */
export function trunkAddress({ host, port, srv }: TrunkPlace): SipAddress {
  return { transport: 'tls', host, port, ...(srv === true ? { srv } : {}) };
}

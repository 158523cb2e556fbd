import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { SipAddress } from '../../lib/voice/sip/api.ts';

/** Where the trunk is: by its host and port, or by the SRV records of its host where the service has them (RFC 3263). */
export function trunkAddress({ host, port, srv }: SiteConfig['trunk']): SipAddress {
  return { transport: 'tls', host, port, ...(srv === true ? { srv } : {}) };
}

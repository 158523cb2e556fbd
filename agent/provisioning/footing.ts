import type { SiteConfig } from '../../lib/contract/site-config.ts';
import { formatIpv4, type Ipv4Subnet } from '../../lib/net/ipv4.ts';
import type { PhoneSite } from './file-maker.ts';

/** Where the box stands on the LAN. */
export interface Footing {
  readonly lan: Ipv4Subnet;
  readonly ports: { readonly http: number; readonly https: number };
  readonly secure: boolean;
}

const REGISTRAR_PORT = 5_060;
const REGISTRATION_S = 600;
/** Where the office names no clock of its own: Japan's time, from who keeps it. */
const CLOCK = 'ntp.nict.jp';

/** The office as its phones' files speak of it, from where the box stands. */
export function siteAt(config: SiteConfig, { lan, ports, secure }: Footing): PhoneSite {
  const host = formatIpv4(lan.address);
  const plain = { scheme: 'http', host, port: ports.http, path: 'p' } as const;
  return {
    lan: config.lan,
    features: config.features,
    registrar: { host, port: REGISTRAR_PORT, transport: 'udp', domain: host, expiresS: REGISTRATION_S },
    ntp: config.lan.dhcp.ntp[0] ?? CLOCK,
    bases: {
      first: plain,
      later: secure ? { scheme: 'https', host, port: ports.https, path: 'p' } : plain,
    },
  };
}

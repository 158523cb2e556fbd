import { BOX_MAC, CLOUD_NAME, PLACES } from './places.ts';

/** What the router is made from. */
export interface RouterOrder {
  /** Keeps what it gave away. */
  readonly leases: string;
  /** It has a second segment, for the second port of a box. */
  readonly wan: boolean;
}

/** The customer's router (dnsmasq): addresses, names, and where the time comes from. */
export function routerConf({ leases, wan }: RouterOrder): string {
  const segments = [
    { device: 'lan0', mac: BOX_MAC.lan, ...PLACES.lan },
    ...(wan ? [{ device: 'wan0', mac: BOX_MAC.wan, ...PLACES.wan }] : []),
  ];
  return [
    ...['keep-in-foreground', 'log-facility=-', 'log-dhcp', 'user=root', 'pid-file='],
    ...['no-resolv', 'no-hosts', 'bind-interfaces', 'dhcp-authoritative', `dhcp-leasefile=${leases}`],
    `address=/${CLOUD_NAME}/${PLACES.internet.cloud}`,
    ...segments.flatMap(({ device, mac, net, router, box }) => [
      `interface=${device}`,
      `dhcp-range=set:${device},${net}.100,${net}.199,255.255.255.0,1h`,
      `dhcp-host=${mac},${box}`,
      `dhcp-option=tag:${device},option:router,${router}`,
      `dhcp-option=tag:${device},option:dns-server,${router}`,
      `dhcp-option=tag:${device},option:ntp-server,${router}`,
    ]),
    '',
  ].join('\n');
}

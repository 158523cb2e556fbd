/** Addresses of the laboratory. All lie in network namespaces; the machine it runs on has none of them. */
export const PLACES = {
  /** The customer's LAN. */
  lan: {
    net: '192.168.88',
    ...{ router: '192.168.88.1', laptop: '192.168.88.20' },
    /** As the router gives it, and as a technician fixes it. */
    ...{ box: '192.168.88.100', fixedBox: '192.168.88.7' },
  },
  /** Between the router of the provider and the second port of a box that has one. */
  wan: { net: '198.51.100', router: '198.51.100.1', box: '198.51.100.100' },
  /** The internet: the service (cloud .10, its echo .11, carrier .20), and somebody who has nothing to do with it. */
  internet: { net: '203.0.113', router: '203.0.113.1', cloud: '203.0.113.10', stranger: '203.0.113.66' },
} as const;

/** Hardware addresses of the box's ports. */
export const BOX_MAC = { lan: '52:54:00:65:6e:67', wan: '52:54:00:65:6e:68' } as const;

/** What the service is called in the DNS. */
export const CLOUD_NAME = 'cloud.engawa.example';

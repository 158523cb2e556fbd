import type { LanReport, PhoneFact } from '../../lib/contract/lan-facts.ts';

const AT = Date.UTC(2026, 10, 21, 1);

/** A phone that is set up and registered. */
export function phoneFactOf(changes: Partial<PhoneFact> = {}): PhoneFact {
  return {
    mac: 'c074ad000001',
    state: 'registered',
    vendor: 'grandstream',
    model: 'GRP2612',
    firmware: '1.0.13.9',
    address: '192.168.1.21',
    registered: true,
    setUpAt: AT,
    windowUntil: null,
    lastFetch: { file: 'cfgc074ad000001.xml', hash: 'ab'.repeat(32), at: AT, refused: null },
    ...changes,
  };
}

/** A LAN with one phone and a router that gives addresses. */
export function lanReportOf(changes: Partial<LanReport> = {}): LanReport {
  return {
    v: 1,
    at: AT,
    phones: [phoneFactOf()],
    omitted: 0,
    dhcp: {
      mode: 'detect',
      standing: 'looking',
      bound: 0,
      foreign: [
        { address: '192.168.1.1', firstHeardAt: AT, lastHeardAt: AT, router: '192.168.1.1', leaseS: 86_400 },
      ],
    },
    warnings: [
      {
        code: 'W-LAN-801',
        severity: 'error',
        say: 'Another DHCP server answers: 192.168.1.66.',
        since: AT,
      },
    ],
    ...changes,
  };
}

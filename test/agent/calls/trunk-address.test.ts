import { describe, expect, it } from 'vitest';
import { trunkAddress } from '../../../agent/calls/trunk-address.ts';
import { trunkPlace } from '../../../agent/cli/doctor/trunk-place.ts';
import { siteConfig } from '../../../lib/contract/site-config.ts';
import { exampleConfig } from './office-world.ts';

describe('where the trunk is', () => {
  const { trunk } = exampleConfig({}, 1);

  it('is its host and port', () => {
    expect(trunkAddress(trunk)).toEqual({ transport: 'tls', host: trunk.host, port: trunk.port });
  });

  it('is looked up by SRV where the configuration says so, and the port stands by', () => {
    const config = siteConfig.parse({ ...exampleConfig({}, 1), trunk: { ...trunk, srv: true } });
    expect(trunkAddress(config.trunk)).toEqual({
      ...{ transport: 'tls', host: trunk.host, port: trunk.port },
      srv: true,
    });
  });

  it('is where the technician’s examination looks too', async () => {
    const places = {
      srv: async () => [{ name: 'a.example', port: 5_071, priority: 1, weight: 0 }],
      addresses: async () => ['192.0.2.1'],
    };
    const nothing = { srv: async () => [], addresses: async () => [] };
    const host = 'sip.example';
    const { port } = trunk;
    expect(await trunkPlace({ ...trunk, host, srv: true }, places)).toMatchObject({
      host: '192.0.2.1',
      port: 5_071,
    });
    expect(await trunkPlace({ ...trunk, host, srv: true }, nothing)).toEqual({ host, port });
    expect(await trunkPlace({ ...trunk, host }, places)).toEqual({ host, port });
  });
});

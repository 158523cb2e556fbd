import { describe, expect, it } from 'vitest';
import { trunkAddress } from '../../../agent/calls/trunk-address.ts';
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
});

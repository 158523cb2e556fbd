import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../../agent/dhcp/settings-of.ts';
import { dhcpConfig } from '../../../lib/contract/lan-config.ts';
import { ip } from './packets.ts';

const LAN = { address: ip('192.168.20.2'), prefixBits: 24 };
const GOOD = {
  mode: 'serve',
  confirmedBy: '佐藤',
  pool: { first: '192.168.20.100', last: '192.168.20.150' },
  router: '192.168.20.1',
  dns: ['192.168.20.1'],
};

function outcome(changed: object): string {
  const settings = settingsOf(dhcpConfig.parse({ ...GOOD, ...changed }), LAN, [], []);
  return settings.ok ? 'good' : settings.error.code;
}

describe('the settings of a LAN', () => {
  it('of which nothing is said look only', () => {
    const settings = settingsOf(dhcpConfig.parse({}), LAN, [], []);
    expect(settings.ok && settings.value.mode).toBe('detect');
  });

  it.each([
    ['good', {}],
    ['dhcp.notConfirmed', { confirmedBy: null }],
    ['dhcp.noPool', { pool: null }],
    ['dhcp.poolOutside', { pool: { first: '192.168.20.100', last: '192.168.21.5' } }],
    ['dhcp.poolOutside', { pool: { first: '192.168.20.0', last: '192.168.20.5' } }],
    ['dhcp.poolBackwards', { pool: { first: '192.168.20.150', last: '192.168.20.100' } }],
    ['dhcp.ownAddressInPool', { pool: { first: '192.168.20.1', last: '192.168.20.100' } }],
    ['dhcp.staticOutside', { statics: [{ mac: 'c074ad000001', address: '10.0.0.1' }] }],
    ['dhcp.staticOutside', { statics: [{ mac: 'c074ad000001', address: '192.168.20.2' }] }],
    [
      'dhcp.staticTwice',
      {
        statics: [
          { mac: 'c074ad000001', address: '192.168.20.9' },
          { mac: 'c074ad000002', address: '192.168.20.9' },
        ],
      },
    ],
    [
      'dhcp.optionReserved',
      { rules: [{ name: 'x', match: {}, options: [{ code: 51, value: { as: 'hex', hex: '00' } }] }] },
    ],
    [
      'dhcp.optionValue',
      { rules: [{ name: 'x', match: {}, options: [{ code: 43, value: { as: 'hex', hex: '0' } }] }] },
    ],
  ])('%s', (code, changed) => expect(outcome(changed)).toBe(code));
});

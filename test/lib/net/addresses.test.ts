import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArpTable } from '../../../lib/net/arp-table.ts';
import {
  broadcastOf,
  formatIpv4,
  type Ipv4,
  isHostOf,
  isHostOnLan,
  networkOf,
  parseIpv4,
} from '../../../lib/net/ipv4.ts';
import { formatMac, parseMac } from '../../../lib/net/mac-address.ts';

describe('IPv4 addresses', () => {
  it('are read as they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
        expect(parseIpv4(formatIpv4(value as Ipv4))).toBe(value);
      }),
    );
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4 ', 'a.b.c.d', '1..2.3'])(
    'refuse %j',
    (text) => expect(parseIpv4(text)).toBeUndefined(),
  );

  it('know their subnet', () => {
    const address = parseIpv4('192.168.20.77') as Ipv4;
    const subnet = { address, prefixBits: 26 };
    expect([formatIpv4(networkOf(subnet)), formatIpv4(broadcastOf(subnet))]).toEqual([
      '192.168.20.64',
      '192.168.20.127',
    ]);
    expect(isHostOf(networkOf(subnet), subnet)).toBe(false);
    expect(isHostOf(address, subnet)).toBe(true);
  });

  it('a host is on the LAN by its subnet, not by being private', () => {
    const lan = { address: parseIpv4('192.168.20.2') as Ipv4, prefixBits: 24 };
    for (const host of ['192.168.20.1', '::ffff:192.168.20.77', '127.0.0.1'])
      expect([host, isHostOnLan(host, lan)]).toEqual([host, true]);
    const elsewhere = ['192.168.21.1', '10.1.2.3', '172.16.0.1', '169.254.1.1', '8.8.8.8', '192.168.20.255'];
    for (const host of [...elsewhere, '::1', '', '10.0.0.x'])
      expect([host, isHostOnLan(host, lan)]).toEqual([host, false]);
    expect(isHostOnLan('192.168.20.1', undefined)).toBe(false);
  });
});

describe('Ethernet addresses', () => {
  it.each(['C0:74:AD:2B:D8:59', 'c0-74-ad-2b-d8-59', 'c074.ad2b.d859', 'C074AD2BD859'])('read %s', (text) => {
    const mac = parseMac(text);
    expect(mac === undefined ? '' : formatMac(mac)).toBe('c0:74:ad:2b:d8:59');
  });

  it.each(['c0:74-ad:2b:d8:59', 'c0:74:ad:2b:d8', 'c074ad2bd85g', ''])('refuse %j', (text) =>
    expect(parseMac(text)).toBeUndefined(),
  );
});

describe('the neighbour table', () => {
  it('holds who has answered, and nobody else', () => {
    const text = [
      'IP address       HW type     Flags       HW address            Mask     Device',
      '192.168.20.1     0x1         0x2         c0:74:ad:2b:d8:59     *        eth0',
      '192.168.20.9     0x1         0x0         00:00:00:00:00:00     *        eth0',
      'nonsense',
      '',
    ].join('\n');
    expect(parseArpTable(text).map(({ mac, device }) => [mac, device])).toEqual([['c074ad2bd859', 'eth0']]);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseArpTable(text)));
  });
});

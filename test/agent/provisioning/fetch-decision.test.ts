import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideFetch,
  type FetchRequest,
  type FetchWorld,
} from '../../../agent/provisioning/fetch-decision.ts';
import { fileOf, macInName } from '../../../agent/provisioning/request-path.ts';
import { readUserAgent, readVendorClass } from '../../../agent/provisioning/user-agent.ts';
import { grandstreamAgent, PANASONIC, panasonicAgent, phoneOf } from './phones.ts';
import { ip, LAN, MINE, OTHER, SOURCE, worldOf } from './world.ts';

const OWN = `/p/cfg${MINE}.xml`;

function ruleOf(request: Partial<FetchRequest>, world: Partial<FetchWorld> = {}): string {
  const asked = {
    method: 'GET',
    target: OWN,
    source: SOURCE,
    userAgent: null,
    authorization: null,
    ...request,
  };
  return decideFetch(asked, worldOf(world)).verdict.rule;
}

describe('who gets which file', () => {
  it.each<[string, string, Partial<FetchRequest>, Partial<FetchWorld>]>([
    ['its own in the window', 'fetch.approved', {}, {}],
    ['its own again, without the password', 'fetch.own', {}, { mayGiveSecrets: () => false }],
    [
      'its own, set up and no window',
      'fetch.own',
      {},
      { isApproved: () => false, isSetUp: () => true, mayGiveSecrets: () => false },
    ],
    ['capitals and two slashes', 'fetch.approved', { target: `//p//cfg${MINE.toUpperCase()}.xml` }, {}],
    ['HEAD', 'fetch.approved', { method: 'HEAD' }, {}],
    ['its own name in User-Agent', 'fetch.approved', { userAgent: grandstreamAgent(MINE) }, {}],
    ['our lease, held by it', 'fetch.approved', {}, { leaseHolder: () => MINE }],
    [
      'its own with its login',
      'fetch.own',
      {},
      { isApproved: () => false, isSetUp: () => true, mayGiveSecrets: () => false, login: () => 'right' },
    ],
    [
      'its own without the login that it was given',
      'fetch.login',
      {},
      { isApproved: () => false, isSetUp: () => true, mayGiveSecrets: () => false, login: () => 'none' },
    ],
    ['a wrong login', 'fetch.wrongLogin', {}, { mayGiveSecrets: () => false, login: () => 'wrong' }],
    ['its own in the window, its login forgotten', 'fetch.approved', {}, { login: () => 'wrong' }],
    [
      'somebody else’s file, with any login',
      'fetch.foreignName',
      { target: `/p/cfg${OTHER}.xml` },
      { login: () => 'right' },
    ],
    ['nobody approved it', 'fetch.notApproved', {}, { isApproved: () => false }],
    ['not entered', 'fetch.unassigned', {}, { phone: () => undefined }],
    ['from elsewhere', 'fetch.notLan', { source: ip('10.0.0.1') }, {}],
    ['from the box itself', 'fetch.notLan', { source: LAN.address }, {}],
    ['from the broadcast address', 'fetch.notLan', { source: ip('192.168.21.255') }, {}],
    ['no neighbour', 'fetch.noNeighbour', { source: ip('192.168.21.99') }, {}],
    ['the file of another', 'fetch.foreignName', { target: `/p/cfg${OTHER}.xml` }, {}],
    ['an address leased to another', 'fetch.foreignLease', {}, { leaseHolder: () => OTHER }],
    ['another name in User-Agent', 'fetch.foreignAgent', { userAgent: grandstreamAgent(OTHER) }, {}],
    ['the binary file that is tried first', 'fetch.notMade', { target: `/p/cfg${MINE}` }, {}],
    ['a file that the box has not', 'fetch.notOurs', { target: '/p/ring1.bin' }, {}],
    ['firmware before its turn', 'fetch.firmwareTurn', { target: '/p/firmware/grp2614fw.bin' }, {}],
    [
      'firmware in its turn',
      'fetch.firmware',
      { target: '/p/firmware/grp2614fw.bin' },
      { firmwareTurn: () => 'grp2614fw.bin' },
    ],
    ['POST', 'fetch.method', { method: 'POST' }, {}],
    ['a query', 'fetch.path', { target: `${OWN}?a=b` }, {}],
    ['a parent folder', 'fetch.path', { target: '/p/../p/x' }, {}],
    ['escapes', 'fetch.path', { target: '/p/%2e%2e/x' }, {}],
    ['a listing', 'fetch.path', { target: '/p/' }, {}],
    ['too often', 'fetch.tooMany', {}, { gate: 'source' }],
    ['everybody too often', 'fetch.busy', {}, { gate: 'everybody' }],
    ['locked out', 'fetch.lockedOut', {}, { gate: 'lockedOut' }],
  ])('%s: %s', (_name, rule, request, world) => {
    expect(ruleOf(request, world)).toBe(rule);
  });

  it('only what is somebody else’s counts as a guess', () => {
    const missOf = (request: Partial<FetchRequest>, world: Partial<FetchWorld> = {}): boolean => {
      const asked = {
        method: 'GET',
        target: OWN,
        source: SOURCE,
        userAgent: null,
        authorization: null,
        ...request,
      };
      const decision = decideFetch(asked, worldOf(world));
      return decision.do === 'refuse' && decision.miss;
    };
    expect(missOf({ target: `/p/cfg${OTHER}.xml` })).toBe(true);
    expect(missOf({ userAgent: panasonicAgent(OTHER) })).toBe(true);
    expect(missOf({ target: '/etc/passwd' })).toBe(true);
    expect(missOf({}, { isApproved: () => false })).toBe(false);
    expect(missOf({ target: `/p/cfg${MINE}` })).toBe(false);
    expect(missOf({}, { phone: () => undefined })).toBe(false);
  });

  it('a Panasonic is known by the LAN where its file has no address in its name', () => {
    const phone = phoneOf({ ...PANASONIC, mac: MINE });
    expect(ruleOf({ target: '/p/KX-HDV230N.cfg' }, { phone: () => phone })).toBe('fetch.approved');
    expect(ruleOf({ target: '/p/KX-HDV130N.cfg' }, { phone: () => phone })).toBe('fetch.notOurs');
  });

  it('nothing is ever served to a device whose file, lease or name is another’s', () => {
    const mac = fc.constantFrom(MINE, OTHER);
    fc.assert(
      fc.property(mac, mac, mac, fc.boolean(), fc.boolean(), (named, leased, claimed, approved, setUp) => {
        const request = {
          method: 'GET',
          target: `/p/cfg${named}.xml`,
          source: SOURCE,
          userAgent: grandstreamAgent(claimed),
          authorization: null,
        };
        const world = worldOf({
          leaseHolder: () => leased,
          isApproved: () => approved,
          isSetUp: () => setUp,
        });
        const right = named === MINE && leased === MINE && claimed === MINE && (approved || setUp);
        expect(decideFetch(request, world).do).toBe(right ? 'serve' : 'refuse');
      }),
    );
  });
});

describe('reading what a phone says', () => {
  it('finds the address in a name where `cfg` stands before it', () => {
    expect(macInName(`cfg${MINE}.xml`)).toBe(MINE);
    expect(macInName('ConfigC074AD2BD859.cfg')).toBe(MINE);
    expect(macInName('cfg0c074ad2bd859.xml')).toBeUndefined();
  });

  it('takes names of folders below /p/ only, and nothing that begins with a dot', () => {
    expect(fileOf('/p/firmware/a/b.bin')).toBe('firmware/a/b.bin');
    for (const target of [
      'p/x',
      '/q/x',
      '/p',
      '/p/a/b/c/d/e',
      '/p/.x',
      '/p/x/',
      '/p/a b',
      `/p/${'x'.repeat(65)}`,
    ]) {
      expect(fileOf(target)).toBeUndefined();
    }
  });

  it('reads the makers’ User-Agents, of HTTP and SIP', () => {
    expect(readUserAgent('Grandstream Model HW GXP1628 SW 1.0.4.138 DevId c074ad2bd859')).toEqual({
      vendor: 'grandstream',
      model: 'GXP1628',
      firmware: '1.0.4.138',
      mac: MINE,
    });
    expect(readUserAgent('Grandstream Model HW GRP2614 V1.2A SW 1.0.5.48 DevId c074ad2bd859').firmware).toBe(
      '1.0.5.48',
    );
    expect(readUserAgent('Grandstream GRP2614 1.0.5.48')).toMatchObject({ model: 'GRP2614', mac: undefined });
    expect(readUserAgent('Panasonic_KX-UT113/01.133 (0080f0c8c381)')).toMatchObject({
      vendor: 'panasonic',
      model: 'KX-UT113',
      firmware: '01.133',
      mac: '0080f0c8c381',
    });
    expect(readUserAgent(null).vendor).toBeUndefined();
    expect(readVendorClass('Grandstream GRP2614')).toEqual({ vendor: 'grandstream', model: 'GRP2614' });
    expect(readVendorClass('udhcp 1.35')).toEqual({ vendor: undefined, model: undefined });
  });
});

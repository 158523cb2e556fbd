import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import { parseVia } from '../../../../lib/voice/sip/codec/via.ts';
import { AccessList } from '../../../../lib/voice/sip/transport/access-list.ts';
import { DeadTargets } from '../../../../lib/voice/sip/transport/dead-targets.ts';
import type { Flow } from '../../../../lib/voice/sip/transport/flow.ts';
import { byWeight, locate, srvName } from '../../../../lib/voice/sip/transport/locate.ts';
import { replyFlow } from '../../../../lib/voice/sip/transport/reply.ts';
import type { Resolver, SrvRecord } from '../../../../lib/voice/sip/transport/resolver.ts';
import { plainHost, sourceKey } from '../../../../lib/voice/sip/transport/source.ts';
import { UdpKeepalive } from '../../../../lib/voice/sip/transport/udp-keepalive.ts';
import { FakeFlow } from './fake-flow.ts';

const record = (name: string, priority: number, weight: number): SrvRecord => ({
  ...{ name, port: 5061, priority, weight },
});

function resolver(srv: readonly SrvRecord[], hosts: Readonly<Record<string, readonly string[]>>): Resolver {
  return {
    srv: async () => srv,
    addresses: (name) =>
      hosts[name] === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(hosts[name]),
  };
}

const trunk = { transport: 'tls', host: 'sip.example', port: 5061, srv: true } as const;
const half = (): number => 0.5;

describe('finding the places behind a name (RFC 3263)', () => {
  test('an address is the place itself, and nobody is asked', async () => {
    const asked = { srv: () => Promise.reject(new Error()), addresses: () => Promise.reject(new Error()) };
    const place = { transport: 'udp', host: '2001:db8::1', port: 5060, srv: true } as const;
    expect(await locate(place, asked, half)).toEqual([{ host: '2001:db8::1', port: 5060, rank: 0 }]);
  });

  test('SRV records come in the order of their priority, each with all its addresses, IPv4 and IPv6', async () => {
    const found = await locate(
      trunk,
      resolver([record('b.example', 20, 0), { ...record('a.example', 10, 0), port: 5071 }], {
        'a.example': ['192.0.2.1', '2001:db8::1'],
        'b.example': ['192.0.2.2'],
      }),
      half,
    );
    expect(found).toEqual([
      { host: '192.0.2.1', port: 5071, rank: 10 },
      { host: '2001:db8::1', port: 5071, rank: 10 },
      { host: '192.0.2.2', port: 5061, rank: 20 },
    ]);
  });

  test('without records, or with a record that says that there is none, the name itself is asked', async () => {
    const hosts = { 'sip.example': ['192.0.2.3'] };
    const itself = [{ host: '192.0.2.3', port: 5061, rank: 0 }];
    expect(await locate(trunk, resolver([], hosts), half)).toEqual(itself);
    expect(await locate(trunk, resolver([record('.', 0, 0)], hosts), half)).toEqual(itself);
    expect(
      await locate({ ...trunk, srv: false }, resolver([record('a.example', 1, 1)], hosts), half),
    ).toEqual(itself);
  });

  test('an unknown name gives nothing; a thousand records are not all believed', async () => {
    expect(await locate(trunk, resolver([], {}), half)).toEqual([]);
    const many = Array.from({ length: 1_000 }, (_, at) => record(`n${at}.example`, at, 0));
    const hosts = Object.fromEntries(many.map(({ name }) => [name, ['192.0.2.1', '192.0.2.2', '192.0.2.3']]));
    expect((await locate(trunk, resolver(many, hosts), half)).length).toBe(32);
  });

  test('the name of the service follows the transport', () => {
    expect((['tls', 'tcp', 'udp'] as const).map((transport) => srvName({ transport, host: 'h' }))).toEqual([
      '_sips._tcp.h',
      '_sip._tcp.h',
      '_sip._udp.h',
    ]);
  });

  test('among equals weight decides, as RFC 2782 has it', () => {
    const random = seededRandom(2_782);
    const first = { heavy: 0, light: 0, none: 0 };
    for (let round = 0; round < 4_000; round++) {
      const [one] = byWeight([record('heavy', 1, 60), record('light', 1, 20), record('none', 1, 0)], () =>
        random.fraction(),
      );
      first[one?.name as keyof typeof first]++;
    }
    expect(first.heavy / first.light).toBeGreaterThan(2.4);
    expect(first.heavy / first.light).toBeLessThan(3.6);
    expect(first.none).toBeGreaterThan(0);
  });

  test('whatever the records and the chance, each comes once and no priority overtakes another', () => {
    const one = fc.record({
      priority: fc.nat({ max: 3 }),
      weight: fc.nat({ max: 65_535 }),
      chance: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), (all) => {
        const chances = all.map(({ chance }) => chance);
        const given = all.map(({ priority, weight }, at) => record(`n${at}`, priority, weight));
        const out = byWeight(given, () => chances.shift() ?? 0);
        expect(new Set(out)).toEqual(new Set(given));
        const ranks = out.map(({ priority }) => priority);
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('places that failed', () => {
  const [one, two] = [
    { host: '192.0.2.1', port: 5061, rank: 0 },
    { host: '192.0.2.2', port: 5061, rank: 1 },
  ];

  test('are tried last, longer each time, and first again when they have answered', () => {
    const dead = new DeadTargets();
    dead.failed(one, 0);
    expect(dead.order([one, two], 1_000)).toEqual([two, one]);
    expect(dead.order([one, two], 31_000)).toEqual([one, two]);
    dead.failed(one, 31_000);
    expect(dead.deadForMs(one, 31_000)).toBe(60_000);
    dead.failed(two, 31_000);
    expect(dead.order([one, two], 32_000)).toEqual([one, two]);
    dead.answered(one);
    expect(dead.isDead(one, 32_000)).toBe(false);
  });

  test('are passed over for ten minutes at the most', () => {
    const dead = new DeadTargets();
    for (let at = 0; at < 20; at++) dead.failed(one, 0);
    expect(dead.deadForMs(one, 0)).toBe(600_000);
  });
});

describe('sources', () => {
  test('IPv4 through an IPv6 socket is IPv4', () => {
    expect(['::ffff:192.0.2.1', '::1', '192.0.2.1'].map(plainHost)).toEqual([
      '192.0.2.1',
      '::1',
      '192.0.2.1',
    ]);
  });

  test('an IPv6 subscriber is counted once, whichever of his addresses he uses', () => {
    expect(sourceKey('2001:db8:1:2::1')).toBe(sourceKey('2001:db8:1:2:aaaa:bbbb:cccc:dddd'));
    expect(sourceKey('2001:db8:1:2::1')).not.toBe(sourceKey('2001:db8:1:3::1'));
    expect(sourceKey('fe80::1%eth0')).toBe('fe80:0:0:0');
    expect(sourceKey('::1')).toBe('0:0:0:0');
    expect(sourceKey('192.0.2.1')).toBe('192.0.2.1');
  });

  test('access lists: denied wins, and with a list of allowed ones everybody else is denied', () => {
    const list = new AccessList({ allow: ['192.0.2.0/24', '2001:db8::/32'], deny: ['192.0.2.7'] });
    const asked = [
      '192.0.2.1',
      '192.0.2.7',
      '198.51.100.1',
      '2001:db8::9',
      '2001:db9::9',
      'fe80::1%eth0',
      '',
    ];
    expect(asked.map((host) => list.permits(host))).toEqual([true, false, false, true, false, false, false]);
    expect(new AccessList().permits('198.51.100.1')).toBe(true);
    expect(new AccessList({ deny: ['10.0.0.0/8'] }).permits('10.1.2.3')).toBe(false);
  });

  test.each(['192.0.2.0/33', 'example.com', '192.0.2.0/x', '', '2001:db8::/129'])(
    'an access list with "%s" in it is refused',
    (entry) => expect(() => new AccessList({ deny: [entry] })).toThrow(RangeError),
  );
});

describe('the way back of a response', () => {
  const via = (text: string) => parseVia(`SIP/2.0/UDP 192.0.2.9${text}`) ?? expect.fail();
  const datagrams = (): Flow & { asked: number[] } => {
    const asked: number[] = [];
    const flow = new FakeFlow(false);
    const atPort = (port: number): Flow => {
      asked.push(port);
      return flow;
    };
    return Object.assign(flow, { asked, atPort });
  };

  test('goes to the port of the Via, 5060 by default, with rport to where it came from', () => {
    const flow = datagrams();
    replyFlow(via(':5070'), flow);
    replyFlow(via(''), flow);
    expect(replyFlow(via(':5070;rport'), flow)).toBe(flow);
    expect(flow.asked).toEqual([5_070, 5_060]);
  });

  test('port 0 is no way back, and maddr names nobody', () => {
    const flow = datagrams();
    expect(replyFlow(via(':0'), flow)).toBeUndefined();
    replyFlow(via(':5070;maddr=198.51.100.66'), flow);
    expect(flow.asked).toEqual([5_070]);
  });

  test('a connection goes back over itself', () => {
    const flow = new FakeFlow(true);
    expect(replyFlow(via(':5070'), flow)).toBe(flow);
  });
});

describe('UDP keepalive', () => {
  function start() {
    const clock = new VirtualClock();
    const seen = { sent: 0, lost: 0 };
    const keepalive = new UdpKeepalive(
      clock,
      seededRandom(1),
      () => seen.sent++,
      () => seen.lost++,
    );
    keepalive.start();
    return { clock, seen, keepalive };
  }

  test('pings often enough for any translator, and a peer that never answers pings is not lost', () => {
    const { clock, seen } = start();
    for (let s = 0; s < 600; s++) clock.advance(1_000);
    expect(seen.sent).toBeGreaterThanOrEqual(Math.floor(600 / 28));
    expect(seen.lost).toBe(0);
  });

  test('a peer that used to answer and falls silent is lost after three pings, once', () => {
    const { clock, seen, keepalive } = start();
    clock.advance(28_000);
    keepalive.heard(true);
    for (let s = 0; s < 600; s++) clock.advance(1_000);
    expect(seen.lost).toBe(1);
    expect(clock.names()).toEqual([]);
  });

  test('any message is a sign of life', () => {
    const { clock, seen, keepalive } = start();
    keepalive.heard(true);
    for (let s = 0; s < 600; s++) {
      clock.advance(1_000);
      if (s % 40 === 0) keepalive.heard(false);
    }
    expect(seen.lost).toBe(0);
    keepalive.stop();
    expect(clock.names()).toEqual([]);
  });
});

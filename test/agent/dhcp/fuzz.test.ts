import { describe, expect, it } from 'vitest';
import { OPTION } from '../../../agent/dhcp/option-codes.ts';
import { MESSAGE_TYPES } from '../../../agent/dhcp/packet.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { ip, packet, requested, SERVER_ID } from './packets.ts';
import { bytesOf, type ServedLan, servedLan } from './served-lan.ts';

const ROUNDS = 50_000;
const MUTATIONS_MOST = 6;

/** Well-formed messages of every type, of a phone and through a relay, to be spoilt. */
function seeds(): readonly Uint8Array[] {
  const phone = [
    [OPTION.parameterList, Uint8Array.of(1, 3, 6, 50, 55, 60, 61, 80, 145, 120, 132, 160)],
    [OPTION.vendorClass, Buffer.from('Grandstream GRP2614 dslforum.org')],
    [OPTION.clientId, Uint8Array.of(1, 0, 0x0b, 0x82, 1, 2, 3)],
    [OPTION.relayInformation, Uint8Array.of(1, 4, 0, 0, 0, 1)],
    [OPTION.maxSize, Uint8Array.of(5, 220)],
  ] as const;
  return MESSAGE_TYPES.flatMap((type) => [
    bytesOf(packet(type, 3, { with: [...phone, requested('192.168.20.103')] })),
    bytesOf(packet(type, 4, { with: [SERVER_ID, requested('192.168.20.104')] })),
    bytesOf(packet(type, 5, { relayAddress: ip('192.168.20.9'), with: phone })),
    bytesOf(packet(type, 6, { clientAddress: ip('192.168.20.106'), with: [SERVER_ID] })),
  ]);
}

/** No address is held by two clients, and counts are what the list says. */
function holdsTogether(lan: ServedLan): void {
  const list = lan.core.leases(lan.nowMs);
  const bound = list.flatMap((lease) => (lease.at === 'bound' ? [lease.client] : []));
  expect(new Set(bound).size).toBe(bound.length);
  expect(lan.core.book.bound).toBe(bound.length);
  expect(lan.core.probing.size).toBe(0);
}

describe('noise on port 67', () => {
  it(`${ROUNDS} mutated packets: the server throws at none, and serves the next client`, () => {
    const random = seededRandom(20_241_122);
    const pick = (below: number): number => Math.floor(random.fraction() * below);
    const good = seeds();
    const none = { burst: 1e9, perMinute: 1e9, perSecond: 1e9 };
    const lan = servedLan({ limits: { newLeases: none, perClient: none, offeredShare: 1 } });
    let [read, answered] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const seed = Buffer.from(good[round % good.length] ?? []);
      const bytes = seed.subarray(0, random.fraction() < 0.2 ? pick(seed.length) : seed.length);
      for (let change = round % MUTATIONS_MOST; change > 0 && bytes.length > 0; change--) {
        // The options are where a parser trips; the header is spoilt less often.
        const at =
          random.fraction() < 0.7 && bytes.length > 240 ? 240 + pick(bytes.length - 240) : pick(bytes.length);
        bytes[at] = pick(256);
      }
      const answer = lan.askBytes(bytes);
      if (answer !== undefined) read++;
      if ((answer?.sent.length ?? 0) > 0) answered++;
      lan.nowMs += 50;
      // Another server may have been named by a mutation: looking around finds nobody.
      if (round % 100 === 0) lan.core.foundNobody(lan.nowMs);
    }
    holdsTogether(lan);
    expect([read > 20_000, answered > 2_000]).toEqual([true, true]);
    lan.nowMs += 100_000_000;
    lan.core.foundNobody(lan.nowMs);
    expect(lan.lease(99)).toMatch(/^192\.168\.20\.10\d$/);
  });

  it('whoever invents a client for every packet gets no more than the limits give, and costs no memory', () => {
    const random = seededRandom(5);
    const lan = servedLan({ pool: { first: ip('192.168.20.3'), last: ip('192.168.20.254') } });
    const own = lan.lease(1);
    let given = 0;
    for (let attempt = 0; attempt < 20_000; attempt++) {
      const invented = packet('discover', 1, { hardwareAddress: random.bytes(6) });
      given += lan.ask(invented).sent.length;
      lan.nowMs += 1;
    }
    // 64 at once and 30 a minute; half of the pool at most stands in offers that nobody takes.
    expect(given).toBeLessThanOrEqual(64 + 10);
    expect(lan.core.book.list().length).toBeLessThanOrEqual(252);
    const renewed = lan.ask(packet('request', 1, { clientAddress: ip(own) })).sent[0];
    expect(renewed?.packet.type).toBe('ack');
  });
});

import { describe, expect, it } from 'vitest';
import { OPTION, RESERVED_OPTIONS } from '../../../agent/dhcp/option-codes.ts';
import { optionBytesOf } from '../../../agent/dhcp/option-values.ts';
import type { OptionMatch, OptionRule } from '../../../agent/dhcp/settings.ts';
import type { DhcpOptionValue } from '../../../lib/contract/lan-config.ts';
import type { MacAddress } from '../../../lib/net/mac-address.ts';
import { ip, ipBytes, packet, requested, SERVER_ID, settings } from './packets.ts';
import { bytesOf, servedLan } from './served-lan.ts';

/** What other servers were seen to do wrong with one packet, and what this one does. A row of the README's table each. */
describe('conformance, packet by packet', () => {
  it('REQUEST with another server’s id: silence, and our offer is free again', () => {
    const lan = servedLan();
    lan.ask(packet('discover', 1));
    const toRouter = [[OPTION.serverId, ipBytes('192.168.20.1')] as const, requested('192.168.20.100')];
    expect(lan.ask(packet('request', 1, { with: toRouter })).sent).toEqual([]);
    expect(lan.core.book.offered).toBe(0);
  });

  it('INIT-REBOOT on the wrong net: NAK to everybody', () => {
    const { sent } = servedLan().ask(packet('request', 1, { with: [requested('10.0.0.5')] }));
    expect(sent.map(({ packet: { type }, to }) => [type, to])).toEqual([['nak', '255.255.255.255:68']]);
  });

  it('INIT-REBOOT of an address that another device holds: NAK', () => {
    const lan = servedLan();
    const { sent } = lan.ask(packet('request', 2, { with: [requested(lan.lease(1))] }));
    expect(sent.map((each) => each.packet.type)).toEqual(['nak']);
  });

  it('RENEW of an unknown lease: silence; the client finds its server or begins anew', () => {
    const { rule, sent } = servedLan().ask(packet('request', 1, { clientAddress: ip('192.168.20.105') }));
    expect([rule, sent]).toEqual(['dhcp.unknownLease', []]);
  });

  it('DECLINE: the address rests an hour, and the client gets another', () => {
    const lan = servedLan();
    const own = lan.lease(1);
    lan.ask(packet('decline', 1, { with: [SERVER_ID, requested(own)] }));
    expect(lan.lease(1)).not.toBe(own);
    lan.nowMs += 3_600_001;
    expect(lan.ask(packet('discover', 2, { with: [requested(own)] })).sent[0]?.your).toBe(own);
  });

  it('RELEASE: the address is free and offered again', () => {
    const lan = servedLan({ pool: { first: ip('192.168.20.100'), last: ip('192.168.20.100') } });
    const own = lan.lease(1);
    expect(lan.ask(packet('discover', 2)).rule).toBe('dhcp.poolEmpty');
    lan.ask(packet('release', 1, { clientAddress: ip(own), with: [SERVER_ID] }));
    expect(lan.ask(packet('discover', 2)).sent[0]?.your).toBe(own);
  });

  it('INFORM: ACK to the client’s address, options and no lease (RFC 2131 §4.3.5)', () => {
    const { sent } = servedLan().ask(packet('inform', 1, { clientAddress: ip('192.168.20.77') }));
    const options = [...(sent[0]?.packet.options.keys() ?? [])];
    expect([sent[0]?.packet.type, sent[0]?.your, sent[0]?.to]).toEqual([
      'ack',
      '0.0.0.0',
      '192.168.20.77:68',
    ]);
    expect(options).toEqual(expect.arrayContaining([OPTION.router, OPTION.subnetMask]));
    for (const code of [OPTION.leaseTime, OPTION.renewalTime, OPTION.rebindingTime])
      expect(options).not.toContain(code);
  });

  it('an address in use: looked at before the offer, passed over, rests ten minutes', () => {
    const lan = servedLan();
    lan.neighbours.set('192.168.20.100', 'aabbccddeeff' as MacAddress);
    expect(lan.ask(packet('discover', 1)).sent[0]?.your).toBe('192.168.20.101');
    lan.neighbours.clear();
    const again = packet('discover', 2, { with: [requested('192.168.20.100')] });
    expect(lan.ask(again).sent[0]?.your).not.toBe('192.168.20.100');
    lan.nowMs += 600_001;
    const later = packet('discover', 3, { with: [requested('192.168.20.100')] });
    expect(lan.ask(later).sent[0]?.your).toBe('192.168.20.100');
  });

  it('an address that its last holder gave back: free at once, though the neighbour table still names it', () => {
    const lan = servedLan({ pool: { first: ip('192.168.20.100'), last: ip('192.168.20.100') } });
    const own = lan.lease(1);
    lan.neighbours.set(own, 'c074ad000001' as MacAddress);
    lan.gone.add(own);
    lan.ask(packet('release', 1, { clientAddress: ip(own), with: [SERVER_ID] }));
    expect(lan.ask(packet('discover', 2)).sent[0]?.your).toBe(own);
    // A stranger is believed to be there also when it says nothing.
    const other = servedLan();
    other.neighbours.set('192.168.20.100', 'aabbccddeeff' as MacAddress);
    other.gone.add('192.168.20.100');
    expect(other.ask(packet('discover', 1)).sent[0]?.your).toBe('192.168.20.101');
  });

  it('an address that its last holder uses still after its time: in use', () => {
    const lan = servedLan();
    const own = lan.lease(1);
    lan.neighbours.set(own, 'c074ad000001' as MacAddress);
    lan.nowMs += 86_400_001;
    for (let device = 2; device <= 10; device++) lan.lease(device);
    expect(lan.ask(packet('discover', 11)).rule).toBe('dhcp.poolEmpty');
    expect(lan.core.book.get(ip(own))?.at).toBe('quarantined');
  });

  it('giaddr: every kind of answer to the relay’s port 67, with its option 82 last (RFC 3046 §2.2)', () => {
    const lan = servedLan();
    const relay = { relayAddress: ip('192.168.20.9') };
    const circuit = [OPTION.relayInformation, Uint8Array.of(1, 4, 0, 0, 0, 7)] as const;
    const offer = lan.ask(packet('discover', 1, { ...relay, with: [circuit] })).sent[0];
    const wanted = requested(offer?.your ?? '');
    const ack = lan.ask(packet('request', 1, { ...relay, with: [SERVER_ID, wanted, circuit] })).sent[0];
    const nak = lan.ask(packet('request', 2, { ...relay, with: [requested('10.0.0.1'), circuit] })).sent[0];
    for (const sent of [offer, ack, nak]) {
      expect(sent?.to).toBe('192.168.20.9:67');
      const codes = [...(sent?.packet.options.keys() ?? [])];
      expect(codes.at(-1)).toBe(OPTION.relayInformation);
      expect([...(sent?.packet.options.get(OPTION.relayInformation) ?? [])]).toEqual([1, 4, 0, 0, 0, 7]);
    }
    expect([offer, ack, nak].map((sent) => sent?.packet.type)).toEqual(['offer', 'ack', 'nak']);
    expect(nak?.packet.broadcast).toBe(true);
  });

  it.each([true, false])(
    'broadcast flag %s: to 255.255.255.255, which every client must take',
    (broadcast) => {
      const lan = servedLan();
      const offer = lan.ask(packet('discover', 1, { broadcast })).sent[0];
      const asked = packet('request', 1, { broadcast, with: [SERVER_ID, requested(offer?.your ?? '')] });
      expect([offer?.to, lan.ask(asked).sent[0]?.to]).toEqual(['255.255.255.255:68', '255.255.255.255:68']);
    },
  );

  it('requested address in DISCOVER: honoured when it is free', () => {
    const lan = servedLan();
    const wish = (device: number) => packet('discover', device, { with: [requested('192.168.20.106')] });
    expect(lan.ask(wish(1)).sent[0]?.your).toBe('192.168.20.106');
    expect(lan.ask(wish(2)).sent[0]?.your).toBe('192.168.20.100');
  });

  it('same hardware, other client identifier: two leases', () => {
    const lan = servedLan();
    const own = [1, 2].map((id) => lan.lease(7, [[OPTION.clientId, Uint8Array.of(0xff, id)]]));
    expect(new Set(own).size).toBe(2);
  });

  it('wrong magic cookie: silence', () => {
    const bytes = Buffer.from(bytesOf(packet('discover', 1)));
    bytes.fill(0, 236, 240);
    expect(servedLan().askBytes(bytes)).toBeUndefined();
  });

  it('lease query (RFC 4388) and BOOTP without a message type: silence, they would tell every neighbour’s address', () => {
    const query = Buffer.from(bytesOf(packet('discover', 1)));
    query[242] = 10;
    const bootp = Buffer.from(bytesOf(packet('discover', 1)));
    bootp.fill(0, 240);
    expect([servedLan().askBytes(query), servedLan().askBytes(bootp)]).toEqual([undefined, undefined]);
  });

  it('a relay’s information that fills the packet: echoed whole, other options give way', () => {
    const large = [OPTION.relayInformation, new Uint8Array(500)] as const;
    const asked = packet('discover', 1, { relayAddress: ip('192.168.20.9'), with: [large] });
    const sent = servedLan().ask(asked).sent[0];
    expect(sent?.packet.options.get(OPTION.relayInformation)).toHaveLength(500);
  });

  it('PAD between options: the parameter list behind it is read', () => {
    const head = Buffer.from(bytesOf(packet('discover', 1)).subarray(0, 240));
    const options = Uint8Array.of(53, 1, 1, 0, 0, 0, 55, 2, 6, 3, 0, 255);
    const offer = servedLan().askBytes(Buffer.concat([head, options]))?.sent[0];
    expect([...(offer?.packet.options.keys() ?? [])].slice(5, 7)).toEqual([6, 3]);
  });

  it.each([50, 55, 60, 61, 80, 145, 120, 132, 160])('parameter list with option %i: answered', (code) => {
    const list = [OPTION.parameterList, Uint8Array.of(1, code, 3)] as const;
    expect(servedLan().ask(packet('discover', 1, { with: [list] })).sent[0]?.packet.type).toBe('offer');
  });

  it('parameter list with every code there is: answered, and nothing reserved is in the answer twice', () => {
    const list = [OPTION.parameterList, Uint8Array.from({ length: 256 }, (_, code) => code)] as const;
    const offer = servedLan().ask(packet('discover', 1, { with: [list] })).sent[0];
    expect([...(offer?.packet.options.keys() ?? [])]).toEqual([53, 54, 51, 58, 59, 1, 3, 6]);
  });

  it('lease times: an unused lease ends and its address is given again when all others are taken', () => {
    const lan = servedLan({ leaseMs: 120_000 });
    for (let device = 1; device <= 10; device++) lan.lease(device);
    expect(lan.ask(packet('discover', 11)).rule).toBe('dhcp.poolEmpty');
    lan.nowMs += 120_001;
    expect(lan.lease(11)).toBe('192.168.20.100');
  });

  it('T1 and T2 are always told, at half and seven eighths; an offer is held for 30 s', () => {
    const lan = servedLan({ pool: { first: ip('192.168.20.100'), last: ip('192.168.20.100') } });
    const offer = lan.ask(packet('discover', 1)).sent[0]?.packet.options;
    const seconds = (code: number): number => Buffer.from(offer?.get(code) ?? []).readUInt32BE(0);
    expect([OPTION.leaseTime, OPTION.renewalTime, OPTION.rebindingTime].map(seconds)).toEqual([
      86_400, 43_200, 75_600,
    ]);
    lan.nowMs += 29_999;
    expect(lan.ask(packet('discover', 2)).rule).toBe('dhcp.poolEmpty');
    lan.nowMs += 2;
    expect(lan.ask(packet('discover', 3)).sent).toHaveLength(1);
  });

  it('a full pool, a hundred clients: silence for each, at once, and who has an address is served', () => {
    const lan = servedLan();
    for (let device = 1; device <= 10; device++) lan.lease(device);
    for (let device = 11; device < 111; device++)
      expect(lan.ask(packet('discover', device)).sent).toEqual([]);
    const own = lan.core.book.list()[0];
    expect(lan.ask(packet('request', 1, { clientAddress: own?.address ?? ip('0.0.0.0') })).sent).toHaveLength(
      1,
    );
  });

  it('option 43 of 600 bytes: in parts of 255 (RFC 3396), to who takes such a packet', () => {
    const long = Uint8Array.from({ length: 600 }, (_, index) => index & 0xff);
    const rules = [{ name: 'long', match: {}, options: new Map([[OPTION.vendorSpecific, long]]) }];
    const large = [OPTION.maxSize, Uint8Array.of(5, 220)] as const;
    const lan = servedLan({ rules });
    const offer = lan.ask(packet('discover', 1, { with: [large] })).sent[0];
    expect(Buffer.from(offer?.packet.options.get(43) ?? [])).toEqual(Buffer.from(long));
    // Who said nothing of its size gets the rest of its options, whole, in what every client must take.
    const small = lan.ask(packet('discover', 2)).sent[0];
    expect([small?.packet.options.has(43), small?.packet.options.has(OPTION.leaseTime)]).toEqual([
      false,
      true,
    ]);
  });

  it('client identifiers that begin 01 00 0b 82 or 01 00 80 f0: every phone is itself', () => {
    const lan = servedLan();
    const ids = [
      [1, 0, 0x0b, 0x82, 1, 2, 3],
      [1, 0, 0x0b, 0x82, 1, 2, 4],
      [1, 0, 0x80, 0xf0, 1, 2, 3],
    ];
    const own = ids.map((id, device) => lan.lease(device + 1, [[OPTION.clientId, Uint8Array.from(id)]]));
    expect(new Set(own).size).toBe(3);
    const again = lan.lease(9, [[OPTION.clientId, Uint8Array.from(ids[0] ?? [])]]);
    expect(again).toBe(own[0]);
  });
});

describe('options by vendor class, model and hardware address', () => {
  /** Every option that phones and their makers read, as a configuration writes it. */
  const VALUES: readonly (readonly [code: number, value: DhcpOptionValue, hex: string])[] = [
    [2, { as: 'number', bytes: 4, value: 32_400 }, '00007e90'],
    [42, { as: 'addresses', addresses: ['192.168.20.2'] }, 'c0a81402'],
    [43, { as: 'suboptions', suboptions: [{ code: 2, value: { as: 'text', text: 'a' } }] }, '020161'],
    [66, { as: 'text', text: 'http://b/p/' }, Buffer.from('http://b/p/').toString('hex')],
    [67, { as: 'text', text: 'x.cfg' }, Buffer.from('x.cfg').toString('hex')],
    [120, { as: 'sipServers', servers: ['192.168.20.2'] }, '01c0a81402'],
    [
      125,
      { as: 'enterprise', enterprise: 3_561, suboptions: [{ code: 1, value: { as: 'hex', hex: 'ff' } }] },
      '00000de9030101ff',
    ],
    [132, { as: 'number', bytes: 2, value: 20 }, '0014'],
    [133, { as: 'number', bytes: 1, value: 5 }, '05'],
    [150, { as: 'addresses', addresses: ['192.168.20.2'] }, 'c0a81402'],
    [159, { as: 'text', text: 'u' }, '75'],
    [160, { as: 'text', text: 'u' }, '75'],
    [161, { as: 'text', text: 'u' }, '75'],
    [242, { as: 'hex', hex: '0102' }, '0102'],
  ];
  const rule = (match: OptionMatch): OptionRule => ({
    name: 'all',
    match,
    options: new Map(VALUES.map(([code, value]) => [code, optionBytesOf(value) ?? new Uint8Array()])),
  });

  it.each<[string, OptionMatch]>([
    ['the vendor class', { vendorClassPrefix: 'grandstream' }],
    ['the model', { model: 'grp2614' }],
    ['the hardware address', { mac: 'c074ad000001' as MacAddress }],
    ['the maker’s addresses', { oui: 'c074ad' }],
  ])('%s: each of them goes to its device in OFFER, ACK and INFORM, and to nobody else', (_by, match) => {
    const lan = servedLan({ rules: [rule(match)] });
    const its = [[OPTION.vendorClass, Buffer.from('Grandstream GRP2614 dslforum.org')] as const];
    const offer = lan.ask(packet('discover', 1, { with: its })).sent[0];
    const chosen = [...its, SERVER_ID, requested(offer?.your ?? '')];
    const ack = lan.ask(packet('request', 1, { with: chosen })).sent[0];
    const informed = lan.ask(packet('inform', 1, { clientAddress: ip('192.168.20.77'), with: its })).sent[0];
    for (const sent of [offer, ack, informed]) {
      for (const [code, , hex] of VALUES) {
        const bytes = Buffer.from(sent?.packet.options.get(code) ?? []).toString('hex');
        expect([code, bytes]).toEqual([code, hex]);
      }
    }
    const other = packet('discover', 2, {
      hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 9),
      with: [[OPTION.vendorClass, Buffer.from('MSFT 5.0')]],
    });
    const options = lan.ask(other).sent[0]?.packet.options;
    expect(VALUES.filter(([code]) => options?.has(code)).map(([code]) => code)).toEqual([]);
  });

  it('none of what the server makes itself is left to a rule', () => {
    const taken = new Map([...RESERVED_OPTIONS].map((code) => [code, Uint8Array.of(9)]));
    const rules = [{ name: 'reserved', match: {}, options: taken }];
    const plain = servedLan().ask(packet('discover', 1)).sent[0]?.packet.options;
    expect(servedLan({ rules }).ask(packet('discover', 1)).sent[0]?.packet.options).toEqual(plain);
  });
});

describe('fixed addresses', () => {
  const mac = 'c074ad000007' as MacAddress;
  const statics = [{ mac, address: ip('192.168.20.50'), hostName: null }];

  it('are kept from everybody else, inside the pool too', () => {
    const inside = [{ mac, address: ip('192.168.20.100'), hostName: null }];
    const lan = servedLan({ statics: inside });
    const wish = packet('discover', 1, { with: [requested('192.168.20.100')] });
    expect(lan.ask(wish).sent[0]?.your).toBe('192.168.20.101');
    expect(lan.lease(7)).toBe('192.168.20.100');
  });

  it('are renewed, and a device that had another one before is moved at its next DISCOVER', () => {
    const lan = servedLan();
    expect(lan.lease(7)).toBe('192.168.20.100');
    lan.core.reconfigure(settings({ statics }));
    expect(lan.lease(7)).toBe('192.168.20.50');
    const renewed = lan.ask(packet('request', 7, { clientAddress: ip('192.168.20.50') })).sent[0];
    expect([renewed?.packet.type, renewed?.your]).toEqual(['ack', '192.168.20.50']);
  });

  it('are given in phonesOnly too, whatever the device is', () => {
    const lan = servedLan({ mode: 'phonesOnly', statics });
    expect(lan.lease(7)).toBe('192.168.20.50');
    expect(lan.ask(packet('discover', 8)).rule).toBe('dhcp.notAPhone');
  });
});

import { describe, expect, it } from 'vitest';
import { OPTION } from '../../../agent/dhcp/option-codes.ts';
import { DhcpServerCore } from '../../../agent/dhcp/server-core.ts';
import type { MacAddress } from '../../../lib/net/mac-address.ts';
import { ip, ipBytes, packet, requested, SERVER_ID, settings } from './packets.ts';
import { ServedLan, servedLan as server } from './served-lan.ts';

describe('a lease', () => {
  it('goes DISCOVER, OFFER, REQUEST, ACK, and is on the disk before the ACK', () => {
    const lan = server();
    const offer = lan.ask(packet('discover', 7)).sent[0];
    expect([offer?.packet.type, offer?.your, offer?.to]).toEqual([
      'offer',
      '192.168.20.100',
      '255.255.255.255:68',
    ]);
    const outcome = lan.core.handle(
      packet('request', 7, { with: [SERVER_ID, requested('192.168.20.100')] }),
      2_000,
    );
    expect(outcome.effects).toEqual([
      {
        do: 'commit',
        change: expect.objectContaining({ change: 'bound', forMs: 86_400_000 }),
        thenSend: expect.anything(),
      },
    ]);
  });

  it('tells mask, router, lease, T1 and T2, and what was asked for in its order', () => {
    const lan = server();
    const asked = packet('discover', 7, {
      with: [[OPTION.parameterList, Uint8Array.of(6, 50, 55, 60, 61, 80, 145, 3)]],
    });
    const offer = lan.ask(asked).sent[0]?.packet.options;
    expect([...(offer?.keys() ?? [])]).toEqual([53, 54, 51, 58, 59, 6, 3, 1]);
    const seconds = (code: number): number => Buffer.from(offer?.get(code) ?? []).readUInt32BE(0);
    expect([seconds(51), seconds(58), seconds(59)]).toEqual([86_400, 43_200, 75_600]);
  });

  it('is found again by the client identifier: same hardware, other identifier is another lease', () => {
    const lan = server();
    const first = lan.lease(7, [[OPTION.clientId, Uint8Array.of(0, 1)]]);
    const second = lan.lease(7, [[OPTION.clientId, Uint8Array.of(0, 2)]]);
    expect([first, second]).toEqual(['192.168.20.100', '192.168.20.101']);
    expect(lan.lease(7, [[OPTION.clientId, Uint8Array.of(0, 1)]])).toBe(first);
  });

  it('echoes the client identifier as bytes: OUI 00:0b:82 begins with a zero', () => {
    const id = Uint8Array.of(1, 0, 0x0b, 0x82, 1, 2, 3);
    const offer = server().ask(packet('discover', 7, { with: [[OPTION.clientId, id]] })).sent[0];
    expect([...(offer?.packet.options.get(OPTION.clientId) ?? [])]).toEqual([...id]);
  });

  it('honours the requested address in a DISCOVER', () => {
    const offer = server().ask(packet('discover', 7, { with: [requested('192.168.20.105')] })).sent[0];
    expect(offer?.your).toBe('192.168.20.105');
  });

  it('keeps a static address for its device, from the first moment', () => {
    const mac = 'c074ad000007' as MacAddress;
    const lan = server({ statics: [{ mac, address: ip('192.168.20.50'), hostName: null }] });
    expect([lan.lease(8), lan.lease(7)]).toEqual(['192.168.20.100', '192.168.20.50']);
  });

  it('ends when its time is over, and the address goes to somebody else only when all others are taken', () => {
    const lan = server();
    lan.lease(1);
    lan.nowMs += 86_400_001;
    expect(lan.lease(2)).toBe('192.168.20.101');
    for (let device = 3; device <= 10; device++) lan.lease(device);
    expect(lan.lease(11)).toBe('192.168.20.100');
  });

  it('of a full pool is nobody’s: silence, with the reason', () => {
    const lan = server();
    for (let device = 1; device <= 10; device++) lan.lease(device);
    expect(lan.ask(packet('discover', 11))).toEqual({ rule: 'dhcp.poolEmpty', sent: [] });
  });
});

describe('a REQUEST (RFC 2131 §4.3.2)', () => {
  it('that names neither server nor address means what was just offered, and nothing otherwise', () => {
    const lan = server();
    expect(lan.ask(packet('request', 7)).rule).toBe('dhcp.noAddress');
    const offered = lan.ask(packet('discover', 7)).sent[0]?.your;
    const { rule, sent } = lan.ask(packet('request', 7));
    expect([rule, sent[0]?.packet.type, sent[0]?.your]).toEqual(['dhcp.selectedUnnamed', 'ack', offered]);
  });

  it('for another server is left alone, and its offer is free again', () => {
    const lan = server();
    lan.ask(packet('discover', 7));
    const other = packet('request', 7, {
      with: [[OPTION.serverId, ipBytes('192.168.20.1')], requested('192.168.20.33')],
    });
    expect(lan.ask(other)).toEqual({ rule: 'dhcp.otherServer', sent: [] });
    expect(lan.core.book.offered).toBe(0);
  });

  it('INIT-REBOOT of another network gets NAK', () => {
    const { sent } = server().ask(packet('request', 7, { with: [requested('10.1.1.1')] }));
    expect([sent[0]?.packet.type, sent[0]?.to]).toEqual(['nak', '255.255.255.255:68']);
  });

  it('INIT-REBOOT of an address that another device holds gets NAK', () => {
    const lan = server();
    const taken = lan.lease(1);
    expect(lan.ask(packet('request', 2, { with: [requested(taken)] })).sent[0]?.packet.type).toBe('nak');
  });

  it('INIT-REBOOT of its own address gets it, also when the lease ended over the weekend', () => {
    const lan = server();
    const own = lan.lease(1);
    expect(lan.ask(packet('request', 1, { with: [requested(own)] })).sent[0]?.your).toBe(own);
    lan.nowMs += 3 * 86_400_000;
    expect(lan.ask(packet('request', 1, { with: [requested(own)] })).sent[0]?.your).toBe(own);
  });

  it('INIT-REBOOT of a client that was never known gets silence', () => {
    expect(server().ask(packet('request', 7, { with: [requested('192.168.20.104')] })).sent).toEqual([]);
  });

  it('RENEW of its lease is answered to its address, RENEW of an unknown one is not', () => {
    const lan = server();
    const own = lan.lease(1);
    const renewed = lan.ask(packet('request', 1, { clientAddress: ip(own) })).sent[0];
    expect([renewed?.packet.type, renewed?.to]).toEqual(['ack', `${own}:68`]);
    expect(lan.ask(packet('request', 2, { clientAddress: ip('192.168.20.107') })).sent).toEqual([]);
  });

  it('through a relay is answered to the relay, port 67, with its option 82', () => {
    const relay = { relayAddress: ip('192.168.20.9') };
    const information: readonly [number, Uint8Array] = [OPTION.relayInformation, Uint8Array.of(1, 2, 3, 4)];
    const { sent } = server().ask(packet('discover', 7, { ...relay, with: [information] }));
    expect(sent[0]?.to).toBe('192.168.20.9:67');
    expect([...(sent[0]?.packet.options.get(82) ?? [])]).toEqual([1, 2, 3, 4]);
  });

  it('through a relay of another subnet is not served', () => {
    expect(server().ask(packet('discover', 7, { relayAddress: ip('10.9.9.9') })).rule).toBe(
      'dhcp.otherSubnet',
    );
  });
});

describe('other messages', () => {
  it('DECLINE puts the address to rest for an hour', () => {
    const lan = server();
    const own = lan.lease(1);
    lan.ask(packet('decline', 1, { with: [SERVER_ID, requested(own)] }));
    expect(lan.committed.at(-1)).toBe(`quarantined ${own}`);
    expect(lan.lease(1)).not.toBe(own);
    lan.nowMs += 3_600_001;
    expect(lan.ask(packet('discover', 9, { with: [requested(own)] })).sent[0]?.your).toBe(own);
  });

  it('DECLINE of somebody else’s address changes nothing', () => {
    const lan = server();
    const own = lan.lease(1);
    lan.ask(packet('decline', 2, { with: [SERVER_ID, requested(own)] }));
    expect(lan.core.book.get(ip(own))?.at).toBe('bound');
  });

  it('RELEASE frees the address, on the disk too, and the client gets it again', () => {
    const lan = server();
    const own = lan.lease(1);
    expect(lan.ask(packet('release', 1, { clientAddress: ip(own), with: [SERVER_ID] })).sent).toEqual([]);
    expect(lan.committed.at(-1)).toBe(`released ${own}`);
    expect(lan.lease(2)).not.toBe(own);
    expect(lan.lease(1)).toBe(own);
  });

  it('INFORM gets options and no lease', () => {
    const { sent } = server().ask(packet('inform', 7, { clientAddress: ip('192.168.20.77') }));
    expect([sent[0]?.packet.type, sent[0]?.your, sent[0]?.to]).toEqual([
      'ack',
      '0.0.0.0',
      '192.168.20.77:68',
    ]);
    expect(sent[0]?.packet.options.has(OPTION.leaseTime)).toBe(false);
  });
});

describe('an address in use by others', () => {
  it('is not offered and rests for ten minutes', () => {
    const lan = server();
    lan.neighbours.set('192.168.20.100', 'aabbccddeeff' as MacAddress);
    expect(lan.ask(packet('discover', 1)).sent[0]?.your).toBe('192.168.20.101');
    expect(lan.committed).toEqual(['quarantined 192.168.20.100']);
  });

  it('is offered when it is the client itself that answers', () => {
    const lan = server();
    lan.neighbours.set('192.168.20.100', 'c074ad000001' as MacAddress);
    expect(lan.ask(packet('discover', 1)).sent[0]?.your).toBe('192.168.20.100');
  });

  it('three times in a row ends the search until the client asks again', () => {
    const lan = server();
    for (const last of [100, 101, 102])
      lan.neighbours.set(`192.168.20.${last}`, 'aabbccddeeff' as MacAddress);
    expect(lan.ask(packet('discover', 1)).rule).toBe('dhcp.conflicts');
    expect(lan.ask(packet('discover', 1)).sent[0]?.your).toBe('192.168.20.103');
  });
});

describe('beside another server', () => {
  it('nobody new is served before a round of looking has ended', () => {
    const lan = new ServedLan(new DhcpServerCore(settings()));
    expect(lan.ask(packet('discover', 1)).rule).toBe('dhcp.looking');
    lan.core.foundNobody(9_000);
    expect(lan.ask(packet('discover', 1)).sent).toHaveLength(1);
  });

  it('that is heard, nobody new is served and nothing refused; who has an address keeps it', () => {
    const lan = server();
    const own = lan.lease(1);
    lan.core.heardForeign(ip('192.168.20.1'), 'answer', lan.nowMs);
    expect(lan.ask(packet('discover', 2)).rule).toBe('dhcp.steppedDown');
    expect(lan.ask(packet('request', 2, { with: [requested('10.1.1.1')] })).sent).toEqual([]);
    expect(lan.ask(packet('request', 1, { clientAddress: ip(own) })).sent[0]?.packet.type).toBe('ack');
  });

  it('serving goes on only when it was silent for more than an hour; a mere hint is forgotten after one look', () => {
    const lan = server();
    lan.core.heardForeign(ip('192.168.20.1'), 'answer', 10_000);
    lan.core.foundNobody(600_000);
    expect(lan.core.standing.at).toBe('steppedDown');
    lan.core.foundNobody(4_000_000);
    expect(lan.core.standing.at).toBe('serving');
    lan.core.heardForeign(ip('192.168.20.1'), 'hint', 5_000_000);
    expect(lan.core.standing.at).toBe('steppedDown');
    lan.core.foundNobody(5_010_000);
    expect(lan.core.standing.at).toBe('serving');
  });

  it('phonesOnly serves phones alone and refuses nothing', () => {
    const lan = server({ mode: 'phonesOnly', phones: [{ vendorClassPrefix: 'grandstream' }] });
    expect(lan.ask(packet('discover', 1)).rule).toBe('dhcp.notAPhone');
    const vendorClass: readonly [number, Uint8Array] = [
      OPTION.vendorClass,
      Buffer.from('Grandstream GRP2614'),
    ];
    expect(lan.ask(packet('discover', 2, { with: [vendorClass] })).sent).toHaveLength(1);
    expect(lan.ask(packet('request', 2, { with: [vendorClass, requested('10.1.1.1')] })).sent).toEqual([]);
  });

  it('optionOnly answers INFORM and nothing else; detect answers nobody', () => {
    const options = server({ mode: 'optionOnly' });
    expect(options.ask(packet('discover', 1)).rule).toBe('dhcp.optionsOnly');
    expect(options.ask(packet('inform', 1, { clientAddress: ip('192.168.20.77') })).sent).toHaveLength(1);
    expect(
      server({ mode: 'detect' }).ask(packet('inform', 1, { clientAddress: ip('192.168.20.77') })).sent,
    ).toEqual([]);
  });
});

describe('limits', () => {
  it('one device that asks without end is not answered without end', () => {
    const lan = server();
    const answers = Array.from({ length: 50 }, () => lan.ask(packet('discover', 1)).sent.length);
    expect(answers.filter((count) => count > 0)).toHaveLength(8);
    lan.nowMs += 1_000;
    expect(lan.ask(packet('discover', 1)).sent).toHaveLength(1);
  });

  it('who takes every address with made-up names is stopped, and who has an address is still served', () => {
    const lan = server({ pool: { first: ip('192.168.20.100'), last: ip('192.168.20.200') } });
    const own = lan.lease(1);
    let given = 0;
    for (let device = 2; device < 256; device++) given += lan.ask(packet('discover', device)).sent.length;
    expect(given).toBeLessThanOrEqual(64);
    expect(lan.ask(packet('request', 1, { clientAddress: ip(own) })).sent).toHaveLength(1);
  });
});

describe('options by device', () => {
  it('a later rule overwrites an earlier one; vendor class, model, maker and address are matched', () => {
    const url = (text: string): ReadonlyMap<number, Uint8Array> => new Map([[66, Buffer.from(text)]]);
    const lan = server({
      rules: [
        { name: 'makers', match: { oui: 'C074AD' }, options: url('maker') },
        {
          name: 'models',
          match: { vendorClassPrefix: 'Grandstream', model: 'grp2614' },
          options: url('model'),
        },
        { name: 'one', match: { mac: 'c074ad000003' as MacAddress }, options: url('one') },
      ],
    });
    const given = (device: number, vendorClass: string): string => {
      const options: readonly (readonly [number, Uint8Array])[] = [
        [OPTION.vendorClass, Buffer.from(vendorClass)],
      ];
      const { sent } = lan.ask(packet('discover', device, { with: options }));
      return Buffer.from(sent[0]?.packet.options.get(66) ?? []).toString();
    };
    expect([
      given(1, 'x'),
      given(2, 'Grandstream GRP2614 dslforum.org'),
      given(3, 'Grandstream GRP2614'),
    ]).toEqual(['maker', 'model', 'one']);
  });

  it('what the server makes itself cannot be configured', () => {
    const lan = server({ common: new Map([[OPTION.leaseTime, ipBytes('0.0.0.1')]]) });
    const { sent } = lan.ask(packet('discover', 1));
    expect(Buffer.from(sent[0]?.packet.options.get(OPTION.leaseTime) ?? []).readUInt32BE(0)).toBe(86_400);
  });
});

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoLan } from '../../scripts/lab/lan.ts';
import type { PhoneClient } from '../../scripts/lab/phone-client.ts';
import { giveOrders } from '../../scripts/launch/lan-order.ts';
import { LanOffice } from '../support/lan-office.ts';
import { engawa } from '../support/office-process.ts';
import { udhcpcLease } from '../support/udhcpc.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`The office beside a router is not tested: ${why}\n`);

describe.skipIf(why !== undefined)('a router that appears on the LAN of a running office', () => {
  let office: LanOffice;
  let phones: readonly PhoneClient[] = [];
  let router = '';
  let first = '';

  beforeAll(async () => {
    office = await LanOffice.start('127.64.2', 'router');
    for (const host of ['router', 'old', 'new', 'laptop']) office.lan.join(host);
    router = `${office.range}.254`;
    office.lan.address('router', `${router}/24`);
    await office.until('the box serves', async () => (await office.dhcp()).standing === 'serving');
    phones = await office.handsets();
    first = (await udhcpcLease(office.lan, 'old')).address;
  });
  afterAll(async () => {
    for (const phone of phones) phone.close();
    await office?.end();
  });

  it('is never fought: the box steps down, says so, and newcomers are the router’s', async () => {
    expect(first).toMatch(/\.1\d\d$/);
    const range = `--dhcp-range=${office.range}.200,${office.range}.220,1h`;
    const quiet = ['--no-daemon', '--port=0', '--conf-file=/dev/null', '--user=root', '--no-ping'];
    const files = [`--dhcp-leasefile=${join(office.layout.state, 'router.leases')}`, '--pid-file='];
    office.lan.start('router', [
      'dnsmasq',
      ...quiet,
      '--dhcp-authoritative',
      '--interface=lan0',
      range,
      ...files,
    ]);
    await office.until('the box steps down', async () => {
      await udhcpcLease(office.lan, 'new');
      return (await office.dhcp()).standing === 'steppedDown';
    });
    await office.until('the router is named', async () => {
      const { foreign } = await office.dhcp();
      return foreign.length === 1 && foreign[0]?.address === router;
    });
    expect(await udhcpcLease(office.lan, 'laptop')).toMatchObject({ server: router });
    const held = (await office.leases()).find((lease) => lease.address === first);
    expect(held?.state).toBe('bound');
    for (const verb of ['status', 'doctor']) {
      const { code, out } = engawa(office.layout.state, verb);
      expect(code).toBe(1);
      expect(out).toContain('W-LAN-801');
      expect(out).toContain(router);
    }
  });

  it('has the office go on by multicast alone, once the box is told to look only', async () => {
    await office.bothRegistered();
    const heard: string[] = [];
    const capture = office.lan.start('laptop', [
      ...['tshark', '-Q', '-i', 'lan0', '-n', '-l', '-f', `udp src port 67 and src host ${office.range}.1`],
      ...['-T', 'fields', '-e', 'dhcp.option.dhcp'],
    ]);
    capture.stdout?.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    await giveOrders(office.layout, [
      { kind: 'changeLan', gateway: 'gw-000001', dhcp: { mode: 'detect', pool: null } },
    ]);
    await office.until('the box is mute', async () => (await office.dhcp()).standing === 'mute');
    const [grandstream, panasonic] = phones;
    // One as it comes from its box, one that only lost its power.
    await grandstream?.ask('factoryReset', {});
    await panasonic?.ask('reboot', {});
    await office.until('both phones have an address of the router', async () => {
      const states = await Promise.all(phones.map((phone) => phone.state()));
      return states.every(({ lease }) => lease?.server === router);
    });
    await grandstream?.wait('fetched', 20_000);
    expect((await grandstream?.state())?.accounts.some(({ registered }) => registered)).toBe(false);
    expect(engawa(office.layout.state, 'approve', 'c0:74:ad:00:00:01').code).toBe(0);
    await grandstream?.ask('reboot', {});
    for (const phone of phones) await phone.wait('registered', 30_000);
    const sources = await Promise.all(phones.map(async (phone) => (await phone.state()).source));
    // The other one was told to ask nobody but the box, once it was set up.
    expect(sources).toEqual(['pnp', 'stored']);
    await office.bothRegistered();
    expect(await udhcpcLease(office.lan, 'old')).toMatchObject({ server: router });
    expect(heard.join('')).toBe('');
    const warned = (await office.status()).warnings.map(({ code }) => code);
    expect(warned).not.toContain('W-LAN-801');
  });

  it('keeps everybody but phones for the router, where the box is told to serve phones beside it', async () => {
    const pool = { first: `${office.range}.150`, last: `${office.range}.169` };
    const dhcp = { mode: 'phonesOnly', confirmedBy: 'test', pool };
    await giveOrders(office.layout, [{ kind: 'changeLan', gateway: 'gw-000001', dhcp }]);
    await office.until('the box serves phones', async () => (await office.dhcp()).standing === 'phonesOnly');
    for (const host of ['laptop', 'old', 'new']) {
      expect(await udhcpcLease(office.lan, host)).toMatchObject({ server: router });
    }
    expect((await office.leases()).filter(({ address }) => address >= pool.first)).toEqual([]);
    // Both answer a phone; whose offer it takes is its own matter, and both addresses are good.
    const phone = await udhcpcLease(office.lan, 'new', 'Grandstream GRP2612');
    expect([router, `${office.range}.1`]).toContain(phone.server);
    await office.bothRegistered();
  });
});

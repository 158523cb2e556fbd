import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallView, PhoneState } from '../../../hal/phones/phone-state.ts';
import { whyNoLan } from '../../../scripts/lab/lan.ts';
import type { PhoneClient } from '../../../scripts/lab/phone-client.ts';
import { PANASONIC, phoneOf } from '../../agent/provisioning/phones.ts';
import { PhoneLan } from './phone-lan.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`Simulated desk phones are not tested: ${why}\n`);

const BOX = '192.168.163.2';
const ONE = 'c074ad630001';
const TWO = '0080f0630002';
const THREE = 'c074ad630003';
const PASSWORD = 'a-secret-of-the-office';

function configOf(keysOfOne: readonly object[]): object {
  const sip = (user: string) => ({ sip: { user, password: PASSWORD }, serviceId: user, ringsFor: [] });
  return {
    dhcp: { mode: 'serve', confirmedBy: 'test', pool: { first: '192.168.163.100', last: '192.168.163.119' } },
    phoneHabits: { encryption: 'try', srtp: 'optional' },
    phones: [
      phoneOf({ mac: ONE, model: 'GRP2612', keys: keysOfOne as never }),
      phoneOf({
        ...{ ...PANASONIC, ...sip('id-000001-4'), mac: TWO },
        keys: [{ does: 'line' }, { does: 'watch', extension: '21' }, { does: 'park', slot: 1 }] as never,
      }),
      phoneOf({ ...sip('id-000001-5'), mac: THREE, model: 'GXP1628', extension: '23', label: '倉庫' }),
    ],
    phoneBook: [{ name: '佐藤', number: '22' }],
  };
}

const KEYS = [{ does: 'line' }, { does: 'watch', extension: '22' }, { does: 'park', slot: 1 }];

const calls = async (phone: PhoneClient): Promise<readonly CallView[]> =>
  (await phone.state()).calls.filter(({ state }) => state !== 'ended');
const names = (state: PhoneState): readonly string[] =>
  state.fetches.map(({ url }) => url.replace(/^.*\/p\//, ''));

describe.skipIf(why !== undefined)('simulated desk phones in an office', () => {
  let world: PhoneLan;
  let one: PhoneClient;
  let two: PhoneClient;
  let three: PhoneClient;

  const hears = (what: string, phone: PhoneClient, hz: number): Promise<void> =>
    world.until(what, async () => {
      const windows = await phone.hear(400);
      return windows.filter((window) => Math.abs(window.hz - hz) < 20 && window.dbm0 > -25).length >= 2;
    });
  const talk = async (from: PhoneClient, to: string, at: PhoneClient): Promise<void> => {
    await from.ask('dial', { to });
    await at.wait('ringing', 30_000);
    await at.ask('answer', {});
    await from.wait('talking', 30_000);
  };

  beforeAll(async () => {
    world = new PhoneLan(['box', 'one', 'two', 'three']);
    await world.startBox(BOX, configOf(KEYS), true);
    for (const mac of [ONE, TWO, THREE]) await world.ask(`approve ${mac}`);
    [one, two, three] = await Promise.all([
      world.startPhone('one', 'grandstream', 'GRP2612', ONE),
      world.startPhone('two', 'panasonic', 'KX-HDV230N', TWO),
      world.startPhone('three', 'grandstream', 'GXP1628', THREE, '--file-digest', 'sha256'),
    ]);
    for (const phone of [one, two, three]) {
      await phone.wait('registered', 25_000);
      await world.until('its phone book', async () => (await phone.state()).phoneBook > 0);
    }
    await one.ask('speak', { hz: 440 });
    await two.ask('speak', { hz: 600 });
    await three.ask('speak', { hz: 800 });
  }, 150_000);
  afterAll(async () => {
    await world?.remove();
  });

  it('each asks for its files in its maker’s order, from where its maker lets it be told, and takes all of them', async () => {
    const [first, second, third] = await Promise.all([one.state(), two.state(), three.state()]);
    expect(names(first).slice(0, 3)).toEqual([`cfg${ONE}`, `cfg${ONE}.bin`, `cfg${ONE}.xml`]);
    expect(names(second).slice(0, 2)).toEqual(['KX-HDV230N.cfg', `Config${TWO.toUpperCase()}.cfg`]);
    expect(names(third).slice(0, 2)).toEqual([`cfg${THREE}`, `cfg${THREE}.xml`]);
    for (const { settings, phoneBook } of [first, second, third]) {
      expect(settings).toMatchObject({
        unknownKeys: [],
        adminPasswordChanged: true,
        language: 'ja',
      });
      expect(phoneBook).toBe(1);
    }
    const { desk } = await world.ask('?');
    expect(desk.map(({ extension, registered, userAgent }) => [extension, registered, userAgent])).toEqual([
      ['21', true, 'Grandstream GRP2612 1.0.5.48'],
      ['22', true, `Panasonic_KX-HDV230N/07.101 (${TWO})`],
      ['23', true, 'Grandstream GXP1628 1.0.7.13'],
    ]);
  });

  it('after the first registration the settled file closes the web page, over HTTPS from then on', async () => {
    await one.ask('wait', { until: 'registered' });
    await world.until('the settled file', async () => !(await one.state()).settings.webOpen, 15_000);
    const { settings, source } = await one.state();
    expect(settings.configUrl).toMatch(/^https:/);
    expect(source).toBe('stored');
    // One of them reads only the other of the two encryptions, and is told again.
    await world.until('the box knows', async () => {
      const { phones } = await world.ask('?');
      const late = phones.find(({ fresh }) => !fresh);
      if (late !== undefined) await world.ask(`checkSync ${late.mac}`);
      return phones.every(({ state, fresh }) => state === 'registered' && fresh);
    });
    const digests = await Promise.all(
      [one, three].map(async (phone) => (await phone.state()).settings.configUrl),
    );
    expect(digests.map((url) => /\/p\/([ms])\//.exec(url)?.[1])).toEqual(['m', 's']);
    const dropped = (await three.state()).fetches.filter(({ status, taken }) => status === 200 && !taken);
    expect(dropped.length).toBeGreaterThan(0);
  });

  it('two of different makers talk both ways, with names, keys pressed and lamps', async () => {
    await talk(one, '22', two);
    await hears('two hears one', two, 440);
    await hears('one hears two', one, 600);
    const [out] = await calls(one);
    const [into] = await calls(two);
    // Grandstream offers SRTP because its file says so; nothing public tells a Panasonic to.
    expect([out?.encrypted, into?.encrypted]).toEqual([true, false]);
    expect(out).toMatchObject({ number: '22', name: '佐藤', direction: 'out' });
    expect(into).toMatchObject({ number: '21', name: '受付', direction: 'in', ring: 'default' });
    await one.wait('lamp', 5_000, { key: 2, lamp: 'red' });
    await one.ask('dtmf', { digits: '159#' });
    expect(await two.ask('heardDigits', {})).toBe('159#');
  });

  it('a call on hold is silent, and comes back', async () => {
    expect(await one.ask('hold', {})).toEqual({ status: 200 });
    const silent = await two.hear(600);
    expect(silent.slice(2).filter(({ hz, dbm0 }) => Math.abs(hz - 440) < 20 && dbm0 > -30)).toEqual([]);
    expect((await calls(one))[0]?.state).toBe('held');
    expect(await one.ask('resume', {})).toEqual({ status: 200 });
    await hears('two hears one again', two, 440);
  });

  it('blind transfer: the phone is out of the call, the two others talk', async () => {
    expect(await one.ask('transfer', { to: '23' })).toEqual({ status: 200 });
    await one.wait('idle', 30_000);
    await three.wait('ringing', 30_000);
    await three.ask('answer', {});
    await hears('two hears three', two, 800);
    await hears('three hears two', three, 600);
    expect((await calls(three))[0]?.encrypted).toBe(true);
    await three.ask('hangUp', {});
    await two.wait('idle', 30_000);
  });

  it('attended transfer: two calls of a phone become one of the others', async () => {
    await talk(one, '22', two);
    await one.ask('attend', { to: '23' });
    await three.wait('ringing', 30_000);
    expect((await calls(one)).map(({ state }) => state).toSorted()).toEqual(['held', 'ringback']);
    await three.ask('answer', {});
    await one.wait('talking', 30_000);
    expect(await one.ask('complete', {})).toEqual({ status: 200 });
    await one.wait('idle', 30_000);
    await hears('two hears three', two, 800);
    await two.ask('hangUp', {});
    await three.wait('idle', 30_000);
  });

  it('a parked call lights the key on every phone, and any of them takes it', async () => {
    await talk(one, '22', two);
    expect(await one.ask('key', { n: 3 })).toEqual({ did: 'parked', status: 200 });
    await one.wait('lamp', 8_000, { key: 3, lamp: 'red' });
    expect(await one.ask('key', { n: 3 })).toMatchObject({ did: 'pickedUp' });
    await one.wait('talking', 30_000);
    await hears('two hears one', two, 440);
    await one.ask('hangUp', {});
    await two.wait('idle', 30_000);
  });

  it('a key that blinks takes the call that rings at a colleague', async () => {
    await three.ask('dial', { to: '22' });
    await one.wait('lamp', 8_000, { key: 2, lamp: 'blinkingRed' });
    expect(await one.ask('key', { n: 2 })).toMatchObject({ did: 'pickedUp' });
    await three.wait('talking', 30_000);
    await two.wait('idle', 30_000);
    await hears('three hears one', three, 440);
    await one.ask('hangUp', {});
    await three.wait('idle', 30_000);
  });

  it('a second call waits while one talks, and is taken while the first is held', async () => {
    await talk(one, '22', two);
    await three.ask('dial', { to: '22' });
    await two.wait('ringing', 30_000);
    await two.ask('lift', {});
    await hears('three hears two', three, 600);
    expect((await calls(two)).map(({ state }) => state)).toEqual(['held', 'talking']);
    await three.ask('hangUp', {});
    await two.ask('key', { n: 1 });
    await hears('one hears two', one, 600);
    await one.ask('hangUp', {});
    await two.wait('idle', 30_000);
  });

  it('messages that wait light the lamp and stand on the display', async () => {
    await world.ask('messages id-000001-3 2 1');
    await one.wait('messageWaiting', 30_000);
    expect((await one.state()).display).toContain('伝言 2');
    await world.ask('messages id-000001-3 0 3');
    await one.wait('noMessage', 30_000);
  });

  it('a key that changes in the configuration is there without anybody touching the phone, and not during a call', async () => {
    await talk(one, '22', two);
    const before = (await one.state()).fetches.length;
    await world.ask(
      `apply ${JSON.stringify(configOf([...KEYS, { does: 'dial', number: '23', label: '倉庫' }]))}`,
    );
    await world.until('it is told', async () => one.events.some(({ event }) => event === 'checkSync'));
    await one.hear(500);
    expect((await one.state()).fetches.length).toBe(before);
    await one.ask('hangUp', {});
    await world.until('the key', async () => (await one.state()).keys[3]?.use === 'dial');
    expect((await one.state()).boots).toBe(1);
    expect(await one.ask('key', { n: 4 })).toMatchObject({ did: 'dialled' });
    await three.wait('ringing', 30_000);
    await one.ask('hangUp', {});
    await three.wait('idle', 30_000);
  });

  it('a cable that is pulled and put back: the same address by INIT-REBOOT, registered again', async () => {
    const { address } = await two.state();
    world.lan.cable('two', false);
    await two.wait('noLink', 30_000);
    expect(await two.state()).toMatchObject({ stage: 'noLink', address: null });
    world.lan.cable('two', true);
    await two.wait('registered', 15_000);
    expect((await two.state()).address).toBe(address);
    await talk(one, '22', two);
    await hears('one hears two', one, 600);
    await one.ask('hangUp', {});
  });

  it('a phone that restarts remembers who it is and asks for its password no more', async () => {
    await one.ask('reboot', {});
    await one.wait('unregistered', 30_000);
    await one.wait('registered', 15_000);
    expect(await one.state()).toMatchObject({ boots: 2, bootedFor: 'power', source: 'stored' });
  });
});

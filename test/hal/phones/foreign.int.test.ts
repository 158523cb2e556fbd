import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoLan } from '../../../scripts/lab/lan.ts';
import type { PhoneClient } from '../../../scripts/lab/phone-client.ts';
import { PhoneLan } from './phone-lan.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`Phones beside a foreign router are not tested: ${why}\n`);

const ROUTER = '192.168.164.1';
const BASE = `http://${ROUTER}/files/`;
const ONE = 'c074ad640001';
const TWO = '0080f0640002';
const THREE = 'c074ad640003';
const FILES = fileURLToPath(new URL('./files-child.ts', import.meta.url));
const FIRST_LINE = '# Panasonic SIP Phone Standard Format File #';

interface Asked {
  readonly url: string;
  readonly agent: string | null;
}

/** dnsmasq as the office's router, with options 66 and 160, and a file server that nobody here wrote for phones. */
describe.skipIf(why !== undefined)('desk phones beside a router that is not the box', () => {
  let world: PhoneLan;
  let one: PhoneClient;
  let two: PhoneClient;
  let dnsmasq: ChildProcess;
  const asked: Asked[] = [];
  const put = (name: string, body: string | Buffer): void =>
    writeFileSync(join(world.folder, 'files', `files_${name}`), body);
  const cfg = (mac: string, ...rows: string[]): string =>
    `<?xml version="1.0" encoding="UTF-8"?><gs_provision version="1"><mac>${mac}</mac><config version="1">${rows.join('')}</config></gs_provision>`;
  const askedBy = (word: string): string[] =>
    asked.filter(({ agent }) => agent?.includes(word)).map(({ url }) => url.replace('/files/', ''));

  const router = (range: string): ChildProcess => {
    const lease = ['--pid-file=', `--dhcp-leasefile=${join(world.folder, `leases-${range}`)}`];
    // T1 far earlier than half, so that a renewal is seen.
    const options = [`66,${BASE}`, `160,${BASE}`, 'option:T1,3', 'option:T2,80'];
    return world.lan.start('router', [
      ...['dnsmasq', '--keep-in-foreground', '--port=0', '--conf-file=/dev/null', '--interface=lan0'],
      ...['--no-ping', '--dhcp-authoritative', `--dhcp-range=192.168.164.${range},2m`, ...lease],
      ...options.map((option) => `--dhcp-option-force=${option}`),
    ]);
  };

  beforeAll(async () => {
    world = new PhoneLan(['router', 'one', 'two', 'three']);
    world.lan.address('router', `${ROUTER}/24`);
    mkdirSync(join(world.folder, 'files'));
    dnsmasq = router('50,192.168.164.90');
    const files = world.lan.start('router', [
      process.execPath,
      '--import',
      'tsx',
      FILES,
      join(world.folder, 'files'),
    ]);
    if (files.stdout === null) throw new Error('no output');
    createInterface({ input: files.stdout }).on('line', (line) => asked.push(JSON.parse(line) as Asked));
    await world.until('files are served', async () => {
      const { output } = await world.lan.run('router', [
        'curl',
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        BASE,
      ]);
      return output === '404';
    });
    put(`cfg${ONE}.xml`, cfg(ONE, '<P2>N0tAdm1n</P2>', '<P1650>2</P1650>', '<P64>TZZ-9</P64>'));
    put(
      'KX-UT136N.cfg',
      `${FIRST_LINE}\r\nCFG_STANDARD_FILE_PATH="${BASE}{mac}.cfg"\r\nTIME_ZONE="0"\r\n\r\n`,
    );
    put(`${TWO}.cfg`, `${FIRST_LINE}\r\nTIME_ZONE="540"\r\nTIME_ZONE="1"\r\nADMIN_PASS="N0tAdm1n"\r\n\r\n`);
    [one, two] = await Promise.all([
      world.startPhone('one', 'grandstream', 'GRP2612', ONE),
      world.startPhone('two', 'panasonic', 'KX-UT136N', TWO),
    ]);
    for (const phone of [one, two]) await phone.wait('fetched', 25_000);
    await world.until('both are set', async () =>
      (await Promise.all([one.state(), two.state()])).every(({ stage }) => stage === 'ready'),
    );
  }, 150_000);
  afterAll(async () => {
    await world?.remove();
  });

  it('are told by its options where their files are, and ask with the name and in the order of their makers', async () => {
    expect(askedBy('DevId')).toEqual([`cfg${ONE}`, `cfg${ONE}.bin`, `cfg${ONE}.xml`]);
    expect(askedBy('Panasonic_KX-UT136N/01.133 (0080f0640002)')).toEqual(['KX-UT136N.cfg', `${TWO}.cfg`]);
    expect(asked.find(({ agent }) => agent?.includes('DevId'))?.agent).toBe(
      `Grandstream Model HW GRP2612 SW 1.0.5.48 DevId ${ONE}`,
    );
    expect(await one.state()).toMatchObject({
      source: 'option160',
      settings: { webOpen: false, adminPasswordChanged: true },
    });
    expect(await two.state()).toMatchObject({
      source: 'option66',
      settings: { timeZone: '540', adminPasswordChanged: true },
    });
  });

  it('renew their lease with that server before it runs out', async () => {
    const first = (await one.state()).lease;
    expect(first).toMatchObject({ server: ROUTER, leaseS: 120, t1S: 3, t2S: 80 });
    await world.until(
      'a renewal',
      async () => ((await one.state()).lease?.boundAtMs ?? 0) > (first?.boundAtMs ?? 0) + 1_000,
    );
    expect((await one.state()).stage).toBe('ready');
  });

  it('a broken file is dropped whole, with a reason, and the phone keeps what it had', async () => {
    put(`cfg${ONE}.xml`, `${cfg(ONE, '<P64>TZU0</P64>').slice(0, -4)}`);
    await one.ask('reboot', {});
    await world.until('it has looked', async () => {
      const { stage, boots, fetches } = await one.state();
      return boots === 2 && stage === 'ready' && fetches.at(-1)?.url.endsWith('cfg.xml') === true;
    });
    const { fetches, settings } = await one.state();
    const broken = fetches.findLast(({ url }) => url === `${BASE}cfg${ONE}.xml`);
    expect(broken).toMatchObject({ status: 200, taken: false, why: expect.stringMatching(/well-formed/) });
    expect(settings.timeZone).toBe('TZZ-9');
  });

  it('new firmware: fetched by its name, and the phone restarts into it', async () => {
    put('grp2612fw.bin', Buffer.concat([Buffer.from('GRP2612 image 1.0.9.70\0'), Buffer.alloc(100_000, 7)]));
    put(`cfg${ONE}.xml`, cfg(ONE, `<P192>${ROUTER}/files</P192>`, '<P6767>1</P6767>', '<P238>0</P238>'));
    await one.ask('reboot', {});
    await world.until('the new version', async () => (await one.state()).firmware === '1.0.9.70');
    await world.until('it is up again', async () => {
      const { bootedFor, stage } = await one.state();
      return bootedFor === 'firmware' && stage === 'ready';
    });
    expect(askedBy(`SW 1.0.9.70 DevId ${ONE}`)).toContain(`cfg${ONE}.xml`);
    expect((await one.state()).fetches.at(-1)).toMatchObject({
      taken: false,
      why: 'it is not another version',
    });
  });

  it('with an address and a file server typed in by hand nobody is asked for either', async () => {
    put(`cfg${THREE}.xml`, cfg(THREE, '<P64>TZZ-9</P64>'));
    const typed = ['--address', '192.168.164.20/24', '--router', ROUTER, '--config-url', BASE];
    const three = await world.startPhone('three', 'grandstream', 'GXP1628', THREE, ...typed);
    await three.wait('fetched', 15_000);
    expect(await three.state()).toMatchObject({
      source: 'static',
      lease: null,
      address: '192.168.164.20/24',
    });
  });

  it('a VLAN and a log server of its file: it restarts onto the one and tells the other', async () => {
    let log = '';
    world.lan.start('router', ['socat', '-u', 'UDP4-RECV:514', '-']).stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    put(`cfg${ONE}.xml`, cfg(ONE, `<P207>${ROUTER}</P207>`));
    await one.ask('reboot', {});
    await world.until('the log server hears of it', async () =>
      log.includes(`GRP2612 [${ONE}]: configuration`),
    );
    put(`cfg${THREE}.xml`, cfg(THREE, '<P51>20</P51>'));
    const three = world.again('three');
    await three.ask('reboot', {});
    await world.until('it is on its VLAN', async () => {
      const { bootedFor, settings } = await three.state();
      return bootedFor === 'configuration' && settings.vlan === 20;
    });
    const tagged = ['ip', 'link', 'add', 'link', 'lan0', 'name', 'try', 'type', 'vlan', 'id', '9'];
    const knowsTags = (await world.lan.run('router', tagged)).code === 0;
    await world.until('its address is there', async () => {
      const { output } = await world.lan.run('three', ['ip', '-br', '-4', 'addr']);
      const place = knowsTags ? /^lan0\.20@lan0\s.*192\.168\.164\.20\/24/m : /^lan0@.*192\.168\.164\.20\/24/m;
      return place.test(output);
    });
    expect((await three.state()).counters['vlanNotMade']).toBe(knowsTags ? undefined : 1);
  });

  it('as from the factory it has nothing, gives its address back, and begins anew', async () => {
    await two.ask('factoryReset', {});
    await world.until('it has begun anew', async () => {
      const { boots, stage } = await two.state();
      return boots === 2 && stage === 'ready';
    });
    expect(await two.state()).toMatchObject({ bootedFor: 'factory reset', settings: { timeZone: '540' } });
  });

  it('whose range is another one day: refused at the renewal, it takes a new address and works on', async () => {
    const ended = new Promise((resolve) => dnsmasq.once('exit', resolve));
    dnsmasq.kill('SIGTERM');
    await ended;
    router('100,192.168.164.120');
    await world.until('another address', async () => /\.1\d\d\/24$/.test((await one.state()).address ?? ''));
    await world.until('it is at work again', async () => (await one.state()).stage === 'ready');
    expect((await one.state()).bootedFor).toBe('power');
  });
});

import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLan, type Lan, whyNoLan } from '../../../scripts/lab/lan.ts';
import { type PhoneLogin, readLogin } from './phone-login.ts';
import { grandstreamAgent, PANASONIC, panasonicAgent, phoneOf } from './phones.ts';
import { type RoomProgram, startRoom } from './room-program.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`Phones on a LAN are not tested: ${why}\n`);

const BOX = '192.168.21.2';
let folder = '';
let lan: Lan;
let room: RoomProgram;
let one = '';
let two = '';
/** What the phone `one` was told to log in with. */
let login: PhoneLogin | undefined;

const plain = (mac: string): string => mac.replace(/:/g, '');
const configOf = (keys: object[] = [{ does: 'line' }]): object => ({
  phones: [phoneOf({ mac: one, keys: keys as never }), phoneOf({ ...PANASONIC, mac: two })],
  phoneBook: [{ name: '佐藤', number: '0355550123' }],
  // curl reads files as they come.
  phoneHabits: { encryption: 'off' },
});

interface Fetched {
  readonly status: number;
  readonly body: string;
  /** Everything that came: status line, headers, body. */
  readonly raw: string;
}

/** curl, as a phone that calls itself `agent`. */
async function fetchAs(host: string, agent: string, path: string, ...more: string[]): Promise<Fetched> {
  const url = path.startsWith('http') ? path : `http://${BOX}:8080${path}`;
  const flags = ['-s', '-i', '-k', '--path-as-is', '--max-time', '8', '-A', agent];
  const { output } = await lan.run(host, ['curl', ...flags, ...more, url]);
  // Of a login both answers are printed; the last one counts.
  const raw = output.slice(Math.max(0, output.lastIndexOf('HTTP/1.1 ')));
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(raw)?.[1] ?? 0);
  return { status, body: raw.slice(raw.indexOf('\r\n\r\n') + 4), raw };
}

/** The phone `one`, which logs in as it was told. */
function fetchLoggedIn(path: string, ...more: string[]): Promise<Fetched> {
  const { user = '', password = '' } = login ?? {};
  return fetchAs('one', grandstreamAgent(one), path, '--digest', '-u', `${user}:${password}`, ...more);
}

describe.skipIf(why !== undefined)('desk phones on a LAN', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-phones-'));
    chmodSync(folder, 0o777);
    lan = createLan(['box', 'one', 'two', 'three']);
    lan.address('box', `${BOX}/24`);
    for (const [index, host] of ['one', 'two', 'three'].entries())
      lan.address(host, `192.168.21.1${index}/24`);
    one = plain(lan.macOf('one'));
    two = plain(lan.macOf('two'));
    room = await startRoom(lan, folder, configOf());
    await room.until((now) => now.status.url !== null && now.status.pnp);
  }, 150_000);
  afterAll(() => {
    lan?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs without root and without a single right', () => {
    expect(room.first).toMatchObject({ uid: 65_534, capabilities: '0000000000000000' });
  });

  it('a configured phone that nobody has approved gets nothing, and the box says why', async () => {
    const got = await fetchAs('one', grandstreamAgent(one), `/p/cfg${one}.xml`);
    expect(got).toMatchObject({ status: 404, body: 'Not Found\n' });
    expect((await room.why(one)).at(-1)).toMatchObject({ rule: 'fetch.notApproved' });
    const now = await room.ask('?');
    expect(now.phones.find((phone) => phone.mac === one)?.state).toBe('waiting');
    expect(now.warnings['phones.waiting']).toContain('approve');
  });

  it('every refusal is the same to the last byte', async () => {
    const refused = [
      await fetchAs('one', 'curl', '/p/'),
      await fetchAs('one', 'curl', '/'),
      await fetchAs('one', 'curl', `/p/cfg${two}.xml`),
      await fetchAs('one', 'curl', `/p/cfg${one}.xml?x=1`),
      await fetchAs('one', 'curl', '/p/../etc/passwd'),
      await fetchAs('one', 'curl', `/p/cfg${one}.xml`, '-X', 'POST', '-d', 'x'),
      await fetchAs('three', grandstreamAgent(one), `/p/cfg${one}.xml`),
    ];
    expect(new Set(refused.map((got) => got.raw)).size).toBe(1);
    expect(refused[0]?.raw).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  });

  it('in its window a Grandstream gets its file in either case and with two slashes, its password once', async () => {
    await room.ask(`approve ${one} 5`);
    const agent = grandstreamAgent(one);
    expect((await fetchAs('one', agent, `/p/cfg${one}`)).status).toBe(404);
    const head = await fetchAs('one', agent, `/p/cfg${one}.xml`, '-I');
    expect(head).toMatchObject({ status: 200, body: '' });
    const first = await fetchAs('one', agent, `//p//cfg${one.toUpperCase()}.xml`);
    const { account } = await room.ask('?');
    expect(first.status).toBe(200);
    expect(account).toMatch(/^[a-z2-9]{24}$/);
    expect(first.body).toContain(account);
    login = readLogin(first.body);
    expect(await fetchAs('one', agent, `/p/cfg${one}.xml`)).toMatchObject({ status: 401, body: '' });
    const again = await fetchLoggedIn(`/p/cfg${one}.xml`);
    expect(again.status).toBe(200);
    expect(again.body).not.toContain(account);
    const other = ['--digest', '-u', `${one}:wrong`] as const;
    expect((await fetchAs('one', agent, `/p/cfg${one}.xml`, ...other)).status).toBe(401);
    expect((await room.why(one)).at(-1)?.rule).toBe('fetch.wrongLogin');
  });

  it('every contradiction is a 404, with its rule in the box', async () => {
    await room.ask(`approve ${two} 5`);
    const cases = [
      ['three', 'curl/8', `/p/Config${two.toUpperCase()}.cfg`, 'fetch.foreignName'],
      ['two', panasonicAgent(one), `/p/Config${two.toUpperCase()}.cfg`, 'fetch.foreignAgent'],
      ['three', panasonicAgent(plain(lan.macOf('three'))), '/p/KX-HDV230N.cfg', 'fetch.unassigned'],
    ] as const;
    for (const [host, agent, path, rule] of cases) {
      const got = await fetchAs(host, agent, path);
      const mac = plain(lan.macOf(host));
      expect([got.status, (await room.why(mac)).at(-1)?.rule]).toEqual([404, rule]);
    }
    const now = await room.ask('?');
    expect(now.phones.find((phone) => phone.mac === plain(lan.macOf('three')))?.state).toBe('unassigned');
  });

  it('a Panasonic follows its chain, and a phone that says no address is not refused for it', async () => {
    const entry = await fetchAs('two', panasonicAgent(two), '/p/KX-HDV230N.cfg');
    expect(entry.body).toMatch(/^# Panasonic SIP Phone Standard Format File #/);
    const own = await fetchAs('two', 'Panasonic', `/p/Config${two.toUpperCase()}.cfg`);
    expect(own.status).toBe(200);
    expect(own.body).toMatch(/SIP_PASS_1="[a-z2-9]{24}"/);
    expect((await fetchAs('two', 'Panasonic', '/p/phonebook.xml')).body).toContain('佐藤');
  });

  it('the first registration closes the window, and the phone is told to come for its settled files, over TLS', async () => {
    await room.ask(`registered ${one} Grandstream GRP2614 1.0.5.48`);
    const told = await room.until((now) => now.told.includes(one));
    const phone = told.phones.find((each) => each.mac === one);
    expect(phone).toMatchObject({
      state: 'stale',
      windowUntilMs: null,
      firmware: '1.0.5.48',
      registered: true,
    });
    const url = `https://${BOX}:8443/p/cfg${one}.xml`;
    expect((await fetchAs('one', grandstreamAgent(one), url)).status).toBe(401);
    const settled = await fetchLoggedIn(url);
    expect(settled.status).toBe(200);
    expect(settled.body).not.toContain(told.account);
    const now = await room.until((each) => each.phones.some((phone) => phone.mac === one && phone.fresh));
    expect(now.phones.find((each) => each.mac === one)).toMatchObject({ state: 'registered' });
    const etag = /etag: ("[0-9a-f]+")/i.exec(settled.raw)?.[1] ?? '';
    const same = await fetchLoggedIn(url, '-H', `If-None-Match: ${etag}`);
    expect(same.status).toBe(304);
  });

  it('a key that changes in the cloud makes that phone stale, it is told, and is fresh when it has fetched', async () => {
    const before = (await room.ask('?')).told.length;
    await room.ask(`apply ${JSON.stringify(configOf([{ does: 'line' }, { does: 'park', slot: 3 }]))}`);
    const stale = await room.until((now) => now.told.length > before);
    expect(stale.told.slice(before)).toEqual([one]);
    expect(stale.phones.find((each) => each.mac === one)?.state).toBe('stale');
    await fetchLoggedIn(`https://${BOX}:8443/p/cfg${one}.xml`);
    const now = await room.until((each) => each.phones.some((phone) => phone.mac === one && phone.fresh));
    expect(now.phones.find((each) => each.mac === one)?.state).toBe('registered');
  });

  it('a renewed approval gives another password, and the old one holds until it has been fetched', async () => {
    const old = (await room.ask('?')).account;
    const approved = await room.ask(`approve ${one} 5`);
    expect(approved.account).toBe(old);
    const got = await fetchAs('one', grandstreamAgent(one), `/p/cfg${one}.xml`);
    const now = await room.ask('?');
    expect(now.account).not.toBe(old);
    expect(got.body).toContain(now.account);
    expect(readLogin(got.body)).not.toEqual(login);
    login = readLogin(got.body);
  });

  it('nothing of a phone’s secrets is on the disk', async () => {
    const { account } = await room.ask('?');
    const kept = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.filter((text) => text.includes(account ?? ''))).toEqual([]);
  });

  it('SIP PnP: an approved phone is told the address of its files, a stranger hears nothing', async () => {
    const ask = (host: string, mac: string): Promise<{ output: string }> => {
      const file = join(folder, `subscribe-${host}`);
      writeFileSync(file, subscribe(mac, host === 'one' ? '192.168.21.10' : '192.168.21.12'));
      const group = 'UDP4-DATAGRAM:224.0.1.75:5060,ip-multicast-if';
      const own = host === 'one' ? '192.168.21.10' : '192.168.21.12';
      const join5060 = `${group}=${own},bind=${own}:5062`;
      lan.start(host, ['ip', 'route', 'add', '224.0.0.0/4', 'dev', 'lan0']);
      return lan.run(host, ['sh', '-c', `sleep 0.1; (cat ${file}; sleep 1) | socat -t 0.3 - ${join5060}`]);
    };
    const told = (await ask('one', one)).output;
    expect(told).toMatch(/SIP\/2\.0 200 OK/);
    expect(told).toMatch(/NOTIFY sip:192\.168\.21\.10:5062/);
    expect(told).toMatch(/Content-Type: application\/url/);
    expect(told).toContain(`http://${BOX}:8080/p/`);
    expect((await ask('three', plain(lan.macOf('three')))).output).toBe('');
    expect((await ask('three', one)).output).toBe('');
    const rules = (await room.why(plain(lan.macOf('three')))).map((line) => line.rule);
    expect(rules).toEqual(expect.arrayContaining(['pnp.unassigned', 'pnp.foreignSource']));
  }, 150_000);

  it('who guesses is not heard any more, not even for its own file, and a warning names it', async () => {
    for (let guess = 0; guess < 12; guess++) {
      await fetchAs('two', 'curl', `/p/cfgc074ad0000${guess.toString(16).padStart(2, '0')}.xml`);
    }
    expect((await fetchAs('two', panasonicAgent(two), '/p/KX-HDV230N.cfg')).status).toBe(404);
    const now = await room.ask('?');
    expect(now.warnings['phones.guessing']).toContain('192.168.21.11');
    expect((await fetchLoggedIn(`/p/cfg${one}.xml`)).status).toBe(200);
  }, 150_000);

  it('a restart closes the windows and keeps the phones', async () => {
    await room.end();
    room = await startRoom(lan, folder, configOf());
    await room.until((now) => now.status.url !== null);
    const phone = (await room.ask('?')).phones.find((each) => each.mac === one);
    expect(phone).toMatchObject({ windowUntilMs: null, generation: 2 });
    const got = await fetchLoggedIn(`/p/cfg${one}.xml`);
    const { account } = await room.ask('?');
    expect(got.status).toBe(200);
    expect(got.body).not.toContain(account);
  }, 150_000);
});

function subscribe(mac: string, from: string): string {
  return [
    `SUBSCRIBE sip:MAC%3A${mac}@224.0.1.75 SIP/2.0`,
    `Via: SIP/2.0/UDP ${from}:5062;branch=z9hG4bK-${mac}`,
    'Max-Forwards: 70',
    `From: <sip:MAC%3A${mac}@224.0.1.75>;tag=1234`,
    `To: <sip:MAC%3A${mac}@224.0.1.75>`,
    `Call-ID: ${mac}-${from}`,
    'CSeq: 1 SUBSCRIBE',
    `Contact: <sip:MAC%3A${mac}@${from}:5062>`,
    'Event: ua-profile;profile-type="device";vendor="Grandstream";model="GRP2614";version="1.0.5.48"',
    'Expires: 0',
    'Accept: application/url',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

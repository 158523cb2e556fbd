import { createHash } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeskRoom } from '../../../agent/desk/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { NO_ADDRESS, parseIpv4 } from '../../../lib/net/ipv4.ts';
import { exampleConfig, OfficeWorld } from '../calls/office-world.ts';
import { PASSWORD, pause, phoneConfigs } from './desk-rig.ts';

const BOX = '127.62.6.30';
/** A phone stands here; the box sees a host, so that another socket of it is a stranger who writes this sender. */
const PHONE = '127.62.6.40';
const ELSEWHERE = '127.62.6.50';
/** Nothing came: a loaded machine answers sooner. */
const SILENCE_MS = 1_000;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

interface Asked {
  readonly method?: 'REGISTER' | 'INVITE';
  readonly user?: string;
  readonly to?: string;
  readonly password?: string;
  readonly nonce?: string;
  readonly agent?: string;
}

/** A socket of a host, and requests written by hand. */
class Hand {
  readonly #socket: Socket;
  #count = 0;
  #heard: (text: string) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram) => this.#heard(datagram.toString()));
  }

  static open(host: string): Promise<Hand> {
    const socket = createSocket('udp4');
    return new Promise((resolve) => socket.bind(0, host, () => resolve(new Hand(socket))));
  }

  close(): void {
    this.#socket.close();
  }

  /** The first answer; empty when none comes. */
  ask(asked: Asked): Promise<string> {
    const text = this.text(asked);
    // An earlier INVITE's refusal comes again, because nobody acknowledges it.
    const own = /Call-ID: .*/.exec(text)?.[0] ?? '';
    this.#socket.send(text, 5_060, BOX);
    return new Promise((resolve) => {
      this.#heard = (answer) => {
        if (answer.includes(`${own}\r\n`)) resolve(answer);
      };
      setTimeout(() => resolve(''), SILENCE_MS);
    });
  }

  async nonce(asked: Asked = {}): Promise<string> {
    return /nonce="([^"]+)"/.exec(await this.ask(asked))?.[1] ?? '';
  }

  /** Asks, is challenged, and signs: what comes of it. */
  async signed(asked: Asked): Promise<string> {
    const nonce = await this.nonce(asked);
    return (await this.ask({ password: PASSWORD, ...asked, nonce })).slice(0, 11);
  }

  text({ method = 'REGISTER', user = '21', to, password, nonce, agent = 'Phone 1.0' }: Asked): string {
    const { address, port } = this.#socket.address();
    const id = `${port}-${++this.#count}`;
    const uri = method === 'REGISTER' ? `sip:${BOX}` : `sip:${to}@${BOX}`;
    const proxy = method === 'REGISTER' ? '' : 'Proxy-';
    const ha1 = md5(`${user}:engawa:${password}`);
    const response = md5(`${ha1}:${nonce}:00000001:abcd:auth:${md5(`${method}:${uri}`)}`);
    const digest = `${proxy}Authorization: Digest username="${user}", realm="engawa", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=MD5, cnonce="abcd", qop=auth, nc=00000001`;
    return [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:${port};branch=z9hG4bK${id};rport`,
      `Max-Forwards: 70`,
      `From: <sip:${user}@${BOX}>;tag=${id}`,
      `To: <sip:${to ?? user}@${BOX}>`,
      ...[`Call-ID: ${id}`, `CSeq: ${this.#count} ${method}`, `Contact: <sip:${user}@${address}:${port}>`],
      ...(nonce === undefined ? [] : [digest]),
      ...[`User-Agent: ${agent}`, 'Content-Length: 0', '', ''],
    ].join('\r\n');
  }
}

let desk: DeskRoom;
let phone: Hand;
let spoofer: Hand;
let other: Hand;
const said: string[] = [];

beforeEach(async () => {
  const phones = phoneConfigs(2);
  const world = new OfficeWorld();
  const config = exampleConfig();
  world.open({ ...config, lan: { ...config.lan, phones: [...phones] } });
  said.length = 0;
  desk = new DeskRoom({
    ...{ clock: systemClock, random: systemRandom, log: silentLog(), product: 'Engawa/test' },
    health: { raise: (code, say) => void said.push(`${code}: ${say}`), clear: () => {} },
    lan: () => ({ address: parseIpv4(BOX) ?? NO_ADDRESS, prefixBits: 24 }),
    media: { request: () => Promise.reject(new Error('no media')) },
    accounts: {
      accountOf: (user) => {
        const found = phones.find(({ extension }) => extension === user);
        return found === undefined ? undefined : { user, password: PASSWORD, phone: found };
      },
      registered: () => {},
      unregistered: () => {},
    },
    office: () => ({ state: world.state, phoneDoes: () => {} }) as never,
  });
  await desk.start();
  [phone, spoofer, other] = await Promise.all([Hand.open(PHONE), Hand.open(PHONE), Hand.open(ELSEWHERE)]);
});

afterEach(async () => {
  for (const hand of [phone, spoofer, other]) hand.close();
  await desk.stop();
});

/** Over a connection: everything that comes back in half a second. */
function overTcp(host: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ host: BOX, port: 5_060, localAddress: host }, () => socket.write(text));
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', () => undefined);
    setTimeout(() => {
      socket.destroy();
      resolve(heard);
    }, 500);
  });
}

it('datagrams in the name of a registered phone silence it neither for 110 nor for anything else', async () => {
  expect(await phone.signed({})).toBe('SIP/2.0 200');
  expect(await spoofer.ask({ agent: 'friendly-scanner' })).toBe('');
  for (let at = 0; at < 12; at++) await spoofer.ask({ user: `4${at + 10}` });
  const stolen = await other.nonce();
  for (let at = 0; at < 12; at++) await spoofer.ask({ nonce: stolen, password: 'wrong' });
  expect(said).toEqual([expect.stringMatching(/^desk\.guessing: 127\.62\.6\.40 looks for extensions/)]);
  expect(await phone.ask({ method: 'INVITE', to: '110' })).toContain('SIP/2.0 407');
  // Taken, but for the sound that it does not offer.
  expect(await phone.signed({ method: 'INVITE', to: '110' })).toBe('SIP/2.0 488');
  expect(await phone.signed({})).toBe('SIP/2.0 200');
  expect(await overTcp(PHONE, phone.text({}).replace('/UDP', '/TCP'))).toContain('SIP/2.0 401');
}, 60_000);

it('wrong passwords in the name of a phone that has yet to register keep it out no longer than it takes to ask', async () => {
  const stolen = await other.nonce();
  for (let at = 0; at < 12; at++) await spoofer.ask({ nonce: stolen, password: 'wrong' });
  expect(await phone.signed({})).toBe('SIP/2.0 200');
  expect(said).toEqual([]);
}, 60_000);

it('a scanner without a phone is shunned: by datagram its datagrams, by connection all of it', async () => {
  await other.ask({ agent: 'friendly-scanner' });
  expect(await other.ask({})).toBe('');
  const asks = other.text({}).replace('/UDP', '/TCP');
  expect(await overTcp(ELSEWHERE, asks)).toContain('SIP/2.0 401');
  await overTcp(ELSEWHERE, other.text({ agent: 'friendly-scanner' }).replace('/UDP', '/TCP'));
  expect(await overTcp(ELSEWHERE, asks)).toBe('');
}, 60_000);

it('who holds one password and guesses another’s is told of, whatever right ones lie between', async () => {
  for (let at = 0; at < 8; at++) {
    expect(await other.signed({ user: '22', password: `guess ${at}` })).toBe('SIP/2.0 401');
    if (at < 7) expect(await other.signed({ method: 'INVITE', to: '11' })).not.toMatch(/ 40[17]$|^$/);
  }
  expect(said).toEqual([expect.stringContaining('127.62.6.50 has sent several wrong passwords')]);
  expect(await other.ask({})).toBe('');
}, 60_000);

it('a registered phone that guesses is heard for its own account alone', async () => {
  expect(await phone.signed({})).toBe('SIP/2.0 200');
  const nonce = await phone.nonce();
  for (let at = 0; at < 8; at++) {
    expect(await phone.ask({ user: '22', nonce, password: `guess ${at}` })).toContain('SIP/2.0 401');
    await phone.signed({});
  }
  await pause(50);
  expect(said).toEqual([expect.stringContaining('only its own account is heard')]);
  expect(await phone.ask({ user: '22', nonce, password: PASSWORD })).toBe('');
  expect(await phone.signed({})).toBe('SIP/2.0 200');
}, 60_000);

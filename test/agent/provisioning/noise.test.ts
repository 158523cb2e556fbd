import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decidePnp } from '../../../agent/provisioning/pnp-decision.ts';
import { pnpAccepted, pnpNotify, readPnpQuestion } from '../../../agent/provisioning/pnp-message.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { parseMessage } from '../../../lib/voice/sip/codec/parse.ts';
import { authorizationFor } from './phone-login.ts';
import { grandstreamAgent } from './phones.ts';
import { DeskBench, ip, LAN, MINE, OTHER, SOURCE } from './world.ts';

const ROUNDS = 20_000;
const SUBSCRIBE = Buffer.from(
  [
    `SUBSCRIBE sip:MAC%3A${MINE}@224.0.1.75 SIP/2.0`,
    'Via: SIP/2.0/UDP 192.168.21.10:5062;branch=z9hG4bK-1',
    'Max-Forwards: 70',
    `From: <sip:MAC%3A${MINE}@224.0.1.75>;tag=1234`,
    `To: <sip:MAC%3A${MINE}@224.0.1.75>`,
    'Call-ID: abc',
    'CSeq: 1 SUBSCRIBE',
    'Contact: <sip:192.168.21.10:5062>',
    'Event: ua-profile;profile-type="device";vendor="Grandstream";model="GRP2614";version="1.0.5.48"',
    'Expires: 0',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n'),
);

let bench: DeskBench;
beforeAll(() => {
  bench = new DeskBench();
  bench.configure();
});
afterAll(() => bench.remove());

/** Some bytes changed, cut out, doubled. */
function mutate(bytes: Buffer, random: ReturnType<typeof seededRandom>): Buffer {
  const pick = (below: number): number => Math.floor(random.fraction() * below);
  let out = Buffer.from(bytes);
  for (let change = pick(4); change >= 0; change--) {
    const at = pick(out.length);
    const length = pick(12);
    switch (pick(4)) {
      case 0:
        out[at] = pick(256);
        break;
      case 1:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, at), random.bytes(length), out.subarray(at)]);
        break;
      default:
        out = Buffer.concat([out.subarray(0, at + length), out.subarray(at)]);
    }
    if (out.length === 0) return Buffer.from(' ');
  }
  return out;
}

describe('noise', () => {
  it(`${ROUNDS} mutated requests: none throws, none but its own name opens a file`, () => {
    const random = seededRandom(1);
    const target = Buffer.from(`/p/cfg${MINE}.xml`);
    const agent = Buffer.from(grandstreamAgent(MINE));
    const login = { user: MINE, password: 'not-the-one' };
    const digest = Buffer.from(
      authorizationFor('Digest realm="engawa files", nonce="x"', login, `${target}`),
    );
    const served = new Set<string>();
    bench.desk.approve(MINE, 10);
    for (let round = 0; round < ROUNDS; round++) {
      const path = mutate(target, random).toString('latin1');
      const answer = bench.desk.answer({
        method: round % 7 === 0 ? mutate(Buffer.from('GET'), random).toString('latin1') : 'GET',
        target: path,
        source: round % 5 === 0 ? ip(`192.168.21.${round % 254}`) : SOURCE,
        userAgent: mutate(agent, random).toString('latin1'),
        authorization: round % 3 === 0 ? mutate(digest, random).toString('latin1') : null,
      });
      if (answer.status === 200) {
        answer.sent(false);
        served.add(path.split('/').filter(Boolean).join('/').toLowerCase());
      }
      // Nobody is kept out by the last guess: what is wanted here is that all of them are looked at.
      bench.clock.advance(3_600_000);
      if (round % 1_000 === 0) bench.desk.approve(MINE, 10);
    }
    expect([...served].filter((name) => name !== `p/cfg${MINE}.xml`)).toEqual([]);
  });

  it(`${ROUNDS} mutated multicast questions: none throws, every answer is a message of its own`, () => {
    const random = seededRandom(2);
    let read = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const question = readPnpQuestion(mutate(SUBSCRIBE, random));
      if (question === undefined) continue;
      read += 1;
      const to = { host: '192.168.21.10', port: 5_062 };
      const notify = pnpNotify(question, {
        ...{ from: { host: '192.168.21.2', port: 40_000 }, to, tag: 'ours', branch: 'z9hG4bKx' },
        url: 'http://192.168.21.2:8080/p/',
      });
      for (const bytes of [notify, pnpAccepted(question, to, 'ours', '192.168.21.2:5060')]) {
        expect(bytes.toString('latin1').split('\r\n\r\n')[0]).not.toMatch(/[^\r]\n|\r[^\n]/);
      }
    }
    expect(read).toBeGreaterThan(1_000);
  });
});

describe('SIP PnP', () => {
  const question = readPnpQuestion(SUBSCRIBE);

  it('reads who asks', () => {
    expect(question).toMatchObject({
      mac: MINE,
      vendor: 'grandstream',
      model: 'GRP2614',
      firmware: '1.0.5.48',
    });
    expect(question?.contact).toEqual({ host: '192.168.21.10', port: 5_062 });
  });

  it('answers with a NOTIFY in the dialog of the question', () => {
    if (question === undefined) throw new Error('not read');
    const bytes = pnpNotify(question, {
      from: { host: '192.168.21.2', port: 40_000 },
      to: { host: '192.168.21.10', port: 5_062 },
      tag: 'ours',
      branch: 'z9hG4bKx',
      url: 'http://192.168.21.2:8080/p/',
    });
    const parsed = parseMessage(bytes);
    if (parsed.kind !== 'ok' || parsed.message.kind !== 'request') throw new Error('no request');
    const { message } = parsed;
    expect([message.method, message.callId, message.toTag, message.fromTag]).toEqual([
      'NOTIFY',
      'abc',
      '1234',
      'ours',
    ]);
    expect(message.body.toString()).toBe('http://192.168.21.2:8080/p/');
    expect(message.headers.get('event')).toMatch(/^ua-profile/);
  });

  it('is silent about other events, and about a question without an address', () => {
    const text = SUBSCRIBE.toString();
    expect(readPnpQuestion(Buffer.from(text.replace('ua-profile', 'presence')))).toBeUndefined();
    expect(readPnpQuestion(Buffer.from(text.replaceAll(MINE, 'phone')))).toBeUndefined();
    expect(readPnpQuestion(Buffer.from(text.replace('SUBSCRIBE sip', 'OPTIONS sip')))).toBeUndefined();
  });

  it.each([
    ['pnp.answered', SOURCE, {}],
    ['pnp.notLan', ip('10.0.0.1'), {}],
    ['pnp.noNeighbour', ip('192.168.21.77'), {}],
    ['pnp.foreignSource', SOURCE, { neighbour: () => OTHER }],
    ['pnp.unassigned', SOURCE, { isConfigured: () => false }],
    ['pnp.notApproved', SOURCE, { isApproved: () => false }],
  ])('%s', (rule, source, changes) => {
    const world = {
      lan: LAN,
      neighbour: (address: number) => (address === SOURCE ? MINE : undefined),
      isConfigured: () => true,
      isSetUp: () => false,
      isApproved: () => true,
      ...changes,
    };
    expect(decidePnp(MINE, source, world).rule).toBe(rule);
  });
});

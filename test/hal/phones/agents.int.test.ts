import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { modelOf, type PhoneModel } from '../../../hal/phones/config/models.ts';
import type { AccountSettings, PhoneSettings } from '../../../hal/phones/config/settings.ts';
import { Handset } from '../../../hal/phones/handset.ts';
import { settingsOf } from '../../../hal/phones/maker.ts';
import { Microphone, Receiver } from '../../../hal/phones/media/sound.ts';
import { PhoneAgent } from '../../../hal/phones/sip/agent.ts';
import type { Call } from '../../../hal/phones/sip/call.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { systemRandom } from '../../../lib/base/random.ts';

interface Phone {
  readonly agent: PhoneAgent;
  readonly handset: Handset;
  readonly microphone: Microphone;
  readonly receiver: Receiver;
  readonly wishes: boolean[];
  readonly counted: string[];
}

const A = '127.63.1.1';
const B = '127.63.1.2';
const C = '127.63.1.3';
const phones: Phone[] = [];

/** A phone whose account has no registrar: its calls go straight to `peer`. */
async function phoneAt(
  address: string,
  user: string,
  peer: string,
  more: Partial<AccountSettings> = {},
  set: Partial<PhoneSettings> = {},
): Promise<Phone> {
  const model = modelOf('grandstream', 'GRP2612') as PhoneModel;
  const values = {
    P47: 'engawa.example',
    P48: `${peer}:5060`,
    P35: user,
    P34: 'secret',
    P31: '0',
    P270: user,
    P3: `電話${user}`,
  };
  const made = settingsOf(new Map(Object.entries(values)), model);
  const settings = { ...made, ...set, accounts: made.accounts.map((account) => ({ ...account, ...more })) };
  const [microphone, receiver, wishes, counted] = [
    new Microphone(),
    new Receiver(systemClock),
    [] as boolean[],
    [] as string[],
  ];
  const agent = new PhoneAgent({
    ...{
      address,
      model,
      mac: 'c074ad000001',
      firmware: '1.0.5.48',
      clock: systemClock,
      random: systemRandom,
      microphone,
      receiver,
    },
    nameOf: () => undefined,
    callChanged: () => {},
    registered: () => {},
    lampChanged: () => {},
    messagesChanged: () => {},
    checkSync: (reboot) => void wishes.push(reboot),
    count: (what) => void counted.push(what),
  });
  await agent.start();
  await agent.configure(settings);
  const handset = new Handset({ agent: () => agent, settings: () => settings, microphone, receiver });
  const phone = { agent, handset, microphone, receiver, wishes, counted };
  phones.push(phone);
  return phone;
}

async function until(what: string, is: () => boolean, limitMs = 30_000): Promise<void> {
  for (const fromMs = performance.now(); !is(); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (performance.now() - fromMs > limitMs) throw new Error(`did not happen: ${what}`);
  }
}

const live = ({ agent }: Phone): readonly Call[] => agent.calls.filter(({ over }) => !over);
const states = (phone: Phone): readonly string[] => live(phone).map(({ state }) => state);

async function talk(from: Phone, to: string, at: Phone): Promise<void> {
  await from.handset.dial(to);
  await until('it rings', () => states(at).includes('ringing'));
  await at.handset.answer();
  await until('both talk', () => states(from).includes('talking') && states(at).includes('talking'));
}

afterEach(() => {
  for (const { agent } of phones.splice(0)) agent.stop(false);
});

describe('two phones, one after the other’s rules', () => {
  it.each([
    ['µ-law', {}, {}],
    ['A-law alone', { codecs: ['PCMA'] }, {}],
    ['over TCP', { transport: 'tcp' }, { transport: 'tcp' }],
    ['encrypted', { srtp: 'required' }, { srtp: 'optional' }],
  ] as const)('%s: both hear each other, and the caller’s name comes in Japanese', async (what, one, two) => {
    const a = await phoneAt(A, '21', B, one);
    const b = await phoneAt(B, '22', A, two);
    await talk(a, '22', b);
    a.microphone.speak(440, -15);
    b.microphone.speak(800, -15);
    const [heardA, heardB] = await Promise.all([a.receiver.hear(600), b.receiver.hear(600)]);
    expect([heardA.tones[0]?.hz, heardB.tones[0]?.hz].map((hz) => Math.round((hz ?? 0) / 10) * 10)).toEqual([
      800, 440,
    ]);
    expect(live(b)[0]?.view()).toMatchObject({
      number: '21',
      name: '電話21',
      encrypted: what === 'encrypted',
    });
    a.handset.hangUp();
    await until('both are idle', () => live(a).length + live(b).length === 0);
  });

  it('encryption that is required of one who has none: no call', async () => {
    const a = await phoneAt(A, '21', B);
    const b = await phoneAt(B, '22', A, { srtp: 'required' });
    const placed = await a.handset.dial('22');
    await until('it rings', () => states(b).includes('ringing'));
    expect(await b.handset.answer()).toMatchObject({ ok: false });
    await until('it is refused', () => live(a).length === 0);
    expect(placed.ok && a.agent.calls.at(-1)?.status).toBe(488);
  });

  it('whoever is put on hold knows, hears nothing, and is back; both at once end well', async () => {
    const a = await phoneAt(A, '21', B);
    const b = await phoneAt(B, '22', A);
    await talk(a, '22', b);
    expect(await a.handset.hold()).toMatchObject({ ok: true, value: { status: 200 } });
    expect(live(b)[0]?.heldByOther).toBe(true);
    await a.handset.resume();
    expect(live(b)[0]?.heldByOther).toBe(false);
    const both = await Promise.all([a.handset.hold(), b.handset.hold()]);
    expect(both.map((each) => each.ok && each.value.status)).toEqual([200, 200]);
    expect(states(a)).toEqual(['held']);
    expect(states(b)).toEqual(['held']);
  });

  it('a caller who gives up, at once or later, leaves nobody ringing', async () => {
    const a = await phoneAt(A, '21', B);
    const b = await phoneAt(B, '22', A);
    await a.handset.dial('22');
    a.handset.hangUp();
    await until('it is over', () => live(a).length === 0 && live(b).length === 0);
    expect(a.agent.calls.at(-1)?.status).toBe(487);
    await a.handset.dial('22');
    await until('it rings', () => states(b).includes('ringing'));
    a.handset.hangUp();
    await until('nobody rings', () => live(a).length === 0 && live(b).length === 0);
  });

  it('busy: when call waiting is off, when it is refused, and when there are too many', async () => {
    const a = await phoneAt(A, '21', B);
    const b = await phoneAt(B, '22', A, {}, { callWaiting: false });
    const c = await phoneAt(C, '23', B);
    await talk(a, '22', b);
    await c.handset.dial('22');
    await until('it is refused', () => live(c).length === 0);
    expect(c.agent.calls.at(-1)?.status).toBe(486);
    a.handset.hangUp();
    await until('idle', () => live(b).length === 0);
    await c.handset.dial('22');
    await until('it rings', () => states(b).includes('ringing'));
    b.handset.reject();
    await until('it is refused', () => live(c).length === 0);
    expect(c.agent.calls.at(-1)?.status).toBe(486);
  });

  it('INVITE with Replaces takes somebody’s place in a call; one that fits no call rings as any other', async () => {
    const a = await phoneAt(A, '21', B);
    const b = await phoneAt(B, '22', A);
    const c = await phoneAt(C, '23', B);
    await talk(a, '22', b);
    const [mine] = live(a);
    const line = c.agent.line(undefined);
    if (mine === undefined || line === undefined) throw new Error('no call');
    await c.agent.place(line, '22', mine.replacesValue);
    await until('c has the place of a', () => states(c).includes('talking') && live(a).length === 0);
    expect(states(b)).toEqual(['talking']);
    await a.agent.place(a.agent.line(undefined) ?? line, '22', 'no-such-call;to-tag=1;from-tag=2');
    await until('it rings', () => states(b).includes('ringing'));
  });

  it('the session timer goes on being refreshed; a side that forgets is hung up', async () => {
    const a = await phoneAt(A, '21', B, { sessionS: 2, leastSessionS: 1 });
    const b = await phoneAt(B, '22', A);
    await talk(a, '22', b);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect([states(a), states(b)]).toEqual([['talking'], ['talking']]);
    a.agent.stop(false);
    await until('b has noticed', () => live(b).length === 0, 30_000);
  });
});

describe('whoever else is on the LAN', () => {
  const send = (text: string, from = C): Promise<string> =>
    new Promise((resolve) => {
      const socket = createSocket('udp4');
      const limit = setTimeout(() => socket.close(() => resolve('')), 700);
      socket.on('message', (bytes) => {
        clearTimeout(limit);
        socket.close(() => resolve(bytes.toString()));
      });
      socket.bind({ address: from, port: 5_060 }, () => socket.send(text, 5_060, A));
    });
  const message = (method: string, ...more: string[]): string =>
    [
      `${method} sip:21@${A} SIP/2.0`,
      `Via: SIP/2.0/UDP ${C}:5060;branch=z9hG4bK${Math.round(performance.now() * 1_000)}`,
      `From: <sip:x@${C}>;tag=1`,
      `To: <sip:21@${A}>`,
      `Call-ID: ${performance.now()}`,
      `CSeq: 1 ${method}`,
      ...more,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');

  it('cannot make a phone fetch or restart: not from another address, and not without the password', async () => {
    const stranger = await phoneAt(A, '21', B);
    expect(await send(message('NOTIFY', 'Event: check-sync'))).toMatch(/^SIP\/2\.0 403/);
    stranger.agent.stop(false);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const phone = await phoneAt(A, '21', C);
    expect(await send(message('NOTIFY', 'Event: check-sync'))).toMatch(
      /^SIP\/2\.0 401[\s\S]*WWW-Authenticate: Digest realm="engawa\.example"/,
    );
    const guess =
      'Authorization: Digest username="21", realm="engawa.example", nonce="x", uri="sip:x", response="0"';
    expect(await send(message('NOTIFY', 'Event: check-sync', guess))).toMatch(/^SIP\/2\.0 401/);
    expect([...stranger.wishes, ...phone.wishes]).toEqual([]);
    expect(await send(message('NOTIFY', 'Event: talk'))).toMatch(/^SIP\/2\.0 489/);
  });

  it('is answered as RFC 3261 has it, and what is broken does not stop the phone', async () => {
    const phone = await phoneAt(A, '21', C);
    for (const broken of [
      '',
      'x',
      'INVITE sip:21@x SIP/2.0\r\n\r\n',
      message('INVITE').replace('branch', '__proto__'),
      message('INVITE').replace(/To:.*\r\n/, ''),
    ]) {
      expect(await send(broken)).toBe('');
    }
    expect(await send(message('OPTIONS'))).toMatch(/^SIP\/2\.0 200/);
    expect(await send(message('BYE'))).toMatch(/^SIP\/2\.0 481/);
    expect(await send(message('MESSAGE'))).toMatch(/^SIP\/2\.0 405/);
    expect(await send(message('INVITE').replaceAll('sip:21@', 'sip:99@'))).toMatch(/^SIP\/2\.0 404/);
    expect(phone.counted).toContain('sipNotRead');
  }, 150_000);
});

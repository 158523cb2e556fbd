import { createSocket } from 'node:dgram';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { absenceOf } from '../../../agent/calls/absence.ts';
import { Carrier } from '../../../cloud-stub/carrier/carrier.ts';
import { createSwitch, type Switch } from '../../../cloud-stub/switch/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { newCallId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { CALL_HEADER, CALLED_NUMBER_HEADER } from '../../../lib/contract/sip-headers.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { Gateway, type GatewayCall, until } from './gateway.ts';
import { ADDITIONAL, BASE, CONTRACT, MemoryBook, NUMBER, PASSWORD, TinyDirectory } from './office.ts';

const CLOUD = '127.57.3.10';
const CARRIER = '127.57.3.20';
const BOX = '127.57.3.30';

const authority = testAuthority();
const server = authority.issue('cloud.engawa.example');
const tls = { certPem: server.cert, keyPem: server.key };
const diary: string[] = [];
const book = new MemoryBook(diary);
const directory = new TinyDirectory();
const options = {
  host: CLOUD,
  tls,
  carrier: { host: CARRIER, port: 5060 },
  realm: 'engawa.example',
  domain: 'engawa.example',
  directory,
  book,
  clock: systemClock,
  random: systemRandom,
  log: silentLog(),
};
let cloud: Switch;
let carrier: Carrier;
let gateway: Gateway;

beforeAll(async () => {
  cloud = createSwitch(options);
  await cloud.start();
  carrier = new Carrier({
    host: CARRIER,
    port: 5060,
    trunk: { host: CLOUD, port: 5060 },
    simulateEmergency: false,
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
  });
  await carrier.start();
  gateway = new Gateway(BOX, { host: CLOUD, port: 5061 }, authority.caPem);
  await gateway.start([BASE, ADDITIONAL]);
});

afterAll(async () => {
  await gateway.agent.stop();
  await carrier.stop();
  await cloud.stop();
});

/** Whatever a test did: every call is closed in the book, and no channel is held. */
afterEach(async () => {
  await until(() => cloud.figures().calls === 0, 'the end of every call');
  await until(() => [...book.rows.values()].every((row) => row.end !== undefined), 'the end of every record');
  expect(cloud.live.busyChannels(CONTRACT)).toBe(0);
  diary.length = 0;
});

async function outside(from: string, hz: number): Promise<string> {
  const made = await carrier.call({ from, to: NUMBER, hz });
  if (!made.ok) throw new Error(made.error.say);
  return made.value.call;
}

const carrierCall = (): string => carrier.calls().at(-1)?.call ?? '';
const stateOf = (call: string, state: string): Promise<true> =>
  until(
    () => carrier.view(call)?.history.some((entry) => entry.state === state) === true,
    `${call} ${state}`,
  );

async function hears(voice: { hear(ms: number): Promise<{ tones: readonly { hz: number }[] }> }, hz: number) {
  const heard = await voice.hear(500);
  expect(heard.tones.map((tone) => Math.round(tone.hz / 10) * 10)).toContain(Math.round(hz / 10) * 10);
}

/** A call out that is up, both parties playing. */
async function talking(number = '0355550150', hz = 1_300): Promise<GatewayCall> {
  const call = await gateway.call(BASE, number, hz);
  await call.event('answered');
  return call;
}

describe('a call out', () => {
  it('is written before it rings, passes audio both ways, and is closed with its talk time', async () => {
    const id = newCallId(systemClock, systemRandom);
    const call = await gateway.call(BASE, '0355550123', 1_300, [[CALL_HEADER, id]]);
    await call.event('progress');
    expect(diary).toEqual(['begin']);
    await call.event('answered');
    expect(diary).toEqual(['begin', 'answered']);
    const atCarrier = carrier.view(carrierCall());
    expect(atCarrier).toMatchObject({ from: NUMBER, asserted: NUMBER, to: '0355550123' });
    const [heard] = await Promise.all([
      call.voice.hear(1_700),
      until(() => carrier.hear(carrierCall(), 600), 'ear').then(async (promise) => {
        const { tones } = (await promise) ?? { tones: [] };
        expect(Math.abs((tones[0]?.hz ?? 0) - 1_300)).toBeLessThan(6);
      }),
    ]);
    for (const hz of [523, 659, 784, 1_047]) {
      expect(heard.windows.some((window) => Math.abs(window.hz - hz) < 6)).toBe(true);
    }
    call.session.hangUp();
    const row = await until(() => (book.last().end === undefined ? undefined : book.last()), 'the record');
    expect(row.start).toMatchObject({ call: id, direction: 'out', id: BASE, from: NUMBER, to: '0355550123' });
    expect(row.end).toMatchObject({ end: 'answeredThenCallerHungUp' });
    expect(row.end?.talkMs).toBeGreaterThan(1_500);
    expect(row.end?.talkMs).toBeLessThan(6_000);
    await stateOf(carrierCall(), 'ended');
    expect(carrier.view(carrierCall())).toMatchObject({ endedBy: 'trunk' });
  });

  it('hides the number with 184 while the trusted trunk still learns it', async () => {
    const call = await talking('1840355550150');
    expect(carrier.view(carrierCall())).toMatchObject({ from: 'anonymous', asserted: NUMBER });
    call.session.hangUp();
  });

  it('to an unallocated number gets 404, cause 1 and a sentence', async () => {
    const call = await gateway.call(BASE, '0355550404', 1_300);
    const failed = await call.event('failed');
    expect(failed).toMatchObject({ status: 404, reason: { cause: 1 } });
    expect(failed.why).toMatch(/^network\.unallocated; .*0355550404/);
  });

  it('to a busy number gets 486 and cause 17', async () => {
    const call = await gateway.call(BASE, '0355550199', 1_300);
    expect(await call.event('failed')).toMatchObject({ status: 486, reason: { cause: 17 } });
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last().end).toMatchObject({ end: 'busy', talkMs: 0 });
  });

  it('that is given up while it rings is cancelled at the network', async () => {
    const call = await gateway.call(BASE, '0355550180', 1_300);
    await call.event('progress');
    call.session.hangUp();
    await stateOf(carrierCall(), 'ended');
    expect(carrier.view(carrierCall())).toMatchObject({ endedBy: 'trunk', status: 487 });
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last().end).toMatchObject({ end: 'callerGaveUp', talkMs: 0 });
  });

  it('ends at the gateway when the far end hangs up', async () => {
    const call = await talking();
    carrier.hangUp(carrierCall());
    expect(await call.event('ended')).toMatchObject({ by: 'peer' });
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last().end).toMatchObject({ end: 'answeredThenCalleeHungUp' });
  });

  it("to the own number rings the other device of the office, and stays the caller's", async () => {
    const call = await gateway.call(BASE, NUMBER, 1_300);
    const other = await gateway.rung(ADDITIONAL);
    expect(other.session.invite.fromUser).toBe(NUMBER);
    other.answer(1_700);
    await call.event('answered');
    await Promise.all([hears(call.voice, 1_700), hears(other.voice, 1_300)]);
    other.session.hangUp();
    await call.event('ended');
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last()).toMatchObject({ start: { direction: 'out', id: BASE }, answeredBy: null });
  });

  it('is refused, and rings nobody, when it cannot be written down', async () => {
    book.failing = 'begin';
    const before = carrier.calls().length;
    const call = await gateway.call(BASE, '0355550150', 1_300);
    expect(await call.event('failed')).toMatchObject({ status: 503 });
    book.failing = undefined;
    expect(carrier.calls().length).toBe(before);
  });

  it('is dropped before the caller hears of the answer when that cannot be written down', async () => {
    book.failing = 'answered';
    const call = await gateway.call(BASE, '0355550150', 1_300);
    expect(await call.event('failed')).toMatchObject({ status: 503 });
    book.failing = undefined;
    await stateOf(carrierCall(), 'ended');
    expect(call.events.some((event) => event.type === 'answered')).toBe(false);
  });
});

describe('a call in', () => {
  it('rings both IDs, the first answer wins, and the other is told that it was answered elsewhere', async () => {
    const from = await outside('09087654321', 950);
    const [first, second] = await Promise.all([gateway.rung(BASE), gateway.rung(ADDITIONAL)]);
    expect(diary).toEqual(['begin']);
    expect(first.session.invite.fromUser).toBe('09087654321');
    expect(first.session.invite.header(CALLED_NUMBER_HEADER)).toEqual([NUMBER]);
    expect(first.session.invite.header(CALL_HEADER)).toEqual([book.last().start.call]);
    first.session.progress(180);
    second.session.progress(180);
    await stateOf(from, 'ringing');
    second.answer(1_700);
    expect(await first.event('cancelled')).toMatchObject({ reason: { cause: 200 } });
    await stateOf(from, 'answered');
    expect(diary).toEqual(['begin', 'answered']);
    expect(book.last().answeredBy).toBe(ADDITIONAL);
    await Promise.all([
      hears(second.voice, 950),
      hears({ hear: async (ms) => (await carrier.hear(from, ms)) ?? { tones: [] } }, 1_700),
    ]);
    carrier.hangUp(from);
    expect(await second.event('ended')).toMatchObject({ by: 'peer' });
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last().end).toMatchObject({ end: 'answeredThenCallerHungUp' });
  });

  it('that nobody answers in time gets 480 and stops ringing', async () => {
    directory.forMs = 600;
    const from = await outside('09087654321', 950);
    const [first, second] = await Promise.all([gateway.rung(BASE), gateway.rung(ADDITIONAL)]);
    first.session.progress(180);
    await Promise.all([first.event('cancelled'), second.event('cancelled')]);
    await stateOf(from, 'ended');
    directory.forMs = 20_000;
    expect(carrier.view(from)).toMatchObject({ status: 480, endedBy: 'trunk' });
    expect(carrier.view(from)?.reason).toContain('cause=19');
  });

  it('that the caller gives up stops every phone', async () => {
    const from = await outside('anonymous', 950);
    const [first, second] = await Promise.all([gateway.rung(BASE), gateway.rung(ADDITIONAL)]);
    expect(first.session.invite.fromUser).toBe('anonymous');
    first.session.progress(180);
    await stateOf(from, 'ringing');
    carrier.hangUp(from);
    await Promise.all([first.event('cancelled'), second.event('cancelled')]);
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last()).toMatchObject({ start: { from: '' }, end: { end: 'callerGaveUp' } });
  });

  it.each([
    ['09087654321', null],
    ['anonymous', 'P'],
    ['unavailable', 'O'],
    ['payphone', 'C'],
  ])('from %s tells every phone why no number comes along: %s', async (from, absence) => {
    const call = await outside(from, 950);
    const rung = await Promise.all([gateway.rung(BASE), gateway.rung(ADDITIONAL)]);
    expect(rung.map(({ session }) => absenceOf(session.invite))).toEqual([absence, absence]);
    expect(rung[0].session.invite.header('Privacy')).toEqual(
      ['P', 'C'].includes(absence ?? '') ? ['id'] : [],
    );
    carrier.hangUp(call);
    await Promise.all(rung.map((each) => each.event('cancelled')));
    await until(() => book.last().end !== undefined, 'the record');
  });

  it('is busy only when both phones are', async () => {
    const from = await outside('09087654321', 950);
    const [first, second] = await Promise.all([gateway.rung(BASE), gateway.rung(ADDITIONAL)]);
    first.session.reject(486, { cause: 17, text: 'busy' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(carrier.view(from)?.state).not.toBe('ended');
    second.session.reject(486, { cause: 17, text: 'busy' });
    await stateOf(from, 'ended');
    expect(carrier.view(from)).toMatchObject({ status: 486 });
  });

  it('to a number of nobody is refused, and the refusal is written down with its rule', async () => {
    const made = await carrier.call({ from: '09087654321', to: '0399999999', hz: 950 });
    if (!made.ok) throw new Error(made.error.say);
    await stateOf(made.value.call, 'ended');
    expect(carrier.view(made.value.call)).toMatchObject({ status: 404 });
    await until(() => book.rows.size > 0 && book.last().start.to === '0399999999', 'the record');
    await until(() => book.last().end !== undefined, 'its end');
    expect(book.last().end).toMatchObject({
      end: 'unallocated',
      because: "in.unallocated; 0399999999 is nobody's",
    });
  });
});

describe('channels', () => {
  it('make a third call at the same time busy, and come back when one ends [S0-059]', async () => {
    const one = await talking();
    const two = await gateway.call(ADDITIONAL, '0355550150', 1_300);
    await two.event('answered');
    expect(cloud.live.busyChannels(CONTRACT)).toBe(2);
    const third = await gateway.call(BASE, '0355550123', 1_300);
    const failed = await third.event('failed');
    expect(failed).toMatchObject({ status: 486, reason: { cause: 34 } });
    expect(failed.why).toBe('channels; all 2 channels are in use');
    const from = await outside('09087654321', 950);
    await stateOf(from, 'ended');
    expect(carrier.view(from)).toMatchObject({ status: 486 });
    one.session.hangUp();
    await until(() => cloud.live.busyChannels(CONTRACT) === 1, 'a free channel');
    const fourth = await talking();
    fourth.session.hangUp();
    two.session.hangUp();
  });
});

describe('strangers and silence', () => {
  it('a flood of garbage on the carrier port hurts no audio and is counted', async () => {
    const call = await talking('0355550150');
    const flood = createSocket('udp4');
    await new Promise<void>((resolve) => flood.bind({ address: '127.57.3.66', port: 0 }, resolve));
    const before = cloud.figures().network;
    const call0 = 'INVITE sip:0355550100@x SIP/2.0\r\nVia: SIP/2.0/UDP x;__proto__\r\n\r\n';
    let sent = 0;
    const timer = setInterval(() => {
      for (let index = 0; index < 60; index++, sent++) {
        const data = sent % 3 === 0 ? Buffer.from(call0) : systemRandom.bytes(20 + (sent % 900));
        flood.send(data, 5060, CLOUD, () => undefined);
      }
    }, 10);
    const heard = await call.voice.hear(1_500);
    clearInterval(timer);
    flood.close();
    expect(sent).toBeGreaterThan(2_000);
    const steady = heard.windows.filter((window) => Math.abs(window.hz - 700) < 6 && window.dbm0 > -15);
    expect(steady.length).toBeGreaterThanOrEqual(12);
    const after = cloud.figures().network;
    const counted = after.dropped + after.rejected + after.rateLimited;
    expect(counted - before.dropped - before.rejected - before.rateLimited).toBeGreaterThan(sent / 2);
    call.session.hangUp();
  });

  it('a call from an unknown user gets no further than the digest', async () => {
    const voice = await gateway.call('id-999999-9', '0355550150', 1_300);
    const failed = await voice.event('failed');
    expect([401, 403, 407]).toContain(failed.status);
    expect(cloud.live.busyChannels(CONTRACT)).toBe(0);
  });

  it('a call whose box is gone is ended with a record, although the far end plays on', async () => {
    const { call, network, other, box } = await island(12);
    call.voice.close();
    await box.agent.stop();
    await until(() => network.calls().at(-1)?.state === 'ended', 'the end at the network');
    expect(network.calls().at(-1)).toMatchObject({ endedBy: 'trunk' });
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last().end).toMatchObject({ end: 'interrupted' });
    await Promise.all([network.stop(), other.stop()]);
  });

  it('a box whose accounts are ended is called no more, cannot call, and cannot register; its call goes on', async () => {
    const { call, network, other, box } = await island(12);
    try {
      directory.password = 'another-password';
      other.accountsEnded([BASE]);
      expect(other.live.reachable(BASE)).toBe(false);
      expect(other.figures()).toMatchObject({ registered: 0, calls: 1 });
      const next = await box.call(BASE, '0355550150', 1_300);
      expect((await next.event('failed')).status).toBe(407);
      await expect(box.start([ADDITIONAL], 1_000)).rejects.toThrow(/registrations/);
      expect(other.figures().registered).toBe(0);
    } finally {
      directory.password = PASSWORD;
    }
    call.session.hangUp();
    await until(() => other.figures().calls === 0, 'the end of the call');
    await Promise.all([network.stop(), box.agent.stop()]);
    await other.stop();
  });

  it('a switch that stops ends its calls with a record and tells both sides', async () => {
    const { call, network, other, box } = await island(11);
    await expect(createSwitch({ ...options, host: '127.57.3.11' }).start()).rejects.toThrow(/5061/);
    await other.stop();
    expect(await call.event('ended')).toBeDefined();
    expect(network.calls().at(-1)).toMatchObject({ state: 'ended', endedBy: 'trunk' });
    expect(book.last().end).toMatchObject({ end: 'interrupted' });
    await Promise.all([network.stop(), box.agent.stop()]);
  });
});

/** A cloud, a network and a box of their own, with one call that is up. */
async function island(last: number) {
  const [host, far] = [`127.57.3.${last}`, `127.57.3.${last + 10}`];
  const other = createSwitch({
    ...options,
    host,
    carrier: { host: far, port: 5060 },
    limits: { silentMs: 1_500 },
  });
  await other.start();
  const network = new Carrier({
    host: far,
    port: 5060,
    trunk: { host, port: 5060 },
    simulateEmergency: false,
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
  });
  await network.start();
  const box = new Gateway(`127.57.3.${last + 20}`, { host, port: 5061 }, authority.caPem);
  await box.start([BASE]);
  const call = await box.call(BASE, '0355550150', 1_300);
  await call.event('answered');
  return { call, network, other, box };
}

import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { App } from '../../../cloud-stub/apps/index.ts';
import { FAX_NUMBER } from '../../../cloud-stub/carrier/number-table.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { ReinviteOutcome, Session } from '../../../lib/voice/sip/api.ts';
import { idOf, makeOffice, switches } from '../routing/offices.ts';
import { at as atHour, FREE, group, OSAKA, TOKYO, tollFreeOffice } from '../routing/toll-free/office.ts';
import { MAIN } from '../routing/world.ts';
import { at, MOBILE } from './acceptance-cases.ts';
import { OfficeWorld, type WorldOptions } from './acceptance-world.ts';
import { type GatewayCall, until } from './gateway.ts';
import { PASSWORD } from './office.ts';

const worlds: OfficeWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.stop()));
});

async function worldOf(
  options: Omit<WorldOptions, 'now'> & { now?: WorldOptions['now'] },
): Promise<OfficeWorld> {
  const world = new OfficeWorld({ now: at(10), ...options });
  worlds.push(world);
  await world.start();
  return world;
}

const three = makeOffice({ ids: [{}, {}, {}], numbers: [{ number: MAIN, rings: 'abc' }] });

async function talking(world: OfficeWorld, id: string, number = MOBILE): Promise<GatewayCall> {
  const call = await world.box.call(idOf(id), number, 1_100);
  await call.event('answered');
  return call;
}

const ended = (world: OfficeWorld, call: string) =>
  until(() => (world.caller(call)?.state === 'ended' ? world.caller(call) : undefined), 'the end');

describe('channels', () => {
  it('one base and two additional IDs have three calls at once, and the fourth is busy [S0-060] [S0-073]', async () => {
    const world = await worldOf({ net: '127.57.60', contracts: [three], outside: { [MOBILE]: 'answers' } });
    const calls = [await talking(world, 'a'), await talking(world, 'b'), await talking(world, 'c')];
    expect(world.cloud.live.busyChannels(three.id)).toBe(3);
    const fourth = await ended(world, await world.callIn(MAIN));
    expect(fourth).toMatchObject({ status: 486 });
    expect(fourth?.reason).toContain('cause=34');
    expect(world.boxLegs).toEqual([]);
    for (const call of calls) call.session.hangUp();
    await world.quiet();
    const refused = [...world.book.rows.values()].find((row) => row.start.direction === 'in');
    expect(refused?.start.contract).toBe(three.id);
    expect(refused?.end).toMatchObject({ end: 'noChannel', talkMs: 0 });
  });

  it('with all of them taken the busy message is played, unanswered [S0-074] [S0-075]', async () => {
    const office = makeOffice({
      ids: [{}],
      numbers: [{ number: MAIN, rings: 'a', features: { busyMessage: true }, options: [] }],
    });
    const world = await worldOf({ net: '127.57.61', contracts: [office], outside: { [MOBILE]: 'answers' } });
    const busy = await talking(world, 'a');
    const call = await world.callIn(MAIN);
    const heard = await world.carrier.hear(call, 1_500);
    const hz = heard?.windows.map((window) => Math.round(window.hz / 20) * 20) ?? [];
    expect(hz).toEqual(expect.arrayContaining([620, 480]));
    const after = await ended(world, call);
    expect(after).toMatchObject({ status: 486 });
    expect(after?.history.some((entry) => entry.state === 'answered')).toBe(false);
    busy.session.hangUp();
    await world.quiet();
  });

  it('a forwarded call takes one [A-63], and an announcement gives it back', async () => {
    const office = makeOffice({
      ids: [{}],
      numbers: [
        { number: MAIN, rings: 'a', features: { answer: switches({ forwarding: true }), forwardTo: MOBILE } },
      ],
    });
    const world = await worldOf({ net: '127.57.62', contracts: [office], outside: { [MOBILE]: 'answers' } });
    const first = await world.callIn(MAIN);
    await until(() => world.caller(first)?.state === 'answered', 'the answer');
    expect(world.cloud.live.busyChannels(office.id)).toBe(1);
    expect(await ended(world, await world.callIn(MAIN))).toMatchObject({ status: 486 });
    world.carrier.hangUp(first);
    await world.quiet();
    const leg = [...world.book.legs.values()][0];
    expect(leg).toMatchObject({
      answered: true,
      start: { kind: 'forward', to: MOBILE, presents: MAIN, destination: 'mobile', contract: office.id },
      end: { end: 'answeredThenCallerHungUp' },
    });
  });

  it('with all of them taken an emergency call ends the newest other call, which is told so', async () => {
    const world = await worldOf({
      net: '127.57.63',
      contracts: [three],
      outside: { [MOBILE]: 'answers' },
      simulateEmergency: true,
      authorise: () => ({ verdict: 'granted' }),
    });
    const [oldest, middle, newest] = [
      await talking(world, 'a'),
      await talking(world, 'b'),
      await talking(world, 'c'),
    ];
    const emergency = await talking(world, 'a', '119');
    expect(await newest.event('ended')).toMatchObject({ reason: { cause: 8 } });
    for (const call of [oldest, middle, emergency]) {
      expect(call.events.some((event) => event.type === 'ended')).toBe(false);
      call.session.hangUp();
    }
    await world.quiet();
    const ends = [...world.book.rows.values()].map((row) => row.end?.because);
    expect(ends.filter((because) => because === 'the call made room for an emergency call')).toHaveLength(1);
  });
});

describe('authorisation', () => {
  it('refuses a leg that costs with its rule, never an extension or an emergency call [A-36]', async () => {
    const asked: string[] = [];
    const world = await worldOf({
      net: '127.57.64',
      contracts: [three],
      outside: { [MOBILE]: 'answers' },
      members: { [idOf('b')]: 'answers' },
      simulateEmergency: true,
      authorise: ({ leg }) => {
        asked.push(leg.to);
        return { verdict: 'refused', rule: 'ceiling', say: 'the month is used up' };
      },
    });
    const call = await world.box.call(idOf('a'), MOBILE, 1_100);
    const failed = await call.event('failed');
    expect(failed).toMatchObject({
      status: 403,
      why: 'ceiling; the month is used up',
      reason: { cause: 21 },
    });
    expect(world.carrier.calls()).toEqual([]);
    const inside = await talking(world, 'a', '12');
    inside.session.hangUp();
    const emergency = await talking(world, 'a', '119');
    emergency.session.hangUp();
    await world.quiet();
    expect(asked).toEqual([MOBILE]);
    const first = [...world.book.rows.values()][0];
    expect(first?.end).toMatchObject({ end: 'refused', because: 'ceiling; the month is used up' });
  });

  it('that fails or hangs lets the call through', async () => {
    const world = await worldOf({
      net: '127.57.65',
      contracts: [three],
      outside: { [MOBILE]: 'answers' },
      authorise: () => Promise.reject(new Error('the ledger is away')),
    });
    (await talking(world, 'a')).session.hangUp();
    await world.quiet();
  });
});

describe('toll-free', () => {
  it('percentages give calls out in exact ratios, one cycle after the other [S2-033]', async () => {
    const shares = [
      { number: TOKYO, percent: 75 },
      { number: OSAKA, percent: 25 },
    ];
    const office = tollFreeOffice({
      product: 'calleePays',
      groups: [group('all', 'rest', [TOKYO, OSAKA], { distribution: { by: 'percentage', shares } })],
    });
    const outside = { [TOKYO]: 'busy', [OSAKA]: 'busy' } as const;
    const world = await worldOf({ net: '127.57.66', contracts: [office], now: atHour(12), outside });
    for (let index = 0; index < 8; index++) await ended(world, await world.callIn(FREE));
    await world.quiet();
    const rung = world.legs().map((leg) => leg.to);
    expect(rung.filter((to) => to === TOKYO)).toHaveLength(6);
    expect(rung.filter((to) => to === OSAKA)).toHaveLength(2);
    const planned = world.directory.decisions.map(({ plan }) =>
      plan.verb === 'forward' ? plan.to.external : '',
    );
    expect(rung).toEqual(planned);
  });

  it('both sides can hear that the connection is toll-free before they talk [S2-024]', async () => {
    const office = tollFreeOffice({
      setting: { guidance: { connection: 'both', restriction: true, afterHours: false } },
      groups: [group('all', 'rest', [MAIN])],
    });
    const world = await worldOf({
      net: '127.57.67',
      contracts: [office],
      now: atHour(12),
      members: { 'id-000001-1': 'answers' },
    });
    const call = await world.callIn(FREE);
    const answered = await until(() => world.boxCalls.find((each) => each.call !== null)?.call, 'the phone');
    const [there, here] = await Promise.all([answered?.voice.hear(2_200), world.carrier.hear(call, 2_200)]);
    for (const [heard, then] of [
      [there, 950],
      [here, 1_700],
    ] as const) {
      const hz = heard?.windows.map((window) => Math.round(window.hz / 10) * 10) ?? [];
      expect(hz).toEqual(expect.arrayContaining([1_170, 1_390, then]));
      expect(hz.indexOf(1_390)).toBeLessThan(hz.indexOf(then));
    }
    world.carrier.hangUp(call);
    await world.quiet();
  });
});

describe('apps', () => {
  const office = makeOffice({
    ids: [{ device: 'app' }, { device: 'adapter' }],
    numbers: [{ number: MAIN, rings: 'ab' }],
  });

  const second = (net: string, user: string, transport: 'udp' | 'tcp', last: number): App =>
    new App({
      host: `${net}.${last}`,
      port: 5060,
      transport,
      cloud: { host: `${net}.10`, port: 5062 },
      domain: 'engawa.example',
      user,
      password: PASSWORD,
      clock: systemClock,
      random: systemRandom,
      log: silentLog(),
    });

  it('the one that registered last receives [S3-041] [A-48], over TCP as over UDP', async () => {
    const net = '127.57.68';
    const world = await worldOf({ net, contracts: [office] });
    const first = world.apps.get(idOf('a'));
    const newer = second(net, idOf('a'), 'tcp', 50);
    await newer.start();
    const call = await world.callIn(MAIN);
    const rung = await until(() => newer.calls[0], 'the newer app');
    expect(rung.view).toMatchObject({ direction: 'in', from: '0312345670', to: MAIN, state: 'ringing' });
    expect(first?.calls).toEqual([]);
    rung.answer(1_500);
    await until(() => world.caller(call)?.state === 'answered', 'the answer');
    const heard = await world.carrier.hear(call, 500);
    expect(Math.round((heard?.tones[0]?.hz ?? 0) / 10)).toBe(150);
    rung.hangUp();
    await ended(world, call);
    expect(await first?.register()).toBe(200);
    const again = await world.callIn(MAIN);
    await until(() => first?.calls[0], 'the older app, registered again');
    expect(newer.calls).toHaveLength(1);
    world.carrier.hangUp(again);
    await world.quiet();
    await newer.stop();
  });

  it("an adapter's line and a wrong password get no registration outside TLS", async () => {
    const net = '127.57.69';
    const world = await worldOf({ net, contracts: [office] });
    const adapter = second(net, idOf('b'), 'udp', 50);
    await expect(adapter.start()).rejects.toThrow(/did not register/);
    await adapter.stop();
    expect(world.cloud.live.reachable(idOf('b'))).toBe(true);
    const app = world.apps.get(idOf('a'));
    expect(await app?.register(0)).toBe(200);
    await until(() => !world.cloud.live.reachable(idOf('a')), 'the farewell');
  });

  it('call out, hear the far end, and are told why when they may not', async () => {
    const world = await worldOf({ net: '127.57.70', contracts: [office], outside: { [MOBILE]: 'answers' } });
    const app = world.apps.get(idOf('a'));
    const call = await app?.call(MOBILE, 1_200);
    await until(() => call?.view.state === 'answered', 'the answer');
    const heard = await call?.voice.hear(400);
    expect(Math.round(heard?.tones[0]?.hz ?? 0)).toBe(700);
    call?.hangUp();
    const blocked = await app?.call('119', 1_200);
    await until(() => blocked?.view.state === 'ended', 'the refusal');
    expect(blocked?.view).toMatchObject({ status: 403, why: expect.stringContaining('emergency') });
    await until(() => world.book.rows.size === 2, 'the record of the refusal');
    await world.quiet();
    expect(world.book.last().end).toMatchObject({ end: 'refused' });
    expect(world.book.legsOf(world.book.last().start.call)).toEqual([]);
  });
});

describe('a fax', () => {
  const sdp = (host: string, media: string): string =>
    ['v=0', `o=- 1 2 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0', `m=${media}`, ''].join('\r\n');

  const offer = (session: Session, text: string): Promise<ReinviteOutcome> =>
    new Promise((resolve) => session.reinvite(text, resolve));

  async function port(host: string): Promise<{ socket: Socket; port: number; heard: Buffer[] }> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind({ address: host, port: 0 }, resolve));
    const heard: Buffer[] = [];
    socket.on('message', (data) => heard.push(data));
    return { socket, port: socket.address().port, heard };
  }

  it('changes to T.38 and back: the offer passes with the addresses of the cloud, and so do the packets', async () => {
    const net = '127.57.71';
    const world = await worldOf({ net, contracts: [three] });
    const call = await talking(world, 'a', FAX_NUMBER);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { socket, port: own, heard } = await port(`${net}.30`);
    const outcome = await offer(
      call.session,
      sdp(`${net}.30`, `image ${own} udptl t38`).replace(/\r\n$/, '\r\na=T38FaxVersion:0\r\n'),
    );
    if (!outcome.ok) throw new Error(`refused with ${outcome.status}`);
    expect(outcome.sdp).toContain(`c=IN IP4 ${net}.10`);
    expect(outcome.sdp).toContain('a=T38FaxRateManagement:transferredTCF');
    expect(outcome.sdp).not.toContain(`${net}.20`);
    const there = Number(/m=image (\d+) udptl t38/.exec(outcome.sdp ?? '')?.[1]);
    const packets = ['0000030601060000', '0001030601060000', '0002030601060000'].map((hex) =>
      Buffer.from(hex, 'hex'),
    );
    for (const packet of packets) socket.send(packet, there, `${net}.10`);
    // A last packet of the far end's audio may still come between.
    const faxes = () => heard.filter((data) => data.length === 8);
    await until(() => faxes().length === packets.length, 'the packets back');
    expect(faxes()).toEqual(packets);
    const back = await offer(call.session, call.session.invite.sdp ?? '');
    expect(back).toMatchObject({ ok: true });
    expect(back.ok && back.sdp).toContain('m=audio');
    socket.close();
    call.session.hangUp();
    await world.quiet();
  });

  it('that the far end does not take leaves the call with its audio', async () => {
    const net = '127.57.72';
    const world = await worldOf({ net, contracts: [three], outside: { [MOBILE]: 'answers' } });
    const call = await talking(world, 'a');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await offer(call.session, sdp(`${net}.30`, 'image 4000 udptl t38'))).toEqual({
      ok: false,
      status: 488,
    });
    const heard = await call.voice.hear(400);
    expect(Math.round(heard.tones[0]?.hz ?? 0)).toBe(700);
    call.session.hangUp();
    await world.quiet();
  });
});

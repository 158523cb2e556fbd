import { afterEach, describe, expect, it } from 'vitest';
import type { App, AppCallView } from '../../../cloud-stub/apps/index.ts';
import type { Contract } from '../../../cloud-stub/contracts/index.ts';
import { callKind } from '../../../cloud-stub/routing/index.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { PARK_HEADER } from '../../../lib/contract/park.ts';
import { idOf, makeOffice } from '../routing/offices.ts';
import { MAIN } from '../routing/world.ts';
import { at, MOBILE } from './acceptance-cases.ts';
import { OfficeWorld, type WorldOptions } from './acceptance-world.ts';
import { type GatewayCall, until } from './gateway.ts';

const [DESK, FIRST, SECOND] = [idOf('a'), idOf('b'), idOf('c')];
const CALLER_HZ = 950;
const worlds: OfficeWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.stop()));
});

/** A desk phone behind a gateway and two apps; the number rings the first app. */
function office(): Contract {
  const plain = makeOffice({
    ids: [{}, { device: 'app' }, { device: 'app' }],
    numbers: [{ number: MAIN, rings: 'b' }],
  });
  const hardware = { gateway: 'gw-000001' as GatewayId, phone: { mac: 'c074ad000001', type: 'GRP2612' } };
  return {
    ...plain,
    devices: plain.devices.map((one) => (one.kind === 'deskPhone' ? { ...one, ...hardware } : one)),
  };
}

async function worldOf(net: string, more: Partial<WorldOptions> = {}): Promise<OfficeWorld> {
  const world = new OfficeWorld({
    now: at(10),
    net,
    contracts: [office()],
    outside: { [MOBILE]: 'answers' },
    members: { [FIRST]: 'answers' },
    ...more,
  });
  worlds.push(world);
  await world.start();
  return world;
}

function appOf(world: OfficeWorld, id = FIRST): App {
  const app = world.apps.get(id);
  if (app === undefined) throw new Error(`${id} has no app`);
  return app;
}

/** A call of an app, once it is as far as it should be. */
async function callOf(app: App, is: (view: AppCallView) => boolean, what: string) {
  const found = await until(() => app.calls.find(({ view }) => is(view)), what);
  return found;
}

const strongest = (heard: { readonly windows: readonly { readonly hz: number }[] } | undefined) =>
  new Set(heard?.windows.map(({ hz }) => Math.round(hz / 50) * 50));

/** An outside caller talks with the first app, which puts him into a slot. */
async function parkedByApp(world: OfficeWorld, slot: number) {
  const caller = await world.callIn(MAIN);
  const app = appOf(world);
  const call = await callOf(
    app,
    ({ state, direction }) => state === 'answered' && direction === 'in',
    'the answer',
  );
  await until(() => world.caller(caller)?.state === 'answered', 'the caller to be through');
  expect(await call.hold(true)).toBe(200);
  const parking = await app.call(`*7${slot}`, 500);
  await until(() => call.view.state === 'ended' && parking.view.state === 'ended', 'the app to be free');
  expect(parking.view).toMatchObject({
    status: null,
    why: expect.stringContaining(`Parked in slot ${slot}`),
  });
  expect(world.caller(caller)).toMatchObject({ state: 'answered' });
  return { caller, app };
}

async function talkBothWays(world: OfficeWorld, caller: string, desk: GatewayCall): Promise<void> {
  const [here, there] = await Promise.all([desk.voice.hear(1_200), world.carrier.hear(caller, 1_200)]);
  expect(strongest(here)).toContain(CALLER_HZ);
  expect(strongest(there)).toContain(1_200);
}

describe('a call that an app has parked', () => {
  it('is taken at the desk phone, on its own channel and as the one call that it is [S0-081] [S0-059]', async () => {
    const world = await worldOf('127.65.60');
    const { caller } = await parkedByApp(world, 1);
    const contract = office().id;
    expect(world.cloud.live.busyChannels(contract)).toBe(1);
    const desk = await world.box.call(DESK, '*71', 1_200, [[PARK_HEADER, '1']]);
    await desk.event('answered');
    await talkBothWays(world, caller, desk);
    expect(world.cloud.live.busyChannels(contract)).toBe(1);
    world.carrier.hangUp(caller);
    await desk.event('ended');
    await world.quiet();
    const rows = [...world.book.rows.values()];
    const kinds = rows.map(({ start }) => callKind(start.direction, start.decision.plan));
    expect(kinds).toEqual(['in', 'internal', 'internal']);
    const [whole, , taken] = rows;
    expect(whole?.end).toMatchObject({ end: 'answeredThenCallerHungUp' });
    expect(whole?.end?.talkMs).toBeGreaterThan((taken?.end?.talkMs ?? 0) + 200);
    expect(taken?.start.decision.trace.map(({ rule }) => rule)).toContain('out.parkTake');
  });

  it('is taken on another app, and parked and taken again [S0-081]', async () => {
    const world = await worldOf('127.65.61');
    const app = appOf(world);
    const out = await app.call(MOBILE, 800);
    await until(() => out.view.state === 'answered', 'the answer');
    expect(await out.hold(true)).toBe(200);
    const parking = await app.call('*73', 500);
    await until(() => out.view.state === 'ended' && parking.view.state === 'ended', 'the app to be free');
    const other = appOf(world, SECOND);
    const taken = await other.call('*73', 1_500);
    await until(() => taken.view.state === 'answered', 'the second app to have it');
    expect(strongest(await taken.voice.hear(1_000))).toContain(700);
    expect(await taken.hold(true)).toBe(200);
    await other.call('*74', 500);
    await until(() => taken.view.state === 'ended', 'the second app to be free');
    const back = await app.call('*74', 800);
    await until(() => back.view.state === 'answered', 'the first app to have it back');
    back.hangUp();
    await world.quiet();
    const outside = world.carrier.calls();
    expect(outside.map(({ state }) => state)).toEqual(['ended']);
    const paid = [...world.book.rows.values()].filter(({ start }) => start.decision.plan.verb === 'network');
    expect(paid).toMatchObject([{ end: { end: 'answeredThenCallerHungUp' } }]);
  });

  it('is in one slot, which holds one call; an empty slot is told as such', async () => {
    const world = await worldOf('127.65.62');
    world.box.onRung = (session) => session.reject(404, { cause: 1, text: 'empty' });
    await parkedByApp(world, 1);
    const app = appOf(world);
    const out = await app.call(MOBILE, 800);
    await until(() => out.view.state === 'answered', 'the answer');
    await out.hold(true);
    const second = await app.call('*71', 500);
    await until(() => second.view.state === 'ended', 'the refusal');
    expect(second.view).toMatchObject({ status: 486, why: expect.stringContaining('out.parkTaken') });
    expect(out.view.state).toBe('answered');
    out.hangUp();
    await until(() => out.view.state === 'ended', 'the end');
    const empty = await app.call('*72', 500);
    await until(() => empty.view.state === 'ended', 'the refusal');
    expect(empty.view).toMatchObject({ status: 404 });
  });

  it('ends when the one who waits hangs up, and the slot is free', async () => {
    const world = await worldOf('127.65.63');
    const { caller } = await parkedByApp(world, 1);
    world.carrier.hangUp(caller);
    await world.quiet();
    const desk = await world.box.call(DESK, '*71', 1_200, [[PARK_HEADER, '1']]);
    expect(await desk.event('failed')).toMatchObject({
      status: 404,
      why: expect.stringContaining('out.parkEmpty'),
    });
  });
});

describe('a call that was parked on a desk phone', () => {
  it('is fetched by an app: its gateway is asked for the slot, rings nobody and takes no channel [S0-081] [S0-050]', async () => {
    const world = await worldOf('127.65.64');
    const asked: string[] = [];
    let given: GatewayCall | undefined;
    world.box.onRung = (session) => {
      asked.push(...session.invite.header(PARK_HEADER));
      void world.box.take(session).then((call) => {
        given = call;
        call.answer(1_700);
      });
    };
    const app = appOf(world);
    const fetched = await app.call('*72', 600);
    await until(() => fetched.view.state === 'answered', 'the parked call');
    expect(asked).toEqual(['2']);
    expect(world.cloud.live.busyChannels(office().id)).toBe(0);
    const [here, there] = await Promise.all([fetched.voice.hear(1_200), given?.voice.hear(1_200)]);
    expect(strongest(here)).toContain(1_700);
    expect(strongest(there)).toContain(600);
    fetched.hangUp();
    await given?.event('ended');
    await world.quiet();
    const { start } = world.book.last();
    expect(callKind('out', start.decision.plan)).toBe('internal');
  });

  it('is not asked for at the gateway that asks', async () => {
    const world = await worldOf('127.65.65');
    const rung: unknown[] = [];
    world.box.onRung = (session) => rung.push(session);
    const desk = await world.box.call(DESK, '*75', 1_200, [[PARK_HEADER, '5']]);
    expect(await desk.event('failed')).toMatchObject({ status: 404 });
    expect(rung).toEqual([]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppCallView, AppControl } from '../../../cloud-stub/apps/index.ts';
import { Program } from '../../support/program.ts';
import { idOf, makeOffice } from '../routing/offices.ts';
import { MAIN } from '../routing/world.ts';
import { at, MOBILE } from '../switch/acceptance-cases.ts';
import { OfficeWorld } from '../switch/acceptance-world.ts';
import { until } from '../switch/gateway.ts';
import { PASSWORD } from '../switch/office.ts';

const NET = '127.57.80';
const office = makeOffice({ ids: [{ device: 'app' }], numbers: [{ number: MAIN, rings: 'a' }] });
const world = new OfficeWorld({
  net: NET,
  contracts: [office],
  now: at(10),
  away: [idOf('a')],
  outside: { [MOBILE]: 'answers' },
});
let folder: string;
let app: Program;
let control: AppControl;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-app-'));
  writeFileSync(join(folder, 'password'), `${PASSWORD}\n`);
  await world.start();
  const socket = join(folder, 'app.sock');
  const flags = [
    '--host',
    `${NET}.40`,
    '--cloud',
    `${NET}.10:5062`,
    '--user',
    idOf('a'),
    '--transport',
    'tcp',
  ];
  const files = ['--password-file', join(folder, 'password'), '--control', socket];
  app = new Program('cloud-stub/apps/main.ts', [...flags, ...files]);
  await app.ready();
  control = await AppControl.connect(socket);
}, 150_000);

afterAll(async () => {
  control.close();
  await app.stop();
  await world.stop();
  rmSync(folder, { recursive: true });
});

async function ringing(): Promise<AppCallView> {
  for (let tries = 0; tries < 300; tries++) {
    const last = (await control.calls()).at(-1);
    if (last?.state === 'ringing') return last;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never rang');
}

describe('the app as a program', () => {
  it('has registered, takes a call, is heard, and hangs up', async () => {
    expect(world.cloud.live.reachable(idOf('a'))).toBe(true);
    const outside = await world.callIn(MAIN);
    const rung = await ringing();
    expect(rung).toMatchObject({ direction: 'in', from: '0312345670', to: MAIN });
    expect(await control.answer(rung.call, 1_400)).toMatchObject({ state: 'answered' });
    await until(() => world.caller(outside)?.state === 'answered', 'the answer');
    const [there, here] = await Promise.all([world.carrier.hear(outside, 500), control.hear(rung.call, 500)]);
    expect(Math.round((there?.tones[0]?.hz ?? 0) / 10)).toBe(140);
    expect(Math.round((here.tones[0]?.hz ?? 0) / 10)).toBe(95);
    await control.hangUp(rung.call);
    await until(() => world.caller(outside)?.state === 'ended', 'the end');
    await world.quiet();
  });

  it('calls out, and refuses what is no request with a sentence', async () => {
    const call = await control.call(MOBILE, 1_400);
    await until(() => world.carrier.calls().at(-1)?.state === 'answered', 'the answer');
    expect((await control.calls()).at(-1)).toMatchObject({ call, direction: 'out', to: MOBILE });
    await control.hangUp(call);
    await world.quiet();
    await expect(control.hangUp('a-nobody')).rejects.toThrow(/app\.noCall/);
    await expect(control.register(-1)).rejects.toThrow(/app\.badRequest/);
    expect(await control.register(0)).toBe(200);
    await until(() => !world.cloud.live.reachable(idOf('a')), 'the farewell');
  });
});

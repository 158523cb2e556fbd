import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BaresipPhone } from './baresip-phone.ts';
import { DeskRig, PASSWORD } from './desk-rig.ts';

const BOX = '127.62.5.30';
const FLOODER = '127.66.5.66';
const HZ = 600;
/** Tenths of a second in which the ear listens for the tone; what a busy machine may cost of them, with and without a flood. */
const WINDOWS = 30;
const BUSY = 4;

const run = promisify(execFile);
let rig: DeskRig;
let phone: BaresipPhone;

beforeAll(async () => {
  rig = await DeskRig.start(BOX, 1);
  const folder = join(rig.folder, 'phone');
  phone = new BaresipPhone({
    ...{ folder, port: 5_266, registrar: BOX, answers: false },
    ...{ user: '21', password: PASSWORD, hz: HZ, encrypts: false },
  });
  rig.tell = () => phone.output.slice(-1_500);
  await phone.start();
  await rig.until('the phone is registered', () => rig.desk.phones()[0]?.registered === true);
}, 150_000);

afterAll(async () => {
  await phone?.stop();
  await rig?.stop();
});

/** In how many tenths of a second of the next three the line hears the phone. */
async function heardWindows(): Promise<number> {
  const { windows } = await rig.board.control.hear(1, WINDOWS * 100);
  return windows.filter(({ hz }) => Math.abs(hz - HZ) < 25).length;
}

it('a flood on the SIP port of the box leaves a running call’s audio unhurt, and the call can be ended', async () => {
  phone.command('dial', `sip:11@${BOX}`);
  await rig.until('line 1 rings', () => rig.state(1) === 'ringing');
  await rig.board.control.lift(1);
  await rig.until('line 1 talks', () => rig.state(1) === 'talking');
  await rig.ear(1, HZ);
  const before = await heardWindows();
  expect(before).toBeGreaterThanOrEqual(WINDOWS - 2 * BUSY);
  const child = ['--import', 'tsx', 'test/agent/desk/flood-child.ts', BOX, FLOODER, '10', '4500'];
  const flood = run(process.execPath, child);
  // The child needs a moment to start.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const during = await heardWindows();
  const { stdout } = await flood;
  expect(Number(stdout)).toBeGreaterThan(5_000);
  expect(during).toBeGreaterThanOrEqual(before - BUSY);
  phone.command('hangup');
  await rig.until('the line hears that the call is over', () => rig.state(1) !== 'talking');
  await rig.calm();
}, 150_000);

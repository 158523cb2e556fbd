import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLan, type Lan, whyNoLan } from '../../../scripts/lab/lan.ts';
import { type PhoneLogin, readLogin } from './phone-login.ts';
import { phoneOf } from './phones.ts';
import { type RoomAnswer, type RoomProgram, startRoom } from './room-program.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`Firmware on a LAN is not tested: ${why}\n`);

const BOX = '192.168.23.2';
const HOSTS = ['one', 'two', 'three'] as const;
const HOUR_MS = 3_600_000;
const OLD = '1.0.5.48';
const TARGET = { model: 'GRP2614', version: '1.0.5.60', file: 'grp2614fw.bin' };
/** As large as a small one of the makers; what is in it is nobody's business here. */
const FIRMWARE = randomBytes(2_000_000);
const FIRMWARE_URL = `https://${BOX}:8443/p/firmware/${TARGET.file}`;

let folder = '';
let lan: Lan;
let room: RoomProgram;
/** Hosts by hardware address: the phone with the lowest is first. */
let order: (typeof HOSTS)[number][] = [];
const logins = new Map<string, PhoneLogin>();

const macOf = (host: string): string => lan.macOf(host).replace(/:/g, '');
const agentOf = (host: string, version: string): string =>
  `Grandstream Model HW GRP2614 SW ${version} DevId ${macOf(host)}`;

/** curl as the phone, which logs in once it was told how. */
async function get(host: string, url: string, ...more: string[]): Promise<string> {
  const login = logins.get(host);
  const digest = login === undefined ? [] : ['--digest', '-u', `${login.user}:${login.password}`];
  const flags = ['-s', '-k', '--max-time', '10', '-A', agentOf(host, OLD), ...digest];
  return (await lan.run(host, ['curl', ...flags, ...more, url], 15_000)).output;
}

const status = (host: string, url: string): Promise<string> =>
  get(host, url, '-o', '/dev/null', '-w', '%{http_code}');
const fileUrl = (host: string, base = `https://${BOX}:8443`): string => `${base}/p/cfg${macOf(host)}.xml`;

/** Downloads the firmware to a file, and tells its hash. */
async function download(host: string): Promise<string> {
  const path = join(folder, `fw-${host}`);
  await get(host, FIRMWARE_URL, '-o', path);
  const { output } = await lan.run(host, ['sha256sum', path]);
  return output.split(' ')[0] ?? '';
}

/** So much later that it is three in the morning in Japan, `days` nights on. */
async function night(days: number): Promise<void> {
  const now = (await room.ask('?')).now;
  const midnight = Math.floor((now + 9 * HOUR_MS) / (24 * HOUR_MS)) * 24 * HOUR_MS - 9 * HOUR_MS;
  await room.ask(`later ${midnight + (24 * days + 3) * HOUR_MS - now}`);
}

/** It was told to fetch, after the first `before` tellings of all phones. */
const tells = (host: string, before: number): ((answer: RoomAnswer) => boolean) => {
  return ({ told }) => told.slice(before).includes(macOf(host));
};

describe.skipIf(why !== undefined)('firmware over the LAN, staged', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-firmware-'));
    chmodSync(folder, 0o777);
    mkdirSync(join(folder, 'state/firmware'), { recursive: true });
    chmodSync(join(folder, 'state'), 0o777);
    writeFileSync(join(folder, 'state/firmware', TARGET.file), FIRMWARE);
    lan = createLan(['box', ...HOSTS]);
    lan.address('box', `${BOX}/24`);
    for (const [index, host] of HOSTS.entries()) lan.address(host, `192.168.23.1${index}/24`);
    order = [...HOSTS].sort((left, right) => (macOf(left) < macOf(right) ? -1 : 1));
    const phones = HOSTS.map((host, index) => phoneOf({ mac: macOf(host), extension: String(21 + index) }));
    const config = { phones, phoneHabits: { firmware: [TARGET], encryption: 'off' } };
    room = await startRoom(lan, join(folder, 'state'), config);
    await room.until((now) => now.status.url !== null && now.status.secure);
    // Noon, so that setting up is by day whenever this test runs.
    await night(1);
    await room.ask(`later ${9 * HOUR_MS}`);
    for (const host of HOSTS) {
      await room.ask(`approve ${macOf(host)} 5`);
      const first = await get(host, fileUrl(host, `http://${BOX}:8080`));
      expect(first).not.toContain('/p/firmware');
      const login = readLogin(first);
      if (login !== undefined) logins.set(host, login);
      await room.ask(`registered ${macOf(host)} Grandstream GRP2614 ${OLD}`);
      await get(host, fileUrl(host));
    }
    await room.until((now) => now.phones.every((phone) => phone.state === 'registered'));
  }, 150_000);
  afterAll(() => {
    lan?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('by day nobody is told of it and nobody gets it, and the box says why', async () => {
    expect(await status('one', FIRMWARE_URL)).toBe('404');
    expect((await room.why(macOf('one'))).at(-1)?.rule).toBe('fetch.firmwareTurn');
    expect(await get('one', fileUrl('one'))).not.toContain('/p/firmware');
  });

  it('at night one phone is told, fetches its file and the firmware, whole; the others get nothing', async () => {
    const [first = 'one', ...others] = order;
    const before = (await room.ask('?')).told.length;
    await night(1);
    const { told } = await room.until(tells(first, before));
    expect(told.slice(before)).toEqual([macOf(first)]);
    expect(others).toHaveLength(2);
    expect(await get(first, fileUrl(first))).toContain(`${BOX}:8443/p/firmware`);
    expect(await download(first)).toBe(createHash('sha256').update(FIRMWARE).digest('hex'));
    for (const host of others) expect([host, await status(host, FIRMWARE_URL)]).toEqual([host, '404']);
  });

  it('the others follow when it has worked with it for a day', async () => {
    const [first = 'one', ...others] = order;
    await room.ask(`registered ${macOf(first)} Grandstream GRP2614 ${TARGET.version}`);
    await room.until((now) => now.phones.some((phone) => phone.firmware === TARGET.version));
    for (const host of others) expect([host, await status(host, FIRMWARE_URL)]).toEqual([host, '404']);
    const before = (await room.ask('?')).told.length;
    await night(1);
    for (const host of others) {
      await room.until(tells(host, before));
      expect(await get(host, fileUrl(host))).toContain(`${BOX}:8443/p/firmware`);
      expect(await download(host)).toBe(createHash('sha256').update(FIRMWARE).digest('hex'));
    }
  });
});

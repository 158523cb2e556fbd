import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OfficeShell } from '../../../agent/calls/index.ts';
import type { LegEnd, LegStart } from '../../../agent/calls/journal.ts';
import { DeskRoom } from '../../../agent/desk/index.ts';
import { MediaClient } from '../../../agent/media/index.ts';
import type { PhoneAccount } from '../../../agent/ports.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { FactId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { phoneConfig } from '../../../lib/contract/lan-config.ts';
import { NO_ADDRESS, parseIpv4 } from '../../../lib/net/ipv4.ts';
import type { MacAddress } from '../../../lib/net/mac-address.ts';
import { type BoardSimulator, startBoardSimulator } from '../../support/board-simulator.ts';
import { Program } from '../../support/program.ts';
import { type PtyPair, startPtyPair } from '../../support/pty-pair.ts';
import { inviteFacts } from '../calls/fakes.ts';
import { FarParty } from '../calls/far-party.ts';
import { exampleConfig, plainSdp } from '../calls/office-world.ts';
import { BaresipPhone } from './baresip-phone.ts';
import { LampWatcher } from './lamp-watcher.ts';

const BOX = '127.62.1.30';
const OUTSIDE = '127.62.1.20';
const PHONES = [5_262, 5_264] as const;
const LOUD = -30;
const PASSWORD = 'made-by-the-box-for-one';

const folder = mkdtempSync(join(tmpdir(), 'desk-'));
const parties: FarParty[] = [];
const begun: LegStart[] = [];
const ends: LegEnd[] = [];
const warned: string[] = [];
let sockets: Awaited<ReturnType<typeof FarParty.socket>>[] = [];
let pty: PtyPair;
let board: BoardSimulator;
let media: Program;
let client: MediaClient;
let office: OfficeShell;
let desk: DeskRoom;
const phones: BaresipPhone[] = [];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: string, look: () => boolean | Promise<boolean>, limitMs = 8_000): Promise<void> {
  for (const from = systemClock.monotonicMs(); !(await look()); await pause(30)) {
    if (systemClock.monotonicMs() - from < limitMs) continue;
    const calls = JSON.stringify(office.calls().slice(0, 4));
    throw new Error(
      `did not happen: ${what}\n${calls}\n${phones.map((each) => each.output.slice(-1_500)).join('\n---\n')}`,
    );
  }
}

const state = (port: number): string => office.lines().find((line) => line.port === port)?.state ?? 'none';

async function ear(port: number, hz: number): Promise<void> {
  await until(`line ${port} hears ${hz} Hz`, async () => {
    const { tones } = await board.control.hear(port, 300);
    return tones.some((tone) => Math.abs(tone.hz - hz) < 25 && tone.dbm0 > LOUD);
  });
}

const far = (party: FarParty, hz: number): Promise<void> =>
  until(`the far end hears ${hz} Hz`, () => party.hears(hz) > LOUD);

function phone(index: number): BaresipPhone {
  const found = phones[index];
  if (found === undefined) throw new Error(`no phone ${index}`);
  return found;
}

const PHONE_CONFIGS = PHONES.map((_, index) =>
  phoneConfig.parse({
    mac: `c074ad0000${index + 1}0`.slice(0, 12),
    vendor: 'grandstream',
    model: 'GRP2614',
    label: `desk ${index + 1}`,
    serviceId: `id-000001-${index + 5}`,
    extension: String(21 + index),
    sip: { user: `id-000001-${index + 5}`, password: 'not-a-secret-at-all' },
    presents: '0355550100',
    ringsFor: ['0355550100'],
  }),
);

function accountOf(user: string): PhoneAccount | undefined {
  const found = PHONE_CONFIGS.find((each) => each.extension === user);
  return found === undefined ? undefined : { user, password: PASSWORD, phone: found };
}

const registered: MacAddress[] = [];

beforeAll(async () => {
  pty = await startPtyPair();
  const socket = join(folder, 'media.sock');
  media = new Program('agent/media/main.ts', ['--device', pty.box, '--socket', socket, '--host', BOX]);
  board = await startBoardSimulator({ device: pty.board, ports: 2 });
  await media.ready();
  for (let count = 0; count < 8; count++) sockets.push(await FarParty.socket(OUTSIDE));
  client = new MediaClient({
    socketPath: socket,
    clock: systemClock,
    log: silentLog(),
    onConnected: (snapshot) => {
      office.mediaConnected(snapshot);
      desk.mediaConnected(snapshot);
    },
    onEvent: (event) => {
      office.mediaEvent(event);
      desk.mediaEvent(event);
    },
    onLost: () => office.mediaLost(),
  });
  const around = { clock: systemClock, random: systemRandom, log: silentLog(), host: BOX, media: client };
  const health = { raise: (code: string) => void warned.push(code), clear: () => {} };
  desk = new DeskRoom({
    ...{ ...around, health, product: 'Engawa/test', office: () => office },
    lan: () => ({ address: parseIpv4(BOX) ?? NO_ADDRESS, prefixBits: 8 }),
    accounts: {
      accountOf,
      registered: (mac) => void registered.push(mac),
      unregistered: () => {},
    },
  });
  office = new OfficeShell({
    ...{ ...around, health, sdp: plainSdp, phones: desk, faxes: { write: () => {} } },
    journal: {
      begin: (start) => `gw-000001/00000000/${begun.push(start)}` as FactId,
      answered: () => {},
      keep: () => {},
      end: (_id, end) => void ends.push(end),
      heartbeat: () => {},
      unfinished: () => [],
    },
    sip: {
      invite: (options) => {
        const socket = sockets.pop();
        if (socket === undefined) throw new Error('no socket is left');
        const { sdp, requestUri } = options;
        const party = FarParty.open('out', inviteFacts({ sdp, requestUri }), 1_100, socket);
        parties.push(party);
        return party;
      },
      register: () => ({ stop: async () => {} }),
      adopt: () => {
        throw new Error('nothing to adopt');
      },
    },
  });
  const config = exampleConfig({ channels: 4 }, 2);
  office.apply({ ...config, lan: { ...config.lan, phones: PHONE_CONFIGS } });
  office.start();
  client.start();
  await desk.start();
  for (const [index, port] of PHONES.entries()) {
    const started = new BaresipPhone({
      ...{ folder: join(folder, `phone-${index}`), port, registrar: BOX, answers: index === 1 },
      ...{ user: String(21 + index), password: PASSWORD, hz: 600 + 130 * index },
    });
    phones.push(started);
    await started.start();
  }
  await until('both phones are registered', () => desk.phones().every((each) => each.registered));
  await until('the board is up', async () => {
    await board.control.lift(1);
    await pause(100);
    return state(1) === 'dialTone';
  });
  await board.control.hangUp(1);
  await until('line 1 is down', () => state(1) === 'onHook');
}, 40_000);

afterEach(async () => {
  for (const each of phones) each.command('hangup');
  for (const port of [1, 2]) await board.control.hangUp(port);
  for (const party of parties.splice(0)) if (!party.ended) party.hangsUp();
  for (const each of phones) each.command('hangup');
  await until(
    'everybody is gone',
    () => office.callsNow() === 0 && desk.phones().every(({ calls }) => calls === 0),
  );
  // Exactly one record for every leg, whatever became of it.
  await until('every line is down', () => [1, 2].every((port) => state(port) === 'onHook'));
  await until('every record has ended', () => ends.length === begun.length);
  begun.length = 0;
  ends.length = 0;
});

afterAll(async () => {
  await Promise.all(phones.map((each) => each.stop()));
  await desk?.stop();
  await office?.stop();
  client?.stop();
  await media?.stop();
  await board?.stop();
  await pty?.stop();
  for (const socket of sockets) socket.close();
  sockets = [];
  rmSync(folder, { recursive: true, force: true });
});

describe('baresip as a desk phone of the office', () => {
  it('registers, and provisioning hears of it', () => {
    expect(registered).toContain(PHONE_CONFIGS[0]?.mac);
    expect(desk.phones()[0]).toMatchObject({ extension: '21', registered: true });
  });

  it('calls a line of the board, is heard there, holds it, and goes on', async () => {
    phone(0).command('dial', `sip:11@${BOX}`);
    await until('line 1 rings', () => state(1) === 'ringing');
    await board.control.lift(1);
    await until('line 1 talks', () => state(1) === 'talking');
    await ear(1, 600);
    phone(0).command('hold');
    await until('line 1 hears the phone no more', async () => {
      const { tones } = await board.control.hear(1, 300);
      return !tones.some((tone) => Math.abs(tone.hz - 600) < 25 && tone.dbm0 > LOUD);
    });
    phone(0).command('resume');
    await ear(1, 600);
    expect(begun).toMatchObject([{ direction: 'internal', line: 101, from: '21', to: '11' }]);
  });

  it('is called by a line of the board, and by another desk phone', async () => {
    await board.control.lift(1);
    await board.control.dial(1, '22');
    await until('the phone answers', () => state(1) === 'talking');
    await ear(1, 730);
    phone(0).command('dial', `sip:22@${BOX}`);
    await until(
      'a second call comes up',
      () => office.calls().filter((call) => call.state === 'talking').length === 2,
    );
  });

  it('calls outside by the trunk and passes the call to a line', async () => {
    phone(0).command('dial', `sip:0355550123@${BOX}`);
    await until('the trunk is called', () => parties.length === 1);
    const [party] = parties;
    if (party === undefined) return;
    party.pickUp();
    await far(party, 600);
    phone(0).command('transfer', `sip:12@${BOX}`);
    await until('line 2 rings', () => state(2) === 'ringing');
    await board.control.lift(2);
    await board.control.speak(2, 880);
    await ear(2, 1_100);
    await far(party, 880);
    await until('the phone is out of it', () => desk.phones()[0]?.calls === 0);
  });

  it('rings for a call from outside and is heard there', async () => {
    const socket = await FarParty.socket(OUTSIDE);
    const { address, port } = socket.address();
    const requestUri = `sip:id-000001-6@${BOX}`;
    const party = FarParty.open('in', inviteFacts({ requestUri, sdp: `${address}:${port}` }), 1_500, socket);
    parties.push(party);
    office.invited(party);
    await until('the phone has answered', () =>
      office.calls().some((call) => call.direction === 'in' && call.state === 'talking' && call.line === 102),
    );
    await far(party, 730);
  });

  it('lights the lamp of a line for whoever watches it, and not for strangers', async () => {
    const watcher = await LampWatcher.open(OUTSIDE, BOX, '22');
    await watcher.subscribe('11', 'not the password');
    expect(watcher.statuses).toEqual([407, 407]);
    await watcher.subscribe('11', PASSWORD);
    expect(watcher.statuses.at(-1)).toBe(200);
    await until('the first state', () => watcher.bodies.length === 1);
    expect(watcher.bodies[0]).not.toContain('<dialog id');
    phone(0).command('dial', `sip:11@${BOX}`);
    await until('the lamp blinks', () =>
      watcher.bodies.some((body) => body.includes('<state>early</state>')),
    );
    expect(watcher.bodies.at(-1)).toContain('entity="sip:11@');
    watcher.close();
  });

  it('a call that nobody can take is refused with a reason', async () => {
    phone(0).command('dial', `sip:0455@${BOX}`);
    await until('it is refused', () => phone(0).saw('CALL_CLOSED'));
    expect(begun).toHaveLength(0);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OfficeShell } from '../../../agent/calls/index.ts';
import type { LegEnd } from '../../../agent/calls/journal.ts';
import { MediaClient } from '../../../agent/media/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { FactId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { type BoardSimulator, startBoardSimulator } from '../../support/board-simulator.ts';
import { Program } from '../../support/program.ts';
import { type PtyPair, startPtyPair } from '../../support/pty-pair.ts';
import { inviteFacts } from './fakes.ts';
import { FarParty } from './far-party.ts';
import { exampleConfig, plainSdp } from './office-world.ts';

const BOX = '127.54.7.30';
const OUTSIDE = '127.54.7.20';
/** What each phone says into its microphone: no two of them, and no tone of an exchange, are the same. */
const SAYS = [0, 500, 620, 880] as const;
const FAR_SAYS = [1_100, 1_500];
const LOUD = -30;

const folder = mkdtempSync(join(tmpdir(), 'features-'));
const parties: FarParty[] = [];
const ends: LegEnd[] = [];
let begun = 0;
let pty: PtyPair;
let board: BoardSimulator;
let media: Program;
let client: MediaClient;
let office: OfficeShell;
let sockets: Awaited<ReturnType<typeof FarParty.socket>>[] = [];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const from = systemClock.monotonicMs(); !(await look()); await pause(20)) {
    if (systemClock.monotonicMs() - from > 30_000) throw new Error(`did not happen: ${what}`);
  }
}

function state(port: number): string {
  return office.lines().find((line) => line.port === port)?.state ?? 'none';
}

/** Waits until a phone's ear has every one of these tones, and none of those. */
async function ear(port: number, has: readonly number[], not: readonly number[] = []): Promise<void> {
  let heard: readonly { hz: number; dbm0: number }[] = [];
  const level = (hz: number): number =>
    Math.max(-99, ...heard.filter((tone) => Math.abs(tone.hz - hz) < 25).map((tone) => tone.dbm0));
  await until(`phone ${port} hears ${has.join('+')} and not ${not.join('+')}`, async () => {
    heard = (await board.control.hear(port, 300)).tones;
    return has.every((hz) => level(hz) > LOUD) && not.every((hz) => level(hz) < LOUD);
  });
}

async function far(party: FarParty, has: readonly number[], not: readonly number[] = []): Promise<void> {
  await until(`the far end hears ${has.join('+')} and not ${not.join('+')}`, () => {
    return has.every((hz) => party.hears(hz) > LOUD) && not.every((hz) => party.hears(hz) < LOUD);
  });
}

async function lift(port: number): Promise<void> {
  await board.control.lift(port);
  await until(`phone ${port} is lifted`, () => state(port) !== 'onHook' && state(port) !== 'ringing');
  await board.control.speak(port, SAYS[port] ?? null);
}

/** Silent while it dials: a tone in the microphone would hide the digits. */
async function dial(port: number, digits: string): Promise<void> {
  await board.control.speak(port, null);
  await board.control.dial(port, digits);
  await board.control.speak(port, SAYS[port] ?? null);
}

/** A phone, in dial tone, calls somebody outside, who answers. */
async function talkOutside(port: number): Promise<FarParty> {
  const before = parties.length;
  await dial(port, '0355550123');
  await until('the call is placed', () => parties.length > before);
  const party = parties[before];
  if (party === undefined) throw new Error('no party');
  party.pickUp();
  await until('it is answered', () => state(port) === 'talking');
  return party;
}

async function callIn(port: number): Promise<FarParty> {
  const hz = FAR_SAYS[parties.length % 2] ?? 0;
  const socket = await FarParty.socket(OUTSIDE);
  const { address, port: at } = socket.address();
  const requestUri = `sip:id-000001-${port}@${BOX}`;
  const party = FarParty.open('in', inviteFacts({ requestUri, sdp: `${address}:${at}` }), hz, socket);
  parties.push(party);
  office.invited(party);
  return party;
}

beforeAll(async () => {
  pty = await startPtyPair();
  media = new Program('agent/media/main.ts', [
    '--device',
    pty.box,
    '--socket',
    join(folder, 'media.sock'),
    '--host',
    BOX,
  ]);
  board = await startBoardSimulator({ device: pty.board, ports: 3 });
  await media.ready();
  for (let count = 0; count < 16; count++) sockets.push(await FarParty.socket(OUTSIDE));
  client = new MediaClient({
    socketPath: join(folder, 'media.sock'),
    clock: systemClock,
    log: silentLog(),
    onConnected: (snapshot) => office.mediaConnected(snapshot),
    onEvent: (event) => office.mediaEvent(event),
    onLost: () => office.mediaLost(),
  });
  office = new OfficeShell({
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
    host: BOX,
    journal: {
      begin: () => `gw-000001/00000000/${++begun}` as FactId,
      answered: () => {},
      keep: () => {},
      end: (_id, end) => void ends.push(end),
      heartbeat: () => {},
      unfinished: () => [],
    },
    faxes: { write: () => {} },
    media: client,
    sip: {
      invite: (options) => {
        const socket = sockets.pop();
        if (socket === undefined) throw new Error('no socket is left');
        const hz = FAR_SAYS[parties.length % 2] ?? 0;
        const party = FarParty.open('out', inviteFacts({ sdp: options.sdp }), hz, socket);
        parties.push(party);
        return party;
      },
      register: () => ({ stop: async () => {}, hurry: () => {} }),
      adopt: () => {
        throw new Error('nothing to adopt');
      },
    },
    sdp: plainSdp,
    health: { raise: () => {}, clear: () => {} },
  });
  const config = exampleConfig({ channels: 4 }, 3);
  office.apply({ ...config, dialPlan: { ...config.dialPlan, shortNumberMs: 500 } });
  office.start();
  client.start();
  await until('the board is up', async () => {
    await board.control.lift(1);
    await pause(100);
    return state(1) === 'dialTone';
  });
  await board.control.hangUp(1);
});

afterEach(async () => {
  for (const port of [1, 2, 3]) await board.control.hangUp(port);
  for (const party of parties.splice(0)) if (!party.ended) party.hangsUp();
  await until(
    'everybody is gone',
    () => office.callsNow() === 0 && [1, 2, 3].every((port) => state(port) === 'onHook'),
  );
  expect(ends.splice(0)).toHaveLength(begun);
  begun = 0;
});

afterAll(async () => {
  await office?.stop();
  client?.stop();
  await media?.stop();
  await board?.stop();
  await pty?.stop();
  for (const socket of sockets) socket.close();
  sockets = [];
  rmSync(folder, { recursive: true, force: true });
});

describe('features from the phone, by ear', () => {
  it('hold, consultation, three together and transfer', async () => {
    await lift(1);
    const outside = await talkOutside(1);
    await ear(1, [1_100]);
    await far(outside, [500]);
    await board.control.flash(1, 400);
    await ear(1, [400], [1_100]);
    outside.forget();
    await until('hold is told', () => outside.offers.some((offer) => offer.endsWith(':held')));
    await pause(600);
    await far(outside, [], [500]);
    await dial(1, '12');
    await until('phone 2 rings', () => state(2) === 'ringing');
    await lift(2);
    await ear(1, [620], [1_100]);
    await ear(2, [500], [1_100]);
    await board.control.flash(1, 400);
    await ear(1, [1_100], [620]);
    await dial(1, '3');
    await Promise.all([ear(1, [1_100, 620], [500]), ear(2, [1_100, 500], [620])]);
    await far(outside, [500, 620], [1_100]);
    await board.control.hangUp(1);
    await until('one leg is left', () => office.callsNow() === 1);
    await ear(2, [1_100], [500]);
    outside.forget();
    await far(outside, [620], [500]);
  }, 150_000);

  it('call waiting: the tone over the talk, the second caller, and back', async () => {
    await lift(1);
    const first = await talkOutside(1);
    await ear(1, [1_100]);
    const second = await callIn(1);
    await ear(1, [1_100, 400]);
    await board.control.flash(1, 400);
    await until('the second caller is answered', () => second.answered);
    await ear(1, [1_500], [1_100]);
    await far(second, [500]);
    await board.control.flash(1, 400);
    await ear(1, [1_100], [1_500]);
    expect(first.ended || second.ended).toBe(false);
  }, 150_000);

  it('two outside callers go on without the phone when it hangs up between them', async () => {
    await lift(1);
    const first = await talkOutside(1);
    await board.control.flash(1, 400);
    await ear(1, [400]);
    const second = await talkOutside(1);
    await ear(1, [1_500]);
    await board.control.hangUp(1);
    await far(first, [1_500], [500]);
    await far(second, [1_100], [500]);
    first.hangsUp();
    await until('the other one is let go', () => second.ended);
  }, 150_000);

  it('parking and pickup: the call is where it is taken', async () => {
    await lift(1);
    const outside = await talkOutside(1);
    await board.control.flash(1, 400);
    await dial(1, '*71');
    await until('it is confirmed', () => state(1) === 'told');
    await board.control.hangUp(1);
    await lift(3);
    await dial(3, '*71');
    await ear(3, [1_100]);
    await far(outside, [880]);
    await board.control.hangUp(3);
    await until('it is over', () => office.callsNow() === 0);
    const ringing = await callIn(1);
    await until('phone 1 rings', () => state(1) === 'ringing');
    await lift(2);
    await dial(2, '*811');
    await until('it is answered', () => ringing.answered);
    await ear(2, [1_500]);
    expect(state(1)).toBe('onHook');
  }, 150_000);
});

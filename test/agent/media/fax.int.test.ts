import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { MediaCommand, MediaEvent, RtpFigures, RtpOpened } from '../../../agent/media/protocol.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { drawTestPage } from '../../../lib/dsp/fax/test-page.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';
import { FaxPhone } from './fax-phone.ts';

const HOST = '127.53.7.1';
const T38 = {
  version: 0,
  errorCorrection: 'redundancy',
  redundancy: 3,
  maxDatagram: 400,
  ecm: true,
  modems: 'v17',
} as const;
const PAGE = [drawTestPage('white', 'standard', 1)];

let clock: VirtualClock;
let board: FakeBoard;
let engine: MediaEngine;
let events: MediaEvent[];
let phones: FaxPhone[];

async function run(command: MediaCommand): Promise<unknown> {
  const result = await engine.execute(command);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.say}`);
  return result.value;
}

/** The board's clock runs, with real sockets beside it, until the machines are done. */
async function fax(limitMs: number, done: () => boolean): Promise<void> {
  for (let frame = 0; frame < limitMs / 10 && !done(); frame++) {
    board.frame();
    for (const phone of phones) phone.listen();
    clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Two calls of this box that speak to each other over UDP: port 1 sends, port 2 receives. */
async function twoCalls(): Promise<Record<'s-1' | 's-2', number>> {
  const ports: Record<'s-1' | 's-2', number> = { 's-1': 0, 's-2': 0 };
  for (const session of ['s-1', 's-2'] as const) {
    const opened = await run({ type: 'rtpOpen', session, localHost: HOST, note: 'n' });
    ports[session] = (opened as RtpOpened).localPort;
  }
  for (const [session, other, port] of [
    ['s-1', 's-2', 1],
    ['s-2', 's-1', 2],
  ] as const) {
    const to = { host: HOST, port: ports[other], payloadType: 0, dtmfPayloadType: 101 };
    await run({ type: 'rtpConnect', session, ...to });
    board.hook(port, true);
    await run({ type: 'attach', port, attachment: { to: 'rtp', session } });
  }
  return ports;
}

const figures = async (session: string): Promise<RtpFigures> =>
  (await run({ type: 'rtpClose', session })) as RtpFigures;

const ended = (): boolean => phones.every((phone) => phone.machine.end !== null);

beforeEach(() => {
  clock = new VirtualClock();
  board = new FakeBoard();
  events = [];
  phones = [];
  engine = new MediaEngine({ board, clock, random: seededRandom(7), log: silentLog() });
  engine.start();
  engine.adopt((event) => events.push(event));
  board.emit({ type: 'up', board: FAKE_BOARD });
});

afterEach(async () => {
  for (const phone of phones) phone.close();
  await engine.stop();
});

describe('a fax over T.38 of a plain board', () => {
  it('brings the page pixel by pixel, and tells who sent what to whom', async () => {
    const ports = await twoCalls();
    phones = [
      new FaxPhone(board, 1, { send: PAGE, ident: '0355550101' }),
      new FaxPhone(board, 2, { ident: '0355550102' }),
    ];
    await run({ type: 'faxOpen', session: 's-1', host: HOST, port: ports['s-2'], ...T38 });
    await run({ type: 'faxOpen', session: 's-2', host: HOST, port: ports['s-1'], ...T38 });
    await fax(90_000, ended);
    expect(phones.map((phone) => phone.machine.end?.code)).toEqual([0, 0]);
    expect(phones[1]?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    const sent = (await figures('s-1')).fax;
    expect(sent).toMatchObject({
      path: 't38Gateway',
      direction: 'sent',
      remoteIdent: '0355550102',
      localIdent: '0355550101',
      pages: 1,
      bitRate: 14_400,
      ecm: true,
      retrains: 0,
      ended: 'confirmed',
    });
    expect(sent?.packets?.lost).toBe(0);
    const received = (await figures('s-2')).fax;
    expect(received).toMatchObject({ direction: 'received', remoteIdent: '0355550101', pages: 1 });
    expect(received?.trace).toContain('>DIS');
  });
});

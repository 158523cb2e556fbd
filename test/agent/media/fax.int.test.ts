import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { MediaCommand, MediaEvent, RtpFigures, RtpOpened } from '../../../agent/media/protocol.ts';
import type { PortNumber } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { T38Gateway } from '../../../lib/dsp/fax/t38-gateway.ts';
import { drawTestPage } from '../../../lib/dsp/fax/test-page.ts';
import { encodeRtp } from '../../../lib/voice/rtp/packet.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';
import { FaxPeer } from './fax-peer.ts';
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

/** Opens one call of the line on port 1 with a fax server that sends, and lets both go to their end. */
async function receiveFromPeer(disturb: (peer: FaxPeer, tick: number) => void = () => {}): Promise<FaxPhone> {
  const peer = new FaxPeer(PAGE);
  const peerPort = await peer.bind(HOST);
  const opened = await run({ type: 'rtpOpen', session: 's-1', localHost: HOST, note: 'n' });
  peer.connect(HOST, (opened as RtpOpened).localPort);
  board.hook(1, true);
  await run({ type: 'attach', port: 1, attachment: { to: 'rtp', session: 's-1' } });
  const phone = new FaxPhone(board, 1, { ident: '0355550101' });
  phones = [phone];
  // Not where the peer sends from: as behind an address translator.
  await run({ type: 'faxOpen', session: 's-1', host: HOST, port: peerPort === 9 ? 11 : 9, ...T38 });
  let frame = 0;
  await fax(90_000, () => {
    if (frame++ % 2 === 0) {
      peer.tick();
      disturb(peer, Math.floor(frame / 2));
    }
    return ended() && peer.terminal.end !== null;
  });
  peer.close();
  return phone;
}

/** The T.38 processor of a board, on port 1: a gateway of its own beside the fake board's audio. */
function fitT38(phone: FaxPhone): () => void {
  let gateway: T38Gateway | undefined;
  let sequence = 0;
  const quiet = new Int16Array(80);
  const heard = new Int16Array(80);
  const spoken = new Int16Array(80);
  const port = 1 as PortNumber;
  let seen = 0;
  board.microphones.delete(1);
  return () => {
    for (const { command } of board.commands.slice(seen)) {
      if (command.type === 'faxMode') gateway?.close();
      if (command.type === 'faxMode' && command.on) {
        const opened = T38Gateway.open({
          ...command,
          onIfp: (ifp, copies) => board.emit({ type: 't38', port, sequence: sequence++, copies, ifp }),
          onControlFrame: (frame, incoming) => board.emit({ type: 'faxFrame', port, incoming, frame }),
        });
        if (opened.ok) gateway = opened.value;
      }
      if (command.type === 't38') gateway?.receiveIfp(command.ifp, command.sequence);
    }
    seen = board.commands.length;
    phone.machine.transmit(spoken);
    gateway?.hear(spoken);
    gateway?.speak(heard);
    phone.machine.receive(gateway === undefined ? quiet : heard);
  };
}

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

  it('brings a page from a fax server on the network to the machine on the line', async () => {
    const phone = await receiveFromPeer();
    expect(phone.machine.end?.code).toBe(0);
    expect(phone.compare(PAGE)).toMatchObject({ identical: true });
    expect((await figures('s-1')).fax).toMatchObject({
      direction: 'received',
      remoteIdent: '0355550160',
      pages: 1,
      ended: 'confirmed',
    });
  });

  it('ignores RTP that strays in after the switch, garbage, and strangers', async () => {
    const stray = encodeRtp({
      payloadType: 0,
      marker: false,
      sequence: 40_000,
      timestamp: 0,
      ssrc: 1,
      payload: new Uint8Array(160).fill(0xff),
    });
    const phone = await receiveFromPeer((peer, tick) => {
      if (tick < 40) peer.throwIn(stray);
      if (tick % 50 === 0) peer.throwIn(Uint8Array.of(1, 2, 90, 1));
    });
    expect(phone.compare(PAGE)).toMatchObject({ identical: true });
    expect((await figures('s-1')).fax?.packets?.malformed).toBeGreaterThan(40);
  });

  it('tells how it stands while it goes on, and of silence after a minute', async () => {
    await receiveFromPeer();
    expect(events.filter(({ event }) => event === 'fax').length).toBeGreaterThan(3);
    await fax(62_000, () => false);
    expect(events).toContainEqual(expect.objectContaining({ event: 'faxSilent', session: 's-1' }));
    expect(events.some(({ event }) => event === 'rtpSilent')).toBe(false);
  });
});

describe('a fax over T.38 of a board with its own processor', () => {
  it('goes over the HAL as IFP, and the page is the same', async () => {
    board.emit({ type: 'up', board: { ...FAKE_BOARD, capabilities: ['pcm', 't38'] } });
    const peer = new FaxPeer(PAGE);
    const peerPort = await peer.bind(HOST);
    const opened = await run({ type: 'rtpOpen', session: 's-1', localHost: HOST, note: 'n' });
    peer.connect(HOST, (opened as RtpOpened).localPort);
    board.hook(1, true);
    await run({ type: 'attach', port: 1, attachment: { to: 'rtp', session: 's-1' } });
    const phone = new FaxPhone(board, 1, { ident: '0355550101' });
    const processor = fitT38(phone);
    await run({ type: 'faxOpen', session: 's-1', host: HOST, port: peerPort, ...T38 });
    let frame = 0;
    await fax(90_000, () => {
      processor();
      if (frame++ % 2 === 0) peer.tick();
      return phone.machine.end !== null && peer.terminal.end !== null;
    });
    expect(phone.compare(PAGE)).toMatchObject({ identical: true });
    const { fax: told } = await figures('s-1');
    expect(told).toMatchObject({ path: 't38Board', direction: 'received', pages: 1, ended: 'confirmed' });
    const said = board.commands.flatMap(({ command }) =>
      command.type === 'faxMode' || command.type === 'audio' ? [command] : [],
    );
    expect(said.slice(-2)).toEqual([
      { type: 'faxMode', on: false },
      { type: 'audio', on: true, leadMs: 0 },
    ]);
    expect(said).toContainEqual({ type: 'audio', on: true, leadMs: 300 });
    phone.close();
    peer.close();
  });
});

describe('a fax as sound', () => {
  it('goes through a fixed buffer, is overheard, and the page is the same', async () => {
    await twoCalls();
    phones = [
      new FaxPhone(board, 1, { send: PAGE, ident: '0355550101' }),
      new FaxPhone(board, 2, { ident: '0355550102' }),
    ];
    for (const session of ['s-1', 's-2']) {
      await run({ type: 'faxPassthrough', session, because: 'the far end refused T.38 (SIP 488)' });
    }
    await fax(120_000, ended);
    expect(phones[1]?.compare(PAGE)).toMatchObject({ identical: true, pages: 1 });
    expect((await figures('s-1')).fax).toMatchObject({
      path: 'passthrough',
      because: 'the far end refused T.38 (SIP 488)',
      direction: 'sent',
      remoteIdent: '0355550102',
      pages: 1,
      ended: 'confirmed',
      packets: null,
    });
  });

  it('has no gain of ours between the machines, and the line gets its own back', async () => {
    await twoCalls();
    const settings = { earDb: -3, microphoneDb: 2, impedance: 'japan', echo: true } as const;
    await run({ type: 'lineSettings', port: 1, settings });
    await run({ type: 'faxPassthrough', session: 's-1', because: '' });
    await run({ type: 'rtpClose', session: 's-1' });
    const gains = board.commands.flatMap(({ port, command }) =>
      port === 1 && command.type === 'gain' ? [command.receiveCentibels] : [],
    );
    expect(gains).toEqual([-30, 0, -30]);
  });

  it('holds back each way by itself, and listens for tones all the same', async () => {
    await twoCalls();
    phones = [new FaxPhone(board, 2, { ident: '0355550102' })];
    for (const session of ['s-1', 's-2']) await run({ type: 'faxWatch', session, on: true });
    await run({ type: 'faxMute', session: 's-2', toNetwork: true, toLine: true });
    await fax(3_000, () => false);
    const tones = events.flatMap((told) =>
      told.event === 'faxTone' ? [`${told.session} ${told.from}`] : [],
    );
    expect(tones).toContain('s-2 line');
    expect(tones).not.toContain('s-1 network');
  });
});

import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MediaClient,
  type MediaCommand,
  type MediaEvent,
  type MediaSnapshot,
} from '../../../agent/media/index.ts';
import { SimControl } from '../../../hal/sim/control-client.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { strongestTone } from '../../../lib/dsp/goertzel.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { decodeRtp, encodeRtp, type RtpPacket } from '../../../lib/voice/rtp/packet.ts';
import { Program } from '../../support/program.ts';
import { type PtyPair, startPtyPair } from '../../support/pty-pair.ts';

const HOST = '127.53.3.1';
const PEER = '127.53.3.2';
const RANGE = { fromHz: 200, toHz: 3_600 };

let folder: string;
let pty: PtyPair;
let board: Program;
let media: Program;
let phones: SimControl;
let peer: Socket;
let client: MediaClient;
let events: MediaEvent[] = [];
let snapshot: MediaSnapshot | undefined;
let arrived: { readonly atMs: number; readonly packet: RtpPacket }[] = [];

const now = (): number => systemClock.monotonicMs();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: () => boolean, limitMs = 30_000): Promise<void> {
  for (const from = now(); !what(); await pause(10)) {
    if (now() - from > limitMs) throw new Error(`it did not happen; events: ${JSON.stringify(events)}`);
  }
}

/** A new agent; the one before is cut off without a word, as a killed process would be. */
async function newAgent(): Promise<void> {
  client?.stop();
  events = [];
  snapshot = undefined;
  client = new MediaClient({
    socketPath: join(folder, 'media.sock'),
    clock: systemClock,
    log: silentLog(),
    onConnected: (told) => {
      snapshot = told;
    },
    onEvent: (event) => events.push(event),
    onLost: () => {},
  });
  client.start();
  await until(() => client.connected);
}

async function run(command: MediaCommand): Promise<unknown> {
  const result = await client.request(command);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.say}`);
  return result.value;
}

/** The far end: speaks a steady tone in packets of 20 ms at their deadlines, until told to stop. */
function speakFrom(localPort: number, hz: number): () => void {
  const startMs = now();
  let sent = 0;
  let timer: NodeJS.Timeout;
  const step = (): void => {
    for (; now() >= startMs + sent * 20; sent++) {
      const samples = Int16Array.from({ length: 160 }, (_, at) =>
        Math.round(peakOf(-13) * Math.sin((2 * Math.PI * hz * (sent * 160 + at)) / 8_000)),
      );
      const header = { payloadType: 0, marker: sent === 0, sequence: sent & 0xffff, ssrc: 3 };
      peer.send(
        encodeRtp({ ...header, timestamp: sent * 160, payload: ulawEncodeBlock(samples) }),
        localPort,
        HOST,
      );
    }
    timer = setTimeout(step, startMs + sent * 20 - now());
  };
  step();
  return () => clearTimeout(timer);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'media-'));
  pty = await startPtyPair();
  const control = join(folder, 'board.sock');
  board = new Program('hal/sim/main.ts', ['--device', pty.board, '--control', control]);
  media = new Program('agent/media/main.ts', [
    '--device',
    pty.box,
    '--socket',
    join(folder, 'media.sock'),
    '--host',
    HOST,
  ]);
  await Promise.all([board.ready(), media.ready()]);
  phones = await SimControl.connect(control);
  peer = createSocket('udp4');
  await new Promise<void>((resolve) => peer.bind(0, PEER, resolve));
  peer.on('message', (datagram) => {
    const packet = decodeRtp(datagram);
    if (packet.ok) arrived.push({ atMs: now(), packet: packet.value });
  });
  await newAgent();
  if (snapshot?.board === null)
    await until(() => events.some((event) => event.event === 'board' && event.up));
});

afterAll(async () => {
  client?.stop();
  phones?.close();
  peer?.close();
  await media?.stop();
  await board?.stop();
  await pty?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the media process with a board at a real serial line', () => {
  it('gives a lifted phone dial tone of 400 Hz, hears its DTMF and pulse digits, and gives it busy tone', async () => {
    await phones.lift(1);
    await until(() => events.some((event) => event.event === 'hook' && event.offHook));
    await run({ type: 'attach', port: 1, attachment: { to: 'tone', tone: 'dial' } });
    await pause(100);
    const dial = await phones.hear(1, 600);
    expect(dial.windows.filter(({ hz }) => Math.abs(hz - 400) < 6).length).toBeGreaterThanOrEqual(5);
    await phones.dial(1, '0355#');
    await phones.dial(1, '20', 'pulse20');
    await until(() => events.filter((event) => event.event === 'digit').length >= 7);
    const digits = events.flatMap((event) => (event.event === 'digit' ? [`${event.by} ${event.digit}`] : []));
    expect(digits).toEqual(['dtmf 0', 'dtmf 3', 'dtmf 5', 'dtmf 5', 'dtmf #', 'pulse 2', 'pulse 0']);
    await run({ type: 'attach', port: 1, attachment: { to: 'tone', tone: 'busy' } });
    const busy = await phones.hear(1, 2_100);
    const sounding = busy.windows.filter(({ dbm0 }) => dbm0 > -35);
    expect(sounding.length).toBeGreaterThanOrEqual(9);
    expect(sounding.length).toBeLessThanOrEqual(13);
    expect(sounding.every(({ hz }) => Math.abs(hz - 400) < 12)).toBe(true);
  });

  it('carries a call both ways, and keeps it while the agent is killed and another adopts it', async () => {
    const opened = await client.request({ type: 'rtpOpen', session: 'c', localHost: HOST, note: 'leg 1' });
    if (!opened.ok) throw new Error(opened.error.say);
    const { localPort } = opened.value;
    await run({
      type: 'rtpConnect',
      session: 'c',
      host: PEER,
      port: peer.address().port,
      payloadType: 0,
      dtmfPayloadType: 101,
    });
    await run({ type: 'attach', port: 1, attachment: { to: 'rtp', session: 'c' } });
    await phones.speak(1, 770);
    const stop = speakFrom(localPort, 1_046);
    await pause(500);
    arrived = [];
    const heard = await phones.hear(1, 500);
    expect(heard.windows.filter(({ hz }) => Math.abs(hz - 1_046) < 12).length).toBeGreaterThanOrEqual(4);
    const sound = Buffer.concat(arrived.slice(0, 10).map(({ packet }) => packet.payload));
    expect(strongestTone(ulawDecodeBlock(sound), RANGE)?.hz).toBeCloseTo(770, -1);

    arrived = [];
    client.stop();
    await pause(700);
    await newAgent();
    expect(snapshot).toMatchObject({
      lines: [{ port: 1, offHook: true, attachment: { to: 'rtp', session: 'c' } }, { port: 2 }],
      sessions: [{ session: 'c', note: 'leg 1', connected: true, localPort }],
    });
    await pause(300);
    const gaps = arrived.slice(1).map(({ atMs }, index) => atMs - (arrived[index]?.atMs ?? 0));
    expect(arrived.length).toBeGreaterThan(40);
    // The agent was away for 700 ms; a busy machine may hold a packet back, but not as long as that.
    expect(Math.max(...gaps)).toBeLessThan(300);
    const span = ((arrived.at(-1)?.packet.timestamp ?? 0) - (arrived[0]?.packet.timestamp ?? 0)) >>> 0;
    expect(span).toBe((arrived.length - 1) * 160);

    client.stop();
    await pause(50);
    await phones.hangUp(1);
    // The board takes up to a second to tell hanging up from a flash.
    await pause(1_600);
    await newAgent();
    stop();
    expect(snapshot).toMatchObject({
      lines: [{ port: 1, offHook: false, attachment: { to: 'silence' } }, { port: 2 }],
      sessions: [{ session: 'c', hungUpAt: expect.any(Number) }],
    });
    expect(await run({ type: 'rtpClose', session: 'c' })).toMatchObject({ packetsSent: expect.any(Number) });
  });

  it('rings a phone, and tells that it was answered', async () => {
    await run({ type: 'ring', port: 2, cadence: [1_000, 2_000] });
    await pause(300);
    expect((await phones.ringing(2)).ringing).toBe(true);
    await phones.lift(2);
    await until(() => events.some((event) => event.event === 'hook' && event.port === 2 && event.offHook));
    expect((await phones.ringing(2)).ringing).toBe(false);
    await phones.hangUp(2);
    await until(() => events.some((event) => event.event === 'hook' && event.port === 2 && !event.offHook));
  });

  it('outlives garbage, a board that vanishes and one that restarts', async () => {
    await phones.garbage(2_000);
    await until(() => events.some((event) => event.event === 'warning' && event.code === 'board.garbage'));
    await phones.restart();
    await until(() => events.some((event) => event.event === 'board' && !event.up));
    await until(() => events.some((event) => event.event === 'board' && event.up));
    events = [];
    await phones.vanish(1_500);
    await until(() => events.some((event) => event.event === 'board' && !event.up));
    const down = events.find((event) => event.event === 'board');
    expect(down).toMatchObject({
      code: expect.stringMatching(/^board\./),
      say: expect.stringMatching(/board/i),
    });
    await until(() => events.some((event) => event.event === 'board' && event.up));
    expect(media.running).toBe(true);
    await newAgent();
    expect(snapshot).toMatchObject({ boardDown: null, board: { ports: 2 } });
  });

  it('says in one sentence why it cannot start', async () => {
    const args = ['--device', pty.box, '--socket', join(folder, 'media.sock')];
    const cases = [
      [args, 'media.flag'],
      [[...args, '--host', '192.0.2.1'], 'media.bind'],
      [[...args, '--host', HOST], 'media.socketInUse'],
    ] as const;
    await Promise.all(
      cases.map(async ([flags, code]) => {
        const wrong = new Program('agent/media/main.ts', flags);
        expect(await wrong.ended).toBe(1);
        expect(wrong.lines.at(-1)).toMatchObject({ event: 'fatal', code, say: expect.any(String) });
      }),
    );
  });
});

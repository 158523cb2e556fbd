import { createSocket, type Socket } from 'node:dgram';
import { expect } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { MediaCommand, MediaEvent, RtpFigures, RtpOpened } from '../../../agent/media/protocol.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { isRtcp } from '../../../lib/voice/rtcp/packet.ts';
import { decodeRtp, type RtpPacket } from '../../../lib/voice/rtp/packet.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';

export const HOST = '127.68.4.1';
export const PEER = '127.68.4.2';
export const MOVED = '127.68.4.3';
export const STRANGER = '127.69.4.4';
export const RANGE = { fromHz: 200, toHz: 3_600 };

export let clock: VirtualClock;
export let board: FakeBoard;
export let engine: MediaEngine;
export let events: MediaEvent[];
const sockets: Socket[] = [];

/** A far end: a socket, and what has come to it. */
export interface FarEnd {
  readonly socket: Socket;
  readonly port: number;
  readonly datagrams: Buffer[];
  readonly packets: () => RtpPacket[];
}

export async function farEnd(host = PEER, port = 0): Promise<FarEnd> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.bind(port, host, resolve));
  const datagrams: Buffer[] = [];
  socket.on('message', (datagram) => datagrams.push(datagram));
  const packets = (): RtpPacket[] =>
    datagrams.flatMap((one) => {
      const decoded = isRtcp(one) ? undefined : decodeRtp(one);
      return decoded?.ok === true ? [decoded.value] : [];
    });
  return { socket, port: socket.address().port, datagrams, packets };
}

export async function run(command: MediaCommand): Promise<unknown> {
  const result = await engine.execute(command);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.say}`);
  return result.value;
}

export async function code(command: MediaCommand): Promise<string> {
  const result = await engine.execute(command);
  return result.ok ? 'ok' : result.error.code;
}

export const figuresOf = async (session: string): Promise<RtpFigures> =>
  (await run({ type: 'rtpFigures', session })) as RtpFigures;

type Target = Omit<Extract<MediaCommand, { readonly type: 'rtpConnect' }>, 'type' | 'session'>;

/** Opens a session towards a far end; answers its port. */
export async function call(session: string, to: FarEnd, more: Partial<Target> = {}): Promise<number> {
  const { localPort } = (await run({ type: 'rtpOpen', session, localHost: HOST, note: 'n' })) as RtpOpened;
  const target = { host: PEER, port: to.port, payloadType: 0, dtmfPayloadType: 101, ...more };
  await run({ type: 'rtpConnect', session, ...target });
  return localPort;
}

/** Line 1 speaks and listens. */
export async function lift(session: string): Promise<void> {
  board.hook(1, true);
  await run({ type: 'attach', port: 1, attachment: { to: 'rtp', session } });
}

export const settle = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 5_000 && !done(); tries++) await settle();
  expect(done()).toBe(true);
}

export async function pass(
  ms: number,
  each: (frame: number) => void | Promise<void> = () => {},
): Promise<void> {
  for (let frame = 0; frame < ms / 10; frame++) {
    await each(frame);
    board.frame();
    clock.advance(10);
    if (frame % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

export const send = (from: FarEnd, bytes: Uint8Array, port: number): Promise<unknown> =>
  new Promise((resolve) => from.socket.send(bytes, port, HOST, resolve));

/** A media process without a board's wire, and far ends that are plain sockets: called before each test. */
export function setUp(): void {
  clock = new VirtualClock();
  board = new FakeBoard();
  events = [];
  engine = new MediaEngine({ board, clock, random: seededRandom(7), log: silentLog() });
  engine.start();
  engine.adopt((event) => events.push(event));
  board.emit({ type: 'up', board: FAKE_BOARD });
}

/** Called after each test. */
export async function tearDown(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.close();
  await engine.stop();
}

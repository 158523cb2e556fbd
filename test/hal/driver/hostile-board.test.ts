import { expect, it } from 'vitest';
import type { BoardEvent } from '../../../hal/board.ts';
import { createBoardDriver } from '../../../hal/driver/board-driver.ts';
import { encodeFrame, FRAME } from '../../../hal/link/frame.ts';
import { FrameReader } from '../../../hal/link/frame-reader.ts';
import { decodeHelloRequest, encodeHello } from '../../../hal/link/link-messages.ts';
import type { PortNumber } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { type Random, seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { VirtualLine } from './virtual-line.ts';

const port1 = 1 as PortNumber;

/** A frame with a right CRC and anything else. */
function anyFrame(random: Random): Buffer {
  // A foreign HELLO ends the talk for five seconds: most of the time something else is said.
  const types = Object.values(FRAME).filter((known) => known !== FRAME.hello || random.fraction() < 0.02);
  const below = (limit: number): number => Math.floor(random.fraction() * limit);
  const type = random.fraction() < 0.9 ? (types[below(types.length)] ?? 0) : 0x50 + below(0xb0);
  return encodeFrame({
    version: random.fraction() < 0.95 ? 1 : below(256),
    type,
    channel: below(random.fraction() < 0.5 ? 3 : 256),
    flags: below(4),
    seq: random.fraction() < 0.5 ? below(40) : below(65_536),
    ack: random.fraction() < 0.5 ? below(40) : below(65_536),
    tick: below(2 ** 32),
    payload: random.bytes(random.fraction() < 0.9 ? below(40) : below(1_024)),
  });
}

/** A board that answers HELLO with absurd limits and then says anything. */
async function talkTo(seed: number): Promise<{ events: BoardEvent[]; ups: number }> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const line = new VirtualLine(clock, random);
  const reader = new FrameReader();
  const open = line.opener('board');
  const far = await open('board', 3_000_000, {
    onBytes: (bytes) => {
      for (const item of reader.push(bytes)) {
        if (item.kind !== 'frame' || item.frame.type !== FRAME.helloRequest) continue;
        const nonce = decodeHelloRequest(item.frame.payload)?.nonce ?? 0;
        const limits = { receiveBytes: random.fraction() < 0.5 ? 0 : 0xffff_ffff, frameBytes: 0xffff };
        const protocol = { major: 1, minor: 99 };
        const names = { model: '', serial: '', firmware: '' };
        const identity = {
          protocol,
          ...names,
          ports: 8,
          bootReason: 'reset',
          capabilities: [],
          limits,
        } as const;
        const header = { version: 1, channel: 0, flags: 0, seq: 0, ack: 0, tick: 0 };
        far.write(encodeFrame({ ...header, type: FRAME.hello, payload: encodeHello({ identity, nonce }) }));
      }
    },
    onClosed: () => undefined,
  });
  const events: BoardEvent[] = [];
  const board = createBoardDriver({ device: 'x', clock, random, log: silentLog(), open: line.opener('box') });
  board.onEvent((event) => events.push(event));
  board.onAudio((frames) => board.sendAudio(frames));
  board.start();
  for (let step = 0; step < 600; step++) {
    clock.advance(10);
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    if (step > 20) far.write(random.fraction() < 0.2 ? random.bytes(50) : anyFrame(random));
    board.command(port1, { type: 'ring', cadence: [1_000, 2_000] });
    board.command(port1, { type: 't38', sequence: step, ifp: new Uint8Array(1_500) });
  }
  await board.stop();
  return { events, ups: events.filter((event) => event.type === 'up').length };
}

it('a board that says anything at all makes nothing throw, and every event is one of the known (20 seeds)', async () => {
  let ups = 0;
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const told = await talkTo(seed);
    ups += told.ups;
    for (const event of told.events) {
      kinds.add('code' in event ? event.code : event.type);
      if ('port' in event) expect(event.port >= 1 && event.port <= 8).toBe(true);
      if ('code' in event) expect(event.code).toMatch(/^board\.[a-zA-Z]+$/);
    }
  }
  expect(ups).toBeGreaterThanOrEqual(20);
  expect(kinds.size).toBeGreaterThan(7);
});

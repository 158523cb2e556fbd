/**
 * The board of the bench: 10 ms frames of eight ports, each with the time at which it was made, and the times at which
 * the box's frames came. Prints its figures as one JSON line when standard input closes.
 */
import { BOARD_FRAME_SAMPLES, type PortAudio } from '../../hal/board.ts';
import { BOARD_BAUD_RATE } from '../../hal/driver/board-driver.ts';
import { openSerialLine, type SerialLine } from '../../hal/driver/serial-line.ts';
import { BoardLink } from '../../hal/sim/board-link.ts';
import { newSampleClock, nextFrameMs, takeDueFrames } from '../../hal/sim/sample-clock.ts';
import { systemClock } from '../../lib/base/clock.ts';
import type { PortNumber } from '../../lib/base/ids.ts';

const device = process.argv[2] ?? '';
const ports = Number(process.argv[3] ?? 8);
const oneWayMs: number[] = [];
let line: SerialLine | undefined;
let tick = 0;

const link = new BoardLink({
  identity: () => ({
    protocol: { major: 1, minor: 0 },
    model: 'bench',
    serial: 'B-1',
    firmware: '1.0.0',
    ports,
    bootReason: 'powerOn',
    capabilities: ['pcm'],
    limits: { receiveBytes: 8_192, frameBytes: 1_024 },
  }),
  nowMs: () => systemClock.monotonicMs(),
  tick: () => tick,
  write: (bytes) => line?.write(bytes),
  behind: () => line?.behind ?? true,
  onSession: () => undefined,
  onCommand: () => undefined,
  onAudio: (frames) => {
    const first = frames[0];
    if (first === undefined) return;
    const madeAt = Buffer.from(first.ulaw).readBigUInt64LE(0);
    oneWayMs.push(Number(process.hrtime.bigint() - madeAt) / 1e6);
  },
});

line = await openSerialLine(device, BOARD_BAUD_RATE, {
  onBytes: (bytes) => link.receive(bytes),
  onClosed: () => process.exit(1),
});
let clock = newSampleClock(systemClock.monotonicMs());
link.boot();

function passFrame(): void {
  tick += BOARD_FRAME_SAMPLES;
  const audio = Array.from({ length: ports }, (_, index): PortAudio => {
    const ulaw = Buffer.alloc(BOARD_FRAME_SAMPLES, 0x55);
    if (index === 0) ulaw.writeBigUInt64LE(process.hrtime.bigint());
    return { port: (index + 1) as PortNumber, ulaw };
  });
  if (link.up) link.sendAudio(audio, tick);
  link.poll();
}

function arm(): void {
  setTimeout(
    () => {
      const taken = takeDueFrames(clock, systemClock.monotonicMs());
      clock = taken.clock;
      for (let frame = 0; frame < taken.due; frame++) passFrame();
      arm();
    },
    Math.max(0, nextFrameMs(clock) - systemClock.monotonicMs()),
  );
}
arm();

process.stdin.on('end', () => {
  process.stdout.write(`${JSON.stringify({ oneWayMs, counters: link.counters, slips: clock.slips })}\n`, () =>
    process.exit(0),
  );
});
process.stdin.resume();

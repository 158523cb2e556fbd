import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { LineSettings, MediaCommand } from '../../../agent/media/protocol.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { levelDbm0, peakOf } from '../../../lib/dsp/level.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';
import { talk } from '../../support/talk.ts';

const SETTINGS: LineSettings = { earDb: 0, microphoneDb: 0, impedance: 'japan', echo: true };
/** The board's buffer: what the ear gets comes back this much later. */
const BOARD_DELAY_SAMPLES = 240;
/** A hybrid: what it lets through of the ear, −9 dB at its strongest, over 4 ms. */
const HYBRID = Array.from({ length: 32 }, (_, tap) => 0.5 * Math.exp(-tap / 8) * Math.cos(tap * 0.9));

let clock: VirtualClock;
let board: FakeBoard;
let engine: MediaEngine;

async function run(command: MediaCommand): Promise<void> {
  const result = await engine.execute(command);
  if (!result.ok) throw new Error(result.error.say);
}

/** Port 1 hears port 2, and gives back what its hybrid lets through, and `own`. */
function hybrid(own: (position: number) => number = () => 0): (position: number) => number {
  let frames: Int16Array | undefined;
  let length = -1;
  return (position) => {
    const heard = board.ears.get(1) ?? [];
    if (heard.length !== length) {
      frames = board.heard(1);
      length = heard.length;
    }
    // The fake board's time begins with the first frame, the ear's with its first answer.
    const at = position - BOARD_DELAY_SAMPLES;
    let echo = 0;
    for (const [tap, factor] of HYBRID.entries()) echo += factor * (frames?.[at - tap] ?? 0);
    return Math.round(echo) + own(position);
  };
}

function pass(ms: number): void {
  for (let frame = 0; frame < ms / 10; frame++) {
    board.frame();
    clock.advance(10);
  }
}

/** Level of what port 2 hears in the last `ms`. */
function returned(ms = 1_000): number {
  return levelDbm0(board.heard(2).slice(-ms * 8));
}

async function join(echo: boolean): Promise<void> {
  for (const port of [1, 2]) {
    await run({ type: 'lineSettings', port, settings: { ...SETTINGS, echo: echo && port === 1 } });
    board.hook(port, true);
  }
  await run({ type: 'attach', port: 1, attachment: { to: 'line', port: 2 } });
}

beforeEach(() => {
  clock = new VirtualClock();
  board = new FakeBoard();
  engine = new MediaEngine({ board, clock, random: seededRandom(7), log: silentLog() });
  engine.start();
  engine.adopt(() => {});
  board.emit({ type: 'up', board: FAKE_BOARD });
});

afterEach(() => engine.stop());

describe('the echo of a line', () => {
  for (const [name, echo, least, most] of [
    ['comes back without the canceller', false, -25, -15],
    ['is 20 dB weaker with it, and more', true, -90, -42],
  ] as const) {
    it(name, async () => {
      const voice = talk(seededRandom(5), 5_000, -15);
      board.microphones.set(2, (position) => voice[position % voice.length] ?? 0);
      board.microphones.set(1, hybrid());
      await join(echo);
      pass(6_000);
      expect(returned(2_000)).toBeGreaterThanOrEqual(least);
      expect(returned(2_000)).toBeLessThanOrEqual(most);
    });
  }

  it('leaves the own voice as it is while both talk', async () => {
    const far = talk(seededRandom(5), 5_000, -15);
    const near = talk(seededRandom(9), 5_000, -15);
    board.microphones.set(2, (position) => far[position % far.length] ?? 0);
    board.microphones.set(1, hybrid());
    await join(true);
    pass(3_000);
    board.microphones.set(
      1,
      hybrid((position) => near[position % near.length] ?? 0),
    );
    pass(1_500);
    expect(returned()).toBeGreaterThan(levelDbm0(near) - 3);
  });

  it('is left alone from the first tone of a fax or modem on, until the phone is hung up', async () => {
    const tone = (position: number): number =>
      Math.round(peakOf(-15) * Math.sin((2 * Math.PI * 2_100 * position) / 8_000));
    const voice = talk(seededRandom(5), 5_000, -15);
    board.microphones.set(2, tone);
    board.microphones.set(1, hybrid());
    await join(true);
    pass(2_000);
    board.microphones.set(2, (position) => voice[position % voice.length] ?? 0);
    pass(4_000);
    expect(returned(2_000)).toBeGreaterThan(-30);
  });
});

describe('settings of a line', () => {
  it('reach the board, and again when it comes back', async () => {
    const settings: LineSettings = { earDb: -3, microphoneDb: 1.5, impedance: '600', echo: false };
    await run({ type: 'lineSettings', port: 2, settings });
    const told = [
      { port: 2, command: { type: 'gain', receiveCentibels: -30, transmitCentibels: 15 } },
      { port: 2, command: { type: 'impedance', preset: '600' } },
    ];
    expect(board.commands).toEqual(told);
    board.emit({ type: 'down', code: 'board.silent', say: 'silent' });
    board.emit({ type: 'up', board: FAKE_BOARD });
    expect(board.commands.filter(({ command }) => command.type !== 'audio')).toEqual([...told, ...told]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import {
  DISPLAY_TIMES,
  type DisplayInput,
  readDisplayTimes,
  stepDisplay,
} from '../../../agent/media/line-display.ts';
import type { MediaCommand, MediaEvent } from '../../../agent/media/protocol.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';

const DISPLAY = { caller: { number: '0312345678' } } as const;
const RING: MediaCommand = { type: 'ring', port: 1, cadence: [1_000, 2_000], display: DISPLAY };

let clock: VirtualClock;
let board: FakeBoard;
let engine: MediaEngine;
let events: MediaEvent[];

/** What the board was told, a word each, without sound switches. */
function told(): string[] {
  return board.commands.flatMap(({ command }) => {
    switch (command.type) {
      case 'polarity':
        return [command.reversed ? 'reverse' : 'normal'];
      case 'ring':
        return [`ring ${command.cadence.join('/')}`];
      case 'ringStop':
        return ['stop'];
      case 'callerId':
        return [`data ${Math.round(command.ulaw.length / 8)}`];
      default:
        return [];
    }
  });
}

function hooks(): boolean[] {
  return events.flatMap((event) => (event.event === 'hook' ? [event.offHook] : []));
}

async function run(command: MediaCommand): Promise<void> {
  const result = await engine.execute(command);
  if (!result.ok) throw new Error(result.error.say);
}

beforeEach(() => {
  clock = new VirtualClock();
  board = new FakeBoard();
  events = [];
  engine = new MediaEngine({ board, clock, random: seededRandom(7), log: silentLog() });
  engine.start();
  engine.adopt((event) => events.push(event));
  const capabilities = ['pcm', 'polarity', 'callerIdAudio'] as const;
  board.emit({ type: 'up', board: { ...FAKE_BOARD, capabilities } });
});

afterEach(() => engine.stop());

describe('a phone with Number Display', () => {
  it('gets reversal, starting signal, data after its answer, then rings, and is answered by the second lift', async () => {
    await run(RING);
    expect(told()).toEqual(['reverse']);
    clock.advance(300);
    expect(told().slice(1)).toEqual(['ring 500/500']);
    clock.advance(200);
    board.emit({ type: 'ringTrip', port: 1 as never, tick: 0 });
    board.hook(1, true);
    expect(hooks()).toEqual([]);
    expect(told().slice(2)).toEqual(['stop']);
    clock.advance(300);
    expect(told().slice(3)).toEqual(['data 272']);
    clock.advance(1_800);
    board.hook(1, false);
    clock.advance(500);
    expect(told().slice(4)).toEqual(['ring 1000/2000']);
    expect(hooks()).toEqual([]);
    board.emit({ type: 'ringTrip', port: 1 as never, tick: 0 });
    board.hook(1, true);
    expect(hooks()).toEqual([true]);
    expect(told().at(-1)).toBe('normal');
    board.hook(1, false);
    expect(hooks()).toEqual([true, false]);
  });

  it('is not what hangs there: after 6 s the phone rings as always', async () => {
    await run(RING);
    clock.advance(6_300);
    expect(told()).toEqual(['reverse', 'ring 500/500', 'ring 1000/2000']);
    board.hook(1, true);
    expect(hooks()).toEqual([true]);
    expect(told().at(-1)).toBe('normal');
  });

  it('answers the call when the loop stays closed: a person lifted into the data', async () => {
    await run(RING);
    clock.advance(1_000);
    board.hook(1, true);
    clock.advance(300 + 270 + 7_000);
    expect(hooks()).toEqual([]);
    clock.advance(20);
    expect(hooks()).toEqual([true]);
    expect(told().at(-1)).toBe('normal');
    const line = engine.adopt((event) => events.push(event)).lines[0];
    expect(line).toMatchObject({ offHook: true, ringing: false });
  });

  it('keeps one call for an agent that was restarted, and asks it for nothing', async () => {
    await run(RING);
    clock.advance(1_000);
    board.hook(1, true);
    expect(engine.adopt((event) => events.push(event)).lines[0]).toMatchObject({
      offHook: false,
      ringing: true,
    });
    await run(RING);
    clock.advance(600);
    expect(told().filter((word) => word.startsWith('data'))).toHaveLength(1);
  });
});

describe('a call that is given up', () => {
  for (const [when, ms] of [
    ['before the starting signal', 100],
    ['in the starting signal', 2_000],
  ] as const) {
    it(`${when}: everything is off and the line as before`, async () => {
      await run(RING);
      clock.advance(ms);
      await run({ type: 'ringStop', port: 1 });
      expect(told().at(-1)).toBe('normal');
      expect(told()).not.toContain('ring 1000/2000');
      const before = told().length;
      clock.advance(20_000);
      expect(told().length).toBe(before);
      board.hook(1, true);
      expect(hooks()).toEqual([true]);
    });
  }

  it('while the receiver holds the loop: its opening is nobody who hangs up', async () => {
    await run(RING);
    clock.advance(1_000);
    board.hook(1, true);
    clock.advance(100);
    await run({ type: 'ringStop', port: 1 });
    clock.advance(2_000);
    board.hook(1, false);
    clock.advance(20_000);
    expect(hooks()).toEqual([]);
    expect(told().filter((word) => word.startsWith('ring 1000'))).toEqual([]);
    expect(told().at(-1)).toBe('normal');
  });

  it('while a person holds the loop: he is told of in the end and gets a tone', async () => {
    await run(RING);
    clock.advance(1_000);
    board.hook(1, true);
    await run({ type: 'ringStop', port: 1 });
    clock.advance(7_100);
    expect(hooks()).toEqual([true]);
  });

  it('and followed by another at once: that one rings when the loop is open', async () => {
    await run(RING);
    clock.advance(1_000);
    board.hook(1, true);
    await run({ type: 'ringStop', port: 1 });
    await run({ ...RING, cadence: [500, 500, 500, 1_500] });
    clock.advance(1_000);
    board.hook(1, false);
    clock.advance(600);
    expect(told().at(-1)).toBe('ring 500/500/500/1500');
    board.hook(1, true);
    expect(hooks()).toEqual([true]);
  });

  it('when the board is lost: nothing is left, and the next call begins anew', async () => {
    await run(RING);
    clock.advance(1_000);
    board.hook(1, true);
    board.emit({ type: 'down', code: 'board.silent', say: 'silent' });
    clock.advance(20_000);
    expect(hooks()).toEqual([]);
    board.emit({ type: 'up', board: { ...FAKE_BOARD, capabilities: ['polarity', 'callerIdAudio'] } });
    await run(RING);
    expect(told().at(-1)).toBe('reverse');
  });
});

describe('other rings', () => {
  it('rings at once without Number Display, and on a board that cannot reverse a line', async () => {
    await run({ type: 'ring', port: 1, cadence: [1_000, 2_000] });
    expect(told()).toEqual(['ring 1000/2000']);
    await run({ type: 'ringStop', port: 1 });
    board.emit({ type: 'up', board: FAKE_BOARD });
    await run(RING);
    expect(told().at(-1)).toBe('ring 1000/2000');
    expect(events).toContainEqual(expect.objectContaining({ event: 'warning', code: 'line.noDisplay' }));
  });

  it("ends a technician's ringing by itself, but not the call that came since", async () => {
    await run({ type: 'ring', port: 1, cadence: [1_000, 2_000], forMs: 3_000 });
    clock.advance(3_000);
    expect(told()).toEqual(['ring 1000/2000', 'stop']);
    await run({ type: 'ring', port: 1, cadence: [1_000, 2_000], forMs: 3_000 });
    await run({ type: 'ring', port: 1, cadence: [500, 500] });
    clock.advance(10_000);
    expect(told().at(-1)).toBe('ring 500/500');
  });
});

describe('times of an exchange that is not NTT', () => {
  it('are read one by one, and refused when they are none', () => {
    expect(readDisplayTimes('{"leadMs":800,"releaseMs":5000}')).toEqual({
      ok: true,
      value: { leadMs: 800, releaseMs: 5_000 },
    });
    for (const text of [
      '',
      '1',
      'null',
      '{"leadMs":-1}',
      '{"leadMs":1.5}',
      '{"toString":1}',
      '{"leadMs":"1"}',
    ]) {
      expect(readDisplayTimes(text).ok).toBe(false);
    }
  });
});

describe('the sequence', () => {
  const inputs: DisplayInput[] = [
    { type: 'call' },
    { type: 'cancel' },
    { type: 'loop', closed: true },
    { type: 'loop', closed: false },
    { type: 'timer' },
    { type: 'lost' },
  ];

  it('always leaves the line as it was: idle without ringing, timer or reversal', () => {
    const random = seededRandom(3);
    for (let run = 0; run < 300; run++) {
      let state = stepDisplay({ at: 'idle' }, { type: 'lost' }, DISPLAY_TIMES, 100).state;
      const wire = { reversed: false, rings: false, armed: false };
      for (let at = 0; at < 30; at++) {
        const input = inputs[random.bytes(1).readUInt8() % 5] ?? { type: 'call' };
        if (input.type === 'timer' && !wire.armed) continue;
        if (input.type === 'timer') wire.armed = false;
        const step = stepDisplay(state, input, DISPLAY_TIMES, 100);
        state = step.state;
        // The board ends its ringing itself when the loop closes.
        if (input.type === 'loop' && input.closed) wire.rings = false;
        for (const effect of step.effects) {
          if (effect.do === 'reverse') wire.reversed = effect.on;
          if (effect.do === 'ring') wire.rings = true;
          if (effect.do === 'ringStop') wire.rings = false;
          if (effect.do === 'arm') wire.armed = true;
          if (effect.do === 'disarm') wire.armed = false;
        }
        const waits = [
          'reversed',
          'starting',
          'answered',
          'sending',
          'pause',
          'settling',
          'abandoned',
        ].includes(state.at);
        expect({ state: state.at, armed: wire.armed }).toEqual({ state: state.at, armed: waits });
        if (state.at === 'idle') expect(wire).toEqual({ reversed: false, rings: false, armed: false });
        if (state.at === 'ringing') expect(wire.rings).toBe(true);
      }
    }
  });
});

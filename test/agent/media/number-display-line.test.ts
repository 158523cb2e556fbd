import { describe, expect, it, onTestFinished } from 'vitest';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { CallerDisplay, MediaCommand, MediaEvent } from '../../../agent/media/protocol.ts';
import { createBoardDriver } from '../../../hal/driver/board-driver.ts';
import { SimulatedBoard } from '../../../hal/sim/simulated-board.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { VirtualLine } from '../../hal/driver/virtual-line.ts';

/** Media process, driver, serial line, board, wires and phone, all in virtual time. */
interface Office {
  readonly sim: SimulatedBoard;
  readonly events: MediaEvent[];
  readonly bells: { readonly on: boolean; readonly atMs: number }[];
  readonly line: VirtualLine;
  run(command: MediaCommand): Promise<void>;
  pass(ms: number): Promise<void>;
  hooks(): boolean[];
}

async function office(seed = 1): Promise<Office> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const log = silentLog();
  const line = new VirtualLine(clock, random);
  const sim = new SimulatedBoard({
    device: 'board',
    ports: 2,
    clock,
    random,
    log,
    open: line.opener('board'),
  });
  const board = createBoardDriver({ device: 'box', clock, random, log, open: line.opener('box') });
  const engine = new MediaEngine({ board, clock, random, log });
  const events: MediaEvent[] = [];
  const bells: { on: boolean; atMs: number }[] = [];
  sim.onRing((_port, on, atMs) => bells.push({ on, atMs }));
  engine.adopt((event) => events.push(event));
  sim.start();
  engine.start();
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 10) {
      clock.advance(Math.min(10, left));
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    }
  };
  await pass(500);
  onTestFinished(async () => {
    await engine.stop();
    await sim.stop();
  });
  return {
    sim,
    events,
    bells,
    line,
    pass,
    run: async (command) => {
      const result = await engine.execute(command);
      if (!result.ok) throw new Error(`${result.error.code}: ${result.error.say}`);
    },
    hooks: () => events.flatMap((event) => (event.event === 'hook' ? [event.offHook] : [])),
  };
}

const ring = (display: CallerDisplay): MediaCommand => ({
  type: 'ring',
  port: 1,
  cadence: [1_000, 2_000],
  display,
});

/** Bursts of ring voltage, in ms. */
function bursts({ bells }: Office): number[] {
  return bells.flatMap(({ on, atMs }, at) => (on ? [] : [Math.round(atMs - (bells[at - 1]?.atMs ?? 0))]));
}

describe('Number Display over the whole line', () => {
  for (const [display, shown] of [
    [{ caller: { number: '0312345678' } }, { number: '0312345678', reason: null, dialled: null }],
    [{ caller: { reason: 'P' } }, { number: null, reason: 'P', dialled: null }],
    [{ caller: { reason: 'C' } }, { number: null, reason: 'C', dialled: null }],
    [{ caller: { reason: 'O' } }, { number: null, reason: 'O', dialled: null }],
    [{ caller: { reason: 'S' } }, { number: null, reason: 'S', dialled: null }],
    [
      { caller: { number: '+819012345678' }, dialled: '0355550101' },
      { number: '09012345678', reason: null, dialled: '0355550101' },
    ],
  ] as const) {
    it(`shows ${JSON.stringify(shown)} before the first ring, and is then answered by hand`, async () => {
      const it = await office();
      it.sim.display(1)?.switch(true);
      await it.run(ring(display));
      await it.pass(5_500);
      expect(it.sim.display(1)?.state).toMatchObject({ failures: 0, shown: [shown] });
      expect(it.hooks()).toEqual([]);
      // One cut burst of the starting signal, then ordinary ringing.
      expect(bursts(it)[0]).toBeLessThan(260);
      expect(bursts(it)[1]).toBeCloseTo(1_000, -2);
      it.sim.phone(1)?.lift();
      await it.pass(100);
      expect(it.hooks()).toEqual([true]);
      expect(it.sim.state().ports[0]).toMatchObject({ reversed: false, ringing: false, audio: true });
    });
  }

  it('rings a phone without display after 6 s of short bursts', async () => {
    const it = await office();
    await it.run(ring({ caller: { number: '0312345678' } }));
    await it.pass(9_000);
    expect(
      bursts(it)
        .slice(0, 6)
        .map((ms) => Math.round(ms / 100)),
    ).toEqual([5, 5, 5, 5, 5, 5]);
    expect(it.sim.state().ports[0]?.ringing).toBe(true);
    it.sim.phone(1)?.lift();
    await it.pass(100);
    expect(it.hooks()).toEqual([true]);
  });

  it('gives the call to somebody who lifts by hand into the starting signal', async () => {
    const it = await office();
    await it.run(ring({ caller: { number: '0312345678' } }));
    await it.pass(1_500);
    it.sim.phone(1)?.lift();
    await it.pass(7_000);
    expect(it.hooks()).toEqual([]);
    await it.pass(1_500);
    expect(it.hooks()).toEqual([true]);
    await it.pass(2_000);
    expect(it.sim.state().ports[0]).toMatchObject({ reversed: false, ringing: false });
  });

  it('leaves line and phone as they were when the caller gives up, at any moment', async () => {
    for (let afterMs = 100; afterMs <= 4_300; afterMs += 300) {
      const it = await office();
      it.sim.display(1)?.switch(true);
      await it.run(ring({ caller: { number: '0312345678' } }));
      await it.pass(afterMs);
      await it.run({ type: 'ringStop', port: 1 });
      await it.pass(6_000);
      expect(it.hooks()).toEqual([]);
      expect(it.sim.state().ports[0]).toMatchObject({ offHook: false, reversed: false, ringing: false });
      await it.run(ring({ caller: { number: '0612345678' } }));
      await it.pass(5_500);
      expect(it.sim.display(1)?.state.shown.at(-1)?.number).toBe('0612345678');
    }
  });

  it('survives a serial line that loses and bends frames', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const it = await office(seed);
      it.line.weather.lossShare = 0.02;
      it.line.weather.flipShare = 0.02;
      it.sim.display(1)?.switch(true);
      await it.run(ring({ caller: { number: '0312345678' } }));
      await it.pass(6_000);
      expect(it.sim.display(1)?.state.shown.map((each) => each.number)).toEqual(['0312345678']);
    }
  });
});

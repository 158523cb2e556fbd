import { describe, expect, it } from 'vitest';
import type { BoardCapability, BoardEvent, FxsBoard } from '../../../hal/board.ts';
import { createBoardDriver } from '../../../hal/driver/board-driver.ts';
import { baudRateIsOff } from '../../../hal/driver/serial-line.ts';
import { WarningGate } from '../../../hal/driver/warning-gate.ts';
import { FakeGpio } from '../../../hal/gpio/fake-gpio.ts';
import { SimulatedBoard } from '../../../hal/sim/simulated-board.ts';
import type { PortNumber } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { VirtualLine } from './virtual-line.ts';

const port1 = 1 as PortNumber;

/** Driver and simulated board in one process, joined in memory, in virtual time. */
interface Office {
  readonly clock: VirtualClock;
  readonly line: VirtualLine;
  readonly sim: SimulatedBoard;
  readonly board: FxsBoard;
  readonly gpio: FakeGpio;
  readonly events: BoardEvent[];
  pass(ms: number): Promise<void>;
  /** Codes and names of events since the last call. */
  said(): string[];
}

function office(
  options: { seed?: number; major?: number; capabilities?: readonly BoardCapability[] } = {},
): Office {
  const clock = new VirtualClock();
  const random = seededRandom(options.seed ?? 1);
  const line = new VirtualLine(clock, random);
  const gpio = new FakeGpio();
  const log = silentLog();
  const sim = new SimulatedBoard({
    device: 'board',
    ports: 2,
    clock,
    random,
    log,
    open: line.opener('board'),
    ...(options.major === undefined ? {} : { protocolMajor: options.major }),
    ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
  });
  const board = createBoardDriver({ device: 'box', clock, random, log, gpio, open: line.opener('box') });
  const events: BoardEvent[] = [];
  board.onEvent((event) => events.push(event));
  let told = 0;
  return {
    clock,
    line,
    sim,
    board,
    gpio,
    events,
    // Opening a device takes turns of the event loop, which virtual time does not know.
    pass: async (ms) => {
      for (let left = ms; left > 0; left -= 10) {
        clock.advance(Math.min(10, left));
        for (let turn = 0; turn < 4; turn++) await Promise.resolve();
      }
    },
    said: () => {
      const names = events.slice(told).map((event) => ('code' in event ? event.code : event.type));
      told = events.length;
      return names;
    },
  };
}

async function upOffice(options: Parameters<typeof office>[0] = {}): Promise<Office> {
  const made = office(options);
  made.sim.start();
  made.board.start();
  await made.pass(700);
  expect(made.said()).toEqual(['up']);
  return made;
}

describe('driver and board in virtual time', () => {
  it('minutes of hooks on a line that loses and bends frames: every event once, in order (6 seeds)', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { line, sim, events, pass } = await upOffice({ seed });
      Object.assign(line.weather, { lossShare: 0.05, flipShare: 0.05 });
      const random = seededRandom(seed);
      const truth: boolean[] = [];
      for (let change = 0; change < 20; change++) {
        if (change % 2 === 0) sim.phone(1)?.lift();
        else sim.phone(1)?.hangUp();
        truth.push(change % 2 === 0);
        await pass(1_200 + Math.floor(random.fraction() * 1_000));
      }
      const hooks = events.flatMap((event) => (event.type === 'hook' ? [event.offHook] : []));
      expect([seed, hooks]).toEqual([seed, truth]);
      expect(events.filter((event) => event.type === 'down')).toEqual([]);
    }
  });

  it('a board of another major version is board.protocol; commands are refused; nothing is thrown', async () => {
    const made = office({ major: 2 });
    made.sim.start();
    made.board.start();
    await made.pass(12_000);
    expect(made.said()).toEqual(['board.protocol']);
    expect(made.board.command(port1, { type: 'ringStop' })).toBe(false);
    expect(made.events[0]).toMatchObject({ say: expect.stringContaining('protocol 2.') });
  });

  it('a device that is missing is board.absent once, and opened when it comes', async () => {
    const made = office();
    made.line.present = false;
    made.sim.start();
    made.board.start();
    await made.pass(10_000);
    expect(made.said()).toEqual(['board.absent']);
    made.line.present = true;
    await made.pass(3_000);
    expect(made.said()).toEqual(['up']);
    made.line.pull();
    await made.pass(500);
    expect(made.said()).toEqual(['board.closed']);
    made.line.present = true;
    await made.pass(3_000);
    expect(made.said()).toEqual(['up']);
  });

  it('a silent board is reset through GPIO, and the line lamp shows whether it is up', async () => {
    const made = await upOffice();
    expect(made.gpio.lit).toEqual(['line']);
    made.sim.vanish(8_000);
    await made.pass(2_000);
    expect(made.said()).toEqual(['board.silent']);
    expect([made.gpio.lit, made.gpio.resets]).toEqual([[], 0]);
    await made.pass(5_000);
    expect(made.gpio.resets).toBe(1);
    expect(made.gpio.resetActive).toBe(false);
    await made.pass(4_000);
    expect(made.said()).toEqual(['up']);
    expect(made.gpio.lit).toEqual(['line']);
  });

  it('a lost supply is a coded warning', async () => {
    const made = await upOffice();
    made.gpio.setPower(false);
    expect(made.said()).toEqual(['board.power']);
  });

  it('what the board hears badly, as its heartbeat counts it, is a coded warning', async () => {
    const made = await upOffice();
    made.line.weather.flipShare = 1;
    for (const reversed of [true, false, true]) made.board.command(port1, { type: 'polarity', reversed });
    made.line.weather.flipShare = 0;
    await made.pass(1_000);
    expect(made.said()).toContain('board.hearsBadly');
    expect(made.sim.state().ports[0]?.reversed).toBe(true);
  });

  it('a lost box is noticed by the board: ringing stops, audio goes off', async () => {
    const made = await upOffice();
    made.board.command(port1, { type: 'ring', cadence: [1_000, 2_000] });
    made.board.command(port1, { type: 'audio', on: true });
    await made.pass(100);
    expect(made.sim.state().ports[0]).toMatchObject({ ringing: true, audio: true });
    await made.board.stop();
    await made.pass(2_000);
    expect(made.sim.state()).toMatchObject({ session: false });
    expect(made.sim.state().ports[0]).toMatchObject({ ringing: false, audio: false });
    expect(made.sim.phone(1)?.ringing).toBe(false);
  });

  it('T.38 passes both ways through a board that has the processor, and is refused by one that has not', async () => {
    const fax = await upOffice({ capabilities: ['pcm', 't38'] });
    const heard: string[] = [];
    fax.sim.onT38((port, sequence, ifp) =>
      heard.push(`${port} ${sequence} ${Buffer.from(ifp).toString('hex')}`),
    );
    for (let sequence = 0; sequence < 5; sequence++) {
      fax.board.command(port1, { type: 't38', sequence, ifp: Buffer.from([6, sequence]) });
      fax.sim.sendT38(port1, sequence, 3, Buffer.from([7, sequence]));
    }
    await fax.pass(100);
    expect(heard).toEqual(['1 0 0600', '1 1 0601', '1 2 0602', '1 3 0603', '1 4 0604']);
    const got = fax.events.flatMap((event) => (event.type === 't38' ? [[event.sequence, event.copies]] : []));
    expect(got).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
      [3, 3],
      [4, 3],
    ]);
    const plain = await upOffice({ capabilities: ['pcm'] });
    plain.board.command(port1, { type: 't38', sequence: 0, ifp: Buffer.from([6]) });
    plain.board.command(port1, { type: 'measure', request: 1 });
    await plain.pass(100);
    expect(plain.said()).toEqual(['board.refused']);
  });

  it('a command that does not fit a frame, or goes to a port that is not there, is refused', async () => {
    const { board } = await upOffice();
    expect(board.command(port1, { type: 't38', sequence: 0, ifp: new Uint8Array(2_000) })).toBe(false);
    expect(board.command(3 as PortNumber, { type: 'ringStop' })).toBe(false);
    expect(board.command(port1, { type: 'callerId', ulaw: new Uint8Array(16_000) })).toBe(true);
  });

  it('a minute of noise: the session lives, warnings are told at most once a second', async () => {
    const made = await upOffice();
    for (let second = 0; second < 60; second++) {
      for (let burst = 0; burst < 10; burst++) {
        made.sim.garbage(500);
        await made.pass(100);
      }
    }
    const said = made.said();
    expect(said.every((name) => name === 'board.garbage')).toBe(true);
    expect(said.length).toBeGreaterThan(30);
    expect(said.length).toBeLessThanOrEqual(61);
    expect(made.board.identity?.ports).toBe(2);
  });
});

it('a UART that clamps its speed is noticed; 2 % is tolerated', () => {
  expect(baudRateIsOff(3_000_000, 1_500_000)).toBe(true);
  expect(baudRateIsOff(3_000_000, 3_050_000)).toBe(false);
  expect(baudRateIsOff(3_000_000, undefined)).toBe(false);
});

it('the warning gate tells how many it has held back', () => {
  const gate = new WarningGate(1_000);
  expect([gate.admit('a', 0), gate.admit('a', 10), gate.admit('a', 20), gate.admit('b', 30)]).toEqual([
    1, 0, 0, 1,
  ]);
  expect(gate.admit('a', 1_000)).toBe(3);
});

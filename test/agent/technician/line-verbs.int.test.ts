import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { MediaCommand } from '../../../agent/media/protocol.ts';
import { Technician } from '../../../agent/technician/index.ts';
import { createBoardDriver } from '../../../hal/driver/board-driver.ts';
import { SimulatedBoard } from '../../../hal/sim/simulated-board.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { VirtualLine } from '../../hal/driver/virtual-line.ts';
import { type Ran, runCli } from '../cli/run-cli.ts';
import { SampleBox, sampleCall, sampleLine } from '../cli/sample-box.ts';

/** The command, the local API, the tools, the media engine, the serial line, the board and the wires to the phones. */
const folder = mkdtempSync(join(tmpdir(), 'engawa-technician-'));
const socket = join(folder, 'agent.sock');
const log = silentLog();
let sim: SimulatedBoard;
let engine: MediaEngine;
let api: Running;
let technician: Technician;
let boardDown: string | undefined;
let box: SampleBox;

const line = (...argv: string[]): Promise<Ran> => runCli(['line', ...argv, '--socket', socket]);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  const wires = new VirtualLine(systemClock, systemRandom);
  sim = new SimulatedBoard({
    device: 'board',
    ports: 2,
    clock: systemClock,
    random: systemRandom,
    log,
    open: wires.opener('board'),
  });
  const board = createBoardDriver({
    device: 'box',
    clock: systemClock,
    random: systemRandom,
    log,
    open: wires.opener('box'),
  });
  engine = new MediaEngine({ board, clock: systemClock, random: systemRandom, log, captureFolder: folder });
  box = new SampleBox();
  technician = new Technician({
    media: {
      connected: true,
      request: ((command: MediaCommand) => engine.execute(command)) as never,
    },
    clock: systemClock,
    lines: () => box.lines(),
    calls: () => box.calls(),
    boardDown: () => boardDown,
  });
  engine.adopt((event) => technician.event(event));
  sim.start();
  engine.start();
  api = await startLocalApi({ socket, source: box, tools: technician, clock: systemClock, log });
  await wait(800);
});

afterAll(async () => {
  await api.stop();
  await technician.close();
  await engine.stop();
  await sim.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  boardDown = undefined;
  box.current = { ...box.current, lines: [sampleLine(1), sampleLine(2)] };
  box.history = [];
  for (const port of [1, 2]) {
    sim.setFault(port, undefined);
    sim.phone(port)?.hangUp();
  }
});

describe('engawa line test', () => {
  it('finds a good line good, within a second', async () => {
    const ran = await line('test', '1');
    expect(ran.out).toContain('[4/5] OK    ringer            REN 1.00');
    expect(ran.out).toContain('5 of 5 good.');
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.columns).toBeLessThanOrEqual(80);
  });

  it('names what is wrong, with a code to read out and what to do', async () => {
    sim.setFault(2, { leakageKohm: 40, ren: 0 });
    const ran = await line('test', '2');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('FAIL  leakage           40 kohm');
    expect(ran.out).toContain('E-LINE-204');
    expect(ran.out).toContain('E-LINE-207');
    expect(ran.out).toContain('-> engawa line test 2');
    const json = JSON.parse((await line('test', '2', '--json')).out);
    expect(json).toMatchObject({
      v: 1,
      line: { port: 2, verdict: 'FAIL', measured: { leakageKohm: 40, renHundredths: 0 } },
    });
  });

  it('measures a phone that is off hook, and gives it its sound back', async () => {
    sim.phone(1)?.lift();
    await wait(100);
    const ran = await line('test', '1');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('23.5 mA');
    await wait(100);
    expect(sim.state().ports[0]?.audio).toBe(true);
  });

  it('does not cut into a call without --force, and never into an emergency call', async () => {
    box.history = [sampleCall({ line: 2 })];
    const refused = await line('test', '2');
    expect(refused.code).toBe(5);
    expect(refused.err).toContain('0355550123');
    expect(refused.err).toContain('engawa line test 2 --force');
    expect((await line('test', '2', '--force')).code).toBe(0);
    for (const to of ['119', '184110']) {
      box.history = [sampleCall({ line: 2, to })];
      for (const tool of [['test'], ['tone'], ['loopback'], ['capture', join(folder, 'no.wav')]]) {
        const [name = '', ...rest] = tool;
        const ran = await line(name, '2', ...rest, '--force');
        expect(ran.code).toBe(5);
        expect(ran.err).toContain('emergency');
      }
    }
  });

  it('says what there is not: line, board, sense', async () => {
    expect((await line('test', '7')).code).toBe(10);
    expect((await line('test', '9')).code).toBe(2);
    expect((await line('tone', '1', '--for', '0')).code).toBe(2);
    expect((await line('tone', '1', 'nonsense')).code).toBe(2);
    boardDown = 'The board is silent.';
    const ran = await line('test', '1');
    expect(ran).toMatchObject({ code: 7 });
    expect(ran.err).toContain('The board is silent.');
    expect((await runCli(['line', 'test', '1', '--socket', '/nowhere'])).code).toBe(8);
    expect((await line()).out).toContain('PORT');
  });
});

describe('engawa line tone, loopback, ring', () => {
  it('plays a tone to the lifted phone and ends it', async () => {
    sim.phone(1)?.lift();
    await wait(100);
    expect(await line('tone', '1', 'reference', '--for', '5')).toMatchObject({ code: 0 });
    await wait(150);
    const heard = await sim.phone(1)?.hear(300);
    expect(heard?.tones[0]?.hz).toBeCloseTo(1_020, -1);
    expect((await line('stop', '1')).code).toBe(0);
    await wait(150);
    expect((await sim.phone(1)?.hear(200))?.levelDbm0).toBeLessThan(-60);
  });

  it('gives the phone its own voice', async () => {
    sim.phone(1)?.lift();
    sim.phone(1)?.speak({ hz: 1_500, levelDbm0: -12 });
    await wait(100);
    expect((await line('loopback', '1', '--for', '2')).code).toBe(0);
    await wait(150);
    expect((await sim.phone(1)?.hear(300))?.tones[0]?.hz).toBeCloseTo(1_500, -1);
    await line('stop', '1');
  });

  it('rings for a second and is quiet by itself', async () => {
    const ran = await line('ring', '2', 'short', '--for', '1', '--json');
    expect(JSON.parse(ran.out)).toMatchObject({ v: 1, line: { port: 2, forMs: 1_000 } });
    await wait(300);
    expect(sim.state().ports[1]?.ringing).toBe(true);
    await wait(1_000);
    expect(sim.state().ports[1]?.ringing).toBe(false);
  });

  it('does not ring a phone in a call', async () => {
    box.history = [sampleCall({ line: 2, state: 'ringing' })];
    expect((await line('ring', '2')).code).toBe(5);
  });
});

describe('engawa line capture', () => {
  it('writes a WAV of both directions and leaves no copy in the box', async () => {
    sim.phone(1)?.lift();
    sim.phone(1)?.speak({ hz: 1_500, levelDbm0: -12 });
    await wait(100);
    const file = join(folder, 'talk.wav');
    const ran = await line('capture', '1', file, '--for', '1', '--ulaw');
    expect(ran.code).toBe(0);
    const wav = readFileSync(file);
    expect(wav.subarray(8, 12).toString()).toBe('WAVE');
    expect([wav.readUInt16LE(20), wav.readUInt16LE(22), wav.readUInt32LE(24)]).toEqual([7, 2, 8_000]);
    expect(wav.length).toBe(58 + 16_000);
    expect(
      readFileSync(file)
        .subarray(100)
        .some((byte) => byte !== 0xff),
    ).toBe(true);
    const again = await runCli(['line', 'stop', '1', '--socket', socket]);
    expect(again.code).toBe(0);
  });

  it('takes what there is when it is ended early', async () => {
    sim.phone(1)?.lift();
    await wait(100);
    const ended = new AbortController();
    const file = join(folder, 'short.wav');
    const running = runCli(['line', 'capture', '1', file, '--for', '60', '--socket', socket], {
      signal: ended.signal,
    });
    await wait(600);
    ended.abort();
    expect((await running).code).toBe(0);
    const seconds = (readFileSync(file).length - 44) / 32_000;
    expect(seconds).toBeGreaterThan(0.2);
    expect(seconds).toBeLessThan(5);
  });
});

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BoardSimulator, startBoardSimulator } from '../../support/board-simulator.ts';
import { type PtyPair, startPtyPair } from '../../support/pty-pair.ts';

const root = join(import.meta.dirname, '../../..');

describe('simulated board as a program', () => {
  let pair: PtyPair;
  let sim: BoardSimulator;
  beforeAll(async () => {
    pair = await startPtyPair();
    sim = await startBoardSimulator({ device: pair.board, ports: 3 });
  });
  afterAll(async () => {
    await sim?.stop();
    await pair?.stop();
  });

  it('has as many ports as it was told, all on hook, and no session without a box', async () => {
    const state = await sim.control.state();
    expect(state.ports.map((port) => [port.port, port.offHook])).toEqual([
      [1, false],
      [2, false],
      [3, false],
    ]);
    expect(state).toMatchObject({ powered: true, session: false });
  });

  it('refuses a port that is not there and digits that are none, and goes on', async () => {
    await expect(sim.control.lift(4)).rejects.toMatchObject({ code: 'control.noSuchPort' });
    await expect(sim.control.dial(1, 'x')).rejects.toMatchObject({ code: 'control.badRequest' });
    await sim.control.lift(3);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await sim.control.state()).ports[2]?.offHook).toBe(true);
    await sim.control.hangUp(3);
  });

  it('survives garbage on its control socket', async () => {
    const socket = connect(`${pair.board}.control.${process.pid}`);
    const said = await new Promise<string>((resolve) => {
      socket.on('data', (chunk: Buffer) => resolve(chunk.toString()));
      socket.write('{not json\n');
    });
    socket.destroy();
    expect(JSON.parse(said)).toMatchObject({ ok: false, code: 'control.badRequest' });
    expect((await sim.control.state()).powered).toBe(true);
  });

  it('an ear on a lifted handset without a call hears silence', async () => {
    await sim.control.lift(1);
    const heard = await sim.control.hear(1, 300);
    expect(heard).toMatchObject({ levelDbm0: -96, tones: [] });
    expect(heard.windows.map((window) => window.hz)).toEqual([0, 0, 0]);
    await sim.control.hangUp(1);
  });
});

it.each([
  ['no device', ['--control', '/tmp/engawa-none.sock'], 'sim.usage'],
  ['a flag that does not exist', ['--colour', 'red'], 'sim.usage'],
  [
    'nine ports',
    ['--device', '/dev/null', '--control', '/tmp/engawa-none.sock', '--ports', '9'],
    'sim.usage',
  ],
  [
    'a folder that does not exist',
    ['--device', '/dev/null', '--control', '/nonexistent/x.sock'],
    'sim.control',
  ],
])('%s: one sentence and exit 1', async (_name, flags, code) => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'hal/sim/main.ts', ...flags], { cwd: root });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exit = await new Promise((resolve) => child.once('close', resolve));
  const lines = said.trim().split('\n');
  expect([exit, lines.length]).toEqual([1, 1]);
  expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ event: 'fatal', code });
});

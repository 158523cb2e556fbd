import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { BoardGuard } from '../../../agent/media/board-guard.ts';
import { gpioBackend } from '../../../agent/media/gpio-plan.ts';
import type { BoardDownCode } from '../../../hal/board.ts';
import { FakeGpio } from '../../../hal/gpio/fake-gpio.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { FAKE_BOARD, FakeBoard } from '../../support/fake-board.ts';

let clock: VirtualClock;
let gpio: FakeGpio;
let board: FakeBoard;
let guard: BoardGuard;
let warnings: string[];

const down = (code: BoardDownCode): void => board.emit({ type: 'down', code, say: '' });

beforeEach(() => {
  clock = new VirtualClock();
  gpio = new FakeGpio();
  board = new FakeBoard();
  warnings = [];
  guard = new BoardGuard({ gpio, board, clock, warn: (code) => warnings.push(code) });
  guard.start();
  board.emit({ type: 'up', board: FAKE_BOARD });
});

describe('the guard of the board', () => {
  it('resets a board that stays silent, each time later, and stops when it is up', () => {
    down('board.silent');
    clock.advance(9_999);
    expect(gpio.resetActive).toBe(false);
    clock.advance(1);
    expect(gpio.resetActive).toBe(true);
    clock.advance(100);
    expect([gpio.resetActive, gpio.resets]).toEqual([false, 1]);
    clock.advance(20_100);
    expect(gpio.resets).toBe(2);
    board.emit({ type: 'up', board: FAKE_BOARD });
    clock.advance(1_000_000);
    expect(gpio.resets).toBe(2);
    expect(warnings).toEqual(['board.reset', 'board.reset']);
    expect(clock.names()).toEqual([]);
  });

  it('does not reset for a cable, a foreign protocol, or while the supply is bad', () => {
    for (const code of ['board.absent', 'board.protocol', 'board.restarted'] as const) down(code);
    clock.advance(60_000);
    expect(gpio.resets).toBe(0);
    gpio.setPower(false);
    down('board.silent');
    clock.advance(12_000);
    expect(gpio.resets).toBe(0);
    expect(warnings).toEqual(['board.powerFail']);
    gpio.setPower(true);
    clock.advance(20_000);
    expect(gpio.resets).toBe(1);
  });

  it('shows agent, lifted phones and a missing board on the front', () => {
    expect(gpio.lit).toEqual(['power']);
    guard.agent(true);
    board.hook(1, true);
    board.hook(2, true);
    board.hook(1, false);
    expect(gpio.lit).toEqual(['power', 'service', 'line']);
    down('board.silent');
    expect(gpio.lit).toEqual(['power', 'service', 'alarm']);
    guard.stop();
    expect(gpio.lit).toEqual([]);
  });
});

describe('the wiring of the box', () => {
  const wire = { chip: 'gpio-box', line: 4, activeLow: true };
  const leds = { power: wire, service: wire, line: wire, alarm: wire };

  function planOf(text: string): unknown {
    const file = join(mkdtempSync(join(tmpdir(), 'gpio-')), 'plan.json');
    writeFileSync(file, text);
    const backend = gpioBackend(file, () => {});
    return backend.ok ? backend.value.use : backend.error.say.split('plan.json ')[1];
  }

  it('is a file by chip label and line, or a fake', () => {
    expect(gpioBackend('fake', () => {})).toEqual({ ok: true, value: { use: 'fake' } });
    expect(planOf(JSON.stringify({ boardReset: wire, powerGood: wire, leds }))).toBe('onoff');
  });

  it('is refused in a sentence when it is wrong', () => {
    expect(gpioBackend('/nowhere/plan.json', () => {})).toMatchObject({ error: { code: 'media.gpioPlan' } });
    expect(planOf('{')).toBe('is not JSON.');
    expect(planOf(JSON.stringify({ boardReset: { ...wire, line: -1 }, powerGood: wire, leds }))).toMatch(
      /^boardReset.line: /,
    );
  });

  it('shows what the agent says of the box, and blinks where something is to be looked at', () => {
    guard.agent(true);
    expect(gpio.lit).toEqual(['power', 'service']);
    guard.tell({ service: false, worst: 'warning' });
    expect(gpio.lit).toEqual(['power', 'service', 'alarm']);
    clock.advance(500);
    expect(gpio.lit).toEqual(['power']);
    clock.advance(500);
    expect([...gpio.lit].sort()).toEqual(['alarm', 'power', 'service']);
    guard.tell({ service: true, worst: 'error' });
    clock.advance(10_250);
    expect([...gpio.lit].sort()).toEqual(['alarm', 'power', 'service']);
    guard.tell({ service: true, worst: null });
    expect([...gpio.lit].sort()).toEqual(['power', 'service']);
    expect(clock.names()).toEqual([]);
    guard.agent(false);
    expect(gpio.lit).toEqual(['power']);
  });
});

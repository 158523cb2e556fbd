import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GpioPlan } from '../../../hal/gpio/gpio.ts';
import { type OnoffLine, openOnoffGpio } from '../../../hal/gpio/onoff-gpio.ts';
import { resolveGpioNumber } from '../../../hal/gpio/sysfs.ts';

let sysfs = '';
beforeEach(() => {
  sysfs = mkdtempSync(join(tmpdir(), 'engawa-gpio-'));
  addChip(504, 'pinctrl-bcm2835', 54);
  addChip(570, 'pca9555', 16);
});
afterEach(() => rmSync(sysfs, { recursive: true }));

function addChip(base: number, label: string, count: number): void {
  const folder = join(sysfs, `gpiochip${base}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'label'), `${label}\n`);
  writeFileSync(join(folder, 'base'), `${base}\n`);
  writeFileSync(join(folder, 'ngpio'), `${count}\n`);
}

const at = (chip: string, line: number, activeLow = false) => ({ chip, line, activeLow });
const plan: GpioPlan = {
  boardReset: at('pca9555', 0, true),
  powerGood: at('pca9555', 1),
  leds: {
    power: at('pinctrl-bcm2835', 17),
    service: at('pinctrl-bcm2835', 18),
    line: at('pinctrl-bcm2835', 22),
    alarm: at('pinctrl-bcm2835', 23),
  },
};

/** Stands for onoff's class: remembers lines by kernel number. */
function fakeOnoff() {
  const lines = new Map<
    number,
    { args: unknown[]; value: 0 | 1; exported: boolean; edge?: (value: 0 | 1) => void }
  >();
  class Gpio implements OnoffLine {
    readonly #number: number;
    constructor(number: number, ...args: unknown[]) {
      this.#number = number;
      lines.set(number, { args, value: 0, exported: true });
    }
    readSync(): 0 | 1 {
      return this.#line().value;
    }
    writeSync(value: 0 | 1): void {
      this.#line().value = value;
    }
    watch(listener: (error: null, value: 0 | 1) => void): void {
      this.#line().edge = (value) => listener(null, value);
    }
    unexport(): void {
      this.#line().exported = false;
    }
    #line() {
      const line = lines.get(this.#number);
      if (line === undefined) throw new Error('ENOENT');
      return line;
    }
  }
  return { Gpio, lines };
}

describe('onoff backend', () => {
  it('finds lines by chip label, whatever number the kernel gave', async () => {
    const { Gpio, lines } = fakeOnoff();
    const opened = await openOnoffGpio({ plan, sysfs, onFault: () => undefined, load: async () => Gpio });
    expect(opened.ok).toBe(true);
    expect([...lines.keys()].sort()).toEqual([521, 522, 526, 527, 570, 571]);
    expect(lines.get(570)?.args).toEqual(['high', 'none', { activeLow: true }]);
    expect(lines.get(571)?.args).toEqual(['in', 'both', { activeLow: false }]);
  });

  it('drives reset and lamps, reads and watches power-good, gives everything back', async () => {
    const { Gpio, lines } = fakeOnoff();
    const opened = await openOnoffGpio({ plan, sysfs, onFault: () => undefined, load: async () => Gpio });
    if (!opened.ok) throw new Error(opened.error.say);
    const gpio = opened.value;
    const heard: boolean[] = [];
    gpio.onPowerGood((good) => heard.push(good));
    gpio.setReset(true);
    gpio.setLed('alarm', true);
    expect([lines.get(570)?.value, lines.get(527)?.value, gpio.powerGood()]).toEqual([1, 1, false]);
    lines.get(571)?.edge?.(1);
    expect(heard).toEqual([true]);
    gpio.stop();
    expect([...lines.values()].every((line) => !line.exported && line.value === 0)).toBe(true);
  });

  it('a line that fails in use is told, not thrown', async () => {
    const { Gpio, lines } = fakeOnoff();
    const faults: string[] = [];
    const opened = await openOnoffGpio({
      plan,
      sysfs,
      onFault: (say) => faults.push(say),
      load: async () => Gpio,
    });
    if (!opened.ok) throw new Error(opened.error.say);
    lines.clear();
    expect(opened.value.powerGood()).toBeUndefined();
    opened.value.setLed('power', true);
    opened.value.stop();
    expect(faults[0]).toContain('power-good');
    expect(faults[1]).toContain('power lamp');
  });

  it('an unknown chip is refused with the labels that were seen, and lines already taken are given back', async () => {
    const { Gpio, lines } = fakeOnoff();
    const wrong = { ...plan, powerGood: at('pca9535', 1) };
    const opened = await openOnoffGpio({
      plan: wrong,
      sysfs,
      onFault: () => undefined,
      load: async () => Gpio,
    });
    expect(opened).toMatchObject({ ok: false, error: { code: 'gpio.noChip', fault: 'environment' } });
    expect(opened.ok ? '' : opened.error.say).toContain('"pca9555"');
    expect(lines.get(570)?.exported).toBe(false);
  });

  it('a package that cannot be loaded is refused, not thrown', async () => {
    const load = async (): Promise<never> => {
      throw new Error('no native module');
    };
    const opened = await openOnoffGpio({ plan, sysfs, onFault: () => undefined, load });
    expect(opened).toMatchObject({ ok: false, error: { code: 'gpio.notLoaded' } });
  });
});

it('a line beyond the end of its chip is refused', () => {
  expect(resolveGpioNumber(at('pca9555', 15), sysfs)).toEqual({ ok: true, value: 585 });
  expect(resolveGpioNumber(at('pca9555', 16), sysfs)).toMatchObject({
    ok: false,
    error: { code: 'gpio.noLine' },
  });
  expect(resolveGpioNumber(at('x', 0), '/nonexistent')).toMatchObject({
    ok: false,
    error: { code: 'gpio.noChip' },
  });
});

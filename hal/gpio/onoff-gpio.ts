import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { type BoardGpio, type GpioLine, type GpioPlan, type GpioRefusal, LEDS, type Led } from './gpio.ts';
import { resolveGpioNumber, SYSFS_GPIO } from './sysfs.ts';

/** What is used of an `onoff` Gpio. */
export interface OnoffLine {
  readSync(): 0 | 1;
  writeSync(value: 0 | 1): void;
  watch(listener: (error: Error | null | undefined, value: 0 | 1) => void): void;
  unexport(): void;
}

/** The constructor of `onoff`, or a test's. */
export type OnoffConstructor = new (
  number: number,
  direction: 'in' | 'low' | 'high',
  edge?: 'none' | 'both',
  options?: { readonly activeLow?: boolean },
) => OnoffLine;

export interface OnoffOptions {
  readonly plan: GpioPlan;
  /** A line that fails while in use; told once a failure, never thrown. */
  readonly onFault: (say: string) => void;
  readonly sysfs?: string;
  readonly load?: () => Promise<OnoffConstructor>;
}

/**
 * GPIO through `onoff` (sysfs). The package is loaded only here, because it needs a native module that no machine
 * without GPIO should have to build.
 */
export async function openOnoffGpio(options: OnoffOptions): Promise<Result<BoardGpio, GpioRefusal>> {
  const load = options.load ?? loadOnoff;
  let Gpio: OnoffConstructor;
  try {
    Gpio = await load();
  } catch (error) {
    const say = `The package onoff cannot be loaded (${String(error)}). Build its native module, or choose another GPIO backend.`;
    return refuse({ code: 'gpio.notLoaded', fault: 'environment', say });
  }
  return openLines(Gpio, options);
}

async function loadOnoff(): Promise<OnoffConstructor> {
  return (await import('onoff')).Gpio;
}

function openLines(Gpio: OnoffConstructor, options: OnoffOptions): Result<BoardGpio, GpioRefusal> {
  const { plan, sysfs = SYSFS_GPIO, onFault } = options;
  const opened: OnoffLine[] = [];
  const abandon = (error: GpioRefusal): Result<BoardGpio, GpioRefusal> => {
    for (const line of opened) quietly(() => line.unexport());
    return refuse(error);
  };
  const claim = (wanted: GpioLine, input: boolean): Result<OnoffLine, GpioRefusal> => {
    const number = resolveGpioNumber(wanted, sysfs);
    if (!number.ok) return number;
    try {
      const { activeLow } = wanted;
      // `low` and `high` are physical levels in the kernel's direction file: begin with the inactive one.
      const inactive = activeLow ? 'high' : 'low';
      const line = new Gpio(number.value, input ? 'in' : inactive, input ? 'both' : 'none', { activeLow });
      opened.push(line);
      return ok(line);
    } catch (error) {
      const say = `GPIO line ${wanted.line} of "${wanted.chip}" cannot be taken (${String(error)}). Check the rights on ${sysfs} and that nothing else uses the line.`;
      return refuse({ code: 'gpio.denied', fault: 'environment', say });
    }
  };
  const reset = claim(plan.boardReset, false);
  if (!reset.ok) return abandon(reset.error);
  const power = claim(plan.powerGood, true);
  if (!power.ok) return abandon(power.error);
  const lamps = new Map<Led, OnoffLine>();
  for (const led of LEDS) {
    const lamp = claim(plan.leds[led], false);
    if (!lamp.ok) return abandon(lamp.error);
    lamps.set(led, lamp.value);
  }
  return ok(new OnoffGpio({ reset: reset.value, power: power.value, lamps }, onFault));
}

interface Lines {
  readonly reset: OnoffLine;
  readonly power: OnoffLine;
  readonly lamps: ReadonlyMap<Led, OnoffLine>;
}

class OnoffGpio implements BoardGpio {
  readonly #lines: Lines;
  readonly #onFault: (say: string) => void;
  readonly #listeners: ((good: boolean) => void)[] = [];

  constructor(lines: Lines, onFault: (say: string) => void) {
    this.#lines = lines;
    this.#onFault = onFault;
    this.#guard('watch power-good', () =>
      lines.power.watch((error, value) => {
        if (error) this.#onFault(`GPIO: cannot watch power-good (${error.message}).`);
        else for (const listener of this.#listeners) listener(value === 1);
      }),
    );
  }

  setReset(active: boolean): void {
    this.#guard('set the board reset', () => this.#lines.reset.writeSync(active ? 1 : 0));
  }

  powerGood(): boolean | undefined {
    return this.#guard('read power-good', () => this.#lines.power.readSync() === 1);
  }

  onPowerGood(listener: (good: boolean) => void): void {
    this.#listeners.push(listener);
  }

  setLed(led: Led, on: boolean): void {
    this.#guard(`set the ${led} lamp`, () => this.#lines.lamps.get(led)?.writeSync(on ? 1 : 0));
  }

  stop(): void {
    this.setReset(false);
    for (const led of LEDS) this.setLed(led, false);
    const { reset, power, lamps } = this.#lines;
    for (const line of [reset, power, ...lamps.values()]) quietly(() => line.unexport());
  }

  #guard<Value>(what: string, action: () => Value): Value | undefined {
    try {
      return action();
    } catch (error) {
      this.#onFault(`GPIO: cannot ${what} (${String(error)}).`);
      return undefined;
    }
  }
}

/** Giving a line back may fail when it is already gone; there is nothing left to do about it. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    return;
  }
}

import type { BoardGpio, Led } from './gpio.ts';

/** GPIO of a machine without any: remembers what was set, and lets a test drop the power. */
export class FakeGpio implements BoardGpio {
  readonly #lit = new Set<Led>();
  readonly #listeners: ((good: boolean) => void)[] = [];
  #power = true;
  #reset = false;
  #resets = 0;

  /** How many times reset was let go. */
  get resets(): number {
    return this.#resets;
  }

  get resetActive(): boolean {
    return this.#reset;
  }

  get lit(): readonly Led[] {
    return [...this.#lit];
  }

  setReset(active: boolean): void {
    if (this.#reset && !active) this.#resets++;
    this.#reset = active;
  }

  powerGood(): boolean {
    return this.#power;
  }

  onPowerGood(listener: (good: boolean) => void): void {
    this.#listeners.push(listener);
  }

  setLed(led: Led, on: boolean): void {
    if (on) this.#lit.add(led);
    else this.#lit.delete(led);
  }

  stop(): void {
    this.setReset(false);
    this.#lit.clear();
  }

  /** The supply of the board goes or comes. */
  setPower(good: boolean): void {
    if (good === this.#power) return;
    this.#power = good;
    for (const listener of this.#listeners) listener(good);
  }
}

import type { Socket } from 'node:net';
import { LabError } from './lab-error.ts';
import { readQtestLine, setPin, watchPins } from './qtest-lines.ts';
import { connectSoon } from './talk.ts';

/** Signals of the box by their lines at the chip, as `/etc/engawa/gpio.json` of the emulated box has them. */
export const PINS = { boardReset: 0, powerGood: 1, power: 2, service: 4, line: 5, alarm: 6 } as const;
export type Pin = keyof typeof PINS;

/** A change that was seen. */
export interface PinChange {
  readonly pin: Pin;
  readonly high: boolean;
  readonly atMs: number;
}

/** The signals beside the board's serial line, driven and seen from outside of the emulated box. */
export class Gpio {
  readonly #socket: Socket;
  readonly #device: string;
  readonly #levels = new Map<number, boolean>();
  readonly #inputs = new Map<Pin, boolean>();
  /** Every change since the box was switched on. */
  readonly changes: PinChange[] = [];
  #answers: ((say: string | undefined) => void)[] = [];
  #changed: (() => void)[] = [];
  #rest = '';

  private constructor(socket: Socket, device: string) {
    this.#socket = socket;
    this.#device = device;
    socket.setEncoding('utf8');
    socket.on('data', (piece: string) => this.#take(piece));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const answer of this.#answers.splice(0)) answer('the emulated machine is off');
    });
  }

  /** `device` is the chip's place in QEMU's tree. */
  static async open(path: string, device: string): Promise<Gpio> {
    const gpio = new Gpio(await connectSoon(path), device);
    await gpio.#ask(watchPins(device));
    return gpio;
  }

  /** Level of an output of the box; low as long as it was never driven. */
  level(pin: Pin): boolean {
    return this.#levels.get(PINS[pin]) ?? false;
  }

  /** Drives an input of the box. */
  async drive(pin: Pin, high: boolean): Promise<void> {
    this.#inputs.set(pin, high);
    await this.#ask(setPin(this.#device, PINS[pin], high));
  }

  /** The chip forgets its inputs when the machine starts anew. */
  async driveAgain(): Promise<void> {
    for (const [pin, high] of this.#inputs) await this.#ask(setPin(this.#device, PINS[pin], high));
  }

  /** Waits until an output has that level; at once where it has. */
  async until(pin: Pin, high: boolean, limitMs: number): Promise<void> {
    await this.#wait(() => this.level(pin) === high, limitMs, `${pin} did not go ${high ? 'high' : 'low'}`);
  }

  /** Waits for a change that happens from now on. */
  async next(pin: Pin, high: boolean, limitMs: number): Promise<PinChange> {
    const from = this.changes.length;
    const found = (): PinChange | undefined =>
      this.changes.slice(from).find((change) => change.pin === pin && change.high === high);
    await this.#wait(
      () => found() !== undefined,
      limitMs,
      `${pin} did not change to ${high ? 'high' : 'low'}`,
    );
    return found() as PinChange;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #wait(so: () => boolean, limitMs: number, say: string): Promise<void> {
    const end = performance.now() + limitMs;
    while (!so()) {
      const leftMs = end - performance.now();
      if (leftMs <= 0) throw new LabError(`the signal ${say} within ${Math.round(limitMs / 1_000)} s`);
      await new Promise<void>((resolve) => {
        const limit = setTimeout(resolve, leftMs);
        this.#changed.push(() => {
          clearTimeout(limit);
          resolve();
        });
      });
    }
  }

  #ask(command: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answers.push((say) => (say === undefined ? resolve() : reject(new LabError(`QEMU: ${say}`))));
      this.#socket.write(command);
    });
  }

  #take(piece: string): void {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const said = readQtestLine(line);
      if (said.kind === 'ok') this.#answers.shift()?.(undefined);
      if (said.kind === 'refusal') this.#answers.shift()?.(said.say);
      if (said.kind === 'pin') this.#see(said.line, said.high);
    }
  }

  #see(line: number, high: boolean): void {
    const pin = (Object.keys(PINS) as Pin[]).find((name) => PINS[name] === line);
    if (pin === undefined || this.#levels.get(line) === high) return;
    this.#levels.set(line, high);
    this.changes.push({ pin, high, atMs: performance.now() });
    for (const changed of this.#changed.splice(0)) changed();
  }
}

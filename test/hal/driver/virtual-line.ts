import type { OpenSerialLine, SerialLineEvents } from '../../../hal/driver/serial-line.ts';
import type { Clock } from '../../../lib/base/clock.ts';
import type { Random } from '../../../lib/base/random.ts';

/** How bad a line is: share of writes that are lost or bent. */
export interface Weather {
  lossShare: number;
  flipShare: number;
}

type Side = 'box' | 'board';

/** Two serial devices joined in memory, under a clock of the test's own. 1 ms from end to end. */
export class VirtualLine {
  readonly weather: Weather = { lossShare: 0, flipShare: 0 };
  /** False: opening fails, as when the device does not exist. */
  present = true;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ends: Partial<Record<Side, SerialLineEvents>> = {};

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  opener(side: Side): OpenSerialLine {
    const other: Side = side === 'box' ? 'board' : 'box';
    return async (_device, baudRate, events) => {
      if (!this.present) throw new Error('no such device');
      this.#ends[side] = events;
      return {
        realBaudRate: baudRate,
        behind: false,
        droppedBytes: 0,
        write: (bytes) => this.#carry(bytes, other),
        close: async () => {
          if (this.#ends[side] === events) delete this.#ends[side];
        },
      };
    };
  }

  /** The device is pulled out of the box. */
  pull(): void {
    this.present = false;
    const events = this.#ends.box;
    delete this.#ends.box;
    events?.onClosed('pulled out');
  }

  #carry(bytes: Buffer, to: Side): void {
    if (this.#random.fraction() < this.weather.lossShare) return;
    const bent = Buffer.from(bytes);
    if (this.#random.fraction() < this.weather.flipShare) {
      const at = Math.floor(this.#random.fraction() * bent.length);
      bent[at] = (bent[at] ?? 0) ^ 0x10;
    }
    this.#clock.after(1, 'wire', () => this.#ends[to]?.onBytes(bent));
  }
}

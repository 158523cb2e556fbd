import type { PortNumber } from '../../lib/base/ids.ts';
import type { LineMeasurement } from '../board.ts';
import { TICKS_PER_MS } from './line-card.ts';
import type { SimPort } from './sim-port.ts';

/** A measurement takes this long. */
const MEASURE_MS = 300;
/** Measurements that may be ordered at once. */
const MEASUREMENTS_LIMIT = 8;

/** A measurement that is over. */
export interface Measured {
  readonly port: PortNumber;
  readonly request: number;
  readonly result: LineMeasurement;
}

/** Measurements of lines under way. */
export class Measurements {
  #waiting: { readonly dueTick: number; readonly port: SimPort; readonly request: number }[] = [];

  /** False when too many are under way. */
  order(port: SimPort, request: number, tick: number): boolean {
    if (this.#waiting.length >= MEASUREMENTS_LIMIT) return false;
    this.#waiting.push({ dueTick: (tick + MEASURE_MS * TICKS_PER_MS) >>> 0, port, request });
    return true;
  }

  /** What is over by `tick`. */
  finish(tick: number): Measured[] {
    const due = this.#waiting.filter(({ dueTick }) => ((tick - dueTick) | 0) >= 0);
    this.#waiting = this.#waiting.filter((entry) => !due.includes(entry));
    return due.map(({ port, request }) => ({ port: port.port, request, result: port.measure() }));
  }

  clear(): void {
    this.#waiting = [];
  }
}

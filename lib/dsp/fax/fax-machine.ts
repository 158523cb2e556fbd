import { type Result, refuse } from '../../base/errors.ts';
import type { DspError } from '../errors.ts';
import type { FaxEnd, FaxMachineOptions } from './fax-options.ts';

export type { FaxEnd, FaxMachineOptions } from './fax-options.ts';

/** A whole T.30 fax machine on an audio line, 8,000 samples a second both ways. Holds native memory: `close` it. */
export class FaxMachine {
  #end: FaxEnd | null = null;

  private constructor() {
    this.#end = null;
  }

  static open(_options: FaxMachineOptions): Result<FaxMachine, DspError> {
    return refuse({ code: 'dsp.libraryUnusable', fault: 'environment', say: 'Not available.' });
  }

  get end(): FaxEnd | null {
    return this.#end;
  }

  /** Samples that came from the line. */
  receive(_samples: Int16Array): void {}

  /** Samples that should have come and were lost. */
  receiveMissing(_count: number): void {}

  /** Fills `out` with what goes to the line; silence when there is nothing. */
  transmit(out: Int16Array): void {
    out.fill(0);
  }

  /** Ends the fax as if the line had dropped. */
  terminate(): void {}

  close(): void {}
}

import { type Result, refuse } from '../../base/errors.ts';
import type { DspError } from '../errors.ts';
import type { FaxEnd, FaxMachineOptions, T38Version } from './fax-options.ts';

export interface T38TerminalOptions extends FaxMachineOptions {
  readonly version: T38Version;
  /** An IFP packet for the network: a copy of its own, to be sent `copies` times (≥ 1) under one sequence number. */
  onIfp(ifp: Uint8Array, copies: number): void;
}

/** A whole T.30 fax machine whose line is T.38. Holds native memory: `close` it. */
export class T38Terminal {
  #end: FaxEnd | null = null;

  private constructor() {
    this.#end = null;
  }

  static open(_options: T38TerminalOptions): Result<T38Terminal, DspError> {
    return refuse({ code: 'dsp.libraryUnusable', fault: 'environment', say: 'Not available.' });
  }

  get end(): FaxEnd | null {
    return this.#end;
  }

  /** Time passes: `samples` of 8,000 a second, 160 every 20 ms. */
  tick(_samples: number): void {}

  /** An IFP packet from the network with its UDPTL sequence number, 0 to 65,535. */
  receiveIfp(_ifp: Uint8Array, _sequence: number): void {}

  /** Ends the fax as if the line had dropped. */
  terminate(): void {}

  close(): void {}
}

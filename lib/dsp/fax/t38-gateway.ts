import { type Result, refuse } from '../../base/errors.ts';
import type { DspError } from '../errors.ts';
import type { FaxModems, T38Version } from './fax-options.ts';

export interface T38GatewayOptions {
  readonly version: T38Version;
  readonly ecm: boolean;
  readonly modems: FaxModems;
  /** An IFP packet for the network: a copy of its own, to be sent `copies` times (≥ 1) under one sequence number. */
  onIfp(ifp: Uint8Array, copies: number): void;
  /** A T.30 control frame in clear; `incoming` is true when it came from the network. */
  onControlFrame?(frame: Uint8Array, incoming: boolean): void;
}

export interface T38GatewayFigures {
  readonly bitRate: number;
  readonly ecm: boolean;
  readonly pages: number;
}

/** Audio of a line ↔ IFP packets of T.38. Holds native memory: `close` it. */
export class T38Gateway {
  private constructor() {}

  static open(_options: T38GatewayOptions): Result<T38Gateway, DspError> {
    return refuse({ code: 'dsp.libraryUnusable', fault: 'environment', say: 'Not available.' });
  }

  /** Samples that came from the line. */
  hear(_samples: Int16Array): void {}

  /** Samples of the line that were lost. */
  hearMissing(_count: number): void {}

  /** Fills `out` with what goes to the line. */
  speak(out: Int16Array): void {
    out.fill(0);
  }

  /** An IFP packet from the network with its UDPTL sequence number, 0 to 65,535. */
  receiveIfp(_ifp: Uint8Array, _sequence: number): void {}

  sendIndicator(_indicator: 'cng' | 'ced' | 'noSignal'): void {}

  get figures(): T38GatewayFigures {
    return { bitRate: 0, ecm: false, pages: 0 };
  }

  close(): void {}
}

import { type Result, refuse } from '../base/errors.ts';
import type { DspError } from './errors.ts';

/** Takes the echo of an analog line's hybrid out of what comes from it. Holds native memory: `close` it. */
export class LineEcho {
  /** True while it cancels; false lets everything pass unchanged, as fax and modem signals need it. */
  enabled = true;

  private constructor() {}

  static open(_options: {
    readonly frameSamples: number;
    readonly tailMs: number;
  }): Result<LineEcho, DspError> {
    return refuse({ code: 'dsp.libraryUnusable', fault: 'environment', say: 'Not available.' });
  }

  /** `near` came from the line, `far` was sent to it at the same time; `out` gets `near` without the echo of `far`. */
  cancel(near: Int16Array, _far: Int16Array, out: Int16Array): void {
    out.set(near);
  }

  close(): void {}
}

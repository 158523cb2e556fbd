import { type Result, refuse } from '../base/errors.ts';
import type { DspError } from './errors.ts';

/** Fills lost audio with a continuation of the signal, as modems need it. Holds native memory: `close` it. */
export class SignalConcealment {
  private constructor() {}

  static open(): Result<SignalConcealment, DspError> {
    return refuse({ code: 'dsp.libraryUnusable', fault: 'environment', say: 'Not available.' });
  }

  /** Samples that came; after a loss their start is blended with the fill, in place. */
  received(_samples: Int16Array): void {}

  /** Fills `out` in place of samples that did not come. */
  fill(out: Int16Array): void {
    out.fill(0);
  }

  close(): void {}
}

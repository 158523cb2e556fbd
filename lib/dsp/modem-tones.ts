import { type Result, refuse } from '../base/errors.ts';
import type { DspError } from './errors.ts';

/** What fax machines and modems say first. */
export type ModemTone = 'cng' | 'ced' | 'ansam' | 'ansamPr' | 'ansPr' | 'v21Preamble' | 'callingTone';

/** Finds the tones with which fax machines and modems introduce themselves. Holds native memory: `close` it. */
export class ModemTones {
  private constructor() {}

  static open(): Result<ModemTones, DspError> {
    return refuse({ code: 'dsp.libraryUnusable', fault: 'environment', say: 'Not available.' });
  }

  /** Takes the next samples of the line; answers the tones that became certain in them, in order. */
  push(_samples: Int16Array): ModemTone[] {
    return [];
  }

  close(): void {}
}

import type { CodedError } from '../base/errors.ts';

/** Why the native signal processing library cannot be used. */
export type DspError = CodedError & {
  readonly code: 'dsp.libraryMissing' | 'dsp.libraryUnusable';
  readonly fault: 'environment';
};

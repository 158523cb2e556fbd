import type { CodedError } from '../base/errors.ts';

/** Why a native signal processing library cannot be used. */
export type DspError = CodedError & {
  readonly code: 'dsp.libraryMissing' | 'dsp.libraryUnusable';
  readonly fault: 'environment';
};

/** Why a file of fax pages could not be used. */
export type PageFileError =
  | DspError
  | (CodedError & { readonly code: 'pages.unreadable' | 'pages.unwritable'; readonly fault: 'environment' })
  | (CodedError & {
      readonly code: 'pages.notBilevel' | 'pages.tooLarge';
      readonly fault: 'peer' | 'caller';
    });

import { type Language, languageOf } from './language.ts';
import { type LineInput, StdinLines } from './stdin-lines.ts';

/** The world around the command, handed in so that tests run it in one process. */
export interface CliIo {
  /** Data. */
  out(text: string): void;
  /** Talk: errors and hints. */
  err(text: string): void;
  /** Whether `out` is a terminal that takes colours. */
  readonly colours: boolean;
  /** What the terminal's locale asks for; English unless it says so. */
  readonly language?: Language;
  /** What is typed. */
  readonly input?: LineInput;
  /** Epoch ms. */
  now(): number;
  /** Ends `watch`. */
  readonly signal: AbortSignal;
}

/** The process's own streams and environment. */
export function processIo(signal: AbortSignal): CliIo {
  const { env, stdout } = process;
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    colours: stdout.isTTY === true && !plain,
    language: languageOf(env),
    input: new StdinLines(),
    now: () => Date.now(),
    signal,
  };
}

/** The world around the command, handed in so that tests run it in one process. */
export interface CliIo {
  /** Data. */
  out(text: string): void;
  /** Talk: errors and hints. */
  err(text: string): void;
  /** Whether `out` is a terminal that takes colours. */
  readonly colours: boolean;
  /** Epoch ms. */
  now(): number;
  /** Ends `watch`. */
  readonly signal: AbortSignal;
}

/** What the exit code of `engawa` means. The same numbers in every version. */
export const EXIT = {
  good: 0,
  /** Looked, and found something wrong. */
  fault: 1,
  usage: 2,
  timeOut: 3,
  /** Refused by a rule: a call is on the line. */
  refused: 5,
  notPermitted: 6,
  /** Board or other hardware absent. */
  noHardware: 7,
  notRunning: 8,
  noSuchThing: 10,
  /** A mistake of ours. */
  bug: 70,
} as const;

/** The process's own streams and environment. */
export function processIo(signal: AbortSignal): CliIo {
  const { env, stdout } = process;
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    colours: stdout.isTTY === true && !plain,
    now: () => Date.now(),
    signal,
  };
}

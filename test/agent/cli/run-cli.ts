import { main } from '../../../agent/cli/main.ts';
import type { LineInput } from '../../../agent/cli/stdin-lines.ts';
import { displayWidth } from '../../../agent/cli/text.ts';
import { SAMPLE_NOW } from './sample-box.ts';

/** What a command said and how it ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Columns of the widest line of `out`. */
  readonly columns: number;
}

/** Runs the command in this process. */
export async function runCli(
  argv: readonly string[],
  options: {
    readonly colours?: boolean;
    readonly now?: number;
    readonly signal?: AbortSignal;
    readonly input?: LineInput;
    /** Told of everything that is printed, as it comes. */
    readonly heard?: (text: string) => void;
  } = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await main(argv, {
    out: (text) => {
      out += text;
      options.heard?.(text);
    },
    err: (text) => {
      err += text;
    },
    ...(options.input === undefined ? {} : { input: options.input }),
    colours: options.colours ?? false,
    now: () => options.now ?? SAMPLE_NOW,
    signal: options.signal ?? new AbortController().signal,
  });
  return { code, out, err, columns: Math.max(...out.split('\n').map(displayWidth)) };
}

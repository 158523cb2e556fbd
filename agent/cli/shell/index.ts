import type { CliIo } from '../io.ts';
import { StdinLines } from '../stdin-lines.ts';
import { GLOBAL_FLAGS, VERBS } from '../verb-table.ts';
import { choiceOf } from './complete.ts';
import { type Completer, LinePrompt, type Prompt, TerminalPrompt } from './prompt.ts';
import { quotedWord, splitWords } from './split-words.ts';

const PROMPT = 'engawa> ';

/** What the shell is made of. */
export interface ShellParts {
  readonly io: CliIo;
  /** Runs one verb; answers its exit code. */
  readonly run: (words: readonly string[], io: CliIo) => Promise<number>;
  readonly prompt: Prompt;
  /** The first line. */
  readonly greeting: string;
  /** Calls back when somebody presses Ctrl-C while a verb runs; answers how to stop listening. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

/** The verbs, without typing `engawa`, until `exit`. Resolves with the exit code of the last verb. */
export async function runShell(parts: ShellParts): Promise<number> {
  const { io, prompt, greeting } = parts;
  const left = new Promise<undefined>((resolve) =>
    io.signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  let code = 0;
  io.out(`${greeting}\n`);
  for (;;) {
    const line = await Promise.race([prompt.next(), left]);
    if (line === undefined || io.signal.aborted) break;
    const words = wordsOf(line);
    if (words === undefined) {
      io.err('engawa: a quote does not end.\n');
      continue;
    }
    const [first] = words;
    if (first === undefined) continue;
    if (first === 'exit' || first === 'quit' || first === 'logout') break;
    if (first === 'shell') {
      io.err('engawa: this is the shell. A verb, or ? for all of them.\n');
      continue;
    }
    code = await runVerb(parts, words);
  }
  prompt.close();
  return code;
}

/** `engawa` in front is what fingers type; `?` asks for help on what stands before it. */
function wordsOf(line: string): readonly string[] | undefined {
  const words = splitWords(line.slice(0, 4_096));
  if (words === undefined) return undefined;
  const [first, ...rest] = words;
  const verb = first === 'engawa' ? (rest.length === 0 ? ['status'] : rest) : words;
  return verb.at(-1) === '?' ? ['help', ...verb.slice(0, -1)] : verb;
}

async function runVerb(
  { io, run, prompt, onInterrupt }: ShellParts,
  words: readonly string[],
): Promise<number> {
  const { input, back } = prompt.lend();
  const ended = new AbortController();
  const silence = onInterrupt(() => ended.abort());
  try {
    const signal = AbortSignal.any([ended.signal, io.signal]);
    return await run(words, { ...io, input, signal });
  } finally {
    silence();
    back();
  }
}

/** The shell of whoever sits at this process's terminal, or of a program that writes lines. */
export function shellHere(
  io: CliIo,
  run: ShellParts['run'],
  live: (what: string) => Promise<readonly string[]>,
  greeting: string,
): Promise<number> {
  const plain = process.stdin.isTTY !== true || process.env['TERM'] === 'dumb';
  const lines = () => new LinePrompt(new StdinLines(), () => void (process.stdin.isTTY && io.out(PROMPT)));
  const prompt = plain ? lines() : new TerminalPrompt(PROMPT, completerOf(live));
  return runShell({
    ...{ io, run, prompt, greeting },
    onInterrupt(listener) {
      // Whoever holds Ctrl-C down ends a verb, and not the shell.
      process.on('SIGINT', listener);
      return () => void process.off('SIGINT', listener);
    },
  });
}

/** Words of the table, and those that only the agent knows. */
export function completerOf(live: (what: string) => Promise<readonly string[]>): Completer {
  return async (line) => {
    const begun = /\S*$/.exec(line)?.[0] ?? '';
    const before = splitWords(line.slice(0, line.length - begun.length)) ?? [];
    const words = before[0] === 'engawa' ? before.slice(1) : before;
    const choice = choiceOf(words, begun, VERBS, GLOBAL_FLAGS);
    const found = choice.live === undefined ? choice.words : await live(choice.live);
    return [found.filter((word) => word.startsWith(begun)).map((word) => `${quotedWord(word)} `), begun];
  };
}

import type { Live, Verb, VerbArgument, VerbFlag } from '../verb.ts';

/** What may stand in the place of the last word of a line. */
export interface Choice {
  readonly words: readonly string[];
  /** To be asked of the agent. */
  readonly live?: Live;
}

const NOTHING: Choice = { words: [] };
/** Of the shell itself. */
const SHELL_WORDS = ['exit', 'help'] as const;

/** Pure: by the table of verbs, after the words that stand before it. `begun` is as much as is typed of the word. */
export function choiceOf(
  before: readonly string[],
  begun: string,
  verbs: readonly Verb[],
  common: readonly VerbFlag[],
): Choice {
  const { verb, count, flag } = walk(before, verbs, common);
  if (flag !== undefined) return flag.words === undefined ? NOTHING : fitting(flag.words, begun);
  if (begun.startsWith('-')) {
    const own = verbs.find(({ name }) => name === verb)?.flags ?? [];
    return fitting([...own, ...common].map(({ name }) => name).concat('--help'), begun);
  }
  if (verb === '') return fitting([...firstWords(verbs), ...SHELL_WORDS], begun);
  const children = verbs.filter(({ name }) => name.startsWith(`${verb} `));
  if (children.length > 0 && count === 0) {
    return fitting(
      children.map(({ name }) => name.slice(verb.length + 1)),
      begun,
    );
  }
  if (verb === 'help') return count === 0 ? fitting(firstWords(verbs), begun) : NOTHING;
  const takes = verbs.find(({ name }) => name === verb)?.arguments ?? [];
  return argumentChoice(takes[count] ?? takes.find(({ many }) => many), begun);
}

function argumentChoice(argument: VerbArgument | undefined, begun: string): Choice {
  if (argument === undefined) return NOTHING;
  if (argument.words !== undefined) return fitting(argument.words, begun);
  return argument.live === undefined ? NOTHING : { words: [], live: argument.live };
}

/** Which verb the words are of, how many words stand behind it, and the flag whose value comes next. */
function walk(
  before: readonly string[],
  verbs: readonly Verb[],
  common: readonly VerbFlag[],
): { readonly verb: string; readonly count: number; readonly flag: VerbFlag | undefined } {
  const flags = [...common, ...verbs.flatMap((each) => each.flags ?? [])];
  let verb = '';
  let count = 0;
  let flag: VerbFlag | undefined;
  for (const word of before) {
    if (flag !== undefined) flag = undefined;
    else if (word.startsWith('-'))
      flag = flags.find(({ name, value }) => name === word && value !== undefined);
    else if (verb === '') verb = word;
    else if (count === 0 && verbs.some(({ name }) => name === `${verb} ${word}`)) verb = `${verb} ${word}`;
    else count++;
  }
  return { verb, count, flag };
}

function firstWords(verbs: readonly Verb[]): readonly string[] {
  return verbs.map(({ name }) => name).filter((name) => !name.includes(' '));
}

function fitting(words: readonly string[], begun: string): Choice {
  return { words: [...new Set(words)].filter((word) => word.startsWith(begun)) };
}

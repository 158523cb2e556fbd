import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, EXIT_MEANINGS, EXIT_NAMES } from './exit-codes.ts';
import type { Language } from './language.ts';
import { displayWidth, wrap } from './text.ts';
import type { VerbFlag } from './verb.ts';
import { GLOBAL_FLAGS, VERBS } from './verb-table.ts';

/** How the words of a verb are read; by the name of the argument, or of the flag with its dashes. */
export type Readers = Readonly<Record<string, (text: string) => unknown>>;

const HELP_COLUMNS = 80;

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': '使い方:',
  'Arguments:': '引数:',
  'Options:': 'オプション:',
  'Global Options:': '共通オプション:',
  'Commands:': '動詞:',
};

/** The verb of the table as a command of `program`; its parent has been described before it. Only the action is missing. */
export function describeVerb(
  program: Command,
  name: string,
  language: Language,
  readers: Readers = {},
): Command {
  const verb = VERBS.find((each) => each.name === name);
  if (verb === undefined) throw new Error(`no verb ${name} in the table`);
  const words = name.split(' ');
  const parent = words.slice(0, -1).reduce(childOf, program);
  const command = parent.command(words.at(-1) ?? name).description(verb.about[language]);
  for (const { name: word, optional, many, about } of verb.arguments ?? []) {
    const shown = many === true ? `${word}...` : word;
    const read = readers[word];
    const wanted = optional === true ? `[${shown}]` : `<${shown}>`;
    if (read === undefined) command.argument(wanted, about[language]);
    else command.argument(wanted, about[language], read);
  }
  for (const flag of verb.flags ?? []) command.addOption(optionOf(flag, language, readers[flag.name]));
  const heading = language === 'ja' ? '例' : 'Example';
  return command.allowExcessArguments(false).addHelpText('after', `\n${heading}:\n  ${verb.example}`);
}

/** The command without its verbs: flags for all, and help in one language. */
export function describeProgram(language: Language): Command {
  const program = new Command('engawa');
  for (const flag of GLOBAL_FLAGS) program.addOption(optionOf(flag, language));
  const ja = language === 'ja';
  return program
    .description(
      ja
        ? 'この装置の回線・通話・設定と異常を調べます。'
        : 'Looks at this gateway: lines, calls, configuration, and what is wrong.',
    )
    .argument('[verb...]')
    .usage('[verb] [options]')
    .helpOption('-h, --help', ja ? '使い方' : 'how to use it')
    .helpCommand(false)
    .configureHelp({
      helpWidth: HELP_COLUMNS,
      showGlobalOptions: true,
      styleTitle: (title) => (ja ? (TITLES[title] ?? title) : title),
      displayWidth,
      boxWrap: (text, columns) =>
        text
          .split('\n')
          .flatMap((line) => wrap(line, columns))
          .join('\n'),
    })
    .addHelpText('after', after(language));
}

function optionOf(flag: VerbFlag, language: Language, read?: (text: string) => unknown): Option {
  const { name, short, value, words, about } = flag;
  const shown = `${short === undefined ? '' : `${short}, `}${name}${value === undefined ? '' : ` <${value}>`}`;
  const option = new Option(shown, about[language]);
  // Not commander's choices: the words already stand in the text.
  const reader = read ?? (words === undefined ? undefined : oneOf(words));
  return reader === undefined ? option : option.argParser(reader);
}

function oneOf(words: readonly string[]): (text: string) => string {
  return (text) => {
    if (words.includes(text)) return text;
    throw new InvalidArgumentError(`Allowed are ${words.join(', ')}.`);
  };
}

function childOf(parent: Command, word: string): Command {
  const child = parent.commands.find((command) => command.name() === word);
  if (child === undefined) throw new Error(`${word} is described after its verbs`);
  return child;
}

const EXAMPLES: readonly (readonly [command: string, en: string, ja: string])[] = [
  ['engawa', 'is this box healthy? the same as engawa status', '正常か? (engawa status と同じ)'],
  ['engawa lines', 'analog lines, their states and registrations', 'アナログ回線の状態と登録'],
  ['engawa watch', 'what happens now, until Ctrl-C', 'いま起きていること (Ctrl-C で終了)'],
  ['engawa doctor', 'what is wrong, also when the agent is down', '異常の診断 (停止中も可)'],
  ['engawa line test 2', 'is the wire to that phone good?', '電話機までの線は良いか?'],
  ['engawa calls --json', 'for programs', 'プログラム用'],
];

function after(language: Language): string {
  const ja = language === 'ja';
  const examples = EXAMPLES.map(
    ([command, en, japanese]) => `  ${command.padEnd(25)}  ${ja ? japanese : en}`,
  );
  const exits = EXIT_NAMES.map(
    (name) => `${String(EXIT[name]).padStart(4)}  ${EXIT_MEANINGS[name][language]}`,
  );
  return [
    ...['', ja ? '例:' : 'Examples:', ...examples],
    ...['', ja ? '終了コード:' : 'Exit codes:', ...exits],
  ].join('\n');
}

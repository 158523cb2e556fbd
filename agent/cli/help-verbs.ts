import type { Command } from 'commander';
import { agentVersion } from '../version.ts';
import { completionScript } from './completion.ts';
import { EXIT, EXIT_MEANINGS, EXIT_NAMES } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import type { Language } from './language.ts';
import { codesPage, manualPage } from './manual.ts';
import { boxPaths } from './paths.ts';
import { clean } from './text.ts';
import { GLOBAL_FLAGS, VERBS } from './verb-table.ts';

interface Options {
  readonly man?: boolean;
  readonly json?: boolean;
  readonly lang?: Language;
  readonly state?: string;
  readonly socket?: string;
}

/** `engawa help [VERB] [--man]` and `engawa completion SHELL`. */
export function addHelpVerbs(
  describe: (name: string) => Command,
  program: Command,
  io: CliIo,
  finish: (code: number) => void,
): void {
  describe('help').action((words: readonly string[], _options, command: Command) =>
    finish(help(program, words, command.optsWithGlobals<Options>(), io)),
  );
  describe('completion').action((shell: string, _options, command: Command) => {
    if (shell !== 'bash' && shell !== 'zsh') {
      io.err('engawa: completion is for bash or zsh.\n');
      finish(EXIT.usage);
      return;
    }
    const { json, state, socket } = command.optsWithGlobals<Options>();
    const place = { socket: socket ?? boxPaths(state).agentSocket, node: process.execPath };
    const script = completionScript(shell, place);
    io.out(json === true ? document({ shell, script }) : script);
    finish(EXIT.good);
  });
}

function help(program: Command, words: readonly string[], { man, json, lang }: Options, io: CliIo): number {
  if (man === true) {
    const version = agentVersion();
    const language = lang ?? io.language ?? 'en';
    const roff = words[0] === 'codes' ? codesPage(version, language) : manualPage(version, language);
    io.out(json === true ? document({ roff }) : roff);
    return EXIT.good;
  }
  let command: Command = program;
  for (const word of words) {
    const child = command.commands.find((each) => each.name() === word);
    if (child === undefined) {
      io.err(`engawa: no verb "${clean(words.join(' ')).slice(0, 40)}". See:  engawa help\n`);
      return EXIT.usage;
    }
    command = child;
  }
  if (json === true) io.out(document({ help: described(words.join(' ')) }));
  else command.outputHelp();
  return EXIT.good;
}

/** The table itself, for programs; its texts are English whatever the screens speak. */
function described(name: string): object {
  const verbs =
    name === '' ? VERBS : VERBS.filter((verb) => verb.name === name || verb.name.startsWith(`${name} `));
  return {
    verbs: verbs.map((verb) => ({
      name: verb.name,
      about: verb.about.en,
      example: verb.example,
      arguments: (verb.arguments ?? []).map((one) => ({ ...one, about: one.about.en })),
      flags: (verb.flags ?? []).map((one) => ({ ...one, about: one.about.en })),
      exits: verb.exits.map((exit) => EXIT[exit]),
    })),
    flags: GLOBAL_FLAGS.map((one) => ({ ...one, about: one.about.en })),
    exits: EXIT_NAMES.map((exit) => ({ code: EXIT[exit], name: exit, means: EXIT_MEANINGS[exit].en })),
  };
}

function document(fields: object): string {
  return `${JSON.stringify({ v: 1, ...fields }, null, 2)}\n`;
}

import type { ExitName } from './exit-codes.ts';
import type { Said } from './language.ts';

/** What the agent can tell the shell while a word is typed. */
export type Live = 'lines' | 'phones' | 'calls' | 'warnings' | 'why';

/** A word after the verb. */
export interface VerbArgument {
  readonly name: string;
  readonly about: Said;
  readonly optional?: true;
  /** Takes all words that are left. */
  readonly many?: true;
  /** What may stand here: fixed words, something live, or a file. */
  readonly words?: readonly string[];
  readonly live?: Live;
  readonly file?: true;
}

export interface VerbFlag {
  readonly name: `--${string}`;
  readonly short?: `-${string}`;
  /** Name of its value, when it takes one. */
  readonly value?: string;
  readonly words?: readonly string[];
  readonly file?: true;
  readonly about: Said;
}

/** One verb. Help, man page and completion are made of this and of nothing else. */
export interface Verb {
  /** `line test` */
  readonly name: string;
  readonly about: Said;
  readonly example: string;
  readonly arguments?: readonly VerbArgument[];
  readonly flags?: readonly VerbFlag[];
  /** How it may end, beside 0, 2 and 70, which all can. */
  readonly exits: readonly ExitName[];
}

/** Of verbs that show. */
export const WATCH: VerbFlag = {
  name: '--watch',
  short: '-w',
  about: {
    en: 'shows it again whenever it changes, until Ctrl-C',
    ja: '変わるたびに表示し直す (Ctrl-C で終了)',
  },
};
/** A line, by its port. */
export const LINE: VerbArgument = {
  name: 'line',
  live: 'lines',
  about: { en: 'port of the line, 1 to 8', ja: '回線の口番号 (1-8)' },
};
/** A device, by its label. */
export const MAC: VerbArgument = {
  name: 'mac',
  live: 'phones',
  about: { en: 'hardware address, as on its label', ja: 'MAC アドレス (ラベルの表記)' },
};
/** Of what would cut into a call. */
export const FORCE: VerbFlag = {
  name: '--force',
  about: { en: 'also in a call, which it disturbs', ja: '通話中でも行う (通話の邪魔になる)' },
};
/** Of what ends by itself. */
export const forAtMost = (seconds: number): VerbFlag => ({
  name: '--for',
  value: 'seconds',
  about: {
    en: `ends by itself after this long, at most ${seconds}`,
    ja: `この秒数で自動終了 (最大 ${seconds})`,
  },
});
/** Exits of what asks the agent and does not judge. */
export const ASKS = ['notPermitted', 'notRunning', 'timeOut'] as const;
/** Exits of what judges. */
export const LOOKS = ['fault', ...ASKS] as const;
/** Exits of what touches a line. */
export const ON_LINE = [
  'fault',
  'timeOut',
  'refused',
  'notPermitted',
  'noHardware',
  'notRunning',
  'noSuchThing',
] as const;

/** What a verb is called with: `line test [options] <line>`. */
export function usageOf(verb: Verb): string {
  const words = (verb.arguments ?? []).map(({ name, optional, many }) => {
    const word = many === true ? `${name}...` : name;
    return optional === true ? `[${word}]` : `<${word}>`;
  });
  return [verb.name, ...words].join(' ');
}

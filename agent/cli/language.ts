/** Languages of the screens. JSON, codes and exit codes are the same in both. */
export type Language = 'en' | 'ja';

/** A text in both. */
export interface Said {
  readonly en: string;
  readonly ja: string;
}

interface Environment {
  readonly [name: string]: string | undefined;
}

/**
 * What the terminal's locale asks for. The kernel's console gets English whatever it asks for: its font has at most 512
 * glyphs and shows kanji as question marks.
 */
export function languageOf(env: Environment): Language {
  if (env['TERM'] === 'linux') return 'en';
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((one) => (one ?? '') !== '');
  return /^ja(?:[_.@]|$)/i.test(locale ?? '') ? 'ja' : 'en';
}

/** `--lang` on the command line wins over the terminal, also for the help that is printed before the line is parsed. */
export function languageAsked(argv: readonly string[]): Language | undefined {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const value = argv[at] === '--lang' ? argv[at + 1] : argv[at]?.slice('--lang='.length);
  return at >= 0 && (value === 'ja' || value === 'en') ? value : undefined;
}

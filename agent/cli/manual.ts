import { warningKinds } from '../health/index.ts';
import { FINDING_MEANINGS } from './doctor/meanings.ts';
import { EXIT, EXIT_MEANINGS, EXIT_NAMES } from './exit-codes.ts';
import type { Language, Said } from './language.ts';
import { usageOf, type Verb, type VerbFlag } from './verb.ts';
import { GLOBAL_FLAGS, VERBS } from './verb-table.ts';
import { WARNINGS_JA } from './warnings-ja.ts';

/** What the pages say beside the tables. */
const TEXTS = {
  name: { en: 'NAME', ja: '名前' },
  synopsis: { en: 'SYNOPSIS', ja: '書式' },
  description: { en: 'DESCRIPTION', ja: '説明' },
  verbs: { en: 'VERBS', ja: '動詞' },
  options: { en: 'OPTIONS', ja: 'オプション' },
  exits: { en: 'EXIT STATUS', ja: '終了ステータス' },
  environment: { en: 'ENVIRONMENT', ja: '環境変数' },
  examples: { en: 'EXAMPLES', ja: '例' },
  also: { en: 'SEE ALSO', ja: '関連項目' },
  title: {
    en: 'set up a gateway, look at it, test its lines, find what is wrong',
    ja: '装置の設置・確認・回線試験・異常の診断',
  },
  asks: {
    en: 'Asks the agent of this gateway over its unix socket and shows what it says, 80 columns wide.',
    ja: 'この装置のエージェントに UNIX ソケットで問い合わせ、結果を 80 桁で表示します。',
  },
  bare: {
    en: 'Without a verb it shows the whole box on one screen, as engawa status does.',
    ja: '動詞がなければ engawa status と同じく装置全体を一画面で表示します。',
  },
  verdict: {
    en: 'The first word of a row is the verdict: OK, WARN, FAIL, or -- for neither.',
    ja: '行の最初の語が判定です: OK, WARN, FAIL。どちらでもなければ -- です。',
  },
  anywhere: { en: 'They stand before or after the verb.', ja: '動詞の前にも後にも置けます。' },
  exitsBeside: { en: 'Exit status beside 0, 2 and 70', ja: '0, 2, 70 以外の終了ステータス' },
  locale: {
    en: 'Japanese screens when the first that is set begins with ja.',
    ja: '最初に設定されているものが ja で始まれば日本語で表示します。',
  },
  term: {
    en: 'On the console of the kernel (linux) screens are English; dumb has no colours.',
    ja: 'linux (カーネルのコンソール) では英語で表示し、dumb では色を使いません。',
  },
  noColor: { en: 'No colours when it is set and not empty.', ja: '空でなければ色を使いません。' },
  codesTitle: {
    en: 'codes of warnings and findings, and what to do about them',
    ja: '警告と診断のコード、その意味と対処',
  },
  warnings: { en: 'WARNINGS', ja: '警告' },
  raised: { en: 'Raised by the agent while it runs.', ja: '動作中のエージェントが出します。' },
  findings: { en: 'FINDINGS OF THE DOCTOR AND OF LINE TESTS', ja: '診断と回線試験のコード' },
  next: { en: 'Next', ja: '次の操作' },
} as const satisfies Readonly<Record<string, Said>>;

/** `engawa(1)` in roff, made of the verb table. */
export function manualPage(version: string, language: Language): string {
  const say = (name: keyof typeof TEXTS): string => TEXTS[name][language];
  return page([
    `.TH ENGAWA 1 "" "engawa ${roff(version)}" "Engawa"`,
    ...aligned(language),
    `.SH ${say('name')}`,
    `engawa \\- ${roff(say('title'))}`,
    `.SH ${say('synopsis')}`,
    '.B engawa',
    '[\\fIverb\\fR] [\\fIoptions\\fR]',
    `.SH ${say('description')}`,
    ...(['asks', 'bare', 'verdict'] as const).map((name) => text(say(name))),
    `.SH ${say('verbs')}`,
    ...VERBS.flatMap((verb) => verbLines(verb, language)),
    `.SH ${say('options')}`,
    text(say('anywhere')),
    ...GLOBAL_FLAGS.flatMap((flag) => flagLines(flag, language)),
    `.SH ${say('exits')}`,
    ...EXIT_NAMES.flatMap((name) => tagged(`.B ${EXIT[name]}`, EXIT_MEANINGS[name][language])),
    `.SH ${say('environment')}`,
    ...tagged('.BR LC_ALL ", " LC_MESSAGES ", " LANG', say('locale')),
    ...tagged('.B TERM', say('term')),
    ...tagged('.B NO_COLOR', say('noColor')),
    `.SH ${say('examples')}`,
    ...VERBS.flatMap((verb) => tagged(`.B ${roff(verb.example)}`, verb.about[language])),
    `.SH ${say('also')}`,
    '.BR engawa\\-codes (7)',
  ]);
}

/** `engawa-codes(7)`: every code of a warning or finding, and what to do about it. */
export function codesPage(version: string, language: Language): string {
  const say = (name: keyof typeof TEXTS): string => TEXTS[name][language];
  return page([
    `.TH ENGAWA\\-CODES 7 "" "engawa ${roff(version)}" "Engawa"`,
    ...aligned(language),
    `.SH ${say('name')}`,
    `engawa\\-codes \\- ${roff(say('codesTitle'))}`,
    `.SH ${say('warnings')}`,
    text(say('raised')),
    ...warningKinds.flatMap(({ code, means, remedy, severity, command }) => {
      const [meansJa, remedyJa] = language === 'ja' ? (WARNINGS_JA[code] ?? []) : [];
      return [
        ...tagged(`.BR ${roff(code)} " (${severity})"`, meansJa ?? means),
        '.br',
        text(remedyJa ?? remedy),
        '.br',
        `${say('next')}: \\fB${roff(command)}\\fR`,
      ];
    }),
    `.SH ${say('findings')}`,
    ...Object.entries(FINDING_MEANINGS).flatMap(([code, said]) => tagged(`.B ${roff(code)}`, said[language])),
    `.SH ${say('also')}`,
    '.BR engawa (1)',
  ]);
}

/** Japanese has too few blanks to spread them over a line. */
function aligned(language: Language): readonly string[] {
  return language === 'ja' ? ['.ad l'] : [];
}

function verbLines(verb: Verb, language: Language): readonly string[] {
  const exits = verb.exits.map((name) => String(EXIT[name])).sort((a, b) => Number(a) - Number(b));
  return [
    `.SS engawa ${roff(usageOf(verb))}`,
    text(verb.about[language]),
    ...(verb.arguments ?? []).flatMap(({ name, about }) => tagged(`.I ${roff(name)}`, about[language])),
    ...(verb.flags ?? []).flatMap((flag) => flagLines(flag, language)),
    ...(exits.length === 0 ? [] : ['.PP', `${TEXTS.exitsBeside[language]}: ${exits.join(', ')}.`]),
  ];
}

function flagLines({ name, short, value, about }: VerbFlag, language: Language): readonly string[] {
  const shown = [...(short === undefined ? [] : [short]), name]
    .map((word) => `\\fB${roff(word)}\\fR`)
    .join(', ');
  return tagged(`${shown}${value === undefined ? '' : ` \\fI${roff(value)}\\fR`}`, about[language]);
}

function tagged(tag: string, said: string): readonly string[] {
  return ['.TP', tag, text(said)];
}

/** A line of text: a dot or quote at its beginning would be read as a request. */
function text(said: string): string {
  const escaped = roff(said);
  const broken = escaped.replace(WIDE_PAIR, '$1\\:');
  return /^[.']/.test(broken) ? `\\&${broken}` : broken;
}

/** Between two kana or kanji a line may break (not before a mark that closes); roff has to be told. */
const WIDE_PAIR = /([\u3001-\u30ff\u4e00-\u9fff])(?=[\u3041-\u30fa\u4e00-\u9fff])/gu;

function roff(said: string): string {
  return said.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('’', '\\(cq');
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

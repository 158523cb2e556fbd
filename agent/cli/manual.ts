import { warningKinds } from '../health/index.ts';
import { FINDING_MEANINGS } from './doctor/meanings.ts';
import { EXIT, EXIT_MEANINGS, EXIT_NAMES } from './exit-codes.ts';
import { usageOf, type Verb, type VerbFlag } from './verb.ts';
import { GLOBAL_FLAGS, VERBS } from './verb-table.ts';

/** `engawa(1)` in roff, made of the verb table. Kept in English: `man` picks a translation by folder, and there is none. */
export function manualPage(version: string): string {
  return page([
    `.TH ENGAWA 1 "" "engawa ${roff(version)}" "Engawa"`,
    '.SH NAME',
    'engawa \\- look at a gateway, test its lines, find what is wrong',
    '.SH SYNOPSIS',
    '.B engawa',
    '[\\fIverb\\fR] [\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    'Asks the agent of this gateway over its unix socket and shows what it says, 80 columns wide.',
    'Without a verb it shows the whole box on one screen, as',
    '.B engawa status',
    'does. The first word of a row is the verdict: OK, WARN, FAIL, or \\-\\- for neither.',
    '.SH VERBS',
    ...VERBS.flatMap(verbLines),
    '.SH OPTIONS',
    'They stand before or after the verb.',
    ...GLOBAL_FLAGS.flatMap(flagLines),
    '.SH EXIT STATUS',
    ...EXIT_NAMES.flatMap((name) => tagged(`.B ${EXIT[name]}`, EXIT_MEANINGS[name].en)),
    '.SH ENVIRONMENT',
    ...tagged(
      '.BR LC_ALL ", " LC_MESSAGES ", " LANG',
      'Japanese screens when the first that is set begins with ja.',
    ),
    ...tagged('.B TERM', 'On the console of the kernel (linux) screens are English; dumb has no colours.'),
    ...tagged('.B NO_COLOR', 'No colours when it is set and not empty.'),
    '.SH EXAMPLES',
    ...VERBS.flatMap((verb) => tagged(`.B ${roff(verb.example)}`, verb.about.en)),
    '.SH SEE ALSO',
    '.BR engawa\\-codes (7)',
  ]);
}

/** `engawa-codes(7)`: every code of a warning or finding, and what to do about it. */
export function codesPage(version: string): string {
  return page([
    `.TH ENGAWA\\-CODES 7 "" "engawa ${roff(version)}" "Engawa"`,
    '.SH NAME',
    'engawa\\-codes \\- codes of warnings and findings, and what to do about them',
    '.SH WARNINGS',
    'Raised by the agent while it runs.',
    ...warningKinds.flatMap(({ code, means, remedy, severity, command }) => [
      ...tagged(`.BR ${roff(code)} " (${severity})"`, means),
      '.br',
      text(remedy),
      '.br',
      `Next: \\fB${roff(command)}\\fR`,
    ]),
    '.SH FINDINGS OF THE DOCTOR AND OF LINE TESTS',
    ...Object.entries(FINDING_MEANINGS).flatMap(([code, said]) => tagged(`.B ${roff(code)}`, said.en)),
    '.SH SEE ALSO',
    '.BR engawa (1)',
  ]);
}

function verbLines(verb: Verb): readonly string[] {
  const exits = verb.exits.map((name) => String(EXIT[name])).sort((a, b) => Number(a) - Number(b));
  return [
    `.SS engawa ${roff(usageOf(verb))}`,
    text(verb.about.en),
    ...(verb.arguments ?? []).flatMap(({ name, about }) => tagged(`.I ${roff(name)}`, about.en)),
    ...(verb.flags ?? []).flatMap(flagLines),
    ...(exits.length === 0 ? [] : ['.PP', `Exit status beside 0, 2 and 70: ${exits.join(', ')}.`]),
  ];
}

function flagLines({ name, short, value, about }: VerbFlag): readonly string[] {
  const shown = [...(short === undefined ? [] : [short]), name]
    .map((word) => `\\fB${roff(word)}\\fR`)
    .join(', ');
  return tagged(`${shown}${value === undefined ? '' : ` \\fI${roff(value)}\\fR`}`, about.en);
}

function tagged(tag: string, said: string): readonly string[] {
  return ['.TP', tag, text(said)];
}

/** A line of text: a dot or quote at its beginning would be read as a request. */
function text(said: string): string {
  const escaped = roff(said);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function roff(said: string): string {
  return said.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('’', '\\(cq');
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

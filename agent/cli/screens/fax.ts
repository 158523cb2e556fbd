import type { FaxFact } from '../../../lib/contract/facts.ts';
import type { FaxesAnswer } from '../../local-api/index.ts';
import { type Look, spoken, tableLines, type Verdict } from '../screen.ts';
import { clean, japanTime, SCREEN_COLUMNS, wrap } from '../text.ts';

const HEADS = [
  { name: 'STARTED', columns: 11 },
  { name: 'LINE', columns: 4 },
  { name: 'DIR', columns: 4, words: true },
  { name: 'WITH', columns: 15, words: true },
  { name: 'PAGES', columns: 5 },
  { name: 'RATE', columns: 5 },
  { name: 'ECM', columns: 3, words: true },
  { name: 'RETR', columns: 4 },
  { name: 'RESULT', columns: 0, words: true },
] as const;

const INDENT = 6;

const RESULT_WORDS: Readonly<Record<FaxFact['result'], string>> = {
  ok: 'ok',
  failed: 'failed',
  cut: 'cut off',
  silent: 'fell silent',
  lost: 'lost',
  unknown: 'not known',
};

/** `engawa fax log`: the last faxes, newest first, each with its result in words. */
export function faxLogScreen(answer: FaxesAnswer, look: Look): readonly string[] {
  if (answer.faxes.length === 0) return [spoken('--    no fax yet', look)];
  const [title = '', ...rows] = tableLines(
    HEADS,
    answer.faxes.map((fax) => ({ verdict: verdictOfFax(fax), cells: cellsOf(fax) })),
    look,
  );
  const good = answer.faxes.filter((fax) => fax.result === 'ok').length;
  return [
    title,
    ...answer.faxes.flatMap((fax, index) => [rows[index] ?? '', ...sentence(fax, look)]),
    spoken(`${answer.faxes.length} faxes, ${good} of them confirmed to the last page`, look),
  ];
}

/** A fax that was not confirmed asks for somebody to look at it. */
function verdictOfFax(fax: FaxFact): Verdict {
  if (fax.result === 'ok') return 'OK';
  return fax.result === 'unknown' ? '--' : 'WARN';
}

function cellsOf(fax: FaxFact): readonly string[] {
  const number = fax.direction === 'received' ? fax.from : fax.to;
  return [
    japanTime(fax.startedAt).slice(5, 16),
    String(fax.line),
    fax.direction === null ? '-' : fax.direction === 'sent' ? 'sent' : 'rcvd',
    clean(fax.remoteIdent ?? number) || '(withheld)',
    String(fax.pages),
    fax.bitRate === null ? '-' : String(fax.bitRate),
    fax.ecm === null ? '-' : fax.ecm ? 'on' : 'off',
    String(fax.retrains),
    RESULT_WORDS[fax.result],
  ];
}

function sentence(fax: FaxFact, look: Look): readonly string[] {
  if (look.plain === true) return [clean(fax.say)];
  return wrap(clean(fax.say), SCREEN_COLUMNS - INDENT).map((line) => ' '.repeat(INDENT) + line);
}

import type { Severity, Warning } from '../status.ts';
import { FINDING_MEANINGS } from './doctor/meanings.ts';
import type { Language } from './language.ts';
import { inJapanese } from './phrasebook.ts';
import { bothSides, clean, column, cut, displayWidth, SCREEN_COLUMNS, wrap } from './text.ts';
import { WARNINGS_JA } from './warnings-ja.ts';

/** How a screen is shown. */
export interface Look {
  readonly colours: boolean;
  readonly language: Language;
  /** One fact a line, nothing aligned, nothing cut: for screen readers and logs. */
  readonly plain?: boolean;
}

/** A sentence of ours or of the agent in the language of the screen. */
export function spoken(text: string, look: Look): string {
  return look.language === 'ja' ? inJapanese(text) : text;
}

/** First word of a row. `--` says nothing good or bad. */
export type Verdict = 'OK' | 'WARN' | 'FAIL' | '--';

/** A row with its verdict. */
export interface Row {
  /** Empty on a row that belongs to the one above. */
  readonly verdict: Verdict | '';
  readonly name: string;
  readonly say: string;
}

/** Something to do, shown at the bottom, where the eye rests. */
export interface Todo {
  readonly code: string;
  readonly say: string;
  readonly remedy: string;
  /** The next command. */
  readonly command: string;
}

const COLOUR: Record<Verdict, string> = { OK: '32', WARN: '33', FAIL: '31', '--': '2' };
const VERDICT_COLUMNS = 6;
const NAME_COLUMNS = 13;
const CODE_COLUMNS = 13;

/** The verdict column; the colour only repeats the word. */
export function verdictCell(verdict: Verdict | '', look: Look): string {
  const cell = verdict.padEnd(VERDICT_COLUMNS);
  if (look.plain === true) return verdict === '' ? '' : `${verdict} `;
  return look.colours && verdict !== '' ? `\u001b[${COLOUR[verdict]}m${cell}\u001b[0m` : cell;
}

/** `OK    service      connected 3 d 4 h`. A longer sentence goes on below itself. */
export function rowLines(row: Row, look: Look): string[] {
  if (look.plain === true) return [plainRow(row, look)];
  const indent = VERDICT_COLUMNS + NAME_COLUMNS;
  const said = wrap(spoken(row.say, look), SCREEN_COLUMNS - indent);
  return said.map((line, index) =>
    index === 0
      ? `${verdictCell(row.verdict, look)}${column(spoken(row.name, look), NAME_COLUMNS)}${line}`
      : `${' '.repeat(indent)}${line}`,
  );
}

function plainRow({ verdict, name, say }: Row, look: Look): string {
  const named = name === '' ? '' : `${spoken(name, look)}:`;
  return [verdict, named, clean(spoken(say, look))].filter(Boolean).join(' ');
}

/** A heading, or a sentence of our own: cut to the screen. */
export function sayLine(say: string, look: Look): string {
  const said = spoken(say, look);
  return look.plain === true ? clean(said) : cut(said, SCREEN_COLUMNS);
}

/** Left and right text on one line of the screen. */
export function headLine(left: string, right: string, look: Look): string {
  return look.plain === true ? clean(`${left}, ${right}`) : bothSides(left, right);
}

/** The list at the bottom. Empty when there is nothing to do. */
export function todoLines(todos: readonly Todo[], look: Look): string[] {
  if (todos.length === 0) return [];
  if (look.plain === true) {
    return todos.map(
      (todo) =>
        `${spoken('to do', look)}: ${[todo.code, ...sentencesOf(todo, look)].map(clean).join(' ')} -> ${clean(todo.command)}`,
    );
  }
  const head = todos.length === 1 ? '1 thing to do:' : `${todos.length} things to do:`;
  const lines = ['', spoken(head, look)];
  for (const todo of todos) {
    const indent = ' '.repeat(CODE_COLUMNS + 2);
    const room = SCREEN_COLUMNS - indent.length;
    const [first = '', ...rest] = sentencesOf(todo, look).flatMap((sentence) => wrap(sentence, room));
    lines.push(`  ${column(todo.code, CODE_COLUMNS)}${first}`, ...rest.map((line) => indent + line));
    lines.push(`${indent}-> ${cut(todo.command, room - 3)}`);
  }
  return lines;
}

/** In Japanese: what the code means and what to do, then the sentence of this case where the book does not know it. */
function sentencesOf(todo: Todo, look: Look): readonly string[] {
  if (look.language === 'en') return [todo.say, todo.remedy];
  const [kind = ''] = todo.code.split('/');
  const [means, remedy] = WARNINGS_JA[kind] ?? [FINDING_MEANINGS[kind]?.ja, undefined];
  const said = inJapanese(todo.say);
  const head = means === undefined ? [said] : said === todo.say ? [means, `(${said})`] : [said];
  return [...head, remedy ?? inJapanese(todo.remedy)];
}

/** A column; the cells of one of `words` are ours to translate, the others are somebody's names and numbers. */
export interface TableHead {
  readonly name: string;
  readonly columns: number;
  readonly words?: true;
}

/** A table: verdict, then columns of fixed width; the last one takes what is left. */
export function tableLines(
  heads: readonly TableHead[],
  rows: readonly { readonly verdict: Verdict; readonly cells: readonly string[] }[],
  look: Look,
): string[] {
  // The empty title keeps the place of the other one.
  if (look.plain === true) return ['', ...rows.map((row) => plainCells(heads, row, look))];
  const render = (cells: readonly string[]): string => {
    let line = '';
    for (const [index, head] of heads.entries()) {
      const last = index === heads.length - 1;
      const room = SCREEN_COLUMNS - VERDICT_COLUMNS - displayWidth(line);
      line += last ? cut(cells[index] ?? '', room) : `${column(cells[index] ?? '', head.columns)} `;
    }
    return line.trimEnd();
  };
  const title = `${' '.repeat(VERDICT_COLUMNS)}${render(heads.map((head) => spoken(head.name, look)))}`;
  const body = rows.map((row) => {
    const cells = row.cells.map((cell, index) => (heads[index]?.words === true ? spoken(cell, look) : cell));
    return `${verdictCell(row.verdict, look)}${render(cells)}`;
  });
  return [title, ...body];
}

function plainCells(
  heads: readonly TableHead[],
  { verdict, cells }: { readonly verdict: Verdict; readonly cells: readonly string[] },
  look: Look,
): string {
  const named = heads.map((head, index) => {
    const cell = cells[index] ?? '';
    return `${spoken(head.name, look)}: ${clean(head.words === true ? spoken(cell, look) : cell)}`;
  });
  return `${verdict} ${named.join(', ')}`;
}

/** How bad a warning looks on a screen. */
export function verdictOf(severity: Severity): Verdict {
  switch (severity) {
    case 'error':
      return 'FAIL';
    case 'warning':
      return 'WARN';
    case 'info':
      return '--';
  }
}

/** The worst of several; `good` when there are none. */
export function worst(verdicts: readonly Verdict[], good: Verdict = 'OK'): Verdict {
  if (verdicts.includes('FAIL')) return 'FAIL';
  return verdicts.includes('WARN') ? 'WARN' : good;
}

/** The warnings of the agent as things to do. */
export function warningTodos(warnings: readonly Warning[], commandOf: (code: string) => string): Todo[] {
  return warnings.map((warning) => ({
    code: clean(warning.code),
    say: warning.say,
    remedy: warning.remedy,
    command: commandOf(warning.code),
  }));
}

import type { Severity, Warning } from '../status.ts';
import { clean, column, cut, displayWidth, SCREEN_COLUMNS, wrap } from './text.ts';

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
export function verdictCell(verdict: Verdict | '', colours: boolean): string {
  const cell = verdict.padEnd(VERDICT_COLUMNS);
  return colours && verdict !== '' ? `\u001b[${COLOUR[verdict]}m${cell}\u001b[0m` : cell;
}

/** `OK    service      connected 3 d 4 h`. A longer sentence goes on below itself. */
export function rowLines(row: Row, colours: boolean): string[] {
  const indent = VERDICT_COLUMNS + NAME_COLUMNS;
  const said = wrap(row.say, SCREEN_COLUMNS - indent);
  return said.map((line, index) =>
    index === 0
      ? `${verdictCell(row.verdict, colours)}${column(row.name, NAME_COLUMNS)}${line}`
      : `${' '.repeat(indent)}${line}`,
  );
}

/** The list at the bottom. Empty when there is nothing to do. */
export function todoLines(todos: readonly Todo[]): string[] {
  if (todos.length === 0) return [];
  const lines = ['', todos.length === 1 ? '1 thing to do:' : `${todos.length} things to do:`];
  for (const todo of todos) {
    const indent = ' '.repeat(CODE_COLUMNS + 2);
    const room = SCREEN_COLUMNS - indent.length;
    const [first = '', ...rest] = [...wrap(todo.say, room), ...wrap(todo.remedy, room)];
    lines.push(`  ${column(todo.code, CODE_COLUMNS)}${first}`, ...rest.map((line) => indent + line));
    lines.push(`${indent}-> ${cut(todo.command, room - 3)}`);
  }
  return lines;
}

/** A table: verdict, then columns of fixed width; the last one takes what is left. */
export function tableLines(
  heads: readonly { readonly name: string; readonly columns: number }[],
  rows: readonly { readonly verdict: Verdict; readonly cells: readonly string[] }[],
  colours: boolean,
): string[] {
  const render = (cells: readonly string[]): string => {
    let line = '';
    for (const [index, head] of heads.entries()) {
      const last = index === heads.length - 1;
      const room = SCREEN_COLUMNS - VERDICT_COLUMNS - displayWidth(line);
      line += last ? cut(cells[index] ?? '', room) : `${column(cells[index] ?? '', head.columns)} `;
    }
    return line.trimEnd();
  };
  const title = `${' '.repeat(VERDICT_COLUMNS)}${render(heads.map((head) => head.name))}`;
  return [title, ...rows.map((row) => `${verdictCell(row.verdict, colours)}${render(row.cells)}`)];
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

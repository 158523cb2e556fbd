import type { NetRow } from '../../netcheck/index.ts';
import { NET_MEANINGS } from '../netcheck-words.ts';
import { type Look, rowLines, spoken, type Todo, todoLines } from '../screen.ts';

/** What the networks do, a row each; what is to be done once for each code, at the bottom. */
export function netcheckScreen(rows: readonly NetRow[], look: Look): readonly string[] {
  const todos = new Map<string, Todo>();
  for (const { todo } of rows) {
    if (todo !== null) todos.set(todo.code, { say: NET_MEANINGS[todo.code].en, ...todo });
  }
  const end = todos.size === 0 ? ['', spoken('Nothing to do.', look)] : todoLines([...todos.values()], look);
  return [...rows.flatMap((row) => rowLines(row, look)), ...end];
}

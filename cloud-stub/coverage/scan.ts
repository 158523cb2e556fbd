/** One file as text, its path from the root of the repository. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** One test with the facts that it names. */
export interface NamedTest {
  readonly path: string;
  readonly title: string;
  readonly facts: readonly string[];
}

const ID = /\b(?:S[0-4]-[0-9]{3}|A-[0-9]{2})\b/g;
const CALL = /\b(?:it|test|describe)((?:\.\w+)*)(?:<[^()]*>)?\s*\(/g;
const OPENING = '([{';
const CLOSING = ')]}';

/** The ids of facts and readings in a text, each once, in the order of their first mention. */
export function idsIn(text: string): readonly string[] {
  return [...new Set(text.match(ID) ?? [])];
}

/**
 * The tests of a file that name a fact in their title, and the groups that do. A title with a placeholder has the facts
 * of its table: the one written in place, or what stands above the first test. Tests that are skipped do not count.
 */
export function testsIn(source: SourceText): readonly NamedTest[] {
  const calls = [...source.text.matchAll(CALL)];
  const head = withoutComments(source.text.slice(0, calls[0]?.index ?? 0));
  return calls.flatMap((call) => {
    const chain = call[1] ?? '';
    if (/\.(?:skip|todo)\b/.test(chain)) return [];
    const inside = call.index + call[0].length;
    const table = /\.(?:each|for)\b/.test(chain)
      ? source.text.slice(inside, closing(source.text, inside))
      : null;
    const title = titleAt(source.text, table === null ? inside : inside + table.length + 1);
    if (title === null) return [];
    const rows = hasPlaceholder(title) ? (table?.includes('[') === true ? table : head) : '';
    const facts = idsIn(`${title} ${withoutComments(rows)}`);
    return facts.length === 0 ? [] : [{ path: source.path, title, facts }];
  });
}

function hasPlaceholder(title: string): boolean {
  return /%[sdioj]|\$\{|\$\w/.test(title);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** Where the bracket that was opened before `from` closes; the end of the text if it does not. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (isQuote(char)) at = endOfString(text, at);
    else if (OPENING.includes(char)) depth += 1;
    else if (CLOSING.includes(char)) {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return text.length;
}

/** The string that is the first argument of the call which begins at or after `from`. */
function titleAt(text: string, from: number): string | null {
  const lead = /^[\s(]*/.exec(text.slice(from, from + 200))?.[0].length ?? 0;
  const start = from + lead;
  if (!isQuote(text.charAt(start))) return null;
  return text.slice(start + 1, endOfString(text, start)).replace(/\\(.)/g, '$1');
}

function isQuote(char: string): boolean {
  return char === "'" || char === '"' || char === '`';
}

function endOfString(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === quote) return at;
  }
  return text.length;
}

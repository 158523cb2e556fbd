/** What a character of TypeScript belongs to. */
export const CODE = 0;
export const COMMENT = 1;
export const STRING = 2;
export const REGEX = 3;

/** Marks every character of `text`; templates count as strings as a whole. Never throws. */
export function maskOf(text: string): Uint8Array {
  const mask = new Uint8Array(text.length);
  let at = 0;
  let before = '';
  while (at < text.length) {
    const end = tokenEnd(text, at, before);
    if (end === null) {
      const char = text.charAt(at);
      if (!/\s/.test(char)) before = /\w/.test(char) && /\w$/.test(before) ? before + char : char;
      at += 1;
      continue;
    }
    mask.fill(end.kind, at, end.at);
    if (end.kind !== COMMENT) before = 'x';
    at = end.at;
  }
  return mask;
}

function tokenEnd(text: string, at: number, before: string): { kind: number; at: number } | null {
  const two = text.slice(at, at + 2);
  if (two === '//') return { kind: COMMENT, at: orEnd(text, text.indexOf('\n', at)) };
  if (two === '/*') return { kind: COMMENT, at: orEnd(text, text.indexOf('*/', at + 2) + 2) };
  const char = text.charAt(at);
  if (char === "'" || char === '"' || char === '`') return { kind: STRING, at: quoted(text, at, char) };
  if (char === '/' && /^$|^[(,=:[!&|?{};+]$|^return$|>$/.test(before))
    return { kind: REGEX, at: regexEnd(text, at) };
  return null;
}

function orEnd(text: string, at: number): number {
  return at <= 1 ? text.length : at;
}

function quoted(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === quote) return at + 1;
  }
  return text.length;
}

function regexEnd(text: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '\n') return at;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return at + 1;
  }
  return text.length;
}

/** A pair of brackets that match in code: where the first opens and where the last closes. */
export interface Brackets {
  readonly open: number;
  readonly close: number;
}

/** The pairs around `at`, the innermost first. */
export function bracketsAround(text: string, mask: Uint8Array, at: number): readonly Brackets[] {
  const stack: number[] = [];
  for (let index = 0; index < at; index += 1) {
    if (mask[index] !== CODE) continue;
    const char = text.charAt(index);
    if ('([{'.includes(char)) stack.push(index);
    else if (')]}'.includes(char)) stack.pop();
  }
  return stack.toReversed().map((open) => ({ open, close: closingOf(text, mask, open) }));
}

/** Where the bracket at `open` closes. */
export function closingOf(text: string, mask: Uint8Array, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (mask[at] !== CODE) continue;
    const char = text.charAt(at);
    if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length - 1;
}

/** Where the bracket that closes at `close` opened. */
export function openingOf(text: string, mask: Uint8Array, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0; at -= 1) {
    if (mask[at] !== CODE) continue;
    const char = text.charAt(at);
    if (')]}'.includes(char)) depth += 1;
    else if ('([{'.includes(char)) depth -= 1;
    if (depth === 0) return at;
  }
  return 0;
}

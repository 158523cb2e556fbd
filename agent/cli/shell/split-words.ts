/**
 * The words of a line as a shell has them: blanks part them, quotes of both kinds and a backslash keep blanks. Undefined where a
 * quote does not end. Takes any text.
 */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] ?? '';
    if (quote === undefined && /\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (letter === quote) quote = undefined;
    else if (quote === undefined && (letter === '"' || letter === "'")) {
      quote = letter;
      word ??= '';
    } else if (letter === '\\' && quote !== "'" && at + 1 < line.length) word = (word ?? '') + line[++at];
    else word = (word ?? '') + letter;
  }
  if (quote !== undefined) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/** A word as it is typed so that it stays one. */
export function quotedWord(word: string): string {
  return /^[\p{L}\p{N}_.,:/@+=%-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

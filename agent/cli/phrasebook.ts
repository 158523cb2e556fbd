import { PHRASES_JA } from './phrases-ja.ts';

/** A sentence with places: `{n}` a number, `{x}` a text that is kept as it is, `{w}` words that are translated in turn. */
interface Pattern {
  readonly matches: RegExp;
  readonly kinds: readonly string[];
  readonly japanese: string;
}

const PLACE = /\{([nxw])\}/g;
const KIND: Readonly<Record<string, string>> = { n: '([0-9][0-9.,]*)', x: '(.+?)', w: '(.+?)' };
/** Lists in lists, and no deeper: a text from outside cannot keep us busy. */
const DEPTH_LIMIT = 4;
const TEXT_LIMIT = 500;

const whole = new Map<string, string>();
const patterns: Pattern[] = [];
for (const [english, japanese] of PHRASES_JA) {
  const kinds = [...english.matchAll(PLACE)].map((found) => found[1] ?? 'x');
  if (kinds.length === 0) whole.set(english, japanese);
  else patterns.push({ matches: patternOf(english), kinds, japanese });
}

function patternOf(english: string): RegExp {
  const parts = english.split(/\{[nxw]\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const places = [...english.matchAll(PLACE)].map((found) => KIND[found[1] ?? 'x'] ?? '(.+?)');
  return new RegExp(`^${parts.map((part, index) => part + (places[index] ?? '')).join('')}$`, 's');
}

/**
 * The Japanese of an English text of the agent or of this command. Both speak English, because JSON never changes with the
 * language; what the book does not know stays English.
 */
export function inJapanese(text: string): string {
  return text.length > TEXT_LIMIT ? text : translated(text, 0);
}

function translated(text: string, depth: number): string {
  const known = whole.get(text);
  if (known !== undefined) return known;
  if (depth > DEPTH_LIMIT) return text;
  for (const { matches, kinds, japanese } of patterns) {
    const found = matches.exec(text);
    if (found === null) continue;
    let next = 0;
    const values = kinds.map((kind, index) => {
      const value = found[index + 1] ?? '';
      return kind === 'w' ? translated(value, depth + 1) : value;
    });
    return japanese.replace(/\{([0-9nxw])\}/g, (_place, name: string) =>
      /[0-9]/.test(name) ? (values[Number(name) - 1] ?? '') : (values[next++] ?? ''),
    );
  }
  for (const separator of ['; ', ', ']) {
    if (!text.includes(separator)) continue;
    const parts = text.split(separator);
    if (parts.length > 40) return text;
    return parts.map((part) => translated(part, depth + 1)).join(separator);
  }
  return text;
}

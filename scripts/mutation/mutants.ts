import { isEquivalent } from './equivalent.ts';
import { CODE, closingOf, maskOf, REGEX, STRING } from './lexer.ts';
import type { Site } from './sites.ts';

/** One alteration of one file. */
export interface Mutant {
  readonly path: string;
  readonly line: number;
  readonly from: number;
  readonly to: number;
  readonly instead: string;
  /** What was done, for people: `280 → 281`. */
  readonly what: string;
}

type Edit = readonly [from: number, to: number, instead: string];

/** Operators of code and what stands for each instead. */
const SWAPS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ <= /g, ' < '],
  [/ >= /g, ' > '],
  [/ < /g, ' <= '],
  [/ > /g, ' >= '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/ \* /g, ' + '],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/\.some\(/g, '.every('],
  [/\.every\(/g, '.some('],
  [/(?<=\breturn [\w.]+)\.length(?=;)/g, '.length + 1'],
  [/\bMath\.min\(/g, 'Math.max('],
  [/\bMath\.max\(/g, 'Math.min('],
  [/\bMath\.ceil\(/g, 'Math.floor('],
  [/\bMath\.floor\(/g, 'Math.ceil('],
];

/** At most `most` alterations of the sites, spread over them, the nearest to the citation first. */
export function mutantsOf(
  sites: readonly Site[],
  sources: ReadonlyMap<string, string>,
  most: number,
): readonly Mutant[] {
  const seen = new Set<string>();
  const queues = sites.map((site) => {
    const text = sources.get(site.path) ?? '';
    const lines = text.split('\n');
    return editsOf(text, site)
      .map(([from, to, instead]) => mutant(site.path, text, from, to, instead))
      .filter(({ path, line, what }) => !isEquivalent(path, lines[line - 1] ?? '', what));
  });
  const found: Mutant[] = [];
  for (
    let round = 0;
    queues.some((queue) => queue.length > 0) && found.length < most && round < 200;
    round += 1
  ) {
    for (const queue of queues) {
      const next = queue.shift();
      if (next === undefined || found.length >= most) continue;
      const key = `${next.path} ${next.from} ${next.to} ${next.instead}`;
      if (!seen.has(key)) found.push(next);
      seen.add(key);
    }
  }
  return found;
}

function mutant(path: string, text: string, from: number, to: number, instead: string): Mutant {
  const line = text.slice(0, from).split('\n').length;
  const what = `${brief(text.slice(from, to))} → ${brief(instead)}`;
  return { path, line, from, to, instead, what };
}

function brief(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat === '' ? 'nothing' : flat.length > 60 ? `${flat.slice(0, 57)}…` : flat;
}

function editsOf(text: string, site: Site): readonly Edit[] {
  const mask = maskOf(text);
  const conditions = conditionEdits(text, mask, site);
  const swaps = swapEdits(text, mask, site);
  const numbers = numberEdits(text, mask, site);
  if (site.element)
    return [
      ...numbers,
      ...listEdits(text, mask, site),
      removal(text, site),
      ...swaps,
      ...digitEdits(text, mask, site),
    ];
  return [...interleave([conditions, numbers, swaps]), ...wordEdits(text, mask, site)];
}

/** `if (x)` becomes `if (!(x))` and `if (false && (x))`; the second takes its branch out. */
function conditionEdits(text: string, mask: Uint8Array, { from, to }: Site): readonly Edit[] {
  const ifs = [...text.slice(from, to).matchAll(/\bif \(/g)].filter(
    (match) => mask[from + match.index] === CODE,
  );
  const parts = ifs.map((match) => {
    const open = from + match.index + match[0].length - 1;
    const close = closingOf(text, mask, open);
    return [open, close + 1, text.slice(open, close + 1)] as const;
  });
  return parts.flatMap(([open, close, condition]): Edit[] => [
    [open, close, `(!${condition})`],
    [open, close, `(false && ${condition})`],
  ]);
}

function swapEdits(text: string, mask: Uint8Array, { from, to }: Site): readonly Edit[] {
  const found = SWAPS.flatMap(([pattern, instead]) =>
    [...text.slice(from, to).matchAll(pattern)].map(
      (match): Edit => [from + match.index, from + match.index + match[0].length, instead],
    ),
  );
  return found.filter(([start]) => mask[start] === CODE).toSorted((a, b) => a[0] - b[0]);
}

/** Every number one more; `280_000` keeps no underscores. */
function numberEdits(text: string, mask: Uint8Array, { from, to }: Site): readonly Edit[] {
  return [...text.slice(from, to).matchAll(/(?<![\w.$])[0-9][0-9_]*(\.[0-9]+)?(?![\w.])/g)]
    .map((match): Edit => {
      const start = from + match.index;
      return [start, start + match[0].length, String(Number(match[0].replaceAll('_', '')) + 1)];
    })
    .filter(([start]) => mask[start] === CODE);
}

/** The last digit of numbers in patterns and of strings that are digits: telephone numbers and prefixes. */
function digitEdits(text: string, mask: Uint8Array, { from, to }: Site): readonly Edit[] {
  return [...text.slice(from, to).matchAll(/[0-9]{2,}(?![0-9])/g)]
    .map((match): Edit => {
      const last = from + match.index + match[0].length - 1;
      return [last, last + 1, String((Number(text.charAt(last)) + 1) % 10)];
    })
    .filter(([at]) => {
      if (mask[at] === REGEX) return true;
      return (
        mask[at] === STRING && text.charAt(at + 1) === "'" && /'[0-9]+$/.test(text.slice(at - 20, at + 1))
      );
    });
}

/** A word that something is set to or compared with; what only names or explains is left. */
function wordEdits(text: string, mask: Uint8Array, { from, to }: Site): readonly Edit[] {
  return [...text.slice(from, to).matchAll(/\b(?!name|say|rule|code|id|fact)\w+(?:: | === )('[\w.]+')/g)]
    .map((match): Edit => {
      const end = from + match.index + match[0].length;
      return [end - (match[1]?.length ?? 0), end, "'altered'"];
    })
    .filter(
      ([start]) =>
        mask[start] === STRING &&
        !/\b(Extract|Exclude|Pick|Omit)<[^>()]*$/.test(text.slice(Math.max(0, start - 80), start)),
    );
}

/** Named lists of words, such as the members of a set, are emptied; facts and names of things are left. */
function listEdits(text: string, mask: Uint8Array, { from, to }: Site): readonly Edit[] {
  return [...text.slice(from, to).matchAll(/\b(?!facts\b|name\b)\w+: (\[['\w.,\s]+\])/g)]
    .map((match): Edit => {
      const start = from + match.index + match[0].length - (match[1]?.length ?? 0);
      return [start, from + match.index + match[0].length, '[]'];
    })
    .filter(([start]) => mask[start] === CODE);
}

function removal(text: string, { from, to }: Site): Edit {
  const comma = /^\s*,/.exec(text.slice(to, to + 40))?.[0] ?? '';
  return [from, to + comma.length, ''];
}

function interleave(lists: readonly (readonly Edit[])[]): readonly Edit[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat();
}

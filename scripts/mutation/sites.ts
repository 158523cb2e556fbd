import { type Brackets, bracketsAround, CODE, COMMENT, closingOf, maskOf, openingOf } from './lexer.ts';

/** A stretch of one file that a citation is about. */
export interface Site {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  /** The stretch is one element of a list or of a table and can be taken out whole. */
  readonly element: boolean;
  /** What the citation is in; one in a comment is less exact. */
  readonly cited: 'code' | 'comment';
}

/** Files of the product by path. */
export type Sources = ReadonlyMap<string, string>;

/** A block longer than this is narrowed to what stands around the citation. */
const BLOCK_CHARS_MOST = 2_600;
const NARROW_CHARS = 700;

/**
 * What the citations of `fact` are about: the declaration below a comment; the row or call that carries it, and the
 * block in which that call stands; where the row has a name (`'contract.fax': {…}`), the places that use the name instead.
 */
export function sitesOf(fact: string, sources: Sources): readonly Site[] {
  const cited = [...sources].flatMap(([path, text]) => {
    const mask = maskOf(text);
    return [...text.matchAll(new RegExp(`\\b${fact}\\b`, 'g'))].map((match) => ({
      path,
      text,
      mask,
      at: match.index,
    }));
  });
  const inCode = cited.filter(({ mask, at }) => mask[at] !== COMMENT);
  const inComments = cited.filter(({ mask, at }) => mask[at] === COMMENT);
  return [
    ...inCode.flatMap(({ path, text, mask, at }) => {
      const name = nameOfRow(text, mask, at);
      return name === undefined ? aroundCode(path, text, mask, at) : usesOf(name, sources);
    }),
    ...inComments.flatMap(({ path, text, mask, at }) => belowComment(path, text, mask, at)),
  ];
}

function aroundCode(path: string, text: string, mask: Uint8Array, at: number): readonly Site[] {
  const around = bracketsAround(text, mask, at);
  const row = text.charAt(around[0]?.open ?? 0) === '[' ? around[1] : around[0];
  if (row === undefined) return [];
  const block = around.find((pair) => pair.open <= row.open && isBlock(text, pair));
  const own: Site = { path, ...elementOf(text, mask, row), cited: 'code' };
  return block === undefined ? [own] : [{ ...own, element: false }, blockSite(path, text, mask, block, at)];
}

/** `{` after `)`, `=>`, `else` or `try` opens a block, every other one an object. */
function isBlock(text: string, { open }: Brackets): boolean {
  return (
    text.charAt(open) === '{' &&
    /(\)|=>|\belse|\btry|\)\s*:\s*[^{}()]+)\s*$/.test(text.slice(Math.max(0, open - 160), open))
  );
}

function blockSite(path: string, text: string, mask: Uint8Array, block: Brackets, at: number): Site {
  const header = text.slice(0, block.open).trimEnd();
  const start = header.endsWith(')') ? openingOf(text, mask, header.length - 1) : block.open;
  const from = text.lastIndexOf('\n', start) + 1;
  const to = block.close + 1;
  if (to - from <= BLOCK_CHARS_MOST) return { path, from, to, element: false, cited: 'code' };
  return {
    path,
    from: Math.max(from, at - NARROW_CHARS),
    to: Math.min(to, at + NARROW_CHARS),
    element: false,
    cited: 'code',
  };
}

/** The row with its callee (`entry(…)`) or its key (`name: {…}`), if it stands in a list. */
function elementOf(text: string, mask: Uint8Array, row: Brackets): Omit<Site, 'path' | 'cited'> {
  const lead =
    /(?:(?:'[^'\n]*'|\w+)\s*:\s*)?[\w.]*\s*$/.exec(text.slice(Math.max(0, row.open - 160), row.open))?.[0] ??
    '';
  const from = row.open - lead.trimStart().length;
  const to = row.close + 1;
  const before = lastCode(text, mask, from);
  const after = /^\s*(.)/.exec(text.slice(to, to + 200))?.[1] ?? '';
  return { from, to, element: '[{,'.includes(before) && ',]}'.includes(after) && !/\breturn\b/.test(lead) };
}

function lastCode(text: string, mask: Uint8Array, before: number): string {
  for (let at = before - 1; at >= 0; at -= 1)
    if (mask[at] !== COMMENT && !/\s/.test(text.charAt(at))) return text.charAt(at);
  return '';
}

function nameOfRow(text: string, mask: Uint8Array, at: number): string | undefined {
  const object = bracketsAround(text, mask, at).find(({ open }) => text.charAt(open) === '{');
  if (object === undefined) return undefined;
  return /'([\w]+\.[\w.]+)'\s*:\s*$/.exec(text.slice(Math.max(0, object.open - 120), object.open))?.[1];
}

function usesOf(name: string, sources: Sources): readonly Site[] {
  return [...sources].flatMap(([path, text]) => {
    const mask = maskOf(text);
    return [...text.matchAll(new RegExp(`'${name.replaceAll('.', '\\.')}'(?!\\s*:)`, 'g'))].flatMap((match) =>
      aroundCode(path, text, mask, match.index),
    );
  });
}

/** Whether a place is a member of an interface or of a type: nothing there is left when the program runs. */
function inType(text: string, mask: Uint8Array, at: number): boolean {
  return bracketsAround(text, mask, at).some(
    ({ open }) =>
      text.charAt(open) === '{' &&
      /\b(interface \w+[^{}();]*|type \w+ =[^{}();]*)$/.test(text.slice(Math.max(0, open - 200), open)),
  );
}

/** The declaration, statement or element that begins after the comment. Types have nothing to alter. */
function belowComment(path: string, text: string, mask: Uint8Array, at: number): readonly Site[] {
  let from = at;
  while (from < text.length && (mask[from] === COMMENT || /\s/.test(text.charAt(from)))) from += 1;
  if (/^(export )?(interface|type|import)\b/.test(text.slice(from, from + 20))) return [];
  if (/^\|?\s*\{?\s*readonly\b/.test(text.slice(from, from + 60)) || inType(text, mask, from)) return [];
  let to = from;
  for (; to < text.length; to += 1) {
    if (mask[to] !== CODE) continue;
    const char = text.charAt(to);
    if (char === ';' || char === ',' || ')]}'.includes(char)) break;
    if ('([{'.includes(char)) {
      const block = isBlock(text, { open: to, close: to });
      to = closingOf(text, mask, to);
      if (block && /^\s*\n/.test(text.slice(to + 1, to + 40))) break;
    }
  }
  return [
    {
      path,
      from,
      to: Math.min(to + 1, text.length, from + BLOCK_CHARS_MOST),
      element: false,
      cited: 'comment',
    },
  ];
}

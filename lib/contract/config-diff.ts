import type { SiteConfig } from './site-config.ts';

/** One thing that is another one in a later configuration. Passwords are never in it. */
export interface ConfigChange {
  /** Where: `lines, port 2, ring`; parts of a list by what names them, not by their place. */
  readonly where: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Null when it was added. */
  readonly before: string | null;
  /** Null when it was removed. */
  readonly after: string | null;
}

/** Longest value that is shown. */
const VALUE_MOST = 120;
/** Most changes that are told one by one: a phone book may be replaced as a whole. */
export const CHANGES_MOST = 500;

const SECRET = /password|secret|token/i;
const HIDDEN = '(hidden)';
/** By what an entry of a list is known, the first that it has. */
const NAMES = ['port', 'mac', 'extension', 'serviceId', 'number', 'key', 'name', 'label'] as const;

/** Pure: what a person wants to know of the step from one configuration to the next, in the order of its fields. */
export function configDiff(before: SiteConfig, after: SiteConfig): readonly ConfigChange[] {
  return [...changesOf(before, after, [])].slice(0, CHANGES_MOST);
}

/** One change as a line: `~ lines, port 2, ring: normal → double`. */
export function changeLine({ kind, where, before, after }: ConfigChange): string {
  switch (kind) {
    case 'added':
      return `+ ${where}: ${after}`;
    case 'removed':
      return `- ${where}: ${before}`;
    case 'changed':
      return `~ ${where}: ${before} → ${after}`;
  }
}

function* changesOf(before: unknown, after: unknown, path: readonly string[]): Generator<ConfigChange> {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const where = path.join(', ');
  if (before === undefined) yield { where, kind: 'added', before: null, after: shown(after, path) };
  else if (after === undefined) yield { where, kind: 'removed', before: shown(before, path), after: null };
  else if (isNamedList(before) && isNamedList(after)) yield* listChanges(before, after, path);
  else if (isRecord(before) && isRecord(after)) yield* fieldChanges(before, after, path);
  else yield { where, kind: 'changed', before: shown(before, path), after: shown(after, path) };
}

function* fieldChanges(before: Fields, after: Fields, path: readonly string[]): Generator<ConfigChange> {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    yield* changesOf(before[name], after[name], [...path, name]);
  }
}

function* listChanges(
  before: readonly Fields[],
  after: readonly Fields[],
  path: readonly string[],
): Generator<ConfigChange> {
  const [was, is] = [byName(before), byName(after)];
  for (const name of new Set([...was.keys(), ...is.keys()])) {
    yield* changesOf(was.get(name), is.get(name), [...path, name]);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function byName(list: readonly Fields[]): ReadonlyMap<string, Fields> {
  const named = new Map<string, Fields>();
  for (const entry of list) {
    const name = NAMES.find((each) => entry[each] !== undefined);
    const own = `${name} ${String(entry[name ?? ''])}`;
    // Two of one name, as in a phone book: told apart by their order.
    let unique = own;
    for (let more = 2; named.has(unique); more++) unique = `${own} (${more})`;
    named.set(unique, entry);
  }
  return named;
}

function isNamedList(value: unknown): value is readonly Fields[] {
  return (
    Array.isArray(value) &&
    value.every((entry) => isRecord(entry) && NAMES.some((name) => entry[name] !== undefined))
  );
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown, path: readonly string[]): string {
  if (path.some((part) => SECRET.test(part))) return HIDDEN;
  const text = typeof value === 'string' ? value : JSON.stringify(hidden(value));
  return text.length <= VALUE_MOST ? text : `${text.slice(0, VALUE_MOST - 1)}…`;
}

function hidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidden);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET.test(name) ? HIDDEN : hidden(inner)]),
  );
}

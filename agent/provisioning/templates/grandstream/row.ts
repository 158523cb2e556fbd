import type { ValueRule } from '../settings.ts';
import type { GrandstreamFamily, GrandstreamForm } from './models.ts';

/** What a setting means to us, before it is written in one of the two forms. */
export type Meant = boolean | number | string;

/** How a meaning is written: in P values, and by name. */
export type Writing =
  /** true is 1, `Yes`. */
  | { readonly as: 'flag' }
  /** The P value says "disable", the name says "enable": true is 0, `Yes`. */
  | { readonly as: 'inverted' }
  /** Both say "disable": true is 0, `No`. */
  | { readonly as: 'negated' }
  | { readonly as: 'choice'; readonly of: Readonly<Record<string, readonly [pValue: string, name: string]>> }
  | { readonly as: 'number'; readonly least: number; readonly most: number }
  | { readonly as: 'text'; readonly most: number; readonly pattern?: RegExp };

/** One setting of a family of phones, in both forms. */
export interface Row {
  /** P numbers: of accounts 1, 2, 3 … for a setting of an account, else one. Empty: this setting has no public P value. */
  readonly p: readonly number[];
  /** Families that number their accounts otherwise. */
  readonly pOf?: Partial<Record<GrandstreamFamily, readonly number[]>>;
  /** Name of config version 2; `N` stands for the account. Empty: no public name. */
  readonly name: string;
  readonly writing: Writing;
  readonly families: readonly GrandstreamFamily[];
  /** Families that write it otherwise. */
  readonly otherwise?: Partial<Record<GrandstreamFamily, Writing>>;
  readonly secret?: true;
}

export const ALL: readonly GrandstreamFamily[] = ['gxp16xx', 'gxp21xx', 'grp26xx'];
/** The two families that have names. */
export const NEWER: readonly GrandstreamFamily[] = ['gxp21xx', 'grp26xx'];

export const FLAG: Writing = { as: 'flag' };

export function text(most: number, pattern?: RegExp): Writing {
  return { as: 'text', most, ...(pattern === undefined ? {} : { pattern }) };
}

export function number(least: number, most: number): Writing {
  return { as: 'number', least, most };
}

export function choice(of: Readonly<Record<string, readonly [string, string]>>): Writing {
  return { as: 'choice', of };
}

export function writingOf(row: Row, family: GrandstreamFamily): Writing {
  return row.otherwise?.[family] ?? row.writing;
}

/** The key of a row in one form; nothing where the form, or the account, has none. */
export function keyOf(
  row: Row,
  family: GrandstreamFamily,
  form: GrandstreamForm,
  account: number,
): string | undefined {
  if (form === 'names') return row.name === '' ? undefined : row.name.replace('.N.', `.${account}.`);
  const number = (row.pOf?.[family] ?? row.p)[account - 1];
  return number === undefined ? undefined : `P${number}`;
}

/** A meaning as the file has it. A meaning that the writing does not know becomes text that no rule allows. */
export function written(meant: Meant, writing: Writing, form: GrandstreamForm): string {
  const side = form === 'pValues' ? 0 : 1;
  switch (writing.as) {
    case 'flag':
      return (meant === true ? ['1', 'Yes'] : ['0', 'No'])[side] ?? '';
    case 'inverted':
      return (meant === true ? ['0', 'Yes'] : ['1', 'No'])[side] ?? '';
    case 'negated':
      return (meant === true ? ['0', 'No'] : ['1', 'Yes'])[side] ?? '';
    case 'choice':
      return writing.of[String(meant)]?.[side] ?? `unknown: ${String(meant)}`;
    case 'number':
    case 'text':
      return String(meant);
  }
}

/** What the file may hold there. */
export function ruleOf(writing: Writing, form: GrandstreamForm): ValueRule {
  const side = form === 'pValues' ? 0 : 1;
  switch (writing.as) {
    case 'flag':
    case 'inverted':
    case 'negated':
      return { kind: 'choice', values: form === 'pValues' ? ['0', '1'] : ['No', 'Yes'] };
    case 'choice':
      return { kind: 'choice', values: Object.values(writing.of).map((pair) => pair[side] ?? '') };
    case 'number':
      return { kind: 'number', least: writing.least, most: writing.most };
    case 'text':
      return {
        kind: 'text',
        most: writing.most,
        ...(writing.pattern === undefined ? {} : { pattern: writing.pattern }),
      };
  }
}

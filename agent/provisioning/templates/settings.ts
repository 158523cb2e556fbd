import { ok, type Result, refuse } from '../../../lib/base/errors.ts';
import type { TemplateRefusal } from './types.ts';

/** One line of a phone's file: the name that its maker gave to a setting, and the value as the file has it. */
export interface Setting {
  readonly key: string;
  readonly value: string;
}

/** What a key may hold, in the writing of the file. */
export type ValueRule =
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'text'; readonly most: number; readonly pattern?: RegExp };

export interface KeyRule {
  readonly value: ValueRule;
  /** Passwords and keys: the value is never repeated in a refusal. */
  readonly secret: boolean;
}

/** Every key that one model takes from us. What is not in it is never sent. */
export type KeyTable = ReadonlyMap<string, KeyRule>;

/** Whether no file may hold it: lone halves of surrogate pairs, control characters, and the two code points that XML forbids. */
export function unwritable(text: string): boolean {
  if (!text.isWellFormed()) return true;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x20 || (point >= 0x7f && point <= 0x9f)) return true;
    if (point === 0x2028 || point === 0x2029 || point === 0xfffe || point === 0xffff) return true;
  }
  return false;
}

/** The settings as they are, when the table knows every key of them and allows every value, and no key comes twice. */
export function checkSettings(
  settings: readonly Setting[],
  table: KeyTable,
  model: string,
): Result<readonly Setting[], TemplateRefusal> {
  const seen = new Set<string>();
  for (const { key, value } of settings) {
    const rule = table.get(key);
    if (rule === undefined) {
      return noTemplate('template.keyUnknown', key, `${model} has no setting ${key} in its key table.`);
    }
    if (seen.has(key)) return noTemplate('template.keyTwice', key, `${key} would be written twice.`);
    seen.add(key);
    const wrong = checkValue(key, value, rule);
    if (wrong !== undefined) return wrong;
  }
  return ok(settings);
}

type Refused = ReturnType<typeof refuse<TemplateRefusal>>;

function checkValue(key: string, value: string, { value: rule, secret }: KeyRule): Refused | undefined {
  const shown = secret ? 'its value (a secret)' : `"${shorten(value)}"`;
  if (unwritable(value)) {
    const say = `${key} cannot hold ${secret ? shown : 'its value'}: it has a line break or another control character.`;
    return noTemplate('template.valueCharacters', key, say);
  }
  switch (rule.kind) {
    case 'choice':
      if (rule.values.includes(value)) return undefined;
      return noTemplate('template.valueRange', key, `${key} takes ${rule.values.join(', ')}, not ${shown}.`);
    case 'number': {
      if (!/^-?[0-9]{1,9}$/.test(value))
        return noTemplate('template.valueKind', key, `${key} is a number, not ${shown}.`);
      const number = Number(value);
      if (number >= rule.least && number <= rule.most) return undefined;
      return noTemplate(
        'template.valueRange',
        key,
        `${key} goes from ${rule.least} to ${rule.most}, not ${shown}.`,
      );
    }
    case 'text':
      if (value.length > rule.most)
        return noTemplate(
          'template.valueRange',
          key,
          `${key} holds ${rule.most} characters; ${shown} has more.`,
        );
      if (rule.pattern === undefined || rule.pattern.test(value)) return undefined;
      return noTemplate(
        'template.valueCharacters',
        key,
        `${key} cannot hold ${shown}: a character in it is not allowed.`,
      );
  }
}

/** Enough of a value to recognise it, without characters that break a line. */
function shorten(value: string): string {
  return value.length > 40 ? `${value.slice(0, 40)}…` : value;
}

/** A refusal that names the key, or the field of the configuration, that is at fault. */
export function noTemplate(code: TemplateRefusal['code'], key: string | null, say: string): Refused {
  return refuse({ code, fault: 'caller', key, say });
}

/** The same for a configuration's number: `least ≤ value ≤ most`, written as the phones do. */
export function numberRule(least: number, most: number): KeyRule {
  return { value: { kind: 'number', least, most }, secret: false };
}

export function choiceRule(...values: readonly string[]): KeyRule {
  return { value: { kind: 'choice', values }, secret: false };
}

export function textRule(most: number, pattern?: RegExp): KeyRule {
  return { value: { kind: 'text', most, ...(pattern === undefined ? {} : { pattern }) }, secret: false };
}

export function secretRule(most: number, pattern?: RegExp): KeyRule {
  return { ...textRule(most, pattern), secret: true };
}

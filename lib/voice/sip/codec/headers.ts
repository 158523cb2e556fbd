import type { SipHeaders } from '../api.ts';
import type { Field } from './fields/field.ts';
import type { HeaderLines } from './head.ts';
import { nameId, nameOf } from './header-names.ts';
import { CODE, splitOutside } from './text.ts';

const NONE: readonly string[] = [];

/** Headers of a message in the order of the wire; unknown ones kept as they came. Looked up by name in any form. */
export class Headers {
  readonly #lines: HeaderLines;
  /** Bit n: the known name with the number n is there. */
  readonly #present: number;
  /** Bit n: it is there more than once. */
  readonly #repeated: number;

  constructor(lines: HeaderLines) {
    let present = 0;
    let repeated = 0;
    for (const id of lines.ids) {
      if (typeof id === 'string' || id > 31) continue;
      const bit = 1 << id;
      repeated |= present & bit;
      present |= bit;
    }
    this.#lines = lines;
    this.#present = present;
    this.#repeated = repeated;
  }

  static of(entries: SipHeaders): Headers {
    return new Headers({
      names: entries.map(([name]) => name),
      values: entries.map(([, value]) => value),
      ids: entries.map(([name]) => nameId(name)),
    });
  }

  /** Name and value of each line as they stood. */
  get entries(): SipHeaders {
    const { names, values } = this.#lines;
    return names.map((name, at) => [name, values[at] ?? '']);
  }

  /** The first value, or undefined. */
  get(name: string): string | undefined {
    const id = nameId(name);
    if (this.#lacks(id)) return undefined;
    const at = this.#lines.ids.indexOf(id);
    return at < 0 ? undefined : this.#lines.values[at];
  }

  /** All values, one for each line. */
  all(name: string): readonly string[] {
    const id = nameId(name);
    if (this.#lacks(id)) return NONE;
    const { ids, values } = this.#lines;
    const first = ids.indexOf(id);
    if (first < 0) return NONE;
    const out = [values[first] ?? ''];
    for (let at = first + 1; at < ids.length; at++) {
      if (ids[at] === id) out.push(values[at] ?? '');
    }
    return out;
  }

  /** All elements of a comma-separated header, over all its lines; empty elements left out. */
  list(name: string): string[] {
    const values = this.all(name);
    if (values.length === 0) return [];
    return values.flatMap((value) => splitOutside(value, CODE.comma) ?? []).filter((item) => item !== '');
  }

  /**
   * The parsed content of a header, as one of the fields in `fields/` reads it: undefined when it is not there,
   * `'malformed'` when it is not what its grammar wants.
   */
  read<Value>(field: Field<Value>): Value | undefined | 'malformed' {
    const values = this.all(field.name);
    return values.length === 0 ? undefined : (field.parse(values) ?? 'malformed');
  }

  /** Of the names in `mask` (bits of {@link nameId}), the first that stands there more than once. */
  repeatedOf(mask: number): string | undefined {
    const found = this.#repeated & mask;
    return found === 0 ? undefined : nameOf(31 - Math.clz32(found & -found));
  }

  /** Whether any of the names in `mask` is there. */
  hasAny(mask: number): boolean {
    return (this.#present & mask) !== 0;
  }

  #lacks(id: number | string): boolean {
    return typeof id === 'number' && id <= 31 && (this.#present & (1 << id)) === 0;
  }
}

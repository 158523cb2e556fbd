/** A part of something that has `size` bytes: from `first` to `last`, both within. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Pure: the part that a `Range` field asks for (RFC 9110, section 14). `whole` when it asks for none, for several at once, or in
 * a unit that nobody knows: then the field is ignored, as that section allows; `outside` when there is no such part.
 */
export function rangeOf(field: string | undefined, size: number): ByteRange | 'whole' | 'outside' {
  const asked = /^bytes=\s*([0-9]{0,15})-([0-9]{0,15})\s*$/i.exec(field ?? '');
  if (asked === null) return 'whole';
  const [, from = '', to = ''] = asked;
  if (from === '') {
    if (to === '') return 'whole';
    const length = Math.min(Number(to), size);
    return length === 0 ? 'outside' : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < first) return 'whole';
  return first >= size ? 'outside' : { first, last };
}

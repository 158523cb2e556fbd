import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../cloud-stub/sync/byte-range.ts';

describe('a part of a file (RFC 9110, section 14)', () => {
  it.each([
    ['bytes=0-9', { first: 0, last: 9 }],
    ['bytes=90-', { first: 90, last: 99 }],
    ['bytes=90-1000', { first: 90, last: 99 }],
    ['bytes=-10', { first: 90, last: 99 }],
    ['bytes=-1000', { first: 0, last: 99 }],
    ['BYTES=99-99', { first: 99, last: 99 }],
    ['bytes=100-', 'outside'],
    ['bytes=-0', 'outside'],
    ['bytes=9-8', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['lines=1-2', 'whole'],
    ['bytes=-', 'whole'],
    [undefined, 'whole'],
  ])('%s of 100 bytes', (field, expected) => expect(rangeOf(field, 100)).toEqual(expected));

  it('lies within the file, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 1e9 }),
        (text, from, to, size) => {
          for (const field of [text, `bytes=${from}-${to}`, `bytes=${from}-`, `bytes=-${to}`]) {
            const range = rangeOf(field, size);
            if (typeof range === 'string') continue;
            expect(range.first >= 0 && range.first <= range.last && range.last < size).toBe(true);
          }
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hyphenated } from '../../../cloud-stub/numbering/index.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const NOW = japanMidnight(2026, 11, 21);

describe('numbers as people write them', () => {
  it.each([
    ['0355550123', '03-5555-0123'],
    ['+81355550123', '03-5555-0123'],
    ['0427221111', '042-722-1111'],
    ['0429641111', '04-2964-1111'],
    ['0467231111', '0467-23-1111'],
    ['0499221111', '04992-2-1111'],
    ['09012345678', '090-1234-5678'],
    ['05012345678', '050-1234-5678'],
    ['0120123456', '0120-123-456'],
    ['08001234567', '0800-123-4567'],
    ['0570012345', '0570-012-345'],
    ['0990123456', '0990-123-456'],
  ])('%s is %s', (number, written) => {
    expect(hyphenated(number, NOW)).toBe(written);
  });

  it.each(['110', '01012125551234', '0149123456', '03555', 'anonymous', '', '02012345678', '0903101400'])(
    '%j stays as it is',
    (number) => expect(hyphenated(number, NOW)).toBe(number),
  );

  it('only puts hyphens in', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^0[0-9]{8,10}$/), (number) => {
        const written = hyphenated(number, NOW);
        expect([written.replaceAll('-', ''), number.endsWith(written.replaceAll('-', ''))]).toContain(true);
      }),
    );
  });
});

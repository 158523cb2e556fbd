import { describe, expect, it } from 'vitest';
import {
  type AlertLine,
  alertLines,
  callLines,
  type FaxLine,
  faxLines,
} from '../../../cloud-stub/cli/text.ts';
import { inJapan, momentIn } from '../../../cloud-stub/cli/when.ts';
import { instant } from '../../../lib/base/clock.ts';

const AT = instant(Date.UTC(2026, 11, 25, 15, 5, 9));

describe('times of the command', () => {
  it('are those of Japan, and say so', () => {
    expect(inJapan(AT)).toBe('2026-12-26 00:05:09 JST');
    const call = {
      ...{ startedAt: AT, direction: 'out', from: '0355550100', to: '0355550123', talkMs: 1_000 },
      ...{ amountMicroYen: null, end: null, discrepancies: [] },
    };
    const lines = [
      callLines([call as unknown as Parameters<typeof callLines>[0][number]]),
      faxLines([
        { ...call, pages: 1, bitRate: null, path: 't38', result: 'ok', say: 'sent' } as unknown as FaxLine,
      ]),
      alertLines([{ at: AT, about: '2026-12', say: 'near', facts: [] } as unknown as AlertLine]),
    ];
    for (const line of lines) expect(line).toMatch(/^2026-12-26 00:05:09 JST {2}/);
  });

  it.each([
    ['2026-12-26', Date.UTC(2026, 11, 25, 15)],
    ['2026-12-26T00:05', Date.UTC(2026, 11, 25, 15, 5)],
    ['2026-12-26 00:05:09', AT],
    ['2026-12-26T00:05:09+09:00', AT],
    ['2026-12-25T15:05:09Z', AT],
    ['2026-12-25T16:05:09.000+01:00', AT],
    ['1970-01-01T00:00Z', 0],
    ['1969-12-31', undefined],
    ['2026-13-01', undefined],
    ['tomorrow', undefined],
    ['', undefined],
  ])('"%s" is read as Japan’s unless it says otherwise', (text, at) => {
    expect(momentIn(text)).toBe(at);
  });
});

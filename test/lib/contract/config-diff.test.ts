import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeLine, configDiff } from '../../../lib/contract/config-diff.ts';
import { siteLine, siteOf } from '../../support/site-config.ts';

describe('the difference of two configurations', () => {
  it('names what changed by what a person knows it by', () => {
    const before = siteOf({ lines: [siteLine(1, '11'), siteLine(2, '12')] });
    const after = siteOf({
      office: '新しい店',
      lines: [{ ...siteLine(2, '12'), ring: 'double' }, siteLine(3, '13')],
      calls: { channels: 3, ringForMs: 60_000 },
    });
    const lines = configDiff(before, after).map(changeLine);
    expect(lines.slice(0, 1)).toEqual(['~ office: 縁側商店 (Engawa Shoten) → 新しい店']);
    expect(lines).toContain('~ lines, port 2, ring: normal → double');
    expect(lines).toContain('~ calls, channels: 2 → 3');
    expect(lines.some((line) => line.startsWith('- lines, port 1: {"port":1'))).toBe(true);
    expect(lines.some((line) => line.startsWith('+ lines, port 3: {"port":3'))).toBe(true);
    expect(lines).toHaveLength(5);
  });

  it('says that a password is another one, and never which', () => {
    const line = siteLine(1, '11');
    const other = { ...line, sip: { ...line.sip, password: 'another-secret-of-the-office' } };
    expect(configDiff(siteOf({ lines: [line] }), siteOf({ lines: [other] }))).toEqual([
      { where: 'lines, port 1, sip, password', kind: 'changed', before: '(hidden)', after: '(hidden)' },
    ]);
    const whole = JSON.stringify(configDiff(siteOf({ lines: [] }), siteOf({ lines: [line] })));
    expect(whole).not.toContain(line.sip.password);
  });

  it('is nothing between equal ones, and something between others, both ways', () => {
    const sites = fc.record({
      office: fc.constantFrom('a', 'b'),
      lines: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
      channels: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(sites, sites, (one, other) => {
        const [before, after] = [one, other].map(({ office, lines, channels }) =>
          siteOf({
            office,
            lines: [...lines].sort().map((port) => siteLine(port, `1${port}`)),
            calls: { channels, ringForMs: 60_000 },
          }),
        );
        if (before === undefined || after === undefined) return;
        const equal = JSON.stringify(before) === JSON.stringify(after);
        expect(configDiff(before, after).length === 0).toBe(equal);
        expect(configDiff(before, after)).toHaveLength(configDiff(after, before).length);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draftInvoice, periodOf, renderInvoiceText } from '../../../cloud-stub/billing/index.ts';
import { columns, padTo } from '../../../cloud-stub/billing/width.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { exampleOffice, subscriptionsOf } from '../../../cloud-stub/contracts/index.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { yen } from '../../../lib/base/units.ts';

const at = japanMidnight(2026, 12, 1);

function page(name: string): string {
  const made = draftInvoice({
    contract: { id: exampleOffice.id, name: { ja: name, en: name } },
    issuer: { name: '縁側電話', registrationNumber: 'T1234567890123', address: '東京都' },
    period: periodOf(at),
    catalogue,
    subscriptions: subscriptionsOf(exampleOffice),
    calls: [
      {
        call: 'a',
        answeredAt: at,
        charge: { amount: yen(8), units: 1, item: 'call.device.fixed', category: 'deviceCalls' },
      },
      {
        call: 'b',
        answeredAt: at,
        charge: { amount: yen(17.5), units: 1, item: 'call.device.mobile', category: 'deviceCalls' },
      },
    ],
  });
  if (!made.ok) throw new Error(made.error.say);
  return renderInvoiceText(made.value);
}

describe('the invoice as text', () => {
  it('shows who, when, what, and how much', () => {
    const text = page('縁側商店');
    expect(text).toContain('請求書(下書き) 2026-12');
    expect(text).toContain('縁側商店 御中');
    expect(text).toContain('2026-11-26 から 2026-12-25 まで');
    expect(text).toContain('登録番号 T1234567890123');
    expect(text).toMatch(/契約番号 \[S0-001\] +1 +280円 +280円\n/);
    expect(text).toMatch(/通話料\(IP電話機・アダプタ\) +2通話 +25円\n/);
    expect(text).toMatch(/ {2}携帯電話への発信 \[S0-046\] +1単位 +17.5円\n/);
    expect(text).toMatch(/小計\(税抜\) +2,205円\n/);
    expect(text).toMatch(/消費税 10% +220円\n/);
    expect(text).toMatch(/合計\(税込\) +2,425円\n/);
  });

  it('is never wider than 80 columns, whatever the name, counting Japanese characters as two', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z縁側商店髙𠮷㈱①ー]{0,60}$/u), (name) => {
        for (const row of page(name).split('\n')) expect(columns(row)).toBeLessThanOrEqual(80);
      }),
      { numRuns: 40 },
    );
  });

  it('pads and cuts by columns', () => {
    expect(columns('縁側a')).toBe(5);
    expect(padTo('縁側', 6)).toBe('縁側  ');
    expect(padTo('12', 4, 'right')).toBe('  12');
    expect(padTo('縁側', 3)).toBe('縁 ');
    expect(columns('𠮷')).toBe(2);
  });
});

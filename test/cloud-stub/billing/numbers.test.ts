import { describe, expect, it } from 'vitest';
import {
  type CreditNote,
  creditNote,
  creditNoteCsv,
  ledgerOfCredit,
  newSeries,
  numberFaults,
  takeNumber,
} from '../../../cloud-stub/billing/index.ts';
import { charge, issued } from './office.ts';

describe('invoice numbers', () => {
  it('follow one another without gaps', () => {
    let counter = newSeries('E');
    const given: string[] = [];
    for (let n = 0; n < 3; n++) {
      const taken = takeNumber(counter);
      given.push(taken.number);
      counter = taken.counter;
    }
    expect(given).toEqual(['E-00000001', 'E-00000002', 'E-00000003']);
    expect(numberFaults(counter, given)).toEqual([]);
  });

  it('are checked: what is missing, there twice or foreign is named', () => {
    const counter = { series: 'E', next: 4 };
    expect(numberFaults(counter, ['E-00000001', 'E-00000003'])).toEqual(['E-00000002']);
    expect(numberFaults(counter, ['E-00000001', 'E-00000002', 'E-00000002', 'E-00000003'])).toEqual([
      'E-00000002',
    ]);
    expect(numberFaults(counter, ['E-00000001', 'E-00000002', 'E-00000003', 'E-00000009'])).toEqual([
      'E-00000009',
    ]);
  });
});

const invoice = issued({ charges: [charge(105, 'appCalls'), charge(105), charge(105, 'cloudFax')] });

function credited(amountYen: number, earlier: readonly CreditNote[] = []): CreditNote {
  const note = creditNote({
    invoice,
    earlier,
    number: 'C-00000001',
    issuedOn: '2027-01-05',
    reason: '二重請求',
    lines: [{ say: '通話料', amountYen, taxPercent: 10 }],
  });
  if (!note.ok) throw new Error(note.error.say);
  return note.value;
}

describe('credit notes', () => {
  it('name the invoice, the rate and the tax, with amounts below zero', () => {
    expect(credited(315)).toMatchObject({
      of: { number: 'E-00000001', issuedOn: '2026-12-26', period: '2026-12' },
      issuer: { registrationNumber: 'T1234567890123' },
      taxes: [{ percent: 10, taxableYen: -315, taxYen: -31 }],
      totalYen: -346,
    });
    expect(invoice.totalYen).toBe(346);
  });

  it('in parts give back exactly the tax that was taken: 31 yen, not three times 10', () => {
    const first = credited(105);
    const second = credited(105, [first]);
    const third = credited(105, [first, second]);
    expect([first, second, third].reduce((sum, note) => sum + note.totalYen, 0)).toBe(-346);
  });

  it('never give back more than is left, and nothing that is no amount', () => {
    const ask = (amountYen: number, earlier: readonly CreditNote[] = [], taxPercent = 10) =>
      creditNote({
        invoice,
        earlier,
        number: 'C-00000002',
        issuedOn: '2027-01-05',
        reason: '',
        lines: [{ say: 'x', amountYen, taxPercent }],
      });
    expect(ask(316)).toMatchObject({ ok: false, error: { code: 'credit.tooMuch' } });
    expect(ask(211, [credited(105)])).toMatchObject({ ok: false, error: { code: 'credit.tooMuch' } });
    expect(ask(1, [], 8)).toMatchObject({ ok: false, error: { code: 'credit.tooMuch' } });
    for (const amount of [0, -1, 1.5, Number.NaN]) {
      expect(ask(amount)).toMatchObject({ ok: false, error: { code: 'credit.badAmount' } });
    }
  });

  it('balance in the ledger', () => {
    const entries = ledgerOfCredit(credited(105));
    expect(entries.reduce((sum, entry) => sum + entry.debitYen - entry.creditYen, 0)).toBe(0);
    expect(entries.map((entry) => entry.account)).toEqual(['receivable', 'revenue', 'consumptionTax']);
  });

  it('have a table of their own', () => {
    expect(creditNoteCsv(credited(105))).toContain(
      'C-00000001,2027-01-05,E-00000001,c-000001,縁側商店,返還額,返還額(税込),-115,\r\n',
    );
  });
});

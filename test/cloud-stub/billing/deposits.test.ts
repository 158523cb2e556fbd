import { describe, expect, it } from 'vitest';
import { ledgerOf } from '../../../cloud-stub/billing/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { yen } from '../../../lib/base/units.ts';
import { charge, close, DECEMBER, IN_DECEMBER, OCTOBER, period, sub } from './office.ts';

const DEPOSIT = 'tollFree.presentNumber.deposit';

describe('deposits', () => {
  it('[S0-025] [S0-166] [A-40] 100,000 are taken once, untaxed, off the lines and off the taxable subtotal', () => {
    const subscriptions = [sub(DEPOSIT, IN_DECEMBER), sub('tollFree.presentNumber', IN_DECEMBER)];
    expect(close({ subscriptions }).body).toMatchObject({
      subtotalYen: 300,
      taxes: [{ percent: 10, taxableYen: 300, taxYen: 30 }],
      totalYen: 330,
      deposits: [{ item: DEPOSIT, amountYen: 100_000 }],
      depositYen: 100_000,
      dueYen: 100_330,
    });
    expect(close({ subscriptions, period: period('2027-01') }).body).toMatchObject({
      depositYen: 0,
      dueYen: 330,
    });
  });

  it('[S0-166] [A-40] are taken to the last yen', () => {
    const subscriptions = [{ ...sub(DEPOSIT, IN_DECEMBER), amountMicroYen: yen(1) }];
    expect(close({ subscriptions }).body).toMatchObject({
      deposits: [{ item: DEPOSIT, amountYen: 1 }],
      depositYen: 1,
    });
  });

  it('[A-40] are a debt to the customer in the ledger, never revenue', () => {
    const subscriptions = [sub(DEPOSIT, IN_DECEMBER), sub('tollFree.presentNumber', IN_DECEMBER)];
    const { ledger } = close({ subscriptions });
    const side = (account: string) =>
      ledger
        .filter((entry) => entry.account === account)
        .reduce((sum, entry) => sum + entry.creditYen - entry.debitYen, 0);
    expect([side('depositsHeld'), side('revenue'), side('consumptionTax'), side('receivable')]).toEqual([
      100_000, 300, 30, -100_330,
    ]);
  });

  it('[S0-152] a raised deposit takes the difference, a lowered one gives it back', () => {
    const change = (from: number, to: number) => {
      const subscriptions = [
        { ...sub(DEPOSIT, OCTOBER.from, IN_DECEMBER), amountMicroYen: yen(from) },
        { ...sub(DEPOSIT, IN_DECEMBER), amountMicroYen: yen(to) },
      ];
      return close({ subscriptions }).body?.depositYen;
    };
    expect(change(100_000, 150_000)).toBe(50_000);
    expect(change(100_000, 30_000)).toBe(-70_000);
    expect(close({ subscriptions: [sub(DEPOSIT, OCTOBER.from)] }).body).toBeNull();
  });

  it('[A-40] is given back in the period in which it ends', () => {
    const subscriptions = [sub(DEPOSIT, OCTOBER.from, instant(DECEMBER.until - 1))];
    const { body, ledger } = close({ subscriptions, charges: [charge(100)] });
    expect(body).toMatchObject({ totalYen: 110, depositYen: -100_000, dueYen: -99_890 });
    expect(ledger).toContainEqual(
      expect.objectContaining({ account: 'depositsHeld', debitYen: 100_000, creditYen: 0 }),
    );
    if (body === null) throw new Error('nothing to bill');
    expect(ledgerOf(body)).toEqual(ledger);
  });
});

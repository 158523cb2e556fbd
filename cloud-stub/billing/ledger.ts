import type { CreditNote } from './credit-note.ts';
import type { InvoiceBody } from './types.ts';

/** Where money stands. `depositsHeld` is a debt to the customer, never revenue. */
export type Account = 'receivable' | 'revenue' | 'consumptionTax' | 'depositsHeld';

/** One side of a booking in whole yen; the debits of an invoice equal its credits. */
export interface LedgerEntry {
  readonly contract: string;
  readonly period: string;
  readonly account: Account;
  /** What it is for: a kind of line, a tax rate, a deposit. */
  readonly detail: string;
  readonly debitYen: number;
  readonly creditYen: number;
}

/** The bookings of an invoice: receivable against revenue by kind of line, tax by rate, and deposits held. */
export function ledgerOf(body: InvoiceBody): readonly LedgerEntry[] {
  const revenue = new Map<string, number>();
  for (const line of body.lines) {
    revenue.set(line.kind, (revenue.get(line.kind) ?? 0) + line.amountYen);
  }
  return entries(body.recipient.contract, body.period.name, [
    ['receivable', 'invoice', body.totalYen],
    ['receivable', 'deposit', body.depositYen],
    ...[...revenue].map(([kind, yen]): Amount => ['revenue', kind, -yen]),
    ...body.taxes.map(({ percent, taxYen }): Amount => ['consumptionTax', `${percent}%`, -taxYen]),
    ...body.deposits.map(({ item, on, amountYen }): Amount => ['depositsHeld', `${item} ${on}`, -amountYen]),
  ]);
}

/** The bookings of a credit note: what it takes back of an invoice. */
export function ledgerOfCredit(note: CreditNote): readonly LedgerEntry[] {
  return entries(note.recipient.contract, note.of.period, [
    ['receivable', 'credit', note.totalYen],
    ['revenue', 'credit', -note.subtotalYen],
    ...note.taxes.map(({ percent, taxYen }): Amount => ['consumptionTax', `${percent}%`, -taxYen]),
  ]);
}

/** Positive: debit; negative: credit. */
type Amount = readonly [account: Account, detail: string, yen: number];

function entries(contract: string, period: string, amounts: readonly Amount[]): readonly LedgerEntry[] {
  return amounts
    .filter(([, , yen]) => yen !== 0)
    .map(([account, detail, yen]) => ({
      contract,
      period,
      account,
      detail,
      debitYen: Math.max(0, yen),
      creditYen: Math.max(0, 0 - yen),
    }));
}

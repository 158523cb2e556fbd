import type { CodedError } from '../../lib/base/errors.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Rounding } from './policy.ts';
import { taxOn } from './rounding.ts';
import type { Invoice, InvoiceBody, TaxTotal } from './types.ts';

/** What is given back of an invoice, without tax and as a positive number of yen. */
export interface CreditLine {
  readonly say: string;
  readonly amountYen: number;
  readonly taxPercent: number;
}

/** A qualified credit note (適格返還請求書): it names the invoice that it is about, rates and tax. Amounts are negative. */
export interface CreditNote {
  readonly v: 1;
  readonly status: 'credit';
  readonly number: string;
  readonly issuedOn: string;
  readonly of: { readonly number: string; readonly issuedOn: string; readonly period: string };
  readonly issuer: InvoiceBody['issuer'];
  readonly recipient: InvoiceBody['recipient'];
  readonly reason: string;
  readonly lines: readonly CreditLine[];
  readonly taxes: readonly TaxTotal[];
  readonly subtotalYen: number;
  readonly taxYen: number;
  readonly totalYen: number;
}

/** Why no credit note can be made. */
export interface CreditRefusal extends CodedError {
  readonly code: 'credit.badAmount' | 'credit.tooMuch';
}

/** What a credit note is made of. `earlier`: every credit note that the invoice has already had. */
export interface CreditInput {
  readonly invoice: Invoice;
  readonly earlier: readonly CreditNote[];
  readonly number: string;
  readonly issuedOn: string;
  readonly reason: string;
  readonly lines: readonly CreditLine[];
  readonly taxRounding?: Rounding;
}

/**
 * Gives back a part of an invoice, or all of it. The tax given back is the tax on what was left before, less the tax on
 * what is left now: so credit notes never give back a yen more or less of tax than the invoice took.
 */
export function creditNote(input: CreditInput): Result<CreditNote, CreditRefusal> {
  const { invoice, earlier, lines } = input;
  const bad = lines.find((line) => !Number.isSafeInteger(line.amountYen) || line.amountYen <= 0);
  if (bad !== undefined || lines.length === 0) {
    const say = `A credit line needs a whole, positive amount of yen; look at ${bad?.say ?? 'the empty list of lines'}.`;
    return refuse({ code: 'credit.badAmount', fault: 'caller', say });
  }
  const taxes: TaxTotal[] = [];
  for (const percent of [...new Set(lines.map((line) => line.taxPercent))].sort((a, b) => b - a)) {
    const before = left(invoice, earlier, percent);
    const credited = sum(lines.filter((line) => line.taxPercent === percent).map((line) => line.amountYen));
    if (credited > before) {
      const say = `The invoice ${invoice.number} has ${before} yen left at ${percent} %; ${credited} cannot be given back.`;
      return refuse({ code: 'credit.tooMuch', fault: 'caller', say });
    }
    const rounding = input.taxRounding ?? 'floor';
    const taxYen = taxOn(before, percent, rounding) - taxOn(before - credited, percent, rounding);
    taxes.push({ percent, taxableYen: 0 - credited, taxYen: 0 - taxYen });
  }
  const subtotalYen = sum(taxes.map((tax) => tax.taxableYen));
  const taxYen = sum(taxes.map((tax) => tax.taxYen));
  const { number, issuedOn, period, issuer, recipient } = invoice;
  return ok({
    v: 1,
    status: 'credit',
    number: input.number,
    issuedOn: input.issuedOn,
    of: { number, issuedOn, period: period.name },
    issuer,
    recipient,
    reason: input.reason,
    lines: lines.map((line) => ({ ...line, amountYen: 0 - line.amountYen })),
    taxes,
    subtotalYen,
    taxYen,
    totalYen: subtotalYen + taxYen,
  });
}

/** Yen at one rate that no credit note has given back yet. */
function left(invoice: Invoice, earlier: readonly CreditNote[], percent: number): number {
  const at = (taxes: readonly TaxTotal[]): number =>
    taxes.find((tax) => tax.percent === percent)?.taxableYen ?? 0;
  return earlier.reduce((rest, note) => rest + at(note.taxes), at(invoice.taxes));
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

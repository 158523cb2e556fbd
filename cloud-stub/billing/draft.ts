import { instant } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { taxPercentAt } from '../catalogue/index.ts';
import { feeLines } from './fees.ts';
import type { BillingRefusal, DraftInput, DraftInvoice, InvoiceLine, TaxTotal } from './types.ts';
import { usageLines } from './usage.ts';

const KIND_ORDER = ['recurring', 'discount', 'initial', 'purchase', 'usage'] as const;

/**
 * The invoice of a period as it stands: fixed fees, usage, tax. The same facts give the same draft whatever their
 * order. Tax is computed once for each rate on the whole sum of that rate, floored; no line carries rounded tax.
 */
export function draftInvoice(input: DraftInput): Result<DraftInvoice, BillingRefusal> {
  const { catalogue, period } = input;
  // A fee of a month is taxed at the rate in force when the period closes.
  const percent = taxPercentAt(catalogue, instant(period.until - 1));
  if (percent === undefined) {
    const say = `No rate of consumption tax is known for the period ${period.name}.`;
    return refuse({ code: 'billing.noTaxRate', fault: 'us', say });
  }
  const fees = feeLines(catalogue, period, input.subscriptions, percent);
  if (!fees.ok) return fees;
  const lines: InvoiceLine[] = [...fees.value, ...usageLines(catalogue, period, input.calls)];
  lines.sort((a, b) => KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind));
  const taxes = taxTotals(lines);
  const subtotalYen = sum(lines.map((line) => line.amountYen));
  const taxYen = sum(taxes.map((tax) => tax.taxYen));
  return ok({
    v: 1,
    status: 'draft',
    number: null,
    issuer: input.issuer,
    recipient: { contract: input.contract.id, name: input.contract.name },
    period,
    lines,
    taxes,
    subtotalYen,
    taxYen,
    totalYen: subtotalYen + taxYen,
  });
}

/** One rounding for each rate on each invoice: three lines of 105 at 10 % are taxed 31, not three times 10. */
export function taxTotals(
  lines: readonly Pick<InvoiceLine, 'amountYen' | 'taxPercent'>[],
): readonly TaxTotal[] {
  const percents = [...new Set(lines.map((line) => line.taxPercent))].sort((a, b) => b - a);
  return percents.map((percent) => {
    const taxableYen = sum(lines.filter((line) => line.taxPercent === percent).map((line) => line.amountYen));
    return { percent, taxableYen, taxYen: Math.floor((taxableYen * percent) / 100) };
  });
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

import { instant } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { taxPercentAt } from '../catalogue/index.ts';
import { adjustmentLines } from './adjustments.ts';
import { depositLines } from './deposits.ts';
import { feeLines } from './fees.ts';
import { type BillingPolicy, type Rounding, standardBillingPolicy } from './policy.ts';
import { taxOn } from './rounding.ts';
import type { BillingRefusal, ClosingInput, InvoiceBody, InvoiceLine, TaxTotal, UsageSum } from './types.ts';
import { usageLines } from './usage.ts';

const KIND_ORDER = [
  'recurring',
  'discount',
  'initial',
  'purchase',
  'usage',
  'lateUsage',
  'adjustment',
] as const;

/** What a body is made of once it is known which usage is on it. */
interface BodyInput extends Omit<ClosingInput, 'charges' | 'sums'> {
  readonly billed: readonly UsageSum[];
}

/**
 * The invoice without number: fixed fees, usage, late usage, adjustments, tax, deposits. The same facts give the same
 * body whatever their order. Tax is computed once for each rate on the whole sum of that rate; no line carries tax.
 */
export function invoiceBody(input: BodyInput): Result<InvoiceBody, BillingRefusal> {
  const { catalogue, period, contract } = input;
  const policy: BillingPolicy = input.policy ?? standardBillingPolicy;
  // A fee of a month is taxed at the rate in force when the period closes.
  const percent = taxPercentAt(catalogue, instant(period.until - 1));
  if (percent === undefined) {
    const say = `No rate of consumption tax is known for the period ${period.name}.`;
    return refuse({ code: 'billing.noTaxRate', fault: 'us', say });
  }
  const fees = feeLines(catalogue, period, input.subscriptions, percent, policy);
  if (!fees.ok) return fees;
  const lines: InvoiceLine[] = [
    ...fees.value,
    ...usageLines(catalogue, period, input.billed, policy),
    ...adjustmentLines(catalogue, period, input.adjustments ?? [], input.billed, policy),
  ];
  lines.sort((a, b) => KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind));
  const taxes = taxTotals(lines, policy.taxRounding);
  const subtotalYen = sum(lines.map((line) => line.amountYen));
  const taxYen = sum(taxes.map((tax) => tax.taxYen));
  const totalYen = subtotalYen + taxYen;
  const deposits = depositLines(catalogue, period, input.subscriptions);
  const depositYen = sum(deposits.map((deposit) => deposit.amountYen));
  return ok({
    issuer: input.issuer,
    recipient: {
      contract: contract.id,
      name: contract.name,
      ...(contract.addressLines === undefined ? {} : { addressLines: contract.addressLines }),
    },
    period,
    lines,
    taxes,
    subtotalYen,
    taxYen,
    totalYen,
    deposits,
    depositYen,
    dueYen: totalYen + depositYen,
  });
}

/** One rounding for each rate on each invoice: three lines of 105 at 10 % are taxed 31, not three times 10. */
export function taxTotals(
  lines: readonly Pick<InvoiceLine, 'amountYen' | 'taxPercent'>[],
  rounding: Rounding = 'floor',
): readonly TaxTotal[] {
  const percents = [...new Set(lines.map((line) => line.taxPercent))].sort((a, b) => b - a);
  return percents.map((percent) => {
    const taxableYen = sum(lines.filter((line) => line.taxPercent === percent).map((line) => line.amountYen));
    return { percent, taxableYen, taxYen: taxOn(taxableYen, percent, rounding) };
  });
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

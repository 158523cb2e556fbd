import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { type MicroYen, microYen } from '../../lib/base/units.ts';
import { invoiceBody } from './body.ts';
import { type LedgerEntry, ledgerOf } from './ledger.ts';
import { standardBillingPolicy } from './policy.ts';
import type { BillingRefusal, ClosingInput, InvoiceBody } from './types.ts';
import { splitUsage, sumUsage } from './usage.ts';

/** What closing a period makes of one contract. */
export interface Closing {
  /** Null: there is nothing to bill, so no number is used. */
  readonly body: InvoiceBody | null;
  /** Balanced entries of the invoice; empty without one. */
  readonly ledger: readonly LedgerEntry[];
  /** Usage that waits for a later invoice: toll-free calls of the last periods. */
  readonly deferred: { readonly uses: number; readonly exactMicroYen: MicroYen };
}

/**
 * Closes one contract's period. Pure: the same facts give the same body and entries to the byte, in whatever order they
 * arrive, however often it is done; numbers and dates of issue come afterwards, by `issueInvoice`.
 */
export function closeContract(input: ClosingInput): Result<Closing, BillingRefusal> {
  const policy = input.policy ?? standardBillingPolicy;
  const twice =
    firstTwice(input.charges.map((charge) => charge.call)) ??
    firstTwice((input.adjustments ?? []).map((adjustment) => adjustment.id));
  if (twice !== undefined) {
    const say = `The contract ${input.contract.id} has two charges or adjustments named ${twice}; one of them is a mistake.`;
    return refuse({ code: 'billing.useTwice', fault: 'us', say });
  }
  const sums = [...(input.sums ?? []), ...sumUsage(input.catalogue, input.charges, policy.usageRounding)];
  const { billed, deferred } = splitUsage(sums, input.period, policy);
  const made = invoiceBody({ ...input, billed });
  if (!made.ok) return made;
  const body = made.value.lines.length + made.value.deposits.length === 0 ? null : made.value;
  return ok({
    body,
    ledger: body === null ? [] : ledgerOf(body),
    deferred: {
      uses: deferred.reduce((total, sum) => total + sum.calls, 0),
      exactMicroYen: microYen(deferred.reduce((total, sum) => total + sum.exactMicroYen, 0)),
    },
  });
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

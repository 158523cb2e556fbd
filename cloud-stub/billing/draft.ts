import { ok, type Result } from '../../lib/base/errors.ts';
import { invoiceBody } from './body.ts';
import { standardBillingPolicy } from './policy.ts';
import type { BillingRefusal, DraftInput, DraftInvoice } from './types.ts';
import { sumUsage, tollFreePeriod } from './usage.ts';

/**
 * The invoice of a period as it stands. Of the calls handed in it shows those that its period would show if every
 * period before had closed in time: ordinary ones of the period itself, toll-free ones of two periods before.
 */
export function draftInvoice(input: DraftInput): Result<DraftInvoice, BillingRefusal> {
  const { catalogue, period, calls } = input;
  const policy = input.policy ?? standardBillingPolicy;
  const tollFree = tollFreePeriod(period, policy);
  const billed = sumUsage(catalogue, calls, policy.usageRounding).filter(
    (sum) => sum.period === (sum.category === 'tollFreeIn' ? tollFree : period.name),
  );
  const body = invoiceBody({ ...input, billed });
  if (!body.ok) return body;
  return ok({ v: 1, status: 'draft', number: null, ...body.value });
}

import {
  type BillingPolicy,
  type Closing,
  type ClosingInput,
  closeContract,
  type Invoice,
  issueInvoice,
  periodNamed,
  type RatedCall,
  standardBillingPolicy,
} from '../../../cloud-stub/billing/index.ts';
import type { FeeLine, InvoiceLine } from '../../../cloud-stub/billing/types.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import type { Subscription } from '../../../cloud-stub/contracts/index.ts';
import type { UsageCategory } from '../../../cloud-stub/rating/types.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import { yen } from '../../../lib/base/units.ts';

export function period(name: string) {
  const found = periodNamed(name);
  if (found === undefined) throw new Error(name);
  return found;
}

export const DECEMBER = period('2026-12');
export const OCTOBER = period('2026-10');
/** A day inside. */
export const IN_DECEMBER = instant(DECEMBER.from + 86_400_000);
export const IN_OCTOBER = instant(OCTOBER.from + 86_400_000);

export function sub(
  item: string,
  from: Instant = OCTOBER.from,
  until: Instant | null = null,
  on = 'x',
): Subscription {
  return { item, on, from, until };
}

let made = 0;

export function charge(
  amountYen: number,
  category: UsageCategory = 'deviceCalls',
  answeredAt: Instant = IN_DECEMBER,
  call = `c-${made++}`,
): RatedCall {
  return {
    call,
    answeredAt,
    charge: { amount: yen(amountYen), units: 1, item: `test.${category}`, category },
  };
}

export function close(more: Partial<ClosingInput> = {}, policy: Partial<BillingPolicy> = {}): Closing {
  const closing = closeContract({
    contract: { id: 'c-000001', name: { ja: '縁側商店', en: 'Engawa Shoten' } },
    issuer: { name: '縁側電話', registrationNumber: 'T1234567890123', address: '東京都' },
    period: DECEMBER,
    catalogue,
    subscriptions: [],
    charges: [],
    policy: { ...standardBillingPolicy, ...policy },
    ...more,
  });
  if (!closing.ok) throw new Error(closing.error.say);
  return closing.value;
}

export function issued(more: Partial<ClosingInput> = {}, policy: Partial<BillingPolicy> = {}): Invoice {
  const { body } = close(more, policy);
  if (body === null) throw new Error('nothing to bill');
  return issueInvoice(body, { number: 'E-00000001', issuedOn: '2026-12-26' });
}

export function codeOf(line: InvoiceLine): string {
  return 'item' in line ? line.item : `${line.kind}:${line.category}`;
}

export function amountsOf(closing: Closing): readonly (readonly [string, number])[] {
  return (closing.body?.lines ?? []).map((line) => [codeOf(line), line.amountYen]);
}

export function fee(closing: Closing, item: string): FeeLine {
  const line = closing.body?.lines.find((one) => codeOf(one) === item);
  if (line === undefined || !('item' in line)) throw new Error(`no line for ${item}`);
  return line;
}

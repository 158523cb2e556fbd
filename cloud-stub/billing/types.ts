import type { Instant } from '../../lib/base/clock.ts';
import type { CodedError } from '../../lib/base/errors.ts';
import type { MicroYen } from '../../lib/base/units.ts';
import type { BilingualName, Catalogue } from '../catalogue/index.ts';
import type { Subscription } from '../contracts/index.ts';
import type { Charge, UsageCategory } from '../rating/types.ts';
import type { Period } from './period.ts';

/** Who issues invoices; a qualified invoice names both. */
export interface Issuer {
  readonly name: string;
  /** `T` and 13 digits. */
  readonly registrationNumber: string;
  readonly address: string;
}

/** One rated call. */
export interface RatedCall {
  readonly call: string;
  /** Decides the period. */
  readonly answeredAt: Instant | null;
  readonly charge: Charge;
}

/** Everything that a draft is made of. */
export interface DraftInput {
  readonly contract: { readonly id: string; readonly name: BilingualName };
  readonly issuer: Issuer;
  readonly period: Period;
  readonly catalogue: Catalogue;
  readonly subscriptions: readonly Subscription[];
  /** Calls of any time and in any order; those of other periods are left out. */
  readonly calls: readonly RatedCall[];
}

/** What one catalogue item contributed to a line of usage. */
export interface UsageDetail {
  readonly item: string;
  readonly name: BilingualName;
  readonly facts: readonly string[];
  readonly calls: number;
  readonly units: number;
  readonly exactMicroYen: MicroYen;
}

interface LineBase {
  readonly name: BilingualName;
  readonly facts: readonly string[];
  readonly quantity: number;
  /** Before rounding. */
  readonly exactMicroYen: MicroYen;
  /** After rounding, without tax. */
  readonly amountYen: number;
  readonly taxPercent: number;
}

/** A fixed fee: one catalogue item at one price, times how many of it there are. */
export interface FeeLine extends LineBase {
  readonly kind: 'recurring' | 'initial' | 'purchase' | 'discount';
  readonly item: string;
  readonly unitPriceMicroYen: MicroYen;
  /** The numbers, IDs and devices that it is for. */
  readonly on: readonly string[];
}

/** A category of usage: exact amounts summed, then floored once. */
export interface UsageLine extends LineBase {
  readonly kind: 'usage';
  readonly category: UsageCategory;
  readonly details: readonly UsageDetail[];
}

/** One line of an invoice. */
export type InvoiceLine = FeeLine | UsageLine;

/** The total of one tax rate: tax is rounded here and nowhere else. */
export interface TaxTotal {
  readonly percent: number;
  readonly taxableYen: number;
  readonly taxYen: number;
}

/** An invoice of a period that has not been closed: it may still change. */
export interface DraftInvoice {
  readonly v: 1;
  readonly status: 'draft';
  /** Given when the period is closed. */
  readonly number: null;
  readonly issuer: Issuer;
  readonly recipient: { readonly contract: string; readonly name: BilingualName };
  readonly period: Period;
  readonly lines: readonly InvoiceLine[];
  readonly taxes: readonly TaxTotal[];
  readonly subtotalYen: number;
  readonly taxYen: number;
  readonly totalYen: number;
}

/** Why there is no draft. */
export interface BillingRefusal extends CodedError {
  readonly code: 'billing.noPrice' | 'billing.noTaxRate' | 'billing.inexactPrice';
}

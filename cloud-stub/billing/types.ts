import type { Instant } from '../../lib/base/clock.ts';
import type { CodedError } from '../../lib/base/errors.ts';
import type { MicroYen } from '../../lib/base/units.ts';
import type { BilingualName, Catalogue } from '../catalogue/index.ts';
import type { Subscription } from '../contracts/index.ts';
import type { Adjustment } from '../rating/index.ts';
import type { Charge, UsageCategory } from '../rating/types.ts';
import type { Period } from './period.ts';
import type { BillingPolicy } from './policy.ts';

/** Who issues invoices; a qualified invoice names both. */
export interface Issuer {
  readonly name: string;
  /** `T` and 13 digits. */
  readonly registrationNumber: string;
  readonly address: string;
  readonly telephone?: string;
}

/** Who is billed. */
export interface BilledContract {
  readonly id: string;
  readonly name: BilingualName;
  /** Lines as they stand on a letter: postcode first. */
  readonly addressLines?: readonly string[];
}

/** One rated call, leg, fax or piece. */
export interface RatedCall {
  /** Names the use; no two charges of a contract share it. */
  readonly call: string;
  /** Decides the period; null: nobody answered, so it is on no invoice. */
  readonly answeredAt: Instant | null;
  readonly charge: Charge;
}

/** Charges of one item, period and tax rate added up: what a store may sum by itself for a large month. */
export interface UsageSum {
  readonly category: UsageCategory;
  readonly item: string;
  /** Name of the period of use. */
  readonly period: string;
  /** Tax in force at the time of use. */
  readonly taxPercent: number;
  readonly calls: number;
  readonly units: number;
  readonly exactMicroYen: MicroYen;
  /** Each charge as whole yen, added up; counts only under `roundedBy: 'use'`. */
  readonly perUseYen: number;
}

/** Everything that a draft is made of. */
export interface DraftInput {
  readonly contract: BilledContract;
  readonly issuer: Issuer;
  readonly period: Period;
  readonly catalogue: Catalogue;
  readonly subscriptions: readonly Subscription[];
  /** Calls of any time and in any order; those that another invoice shows are left out. */
  readonly calls: readonly RatedCall[];
  readonly adjustments?: readonly Adjustment[];
  readonly policy?: BillingPolicy;
}

/** Everything that the closing of one contract's period is made of. Nothing in it may have been on an invoice before. */
export interface ClosingInput {
  readonly contract: BilledContract;
  readonly issuer: Issuer;
  readonly period: Period;
  readonly catalogue: Catalogue;
  readonly subscriptions: readonly Subscription[];
  /** Charges that no invoice shows yet, of any time before the end of the period and in any order. */
  readonly charges: readonly RatedCall[];
  /** The same, already added up. */
  readonly sums?: readonly UsageSum[];
  /** Decided before the end of the period, on no invoice yet. */
  readonly adjustments?: readonly Adjustment[];
  readonly policy?: BillingPolicy;
}

/** A period of use that an invoice of a later one shows. */
export interface UsagePeriod {
  readonly name: string;
  readonly firstDay: string;
  readonly closesOn: string;
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
  /** Of a whole month, also where only some of its days are charged. */
  readonly unitPriceMicroYen: MicroYen;
  /** The numbers, IDs and devices that it is for. */
  readonly on: readonly string[];
  /** Only where a month is charged by its days. */
  readonly days?: { readonly held: number; readonly of: number };
}

/** A category of usage: exact amounts summed, then made whole yen once. */
export interface UsageLine extends LineBase {
  readonly kind: 'usage';
  readonly category: UsageCategory;
  readonly details: readonly UsageDetail[];
}

/** Usage of an earlier period: toll-free calls come two periods later, records that arrived late when they come. */
export interface LateUsageLine extends LineBase {
  readonly kind: 'lateUsage';
  readonly category: UsageCategory;
  readonly of: UsagePeriod;
  readonly details: readonly UsageDetail[];
}

/** What rating again changed in one category of one period of use. */
export interface AdjustmentLine extends LineBase {
  readonly kind: 'adjustment';
  readonly category: UsageCategory;
  readonly of: UsagePeriod;
  readonly reasons: readonly string[];
}

/** One line of an invoice. */
export type InvoiceLine = FeeLine | UsageLine | LateUsageLine | AdjustmentLine;

/** The total of one tax rate: tax is rounded here and nowhere else. */
export interface TaxTotal {
  readonly percent: number;
  readonly taxableYen: number;
  readonly taxYen: number;
}

/** Money held for the customer that moves with this invoice: taken (positive) or given back. Never taxed. */
export interface DepositLine {
  readonly item: string;
  readonly name: BilingualName;
  readonly facts: readonly string[];
  readonly on: string;
  readonly amountYen: number;
}

/** What an invoice says, before it has a number. The same facts make the same body, to the byte. */
export interface InvoiceBody {
  readonly issuer: Issuer;
  readonly recipient: {
    readonly contract: string;
    readonly name: BilingualName;
    readonly addressLines?: readonly string[];
  };
  readonly period: Period;
  readonly lines: readonly InvoiceLine[];
  readonly taxes: readonly TaxTotal[];
  readonly subtotalYen: number;
  readonly taxYen: number;
  readonly totalYen: number;
  readonly deposits: readonly DepositLine[];
  readonly depositYen: number;
  /** The total with tax, and the deposits. */
  readonly dueYen: number;
}

/** An invoice of a period that has not been closed: it may still change. */
export interface DraftInvoice extends InvoiceBody {
  readonly v: 1;
  readonly status: 'draft';
  /** Given when the period is closed. */
  readonly number: null;
}

/** An invoice that was sent. */
export interface Invoice extends InvoiceBody {
  readonly v: 1;
  readonly status: 'issued';
  readonly number: string;
  /** A day in Japan. */
  readonly issuedOn: string;
  /** A day in Japan; null: as agreed elsewhere. */
  readonly dueOn: string | null;
  /** How it is paid, in words for the customer; null: as agreed elsewhere. */
  readonly payment: string | null;
}

/** Why there is no invoice. */
export interface BillingRefusal extends CodedError {
  readonly code: 'billing.noPrice' | 'billing.noTaxRate' | 'billing.inexactPrice' | 'billing.useTwice';
}

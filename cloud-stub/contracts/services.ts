import type { Instant } from '../../lib/base/clock.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import type { MicroYen } from '../../lib/base/units.ts';
import type { Held } from './types.ts';

/** Chargeable use of a month at which new calls are refused. [S3-032] */
export interface Ceiling {
  readonly limitMicroYen: MicroYen;
  readonly warnPercent: number;
}

/** The mobile mode ("W-mode") of an 050 contract. [S3-027]…[S3-032] */
export interface MobileMode {
  readonly held: Held;
  /** Web billing, which mobile mode needs. [S3-029] */
  readonly billingStation: Held;
}

/** One phone book for the contract's terminals, and messages between them. [S3-059]…[S3-067] [S0-191] */
export interface SharedPhoneBook {
  /** Counts among the contracted IDs. [S3-060] */
  readonly administrator: ServiceId;
  /** IDs that may send messages. [S3-066] */
  readonly messages: readonly ServiceId[];
  readonly held: Held;
}

/** A number lent by the answering service, dedicated to one customer. [S4-014] [S4-015] */
export interface LoanNumber {
  readonly number: string;
  readonly use: 'forwardingTarget' | 'published';
  readonly held: Held;
  /** The first one comes with the contract; further ones cost. [S4-001] */
  readonly included: boolean;
}

/** Operators answer in the customer's name. [S4-007] [S0-153] */
export interface OperatorAnswering {
  /** The company name that operators say. */
  readonly company: string;
  readonly reportTo: readonly string[];
  readonly refusesSales: boolean;
  /** Agreed at application. [S0-156] */
  readonly outOfHours: boolean;
  /** Declared at application; disqualifies from a trial. [S4-020] */
  readonly campaign: boolean;
  /** One exact day, or null: when the number is notified. [S4-023] */
  readonly startsOn: string | null;
  /** The customer's numbers that are forwarded to the operators. [S4-010] */
  readonly answers: readonly string[];
  readonly trial: Trial | null;
  /** Paid from here; null while on trial. */
  readonly paidFrom: Instant | null;
  readonly loanNumbers: readonly LoanNumber[];
}

/** A free trial of 10 days, once for a legal entity. [S4-018] [S4-019] */
export interface Trial {
  readonly from: Instant;
  /** Exclusive. */
  readonly until: Instant;
  readonly outcome: 'running' | 'converted' | 'stopped';
}

/** External members in ring groups, provided per company. [S1-017] */
export interface GroupForwarding {
  readonly held: Held;
  /** For representative and IVR numbers alone, or for every terminal as well. [S1-018] [S1-019] */
  readonly scope: 'everything' | 'representatives';
  /** `additional forwarding target` options by number. [S1-016] */
  readonly extraTargets: Readonly<Record<string, number>>;
}

/** Money held for the customer. [S0-166] */
export interface Deposit {
  readonly item: string;
  readonly on: string;
  readonly amountMicroYen: MicroYen;
  /** May be raised or lowered according to usage. [S0-152] */
  readonly held: Held;
}

/** A set bought with the application. [S0-031] */
export interface ContractSet {
  /** `basic-1`: several Basic sets may stand side by side. [S0-041] */
  readonly id: string;
  readonly set: string;
  /** The discount's catalogue item. */
  readonly item: string;
  readonly members: readonly { readonly item: string; readonly on: string }[];
  /** Ends when a member is cancelled, and never comes back. [S0-042] [S0-043] */
  readonly held: Held;
}

/** How an identity was checked; remote checks by photograph end on 2027-03-31. [S0-144] */
export interface IdentityCheck {
  readonly method: 'icChip' | 'publicPersonalAuthentication' | 'photographed' | 'copies' | 'faceToFace';
  readonly at: Instant;
}

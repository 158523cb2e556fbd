import type { DeviceClass, NumberClass } from './types.ts';

/** Why a class of numbers is not put through. */
export interface ClassBlock {
  readonly facts: readonly string[];
  readonly say: string;
}

/** Choices of the operator that routing obeys; the rest is the contract's. */
export interface RoutingPolicy {
  /** How long phones ring before a call in counts as not answered. */
  readonly ringForMs: number;
  /** Classes that are not put through, and why. */
  readonly blockedClasses: Readonly<Partial<Record<NumberClass, ClassBlock>>>;
  /** Numbers that are put through although their class is blocked: those that have a price of their own. */
  readonly openNumbers: readonly string[];
  /** Numbers by their first digits that are not put through, whatever their class. */
  readonly blockedPrefixes: readonly (ClassBlock & { readonly prefix: string })[];
  /** Devices whose place is known well enough for emergency calls. */
  readonly emergencyFrom: readonly DeviceClass[];
}

/** What holds unless the operator says otherwise. */
export const defaultPolicy: RoutingPolicy = {
  ringForMs: 60_000,
  blockedClasses: {
    international: {
      facts: ['A-10'],
      say: 'international calls are blocked until there is a tariff for them',
    },
    premium: { facts: ['A-10', 'S3-007'], say: 'premium-rate and message numbers are blocked' },
    m2m: { facts: ['S3-004'], say: 'numbers of machines and pagers cannot be called' },
    special1xy: { facts: ['S3-003', 'A-10'], say: 'this service number is not offered' },
  },
  // Directory enquiry had a price while it existed; the numbering plan ends it.
  openNumbers: ['104'],
  blockedPrefixes: [],
  emergencyFrom: ['adapter', 'deskPhone'],
};

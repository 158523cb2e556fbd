/** How an exact amount becomes whole yen: towards minus infinity, to the nearest (a half away from zero), towards plus infinity. */
export type Rounding = 'floor' | 'nearest' | 'ceil';

/** Readings of the price lists that touch the total of an invoice. The first value of each is the standard. */
export interface BillingPolicy {
  /** A month that is held for a part only: its whole fee, or the share of its days. */
  readonly proration: 'none' | 'daily';
  /** Usage becomes whole yen once for each category of an invoice, or for every single use. */
  readonly roundedBy: 'category' | 'use';
  readonly usageRounding: Rounding;
  /** Tax is rounded once for each rate of an invoice; the law leaves the direction to the issuer. */
  readonly taxRounding: Rounding;
  /** A set costs its printed price, or takes off the fees that its text calls waived. */
  readonly setPrice: 'printed' | 'waivedMembers';
  /** A dissolved set loses its discount from the next period, or in the one in which it is dissolved. */
  readonly dissolvedSet: 'nextPeriod' | 'atOnce';
  /** Periods after which toll-free usage is billed. [A-25] [S0-165] */
  readonly tollFreeLatePeriods: number;
  /** One construction fee for an application, or one for each function that begins with it. */
  readonly construction: 'perOrder' | 'perFunction';
  /** One-time items that are left out where another one is due for the same thing. Standard: none. */
  readonly insteadOf: readonly { readonly item: string; readonly drops: string }[];
}

/** The readings that the service is run with. */
export const standardBillingPolicy: BillingPolicy = {
  proration: 'none',
  roundedBy: 'category',
  usageRounding: 'floor',
  taxRounding: 'floor',
  setPrice: 'printed',
  dissolvedSet: 'nextPeriod',
  tollFreeLatePeriods: 2,
  construction: 'perOrder',
  insteadOf: [],
};

/** The other reading of toll-free porting: its 3,000 replace the 2,000 of the basic function. */
export const portingInstead: BillingPolicy['insteadOf'] = [
  { item: 'tollFree.portIn.initial', drops: 'tollFree.initial' },
];

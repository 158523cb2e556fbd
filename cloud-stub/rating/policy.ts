/**
 * Readings of the price list that touch the price of one use. Each is a choice of the operator; the first value of each
 * is the standard.
 */
export interface RatingPolicy {
  /** Calls beyond ten minutes: the excess is charged, or the whole call. */
  readonly tenMinutes: 'excess' | 'wholeCall';
  /** A fax job that uses up the free sheets: the share of its time for the pages beyond, or all of it. */
  readonly faxCrossing: 'shareOfPages' | 'wholeJob';
  /** A fax from a PC browser: charged, or covered by the free sheets like one from the app. */
  readonly browserFax: 'charged' | 'freeSheets';
  /** A fax that broke off: the share of the confirmed pages, or all of its time. */
  readonly failedFax: 'confirmedPages' | 'allTime';
  /** A block of bot items is charged when its first item arrives, or when it is full. */
  readonly botBlock: 'firstItem' | 'fullBlock';
  /** Bot items are counted for each number, or for the contract. */
  readonly botItems: 'perNumber' | 'perContract';
  /** A sales call that an operator turned away counts, or does not. */
  readonly refusedSales: 'counted' | 'notCounted';
  /** A toll-free caller with an 050 number: as from a mobile, as from a fixed line, or not priced. */
  readonly tollFreeFrom050: 'mobile' | 'fixed' | 'unpriced';
  /** Which moment decides tariff and free minutes: the answer, or the first ring. */
  readonly decidedBy: 'answer' | 'start';
}

/** The readings that the service is run with. */
export const standardRatingPolicy: RatingPolicy = {
  tenMinutes: 'excess',
  faxCrossing: 'shareOfPages',
  browserFax: 'charged',
  failedFax: 'confirmedPages',
  botBlock: 'firstItem',
  botItems: 'perNumber',
  refusedSales: 'counted',
  tollFreeFrom050: 'mobile',
  decidedBy: 'answer',
};

import { type AllowanceView, grantAt } from './allowance.ts';
import { freeOutcome, type Outcome, refusedBad, refusedUnpriced } from './outcome.ts';
import type { RatingPolicy } from './policy.ts';
import { findUsePrice, type PriceTable } from './price-table.ts';
import {
  type RatableAnswer,
  type RatableBotItem,
  type RatableFax,
  type RatableListing,
  type UsePrice,
  WHOLE_CONTRACT,
} from './types.ts';
import { startedUnitsOfShare } from './units.ts';

const unanswered = freeOutcome('unanswered');
const failed = freeOutcome('failedFax');
const trial = freeOutcome('trial');

/**
 * A fax job. Receiving is free [S0-013]. Of a job sent, the pages that the far machine confirmed are charged,
 * less the free sheets of the ID that sent it from the app [S0-104]: the share of the pages beyond them in the
 * job's time, in started units. [S0-105]
 */
export function settleFax(
  fax: RatableFax,
  table: PriceTable,
  allowance: AllowanceView,
  policy: RatingPolicy,
): Outcome {
  if (!possible(fax)) return refusedBad;
  if (fax.answeredAt === null || fax.talkMs === 0) return unanswered;
  const price = findUsePrice(table, fax.direction === 'send' ? 'faxSend' : 'faxReceive', fax.answeredAt);
  if (price === undefined) return refusedUnpriced;
  if (fax.direction === 'receive')
    return faxOutcome(price, fax, 0, 0, { countedAs: '', on: '', before: 0, pieces: 0 });
  const confirmed = policy.failedFax === 'allTime' ? fax.pages : fax.pagesConfirmed;
  if (confirmed === 0) return failed;
  const counted = { countedAs: 'faxSheets', on: fax.id };
  const covered = fax.client === 'app' || (fax.client === 'browser' && policy.browserFax === 'freeSheets');
  const grant = covered ? grantAt(allowance, fax.id, 'faxSheets', fax.answeredAt) : undefined;
  if (grant === undefined)
    return faxOutcome(price, fax, confirmed, confirmed, { ...counted, before: 0, pieces: 0 });
  const before = allowance.usedOf('faxSheets', fax.id);
  const left = Math.max(0, grant.count - before);
  const over = Math.max(0, confirmed - left);
  const chargedPages = over === 0 ? 0 : policy.faxCrossing === 'shareOfPages' ? over : confirmed;
  const outcome = faxOutcome(price, fax, chargedPages, confirmed, {
    ...counted,
    before,
    pieces: fax.pagesConfirmed,
  });
  return outcome.how === 'fax' ? { ...outcome, grant } : outcome;
}

function faxOutcome(
  price: UsePrice,
  fax: RatableFax,
  chargedPages: number,
  confirmed: number,
  counting: {
    readonly countedAs: string;
    readonly on: string;
    readonly before: number;
    readonly pieces: number;
  },
): Outcome {
  // Confirmed pages stand for their share of the time; all of them for all of it.
  const whole = Math.max(fax.pages, confirmed);
  const units = startedUnitsOfShare(fax.talkMs, chargedPages, whole, price.unitMs);
  const amount = units * price.pricePerUnit;
  if (!Number.isSafeInteger(amount)) return refusedBad;
  return { how: 'fax', price, amount, units, chargedPages, grant: undefined, ...counting };
}

/** Up to a day and 10,000 pages the products stay exact. */
function possible(fax: RatableFax): boolean {
  const { talkMs, pages, pagesConfirmed } = fax;
  if (!(talkMs >= 0 && talkMs <= 86_400_000)) return false;
  if (fax.direction === 'receive') return true;
  const whole = Number.isSafeInteger(pages) && Number.isSafeInteger(pagesConfirmed);
  return whole && pages >= 1 && pages <= 10_000 && pagesConfirmed >= 0 && pagesConfirmed <= pages;
}

/** A bot item, an answered call or a listing: free up to what is included, then by the piece or by the block. */
export function settlePiece(
  piece: RatableBotItem | RatableAnswer | RatableListing,
  table: PriceTable,
  allowance: AllowanceView,
  policy: RatingPolicy,
): Outcome {
  const price = findUsePrice(table, piece.kind, piece.at);
  if (price === undefined) return refusedUnpriced;
  if (grantAt(allowance, WHOLE_CONTRACT, 'trialDays', piece.at) !== undefined) return trial;
  const { countedAs, on, grant, included } = counterOf(piece, price, allowance, policy);
  // A piece on a number that has no such option, of a price that brings nothing itself: somebody must look at it.
  if (included === undefined) return refusedUnpriced;
  const before = allowance.usedOf(countedAs, on);
  // A sales call that was turned away counts too, by policy.
  const counts = !(
    piece.kind === 'answeredCall' &&
    piece.refusedSales &&
    policy.refusedSales === 'notCounted'
  );
  const pieces = counts ? 1 : 0;
  const units = counts && startsUnit(before + 1 - included, price.blockSize, policy.botBlock) ? 1 : 0;
  return {
    how: 'counted',
    price,
    amount: units * price.pricePerUnit,
    units,
    included,
    grant,
    countedAs,
    on,
    before,
    pieces,
  };
}

/** Counted from nothing in every closing period; the free sheets of a fax are counted alike. [S0-164] [S0-168] */
function counterOf(
  piece: RatableBotItem | RatableAnswer | RatableListing,
  price: UsePrice,
  allowance: AllowanceView,
  policy: RatingPolicy,
) {
  if (piece.kind === 'listing') {
    return {
      countedAs: 'listings',
      on: `${piece.number} ${piece.issue}`,
      grant: undefined,
      included: price.included,
    };
  }
  const of = piece.kind === 'botItem' ? 'botItems' : 'answeredCalls';
  const grant = grantAt(allowance, piece.number, of, piece.at);
  // By number, or by policy for the whole contract.
  const whole = piece.kind === 'botItem' && policy.botItems === 'perContract';
  const included = grant?.count ?? (price.included > 0 ? price.included : undefined);
  return { countedAs: of, on: whole ? 'contract' : piece.number, grant, included };
}

/** The `n`th piece beyond the included ones is charged when it begins its block (or, in the other reading, fills it). */
function startsUnit(n: number, blockSize: number, policy: RatingPolicy['botBlock']): boolean {
  if (n < 1) return false;
  return (policy === 'firstItem' ? n - 1 : n) % blockSize === 0;
}

/** Where the exchange of descriptions in one dialog stands (RFC 3264, RFC 6337 §3). */
export interface OfferFacts {
  /** An offer that has no answer yet: of ours, of theirs, or none. */
  readonly open: 'none' | 'ours' | 'theirs';
  /** The first offer of the dialog was answered, so that another one may be made. */
  readonly settled: boolean;
  /** An INVITE of ours in this dialog has no final answer, or one of theirs. */
  readonly ownInvite: boolean;
  readonly theirInvite: boolean;
  /** A 2xx of ours waits for its ACK. */
  readonly unacknowledged: boolean;
}

/** What becomes of a request: it is taken, or refused with 491 (glare) or 500 with Retry-After. */
export type OfferVerdict = 'take' | 491 | 500;

/** What may carry an offer inside a dialog. */
export type OfferMethod = 'INVITE' | 'UPDATE' | 'PRACK';

/**
 * A request that may carry an offer: INVITE (RFC 3261 §14.2), UPDATE (RFC 3311 §5.2), PRACK (RFC 3262 §5). What crosses
 * an offer of ours is glare; what comes before we have answered theirs came too early.
 */
export function judgeOffer(method: OfferMethod, offers: boolean, facts: OfferFacts): OfferVerdict {
  if (method === 'INVITE') {
    if (facts.theirInvite || facts.open === 'theirs') return 500;
    // Also without an offer: its 2xx would carry one of ours.
    return facts.ownInvite || facts.unacknowledged || facts.open === 'ours' ? 491 : 'take';
  }
  if (!offers) return 'take';
  if (facts.open === 'ours' || facts.unacknowledged) return 491;
  return facts.open === 'theirs' || !facts.settled ? 500 : 'take';
}

/** Whether we may offer now without crossing anything. */
export function mayOffer(method: 'INVITE' | 'UPDATE', facts: OfferFacts): boolean {
  if (facts.open !== 'none' || !facts.settled || facts.unacknowledged) return false;
  return method === 'UPDATE' || !(facts.ownInvite || facts.theirInvite);
}

/**
 * How long to wait after 491, in ms: 2.1–4 s for whoever made the Call-ID, else 0–2 s, in steps of 10 ms, so that two who
 * offered at once do not do so again (RFC 3261 §14.1).
 */
export function glarePauseMs(callIdIsOurs: boolean, fraction: number): number {
  const steps = Math.floor(fraction * (callIdIsOurs ? 191 : 201));
  return callIdIsOurs ? 2_100 + steps * 10 : steps * 10;
}

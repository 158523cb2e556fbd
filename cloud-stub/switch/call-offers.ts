import type { ReinviteOutcome, Session, SessionEvent } from '../../lib/voice/sip/api.ts';
import type { CallMedia } from './call-media.ts';

type Side = 'a' | 'b';
type Offer = SessionEvent & { readonly type: 'offer' };

/** What the offers of a call need of it. */
export interface CallOffersNeeds {
  readonly media: CallMedia;
  /** The party of a side; undefined while there is none. */
  session(side: Side): Session | undefined;
  /** Both parties are connected. */
  talking(): boolean;
}

/**
 * Offers inside a call. Hold, a new address and a refresh are answered here. To fax, and from fax back to audio, is for
 * the other party to decide: the offer goes on with the relay's own address, and the answer comes back the same way. One
 * offer at a time: while one is on its way to the other party, another one from either side gets 491 (RFC 3261 §14.2).
 */
export class CallOffers {
  readonly #needs: CallOffersNeeds;
  #passing = false;

  constructor(needs: CallOffersNeeds) {
    this.#needs = needs;
  }

  take(side: Side, event: Offer): void {
    const { media, session, talking } = this.#needs;
    if (!talking() || this.#passing) {
      event.refuse(491);
      return;
    }
    if (!media.mustPassOn(side, event.sdp)) {
      answerOr488(event, media.reoffer(side, event.sdp));
      return;
    }
    const other = session(side === 'a' ? 'b' : 'a');
    const offer = media.passOn(side, event.sdp);
    if (offer === undefined || other === undefined) {
      event.refuse(488);
      return;
    }
    this.#passing = true;
    other.reinvite(offer, (outcome) => this.#settled(side, event, other, outcome));
  }

  #settled(side: Side, event: Offer, other: Session, outcome: ReinviteOutcome): void {
    const { media } = this.#needs;
    this.#passing = false;
    if (!outcome.ok) {
      // Both offered at once: whoever offered here tries again, or takes what the other one offers.
      if (outcome.status === 491) event.refuse(491);
      else this.#refused(side, event);
      return;
    }
    const answer = media.agreed(side, event.sdp, outcome.sdp ?? '');
    if (answer !== undefined) {
      event.answer(answer);
      return;
    }
    // It took the offer and none of its media: it is offered again what it had, so that the call goes on.
    other.reinvite(media.again(side === 'a' ? 'b' : 'a'), () => undefined);
    this.#refused(side, event);
  }

  /** Everything stays as it was. Who offered audio beside the fax, while there is audio, gets that: fax alone is refused. */
  #refused(side: Side, event: Offer): void {
    answerOr488(event, this.#needs.media.insteadOfFax(side, event.sdp));
  }
}

function answerOr488(event: Offer, answer: string | undefined): void {
  if (answer === undefined) event.refuse(488);
  else event.answer(answer);
}

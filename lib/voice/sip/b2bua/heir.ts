import type { Session, SipHeaders } from '../api.ts';
import type { BridgePlan, Side } from './types.ts';

/** A call that can give one of its parties away. */
interface Giver {
  saidBy(side: Side): string | undefined;
  surrender(leaver: Side): Session | undefined;
  readonly a: Session;
  readonly b: Session | undefined;
}

/** Who takes the place of a party. */
export type Heir<Call extends Giver> =
  /** Called on behalf of whoever leaves (blind transfer). */
  | {
      readonly kind: 'called';
      readonly plan: BridgePlan;
      readonly headers: SipHeaders;
      session: Session | undefined;
      /** What its 200 offered. */
      offer: string | undefined;
    }
  /** The other party of another call of the leaver's (attended transfer). */
  | { readonly kind: 'taken'; readonly from: Call; readonly leaver: Side }
  /** Came by itself, with a Replaces (pick-up, or a transfer that somebody else carries out). */
  | { readonly kind: 'came'; readonly session: Session };

/** What an heir says of its audio. */
export function heirOffer<Call extends Giver>(heir: Heir<Call>): string | undefined {
  switch (heir.kind) {
    case 'called':
      return heir.offer;
    case 'taken':
      return heir.from.saidBy(heir.leaver === 'a' ? 'b' : 'a');
    case 'came':
      return heir.session.invite.sdp;
  }
}

/** The heir learns what the party that stays has answered. */
export function takeHeir<Call extends Giver>(heir: Heir<Call>, answer: string, retries: number): void {
  switch (heir.kind) {
    case 'called':
      heir.session?.acknowledge?.(answer);
      return;
    case 'taken': {
      const session = heir.leaver === 'a' ? heir.from.b : heir.from.a;
      session?.reinvite(answer, () => undefined, { retries });
      return;
    }
    case 'came':
      heir.session.answer(answer);
      return;
  }
}

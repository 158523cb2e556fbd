import type { Instant } from '../../lib/base/clock.ts';
import type { FaxOutcome } from './fax-habits.ts';

/** How far a call has come, as the network sees it. */
export type CarrierCallState = 'calling' | 'ringing' | 'answered' | 'ended';

/** Every state, in the order in which a call can pass them. */
export const carrierCallStates = ['calling', 'ringing', 'answered', 'ended'] as const;

/** One call of the carrier, as its control socket shows it. */
export interface CarrierCallView {
  readonly call: string;
  /** `fromTrunk`: the service called out. `toTrunk`: an outside caller called in. */
  readonly direction: 'fromTrunk' | 'toTrunk';
  /** Caller as shown: `anonymous` when withheld, `unavailable` or `payphone` without a number. */
  readonly from: string;
  readonly to: string;
  /** Number in P-Asserted-Identity, which the trusted trunk carries even when the caller withholds it (RFC 3325). */
  readonly asserted: string | null;
  readonly state: CarrierCallState;
  /** Final status of a call that did not come up. */
  readonly status: number | null;
  /** Reason header of the other side, when it sent one. */
  readonly reason: string | null;
  readonly endedBy: 'carrier' | 'trunk' | null;
  /** How its fax ended, once it has. */
  readonly fax?: FaxOutcome;
  readonly history: readonly { readonly state: CarrierCallState; readonly atMs: number }[];
}

/** Why a call leaves its state. */
export interface CallEnd {
  readonly by: 'carrier' | 'trunk';
  readonly status?: number;
  readonly reason?: string;
}

/** The view after the call reached `state`. A call never goes back, and `ended` is final: then the view is unchanged. */
export function reached(
  view: CarrierCallView,
  state: CarrierCallState,
  at: Instant,
  end?: CallEnd,
): CarrierCallView {
  if (carrierCallStates.indexOf(state) <= carrierCallStates.indexOf(view.state)) return view;
  return {
    ...view,
    state,
    status: end?.status ?? view.status,
    reason: end?.reason ?? view.reason,
    endedBy: end?.by ?? view.endedBy,
    history: [...view.history, { state, atMs: at }],
  };
}

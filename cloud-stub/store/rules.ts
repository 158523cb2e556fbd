import type { Instant } from '../../lib/base/clock.ts';
import type { RatableCall, Rating } from '../rating/types.ts';
import type { CallRequest, Decision, NumberClass, RoutingSnapshot } from '../routing/types.ts';

/** The service's pure rules, handed in by the composition root: the store keeps facts and decides nothing itself. */
export interface ServiceRules {
  decide(request: CallRequest, snapshot: RoutingSnapshot, now: Instant): Decision;
  /** With the tariff already chosen. */
  rate(call: RatableCall, now: Instant): Rating;
  /** Class of a dialled number at a date; only for calls that the switch never saw. */
  classify(number: string, at: Instant): NumberClass;
}

import type { CodedError } from '../../lib/base/errors.ts';
import type { Invoice } from '../billing/index.ts';
import type { OrderOutcome } from '../contracts/index.ts';
import type { Charge } from '../rating/types.ts';
import type { CallRequest, Decision, RoutePlan, TraceLine } from '../routing/types.ts';
import type { PlannedLeg } from './legs.ts';

/** An order of a scenario that was accepted. */
export interface SimulatedOrder {
  /** Place in the scenario, from 0. */
  readonly event: number;
  readonly at: string;
  readonly kind: string;
  readonly notes: OrderOutcome['notes'];
  readonly promises: OrderOutcome['promises'];
}

/** What routing decided about a call of a scenario. */
export interface SimulatedDecision {
  readonly event: number;
  readonly at: string;
  readonly request: CallRequest;
  readonly decision: Decision;
  /** Who is rung when nobody answers, in their order. */
  readonly legs: readonly PlannedLeg[];
  /** The verb in which the call ends then. */
  readonly ends: RoutePlan['verb'];
  /** The decision as lines of text. */
  readonly text: readonly string[];
}

/** What one use costs, as it stands on the invoice. */
export type SimulatedCharge = {
  /** `event-3`; a leg that is paid by itself: `event-3/1`. */
  readonly use: string;
  readonly event: number;
  readonly kind: string;
  readonly at: string | null;
  readonly trace: readonly TraceLine[];
} & ({ readonly charge: Charge } | { readonly unpriced: { readonly code: string; readonly say: string } });

/** Everything that a scenario leads to. */
export interface Simulation {
  readonly v: 1;
  readonly contract: string;
  readonly orders: readonly SimulatedOrder[];
  readonly decisions: readonly SimulatedDecision[];
  readonly charges: readonly SimulatedCharge[];
  readonly invoices: readonly Invoice[];
}

/** Why a scenario cannot go on: `say` names the event, then the rule's own words. */
export interface SimulationRefusal extends CodedError {
  readonly event: number;
  /** Facts of the rule that refuses. */
  readonly facts: readonly string[];
}

import type { CallRules } from '../catalogue/index.ts';
import type { Classified } from '../numbering/index.ts';
import type { RoutingPolicy } from './policy.ts';
import type { Trace } from './steps.ts';
import type { CallManner, CallMode, ContractView, IdView, RoutingSnapshot } from './types.ts';

/** Everything that the steps of one call out look at. */
export interface OutgoingCase {
  readonly trace: Trace;
  readonly snapshot: RoutingSnapshot;
  readonly policy: RoutingPolicy;
  readonly id: IdView;
  readonly contract: ContractView;
  readonly dialled: Classified;
  readonly manner: CallManner;
  readonly mode: CallMode;
  /** What the calls of the contract's service may be. */
  readonly rules: CallRules;
}

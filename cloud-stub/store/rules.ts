import type { Instant } from '../../lib/base/clock.ts';
import type { Result } from '../../lib/base/errors.ts';
import type { ProductId } from '../catalogue/index.ts';
import type { Contract, Order, OrderContext, OrderOutcome, OrderRefusal } from '../contracts/index.ts';
import type { ChargedUsage, Rater, RerateOrder, RerateResult } from '../rating/index.ts';
import type { Allowance, RatableCall, Rating } from '../rating/types.ts';
import type { CallRequest, Decision, NumberClass, RoutePlan, RoutingSnapshot } from '../routing/types.ts';

/** The service's pure rules, handed in by the composition root: the store keeps facts and decides nothing itself. */
export interface ServiceRules {
  decide(request: CallRequest, snapshot: RoutingSnapshot, now: Instant): Decision;
  /** How a routed call is priced. */
  kind(direction: 'in' | 'out', plan: RoutePlan): RatableCall['kind'];
  /** With the tariff already chosen. */
  rate(call: RatableCall): Rating;
  /** The prices of a product, made ready. */
  rater(product: ProductId): Rater;
  /** What a contract may use free of charge in a period, with nothing used up yet. */
  allowance(contract: Contract): Allowance;
  /** Uses of one contract and period rated again by the prices in force. */
  rerate(contract: Contract, uses: readonly ChargedUsage[], order: RerateOrder): RerateResult;
  /** An order by the rules in force: catalogue, calendar, map. `asked`: what only the books know. */
  applyOrder(
    contract: Contract | null,
    order: Order,
    asked: Pick<OrderContext, 'now' | 'hadTrial' | 'taken' | 'answeredFor'>,
  ): Result<OrderOutcome, OrderRefusal>;
  /** Class and national form of a dialled number at a date; only for calls that the switch never saw. */
  classify(number: string, at: Instant): { readonly destination: NumberClass; readonly national: string };
}

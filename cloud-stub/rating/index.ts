export { allowanceOf, noAllowance } from './allowance.ts';
export type { Account, CallToAuthorise } from './authorise.ts';
export { authorise } from './authorise.ts';
export { momentOf, type NamedUsage, rateInOrder } from './in-order.ts';
export { type RatingPolicy, standardRatingPolicy } from './policy.ts';
export { prepareRater, type Rater, type RatingStream, rate } from './rate.ts';
export { type Adjustment, type ChargedUsage, type RerateOrder, type RerateResult, rerate } from './rerate.ts';
export { addSpend, noSpend, spendLevel } from './spend.ts';
export { tariffAt, tariffOf } from './tariff.ts';

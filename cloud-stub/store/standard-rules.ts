import { catalogue, type ProductId } from '../catalogue/index.ts';
import { applyOrder, japanCalendar, subscriptionsOf } from '../contracts/index.ts';
import { areas, classify } from '../numbering/index.ts';
import { allowanceOf, prepareRater, type Rater, rate, rerate, tariffOf } from '../rating/index.ts';
import { callKind, decide } from '../routing/index.ts';
import type { ServiceRules } from './rules.ts';

/** The rules as they are in force: catalogue, numbering plan, routing policy. Each price carries its own dates. */
export function standardRules(): ServiceRules {
  const tariff = tariffOf(catalogue);
  const calendar = japanCalendar();
  const raters = new Map<ProductId, Rater>();
  return {
    decide,
    kind: callKind,
    rate: (call) => rate(call, tariff),
    rater(product) {
      const known = raters.get(product) ?? prepareRater(tariffOf(catalogue, product));
      raters.set(product, known);
      return known;
    },
    allowance: (contract) => allowanceOf(catalogue, subscriptionsOf(contract)),
    rerate: (contract, uses, order) =>
      rerate(
        uses,
        order,
        tariffOf(catalogue, contract.product),
        allowanceOf(catalogue, subscriptionsOf(contract)),
      ),
    applyOrder: (contract, order, asked) =>
      applyOrder(contract, order, { catalogue, calendar, areas, ...asked }),
    classify: (number, at) => {
      const { class: destination, national } = classify(number, at);
      return { destination, national };
    },
  };
}

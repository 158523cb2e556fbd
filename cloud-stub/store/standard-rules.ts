import { catalogue } from '../catalogue/index.ts';
import { classify } from '../numbering/index.ts';
import { rate, tariffOf } from '../rating/index.ts';
import { callKind, decide } from '../routing/index.ts';
import type { ServiceRules } from './rules.ts';

/** The rules as they are in force: catalogue, numbering plan, routing policy. Each price carries its own dates. */
export function standardRules(): ServiceRules {
  const tariff = tariffOf(catalogue);
  return {
    decide,
    kind: callKind,
    rate: (call) => rate(call, tariff),
    classify: (number, at) => {
      const { class: destination, national } = classify(number, at);
      return { destination, national };
    },
  };
}

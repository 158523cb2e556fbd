import type { Relation } from '../../catalogue/index.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import { subscriptionsOf } from '../subscriptions.ts';
import type { Contract } from '../types.ts';
import type { Rule } from './check.ts';

/** Items by what they are on. */
type Holdings = ReadonlyMap<string, ReadonlySet<string>>;

/** What the catalogue excludes and requires. */
export const relationRules: readonly Rule[] = [
  (contract, { catalogue }) => {
    const relations = catalogue.relations.filter((one) => one.how === 'refuse' && one.level !== 'switchedOn');
    const byScope = {
      number: numberHoldings(contract),
      id: idHoldings(contract),
      contract: contractHoldings(contract),
    } as const;
    for (const relation of relations) {
      const wrong = check(relation, byScope[relation.scope]);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  },
];

function check(relation: Relation, holdings: Holdings): ContractRefusal | undefined {
  for (const [on, items] of holdings) {
    if (!items.has(relation.item)) continue;
    const both = items.has(relation.other);
    if (relation.kind === 'excludes' && both) {
      return broken('contract.excludes', `${on}: ${relation.say} Cancel one of the two.`, relation.facts);
    }
    if (relation.kind === 'requires' && !both) {
      return broken(
        'contract.requires',
        `${on}: ${relation.say} Order ${relation.other} first.`,
        relation.facts,
      );
    }
  }
  return undefined;
}

function numberHoldings(contract: Contract): Holdings {
  const numbers = [
    ...contract.numbers.map(({ number }) => number),
    ...(contract.tollFree ?? []).map(({ number }) => number),
  ];
  const held = holdings(contract);
  return new Map(numbers.map((number) => [number, held.get(number) ?? new Set()]));
}

/** With a single ID, fax is contracted on the contract number and serves that ID. [S0-106] */
function idHoldings(contract: Contract): Holdings {
  const held = holdings(contract);
  const main = contract.numbers.find((number) => number.role === 'contract')?.number ?? '';
  const faxOfMain = contract.ids.length === 1 && held.get(main)?.has('option.fax') === true;
  return new Map(
    contract.ids.map(({ id, device }) => {
      const items = [
        ...(held.get(id) ?? []),
        ...(held.get(device) ?? []),
        ...(faxOfMain ? ['option.fax'] : []),
      ];
      return [id as string, new Set(items)];
    }),
  );
}

function contractHoldings(contract: Contract): Holdings {
  return new Map([[contract.id as string, new Set(subscriptionsOf(contract).map(({ item }) => item))]]);
}

function holdings(contract: Contract): Map<string, Set<string>> {
  const held = new Map<string, Set<string>>();
  for (const { item, on } of subscriptionsOf(contract)) {
    const items = held.get(on);
    if (items === undefined) held.set(on, new Set([item]));
    else items.add(item);
  }
  return held;
}

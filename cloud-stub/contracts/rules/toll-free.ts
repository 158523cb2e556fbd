import { rulesOf, type TollFreeFunction } from '../../catalogue/index.ts';
import { type Areas, areaName } from '../areas.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import { checkTimeTable } from '../time-table.ts';
import type { AnswerGroup, OriginArea, TollFreeNumber } from '../toll-free.ts';
import type { Contract } from '../types.ts';
import type { Rule, RuleWorld } from './check.ts';

/** Toll-free numbers: functions, regions, shares, answer numbers. */
export const tollFreeRules: readonly Rule[] = [
  enoughIds,
  eachNumber(detourAndPercentage),
  eachNumber(answerNumbers),
  eachNumber(percentages),
  eachNumber(knownAreas),
  eachNumber(regionsApart),
  eachNumber(oneForMobiles),
  eachNumber(timeTables),
  eachNumber(functions),
];

function eachNumber(
  rule: (number: TollFreeNumber, contract: Contract, world: RuleWorld) => ContractRefusal | undefined,
): Rule {
  return (contract, world) => {
    for (const number of contract.tollFree ?? []) {
      const wrong = rule(number, contract, world);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

function enoughIds(contract: Contract): ContractRefusal | undefined {
  const first = contract.tollFree?.[0];
  const rules = rulesOf(contract.product ?? 'cloudPhone').tollFree;
  if (first === undefined) return undefined;
  if (rules === null) {
    const say = `${first.number}: a contract of ${contract.product} cannot hold toll-free numbers.`;
    return broken('contract.tollFreeFunction', say);
  }
  if (contract.ids.length >= rules.idsLeast) return undefined;
  const say = `${first.number}: a toll-free number needs ${rules.idsLeast} IDs or more; this contract has ${contract.ids.length}. Add an ID first.`;
  return broken('contract.tollFreeIds', say);
}

function detourAndPercentage(number: TollFreeNumber): ContractRefusal | undefined {
  const detour = number.groups.some((group) => group.busyDetour.length > 0);
  const shares = number.groups.some((group) => group.distribution.by === 'percentage');
  if (!detour || !shares) return undefined;
  const say = `${number.number}: busy detour and percentage distribution cannot both be on one number; drop one.`;
  return broken('contract.detourAndPercentage', say);
}

function answerNumbers(number: TollFreeNumber): ContractRefusal | undefined {
  const known = new Set(number.answerNumbers.map((one) => one.number));
  const ids = number.groups.map((group) => group.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    return broken('contract.answerNumber', `${number.number}: the answer group "${twice}" stands twice.`);
  }
  if (number.groups.length === 0) {
    return broken('contract.answerNumber', `${number.number} has no answer group; give it one.`);
  }
  for (const group of number.groups) {
    if (group.numbers.length === 0) {
      return broken('contract.answerNumber', `${number.number}: group "${group.id}" has no answer number.`);
    }
    const unknown = [...group.numbers, ...group.busyDetour, ...changedTo(group)].find(
      (one) => !known.has(one),
    );
    if (unknown === undefined) continue;
    const say = `${number.number}: group "${group.id}" names ${unknown}, which is none of its answer numbers.`;
    return broken('contract.answerNumber', say);
  }
  return undefined;
}

function changedTo(group: AnswerGroup): readonly string[] {
  const table = group.destinationChange;
  if (table === null) return [];
  return [...table.intervals.flatMap((one) => one.value ?? []), ...(table.otherwise ?? [])];
}

function percentages(number: TollFreeNumber): ContractRefusal | undefined {
  for (const group of number.groups) {
    if (group.distribution.by !== 'percentage') continue;
    const { shares } = group.distribution;
    const sum = shares.reduce((total, share) => total + share.percent, 0);
    const bad = shares.find((share) => !Number.isInteger(share.percent) || share.percent <= 0);
    if (bad !== undefined || sum !== 100) {
      const say = `${number.number}: the percentages of group "${group.id}" are ${shares.map((one) => one.percent).join(' + ')} = ${sum}; whole numbers above 0 that add up to 100 are needed.`;
      return broken('contract.percentages', say);
    }
    const named = shares.map((share) => share.number);
    const stranger = named.find((one, index) => !group.numbers.includes(one) || named.indexOf(one) !== index);
    if (stranger === undefined) continue;
    const say = `${number.number}: ${stranger} has a share in group "${group.id}" but is not once among its numbers.`;
    return broken('contract.answerNumber', say);
  }
  return undefined;
}

function regionsApart(
  number: TollFreeNumber,
  _contract: Contract,
  { areas }: RuleWorld,
): ContractRefusal | undefined {
  const rests = number.groups.filter((group) => group.origins === 'rest');
  if (rests.length > 1) {
    const names = rests.map((group) => `"${group.id}"`).join(' and ');
    return broken('contract.regionTwice', `${number.number}: ${names} both take the rest of the callers.`);
  }
  for (const [index, group] of number.groups.entries()) {
    for (const other of number.groups.slice(0, index)) {
      const shared = overlap(originsOf(group), originsOf(other), areas);
      if (shared === undefined) continue;
      const [one, two] = shared.map(areaName);
      const where = one === two ? one : `callers of both ${one} and ${two}`;
      const say = `${number.number}: ${where} would belong to the groups "${group.id}" and "${other.id}"; give each region to one.`;
      return broken('contract.regionTwice', say);
    }
  }
  return undefined;
}

function originsOf(group: AnswerGroup): readonly OriginArea[] {
  return group.origins === 'rest' ? [] : group.origins;
}

function overlap(
  some: readonly OriginArea[],
  others: readonly OriginArea[],
  areas: Areas,
): readonly [OriginArea, OriginArea] | undefined {
  for (const one of some) {
    for (const other of others) if (areas.overlaps(one, other)) return [one, other];
  }
  return undefined;
}

function knownAreas(
  number: TollFreeNumber,
  _contract: Contract,
  { areas }: RuleWorld,
): ContractRefusal | undefined {
  const named = [...number.accepts, ...number.groups.flatMap(originsOf)];
  const unknown = named.find((area) => !areas.known(area));
  if (unknown === undefined) return undefined;
  const say = `${number.number}: there is no ${unknown.area} "${areaName(unknown)}"; write it as the numbering plan does, 東京都 for instance.`;
  return broken('contract.unknownArea', say);
}

function oneForMobiles(
  number: TollFreeNumber,
  _contract: Contract,
  { areas }: RuleWorld,
): ContractRefusal | undefined {
  const taken = new Map<string, string>();
  for (const group of number.groups) {
    if (!group.mobile) continue;
    const prefectures = new Set(
      originsOf(group).flatMap((one) =>
        one.area === 'chargeArea' ? [areas.prefectureOf(one.name) ?? `of ${one.name}`] : [],
      ),
    );
    for (const prefecture of prefectures) {
      const other = taken.get(prefecture);
      if (other !== undefined) {
        const say = `${number.number}: groups "${other}" and "${group.id}" split ${prefecture} by charge area; only one of them may take mobile calls.`;
        return broken('contract.mobileTwice', say);
      }
      taken.set(prefecture, group.id);
    }
  }
  return undefined;
}

function timeTables(number: TollFreeNumber): ContractRefusal | undefined {
  const tables = [
    ...number.answerNumbers.flatMap((one) => (one.hours === null ? [] : [one.hours])),
    ...number.groups.flatMap((one) => (one.destinationChange === null ? [] : [one.destinationChange])),
  ];
  for (const table of tables) {
    const checked = checkTimeTable<unknown>(table);
    if (!checked.ok) return broken('contract.timeTable', `${number.number}: ${checked.error.say}`);
  }
  return undefined;
}

function functions(number: TollFreeNumber, contract: Contract): ContractRefusal | undefined {
  const sold = rulesOf(contract.product ?? 'cloudPhone').tollFree?.functions ?? {};
  const options = contract.options.filter((one) => one.on === number.number).flatMap((one) => one.items);
  for (const used of usedFunctions(number)) {
    const item = sold[used];
    if (item === undefined) {
      const say = `${number.number}: the function ${used} is not sold with this service; leave it out.`;
      return broken('contract.tollFreeFunction', say);
    }
    if (options.includes(item)) continue;
    const say = `${number.number}: the function ${used} needs ${item} on this number; order it first.`;
    return broken('contract.tollFreeFunction', say);
  }
  return undefined;
}

/** The optional functions that the settings of a number make use of. */
export function usedFunctions(number: TollFreeNumber): readonly TollFreeFunction[] {
  const { groups } = number;
  const regional = groups.length > 1 || groups.some((group) => group.origins !== 'rest');
  const used: [TollFreeFunction, boolean][] = [
    ['multiLine', groups.some((group) => group.numbers.length > 1)],
    ['region', regional],
    ['busyDetour', groups.some((group) => group.busyDetour.length > 0)],
    ['percentage', groups.some((group) => group.distribution.by === 'percentage')],
    ['destinationChange', groups.some((group) => group.destinationChange !== null)],
    ['afterHours', number.guidance.afterHours],
    ['presentNumber', number.presents],
  ];
  return used.flatMap(([name, on]) => (on ? [name] : []));
}

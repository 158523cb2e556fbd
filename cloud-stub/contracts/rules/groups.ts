import type {
  AnswerAction,
  MenuAction,
  NumberFeatures,
  RingGroup,
  RingMember,
  RingStep,
} from '../features.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import type { Contract, ContractNumber, ContractServiceId } from '../types.ts';
import type { Rule } from './check.ts';
import { kindOf } from './model.ts';

/** Buttons by layout; a list has any number. [S0-183] */
const BUTTONS = { oneButton: 1, twoButtons: 2, list: null } as const;

/** Ring groups, terminals that forward, and the reception app. */
export const groupRules: readonly Rule[] = [
  members,
  knownGroups,
  externalMembers,
  externalTargets,
  relayPresents,
  reception,
];

function stepsOf(group: RingGroup): readonly RingStep[] {
  return group.how === 'relay' ? group.steps : [{ members: group.members, forMs: group.forMs }];
}

function members(contract: Contract): ContractRefusal | undefined {
  const groups = contract.groups ?? [];
  const twice = groups.find((group, index) => groups.findIndex((one) => one.id === group.id) !== index);
  if (twice !== undefined)
    return broken('contract.groupMember', `The ring group "${twice.id}" stands twice.`);
  const lists = [
    ...groups.map((group) => ({ name: `the ring group "${group.id}"`, steps: stepsOf(group), least: 1 })),
    ...contract.ids.map((id) => ({
      name: `the relay of ${id.id}`,
      steps: id.features?.relay ?? [],
      least: 0,
    })),
  ];
  for (const { name, steps, least } of lists) {
    if (steps.length < least || steps.some((step) => step.members.length === 0 || !(step.forMs > 0))) {
      const say = `${name} needs steps with members that ring for longer than 0 s.`;
      return broken('contract.groupMember', say);
    }
    const stranger = steps.flatMap((step) => step.members).find((member) => !isMember(contract, member));
    if (stranger === undefined) continue;
    const who = 'id' in stranger ? stranger.id : stranger.external;
    const say = `${name} has the member ${who}, which is neither an ID of contract ${contract.id} nor a number outside.`;
    return broken('contract.groupMember', say);
  }
  return undefined;
}

function isMember(contract: Contract, member: RingMember): boolean {
  if ('id' in member) return contract.ids.some((id) => id.id === member.id);
  return (
    /^0\d{9,10}$/.test(member.external) && !contract.numbers.some((one) => one.number === member.external)
  );
}

function knownGroups(contract: Contract): ContractRefusal | undefined {
  const known = new Set((contract.groups ?? []).map((group) => group.id));
  const named = [
    ...contract.numbers.flatMap((number) =>
      groupsOfNumber(number).map((group) => [number.number, group] as const),
    ),
    ...contract.ids.flatMap((id) =>
      (id.features?.reception?.buttons ?? []).map((one) => [id.id, one.group] as const),
    ),
  ];
  const unknown = named.find(([, group]) => !known.has(group));
  if (unknown === undefined) return undefined;
  return broken(
    'contract.unknownGroup',
    `${unknown[0]}: there is no ring group "${unknown[1]}"; make it first.`,
  );
}

/** Ring groups that calls of a number can reach. */
function groupsOfNumber(number: Pick<ContractNumber, 'features'>): readonly string[] {
  const features = number.features;
  if (features === undefined) return [];
  const own = features.group === null ? [] : [features.group];
  const acted = actionsOf(features).flatMap((one) =>
    one.do === 'ring' && one.group !== null ? [one.group] : [],
  );
  return [...new Set([...own, ...acted])];
}

function actionsOf(
  features: NumberFeatures,
): readonly (AnswerAction | MenuAction | { readonly do: 'hangUp' })[] {
  const { answer, menus } = features;
  const table = answer.mode === 'schedule' ? answer.table : undefined;
  return [
    ...(table === undefined ? [] : [...table.intervals.map(({ value }) => value), table.otherwise]),
    ...menus.flatMap((menu) => [...Object.values(menu.keys), menu.otherwise]),
  ];
}

function outside(steps: readonly RingStep[]): readonly string[] {
  return steps.flatMap((step) => step.members).flatMap((one) => ('external' in one ? [one.external] : []));
}

function externalMembers(contract: Contract): ContractRefusal | undefined {
  if (contract.groupForwarding !== undefined) return undefined;
  const first = [
    ...(contract.groups ?? []).flatMap((group) => outside(stepsOf(group))),
    ...contract.ids.flatMap((id) => outside(id.features?.relay ?? [])),
  ][0];
  if (first === undefined) return undefined;
  const say = `${first} is outside: order group forwarding for the company before it can ring in a group.`;
  return broken('contract.externalMember', say);
}

function externalTargets(
  contract: Contract,
  { catalogue }: Parameters<Rule>[1],
): ContractRefusal | undefined {
  const extra = contract.groupForwarding?.extraTargets ?? {};
  for (const number of contract.numbers) {
    const kind = kindOf(number);
    const item = targetItem(kind);
    if (item === null) continue;
    const included = catalogue.items.find((one) => one.id === item)?.included?.count ?? 0;
    const allowed = included + (extra[number.number] ?? 0);
    const wanted = new Set(targetsOf(contract, number)).size;
    if (wanted <= allowed) continue;
    const say = `${number.number} (${kind}) has ${wanted} targets outside; ${allowed} are allowed. Order an additional forwarding target for each more.`;
    return broken('contract.externalTargets', say);
  }
  return undefined;
}

/** The option item of group forwarding that counts for a kind of number. [S1-001] [S1-008] */
export function targetItem(kind: NonNullable<ContractNumber['kind']>): string | null {
  switch (kind) {
    case 'standard':
      return 'groupForwarding.standard';
    case 'representativeOnly':
    case 'ivr':
      return 'groupForwarding.representative';
    case 'shared':
    case 'representative':
    case 'direct':
    case 'ip050':
      return null;
  }
}

function targetsOf(contract: Contract, number: ContractNumber): readonly string[] {
  const named = groupsOfNumber(number);
  const groups = (contract.groups ?? []).filter((group) => named.includes(group.id));
  const terminals = contract.ids.filter((id) => id.features?.ownNumber === number.number);
  return [
    ...groups.flatMap((group) => outside(stepsOf(group))),
    ...terminals.flatMap((id) => outside(id.features?.relay ?? [])),
  ];
}

function relayPresents(contract: Contract): ContractRefusal | undefined {
  const bad = contract.ids.find(
    (id) => outside(id.features?.relay ?? []).length > 0 && presentedByRelay(contract, id) === undefined,
  );
  if (bad === undefined) return undefined;
  const say = `${bad.id} forwards to a number outside but has no number to show: give it one of its own, or put it under a representative number.`;
  return broken('contract.relayPresents', say);
}

/**
 * The number that an outside target of a terminal's relay sees: the terminal's own, else the representative number that
 * it is under; undefined is a configuration error. [S1-014]
 */
export function presentedByRelay(
  contract: Pick<Contract, 'numbers' | 'groups'>,
  id: Pick<ContractServiceId, 'id' | 'features'>,
): string | undefined {
  const own = id.features?.ownNumber ?? null;
  if (own !== null) return own;
  const over = contract.numbers.find((number) => {
    if (kindOf(number) !== 'representativeOnly' && kindOf(number) !== 'representative') return false;
    const groups = (contract.groups ?? []).filter((group) => groupsOfNumber(number).includes(group.id));
    const rung = groups.flatMap(stepsOf).flatMap((step) => step.members);
    return number.rings.includes(id.id) || rung.some((member) => 'id' in member && member.id === id.id);
  });
  return over?.number;
}

function reception(contract: Contract): ContractRefusal | undefined {
  for (const id of contract.ids) {
    const held = contract.options.some(
      (one) => one.on === id.id && one.items.includes('option.receptionApp'),
    );
    const app = id.features?.reception ?? null;
    if (app !== null && !held) {
      const say = `${id.id}: the reception app needs option.receptionApp on this ID; order it first.`;
      return broken('contract.optionMissing', say);
    }
    if (!held) continue;
    const device = contract.devices.find((one) => one.id === id.device);
    if (device?.model !== 'ipad') {
      return broken(
        'contract.reception',
        `${id.id}: the reception app runs on an iPad only; move the ID to one.`,
      );
    }
    const rung = contract.numbers.find((number) => number.rings.includes(id.id));
    if (rung !== undefined) {
      const say = `${id.id} is for reception only; ${rung.number} cannot ring it.`;
      return broken('contract.reception', say);
    }
    const wanted = app === null ? null : BUTTONS[app.layout];
    if (app === null || wanted === null || app.buttons.length === wanted) continue;
    const say = `${id.id}: the layout ${app.layout} has ${wanted} button${wanted === 1 ? '' : 's'}, not ${app.buttons.length}.`;
    return broken('contract.reception', say);
  }
  return undefined;
}

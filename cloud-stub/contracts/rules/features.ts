import type { Relation } from '../../catalogue/index.ts';
import { type AnswerAction, emptyFeatures, type MenuAction, type NumberFeatures } from '../features.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import { checkTimeTable } from '../time-table.ts';
import type { Contract, ContractNumber } from '../types.ts';
import type { Rule, RuleWorld } from './check.ts';

/** The switches of a number by the option that each needs; the relations of the catalogue speak of options. */
const SWITCH_OPTIONS = {
  forwarding: 'option.forwarding',
  afterHours: 'option.afterHours',
  bot: 'option.answerBot',
  ivr: 'option.ivr',
} as const;

/** The option that an action needs; ringing needs none. [S0-086] */
const ACTION_OPTIONS: Readonly<Record<AnswerAction['do'], string | null>> = {
  ring: null,
  forward: 'option.forwarding',
  announce: 'option.afterHours',
  ivr: 'option.ivr',
  bot: 'option.answerBot',
};

/** Switches and settings of numbers. */
export const featureRules: readonly Rule[] = [
  eachNumber(togglesApart),
  eachNumber(optionsThere),
  eachNumber(identityChecked),
  eachNumber(forwardTarget),
  eachNumber(voicemailAfter),
  eachNumber(busyMessage),
  eachNumber(fax),
  faxOnAdditional,
  eachNumber(timeTables),
  eachNumber(menus),
];

/** A number with its settings, and what it has contracted. */
export interface Seen {
  readonly number: ContractNumber;
  readonly features: NumberFeatures;
  readonly options: ReadonlySet<string>;
}

function eachNumber(
  rule: (seen: Seen, contract: Contract, world: RuleWorld) => ContractRefusal | undefined,
): Rule {
  return (contract, world) => {
    for (const number of contract.numbers) {
      if (number.features === undefined) continue;
      const held = contract.options.filter((one) => one.on === number.number).flatMap((one) => one.items);
      const wrong = rule({ number, features: number.features, options: new Set(held) }, contract, world);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

function togglesApart(
  { number, features }: Seen,
  _contract: Contract,
  world: RuleWorld,
): ContractRefusal | undefined {
  const { answer } = features;
  if (answer.mode !== 'toggles') return undefined;
  const on = new Set<string>(
    (['forwarding', 'afterHours', 'bot', 'ivr'] as const)
      .filter((one) => answer[one])
      .map((one) => SWITCH_OPTIONS[one]),
  );
  const clash = world.catalogue.relations.find(
    (one) => switched(one) && on.has(one.item) && on.has(one.other),
  );
  if (clash === undefined) return undefined;
  const say = `${number.number}: ${clash.say} Switch one off, or use a schedule.`;
  return broken('contract.toggles', say, clash.facts);
}

/** A relation about what is switched on. */
export function switched(relation: Relation): boolean {
  return relation.kind === 'excludes' && relation.level === 'switchedOn';
}

function optionsThere({ number, features, options }: Seen): ContractRefusal | undefined {
  const missing = neededOptions(features).find(({ item }) => !options.has(item));
  if (missing === undefined) return undefined;
  const say = `${number.number}: ${missing.what} needs ${missing.item} on this number; order it first.`;
  return broken('contract.optionMissing', say);
}

/** What settings need which option. */
function neededOptions(features: NumberFeatures): readonly { item: string; what: string }[] {
  const { answer } = features;
  const needed: { item: string; what: string }[] = [];
  if (answer.mode === 'toggles') {
    for (const name of ['forwarding', 'afterHours', 'bot', 'ivr'] as const) {
      if (answer[name]) needed.push({ item: SWITCH_OPTIONS[name], what: `the switch ${name}` });
    }
  } else {
    for (const action of scheduled(features)) {
      const item = ACTION_OPTIONS[action.do];
      if (item !== null) needed.push({ item, what: `"${action.do}" in the schedule` });
    }
  }
  if (features.voicemail !== null) needed.push({ item: 'option.voicemail', what: 'voicemail' });
  if (features.recording) needed.push({ item: 'option.recording', what: 'recording' });
  if (features.menus.length > 0) needed.push({ item: 'option.ivr', what: 'an IVR menu' });
  return needed;
}

function scheduled(features: NumberFeatures): readonly AnswerAction[] {
  const { answer } = features;
  if (answer.mode !== 'schedule') return [];
  return [...answer.table.intervals.map(({ value }) => value), answer.table.otherwise];
}

function menuActions(features: NumberFeatures): readonly (MenuAction | { readonly do: 'hangUp' })[] {
  return features.menus.flatMap((menu) => [...Object.values(menu.keys), menu.otherwise]);
}

/** Every target outside that calls of a number can be forwarded to. */
export function forwardTargets(features: NumberFeatures): readonly string[] {
  const { answer } = features;
  const plain = answer.mode === 'toggles' && answer.forwarding && features.forwardTo !== null;
  const actions = [...scheduled(features), ...menuActions(features)];
  return [
    ...(plain ? [features.forwardTo ?? ''] : []),
    ...actions.flatMap((action) => (action.do === 'forward' ? [action.to] : [])),
  ];
}

function identityChecked({ number, features }: Seen, contract: Contract): ContractRefusal | undefined {
  if (contract.identityVerified) return undefined;
  const forwards = features.answer.mode === 'toggles' && features.answer.forwarding;
  if (!forwards && forwardTargets(features).length === 0 && features.forwardTo === null) return undefined;
  const say = `${number.number}: forwarding cannot be set before the identity of the contractor is verified; have that done first.`;
  return broken('contract.identity', say);
}

function forwardTarget({ number, features }: Seen, contract: Contract): ContractRefusal | undefined {
  const { answer } = features;
  if (answer.mode === 'toggles' && answer.forwarding && features.forwardTo === null) {
    return broken(
      'contract.forwardTarget',
      `${number.number}: forwarding is on without a target; set one first.`,
    );
  }
  const targets = [...forwardTargets(features), ...(features.forwardTo === null ? [] : [features.forwardTo])];
  const own = new Set(contract.numbers.map((one) => one.number));
  const bad = targets.find((to) => !/^0\d{9,10}$/.test(to) || own.has(to));
  if (bad === undefined) return undefined;
  const say = `${number.number}: "${bad}" cannot be forwarded to; give a domestic number outside this contract, digits only.`;
  return broken('contract.forwardTarget', say);
}

function voicemailAfter({ number, features }: Seen): ContractRefusal | undefined {
  const afterMs = features.voicemail?.afterMs;
  if (afterMs === undefined || (Number.isInteger(afterMs) && afterMs > 0)) return undefined;
  const say = `${number.number}: voicemail after ${afterMs} ms; let the phones ring for more than 0 s.`;
  return broken('contract.voicemailAfter', say);
}

function busyMessage({ number, features, options }: Seen): ContractRefusal | undefined {
  if (!features.busyMessage || !options.has('option.voicemail')) return undefined;
  const say = `${number.number}: with voicemail, callers get voicemail when all channels are busy; leave the busy message off.`;
  return broken('contract.busyMessage', say);
}

function fax({ number, features, options }: Seen, contract: Contract): ContractRefusal | undefined {
  const { use, relayTo } = features.fax;
  if (use !== 'off' && !faxEntitled(contract, number, options)) {
    const say = `${number.number} has no cloud fax: order it on the contract number (one ID) or on the IDs that use it.`;
    return broken('contract.fax', say);
  }
  if (relayTo === null) return undefined;
  const target = contract.ids.find((id) => id.id === relayTo);
  const device = contract.devices.find((one) => one.id === target?.device);
  if (number.role === 'contract' && use !== 'off' && device?.kind === 'adapter') return undefined;
  const say = `${number.number}: faxes can be relayed from the contract number with cloud fax to an ID on an adapter; ${relayTo} with ${number.number} is not that.`;
  return broken('contract.faxRelay', say);
}

/** Fax on an additional number only leads its faxes to an ID, so one of them must have it. [S0-108] */
function faxOnAdditional(contract: Contract): ContractRefusal | undefined {
  const bad = contract.numbers.find(
    (number) =>
      number.role !== 'contract' &&
      contract.options.some((one) => one.on === number.number && one.items.includes('option.fax')),
  );
  if (bad === undefined || faxOnIds(contract)) return undefined;
  const say = `${bad.number}: cloud fax on an additional number alone can neither send nor receive; order it for an ID first.`;
  return broken('contract.fax', say);
}

function faxOnIds(contract: Contract): boolean {
  const ids = new Set<string>(contract.ids.map((id) => id.id));
  return contract.options.some((one) => one.items.includes('option.fax') && ids.has(one.on));
}

/** Whether a number may take faxes. */
function faxEntitled(contract: Contract, number: ContractNumber, options: ReadonlySet<string>): boolean {
  const onId = faxOnIds(contract);
  if (number.role === 'contract') return onId || options.has('option.fax');
  return onId && options.has('option.fax');
}

function timeTables({ number, features }: Seen): ContractRefusal | undefined {
  const { answer, afterHours } = features;
  const tables = [afterHours.hours, ...(answer.mode === 'schedule' ? [answer.table] : [])];
  for (const table of tables) {
    const checked = checkTimeTable<unknown>(table);
    if (!checked.ok) return broken('contract.timeTable', `${number.number}: ${checked.error.say}`);
  }
  return undefined;
}

function menus({ number, features }: Seen): ContractRefusal | undefined {
  const known = new Set(features.menus.map((menu) => menu.id));
  const named = [
    ...(features.ivrMenu === null ? [] : [features.ivrMenu]),
    ...scheduled(features).flatMap((action) => (action.do === 'ivr' ? [action.menu] : [])),
    ...menuActions(features).flatMap((action) =>
      action.do === 'ivr' || action.do === 'menu' ? [action.menu] : [],
    ),
  ];
  const unknown = named.find((menu) => !known.has(menu));
  if (unknown !== undefined) {
    return broken('contract.unknownMenu', `${number.number}: there is no menu "${unknown}"; write it first.`);
  }
  if (features.answer.mode === 'toggles' && features.answer.ivr && features.ivrMenu === null) {
    return broken(
      'contract.unknownMenu',
      `${number.number}: the IVR is on without a menu; name the first one.`,
    );
  }
  for (const menu of features.menus) {
    const key = Object.keys(menu.keys).find((one) => !/^[0-9*#]$/.test(one));
    const wrong = key !== undefined || !(menu.waitMs > 0) || !(menu.tries >= 1);
    if (!wrong) continue;
    const say = `${number.number}: menu "${menu.id}" needs keys of 0–9, * or #, a waiting time above 0 and at least one try.`;
    return broken('contract.unknownMenu', say);
  }
  return undefined;
}

/** The settings of a number. */
export function featuresOf(number: Pick<ContractNumber, 'features'>): NumberFeatures {
  return number.features ?? emptyFeatures();
}

import { rulesOf } from '../../catalogue/index.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import type { ContractRule } from '../rule-table.ts';
import type { Contract, ContractNumber } from '../types.ts';
import type { Rule } from './check.ts';

/** Representative numbers of the old model beyond which the use must be declared. [S0-072] */
const REPRESENTATIVES_UNDECLARED_MOST = 3;

/** Simultaneous calls with the outside: one for each ID, in both models. [S0-059] [S0-060] [S0-066] [S0-073] */
export function channelsOf(contract: Pick<Contract, 'ids'>): number {
  return contract.ids.length;
}

/** How many additional numbers a contract may hold: two, and no more than it has additional IDs. [S0-058] */
export function additionalNumbersAllowed(contract: Pick<Contract, 'ids' | 'product'>): number {
  const additionalIds = contract.ids.filter((id) => id.role === 'additional').length;
  return Math.min(rulesOf(contract.product ?? 'cloudPhone').additionalNumbersMost, additionalIds);
}

/** Numbers, IDs and devices. */
export const modelRules: readonly Rule[] = [
  (contract) =>
    exactlyOne(contract, count(contract.numbers, 'contract'), 'contract.mainNumber', 'contract number'),
  (contract) => exactlyOne(contract, count(contract.ids, 'base'), 'contract.baseId', 'base ID'),
  additionalNumbers,
  uniqueNames,
  ringsOwnIds,
  presentsOwnNumbers,
  sitsOnOwnDevice,
  numberKinds,
  representatives,
  directNumbers,
  mainDirect,
  powered,
];

function exactlyOne(
  contract: Contract,
  found: number,
  code: ContractRule,
  what: string,
): ContractRefusal | undefined {
  if (found === 1 || contract.state === 'ended') return undefined;
  if (!rulesOf(contract.product ?? 'cloudPhone').mainNumberAndBaseId) return undefined;
  return broken(code, `A contract has exactly one ${what}; this one has ${found}.`);
}

function additionalNumbers(contract: Contract): ContractRefusal | undefined {
  if (!rulesOf(contract.product ?? 'cloudPhone').mainNumberAndBaseId) return undefined;
  const shared = contract.numbers.filter((number) => kindOf(number) === 'shared');
  const wanted = count(shared, 'additional');
  if (wanted <= additionalNumbersAllowed(contract)) return undefined;
  const ids = count(contract.ids, 'additional');
  return broken(
    'contract.additionalNumbers',
    `${wanted} additional numbers are too many: at most 2, and at most one for each of the ${ids} additional IDs.`,
  );
}

function uniqueNames(contract: Contract): ContractRefusal | undefined {
  const names = [
    ...contract.numbers.map((number) => number.number),
    ...(contract.tollFree ?? []).map((number) => number.number),
    ...contract.ids.map((id) => id.id),
    ...contract.ids.map((id) => `extension ${id.extension}`),
    ...contract.devices.map((device) => device.id),
  ];
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return broken('contract.twice', `${name} stands twice in contract ${contract.id}.`);
    seen.add(name);
  }
  return undefined;
}

function ringsOwnIds(contract: Contract): ContractRefusal | undefined {
  const own = new Set(contract.ids.map((id) => id.id));
  for (const number of contract.numbers) {
    const foreign = number.rings.find((id) => !own.has(id));
    if (foreign === undefined) continue;
    const say = `${number.number} is to ring ${foreign}, which is no ID of contract ${contract.id}.`;
    return broken('contract.ringsForeignId', say);
  }
  return undefined;
}

/** A toll-free number is shown only while the function for it is on. [S0-096] [S0-150] */
function presentsOwnNumbers(contract: Contract): ContractRefusal | undefined {
  const shown = (contract.tollFree ?? []).filter((number) => number.presents);
  const own = new Set([...contract.numbers, ...shown].map((number) => number.number));
  const bad = contract.ids.find((id) => !own.has(id.presents));
  if (bad === undefined) return undefined;
  const say = `${bad.id} is to show ${bad.presents}, which is no number of contract ${contract.id}.`;
  return broken('contract.presentsForeignNumber', say);
}

function sitsOnOwnDevice(contract: Contract): ContractRefusal | undefined {
  const own = new Set(contract.devices.map((device) => device.id));
  const bad = contract.ids.find((id) => !own.has(id.device));
  if (bad === undefined) return undefined;
  return broken('contract.unknownDevice', `${bad.id} names the device ${bad.device}, which is not there.`);
}

/** Representative and direct numbers in the old model, contract and additional ones in the new. [S0-067] */
function numberKinds(contract: Contract): ContractRefusal | undefined {
  const product = contract.product ?? 'cloudPhone';
  const { numberKinds: sold } = rulesOf(product);
  for (const number of contract.numbers) {
    const kind = kindOf(number);
    const legacy = kind === 'representative' || kind === 'direct';
    if (sold.includes(kind) && legacy === (contract.model === 'legacy')) continue;
    const say = `${number.number} is a ${kind} number, which a ${contract.model} contract of ${product} cannot hold.`;
    return broken('contract.numberKind', say);
  }
  return undefined;
}

/** In the old model the main number is the direct number of the base ID. [S0-065] */
function mainDirect(contract: Contract): ContractRefusal | undefined {
  if (contract.model !== 'legacy') return undefined;
  const main = contract.numbers.find((number) => number.role === 'contract');
  const base = contract.ids.find((id) => id.role === 'base');
  if (main === undefined || base === undefined) return undefined;
  if (kindOf(main) === 'direct' && main.rings.includes(base.id)) return undefined;
  const say = `${main.number} is the main number, so it must be the direct number of the base ID ${base.id}.`;
  return broken('contract.mainNumber', say, ['S0-065']);
}

/** The number with which the customer logs in to the admin screen: the main one. [S0-065] [S0-195] */
export function loginNumber(contract: Pick<Contract, 'numbers'>): string | undefined {
  return contract.numbers.find((number) => number.role === 'contract' && number.held.until === null)?.number;
}

function representatives(contract: Contract): ContractRefusal | undefined {
  const wanted = contract.numbers.filter((number) => kindOf(number) === 'representative').length;
  if (wanted > contract.ids.length) {
    const say = `${wanted} representative numbers are too many for ${contract.ids.length} IDs; add an ID for each.`;
    return broken('contract.representatives', say);
  }
  if (wanted > REPRESENTATIVES_UNDECLARED_MOST && contract.manyRepresentatives !== true) {
    const say = `${wanted} representative numbers: for 4 or more, declare what they are for and wait for the operator's word.`;
    return broken('contract.manyRepresentatives', say);
  }
  return undefined;
}

function directNumbers(contract: Contract): ContractRefusal | undefined {
  if (contract.model !== 'legacy') return undefined;
  const direct = contract.numbers.filter((number) => kindOf(number) === 'direct');
  const shared = direct.find((number) => number.rings.length !== 1);
  if (shared !== undefined) {
    const say = `The direct number ${shared.number} must ring exactly one ID; it rings ${shared.rings.length}.`;
    return broken('contract.directNumber', say);
  }
  const without = contract.ids.find((id) => !direct.some((number) => number.rings.includes(id.id)));
  if (without === undefined) return undefined;
  return broken(
    'contract.directNumber',
    `${without.id} has no direct number; every ID of the old model has one.`,
  );
}

function powered(contract: Contract): ContractRefusal | undefined {
  const bad = contract.devices.find(
    (one) => one.model === 'panasonic' && (one.power ?? 'supplied') === 'supplied',
  );
  if (bad === undefined) return undefined;
  const say = `${bad.id} brings no power adapter; order the PoE hub with it, or say that the office has PoE or an adapter of its own.`;
  return broken('contract.power', say);
}

/** What a number is when nothing is said. */
export function kindOf(number: Pick<ContractNumber, 'kind'>): NonNullable<ContractNumber['kind']> {
  return number.kind ?? 'shared';
}

function count(things: readonly { readonly role: string }[], role: string): number {
  return things.filter((thing) => thing.role === role).length;
}

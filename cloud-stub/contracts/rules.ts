import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Contract } from './types.ts';

/** Why a contract cannot be as it is written. */
export interface ContractRefusal extends CodedError {
  readonly code: `contract.${string}`;
  readonly fault: 'caller';
  /** Requirement or ambiguity numbers of the broken rule. */
  readonly facts: readonly string[];
}

/** Simultaneous calls with the outside: one for each ID. [S0-059] [S0-060] */
export function channelsOf(contract: Pick<Contract, 'ids'>): number {
  return contract.ids.length;
}

/** How many additional numbers a contract may hold: two, and no more than it has additional IDs. [S0-058] */
export function additionalNumbersAllowed(contract: Pick<Contract, 'ids'>): number {
  const additionalIds = contract.ids.filter((id) => id.role === 'additional').length;
  return Math.min(2, additionalIds);
}

/** The contract itself when every rule holds, else the first rule that is broken. */
export function checkContract(contract: Contract): Result<Contract, ContractRefusal> {
  for (const rule of RULES) {
    const broken = rule(contract);
    if (broken !== undefined) return refuse(broken);
  }
  return ok(contract);
}

type Rule = (contract: Contract) => ContractRefusal | undefined;

const RULES: readonly Rule[] = [
  (contract) =>
    exactlyOne(count(contract.numbers, 'contract'), 'contract.mainNumber', ['S0-054'], 'contract number'),
  (contract) => exactlyOne(count(contract.ids, 'base'), 'contract.baseId', ['S0-063'], 'base ID'),
  additionalNumbers,
  uniqueNames,
  ringsOwnIds,
  presentsOwnNumbers,
  sitsOnOwnDevice,
];

function additionalNumbers(contract: Contract): ContractRefusal | undefined {
  const wanted = count(contract.numbers, 'additional');
  const allowed = additionalNumbersAllowed(contract);
  if (wanted <= allowed) return undefined;
  const ids = count(contract.ids, 'additional');
  return broken(
    'contract.additionalNumbers',
    ['S0-058', 'A-01'],
    `${wanted} additional numbers are too many: at most 2, and at most one for each of the ${ids} additional IDs.`,
  );
}

function uniqueNames(contract: Contract): ContractRefusal | undefined {
  const names = [
    ...contract.numbers.map((number) => number.number),
    ...contract.ids.map((id) => id.id),
    ...contract.ids.map((id) => `extension ${id.extension}`),
    ...contract.devices.map((device) => device.id),
  ];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return undefined;
  return broken('contract.twice', ['S0-054', 'S0-062'], `${twice} stands twice in contract ${contract.id}.`);
}

function ringsOwnIds(contract: Contract): ContractRefusal | undefined {
  const own = new Set(contract.ids.map((id) => id.id));
  for (const number of contract.numbers) {
    const foreign = number.rings.find((id) => !own.has(id));
    if (foreign !== undefined) {
      return broken(
        'contract.ringsForeignId',
        ['S0-055', 'S0-056'],
        `${number.number} is to ring ${foreign}, which is no ID of contract ${contract.id}.`,
      );
    }
  }
  return undefined;
}

function presentsOwnNumbers(contract: Contract): ContractRefusal | undefined {
  const own = new Set(contract.numbers.map((number) => number.number));
  const bad = contract.ids.find((id) => !own.has(id.presents));
  if (bad === undefined) return undefined;
  return broken(
    'contract.presentsForeignNumber',
    ['S0-089'],
    `${bad.id} is to show ${bad.presents}, which is no number of contract ${contract.id}.`,
  );
}

function sitsOnOwnDevice(contract: Contract): ContractRefusal | undefined {
  const own = new Set(contract.devices.map((device) => device.id));
  const bad = contract.ids.find((id) => !own.has(id.device));
  if (bad === undefined) return undefined;
  return broken(
    'contract.unknownDevice',
    ['S0-062'],
    `${bad.id} names the device ${bad.device}, which is not there.`,
  );
}

function exactlyOne(
  found: number,
  code: ContractRefusal['code'],
  facts: readonly string[],
  what: string,
): ContractRefusal | undefined {
  if (found === 1) return undefined;
  return broken(code, facts, `A contract has exactly one ${what}; this one has ${found}.`);
}

function count(things: readonly { readonly role: string }[], role: string): number {
  return things.filter((thing) => thing.role === role).length;
}

function broken(code: ContractRefusal['code'], facts: readonly string[], say: string): ContractRefusal {
  return { code, fault: 'caller', facts, say };
}

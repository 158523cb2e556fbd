import type { Instant } from '../../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../../lib/base/errors.ts';
import { type Catalogue, catalogue as standard } from '../../catalogue/index.ts';
import { areas as japan } from '../../numbering/index.ts';
import type { Areas } from '../areas.ts';
import { contractAt } from '../held.ts';
import type { ContractRefusal } from '../refusal.ts';
import type { Contract } from '../types.ts';
import { boxRules } from './boxes.ts';
import { deskRules } from './desk.ts';
import { featureRules } from './features.ts';
import { groupRules } from './groups.ts';
import { lineRules } from './lines.ts';
import { modelRules } from './model.ts';
import { relationRules } from './relations.ts';
import { serviceRules } from './services.ts';
import { tollFreeRules } from './toll-free.ts';

/** What the rules are read against. */
export interface RuleWorld {
  readonly catalogue: Catalogue;
  readonly areas: Areas;
}

/** One rule: undefined when the contract keeps it. */
export type Rule = (contract: Contract, world: RuleWorld) => ContractRefusal | undefined;

const RULES: readonly Rule[] = [
  ...modelRules,
  ...boxRules,
  ...lineRules,
  ...deskRules,
  ...featureRules,
  ...groupRules,
  ...tollFreeRules,
  ...serviceRules,
  ...relationRules,
];

/**
 * The contract itself when every rule holds, else the first rule that is broken. With `at` only what is held at that
 * moment counts; without it everything does, as in a contract that has no past.
 */
export function checkContract(
  contract: Contract,
  world: Partial<RuleWorld> & { readonly at?: Instant } = {},
): Result<Contract, ContractRefusal> {
  // Of an ended contract nothing is held that a rule could be about.
  if (world.at !== undefined && contract.state === 'ended') return ok(contract);
  const seen = world.at === undefined ? contract : contractAt(contract, world.at);
  const known = { catalogue: world.catalogue ?? standard, areas: world.areas ?? japan };
  for (const rule of RULES) {
    const wrong = rule(seen, known);
    if (wrong !== undefined) return refuse(wrong);
  }
  return ok(contract);
}

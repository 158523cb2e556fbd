import type { CodedError } from '../../lib/base/errors.ts';
import { type ContractRule, contractRules, type RuleRow } from './rule-table.ts';

/** Why a contract cannot be as it is written. */
export interface ContractRefusal extends CodedError {
  readonly code: ContractRule;
  readonly fault: 'caller';
  /** Requirement or ambiguity numbers of the broken rule. */
  readonly facts: readonly string[];
}

/** A refusal by a rule of the table; `facts` narrows the table's ones when a row stands for several rules. */
export function broken(code: ContractRule, say: string, facts?: readonly string[]): ContractRefusal {
  const row: RuleRow = contractRules[code];
  return { code, fault: 'caller', facts: facts ?? row.facts, say };
}

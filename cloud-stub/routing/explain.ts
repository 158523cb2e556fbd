import { renderPlan } from './render-plan.ts';
import type { Decision, TraceLine } from './types.ts';

/** A decision as lines of text: every step with its rule and facts, then the plan. */
export function explain(decision: Decision): readonly string[] {
  const plan = renderPlan(decision.plan);
  return [...decision.trace.map(explainLine), ...plan.map((line, at) => `${at === 0 ? '→' : ' '} ${line}`)];
}

/** `out.channels: 1 of 2 channels are in use [S0-059]`; a fact that the sentence names already is not repeated. */
function explainLine({ rule, facts, say }: TraceLine): string {
  const missing = facts.filter((fact) => !say.includes(`[${fact}]`));
  const sources = missing.map((fact) => `[${fact}]`).join(' ');
  return `${rule}: ${say}${sources === '' ? '' : ` ${sources}`}`;
}

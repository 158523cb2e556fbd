import { renderPlan } from './render-plan.ts';
import type { Decision, TraceLine } from './types.ts';

/** A decision as sentences: every step with its facts, then the plan. The ids of the rules stay in the trace. */
export function explain(decision: Decision): readonly string[] {
  const plan = renderPlan(decision.plan);
  return [...decision.trace.map(explainLine), ...plan.map((line, at) => `${at === 0 ? '→' : ' '} ${line}`)];
}

/** `1 of 2 channels are in use [S0-059]`; a fact that the sentence names already is not repeated. */
function explainLine({ facts, say }: TraceLine): string {
  const missing = facts.filter((fact) => !say.includes(`[${fact}]`));
  const sources = missing.map((fact) => `[${fact}]`).join(' ');
  return `${say}${sources === '' ? '' : ` ${sources}`}`;
}

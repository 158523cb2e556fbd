import { unreachable } from '../../lib/base/errors.ts';
import type { Decision, RoutePlan, TraceLine } from './types.ts';

/** A decision as lines of text: every step with its rule and facts, then the plan. */
export function explain(decision: Decision): readonly string[] {
  return [...decision.trace.map(explainLine), `→ ${planSentence(decision.plan)}`];
}

/** `out.channels: 1 of 2 channels are in use [S0-059]`; a fact that the sentence names already is not repeated. */
function explainLine({ rule, facts, say }: TraceLine): string {
  const missing = facts.filter((fact) => !say.includes(`[${fact}]`));
  const sources = missing.map((fact) => `[${fact}]`).join(' ');
  return `${rule}: ${say}${sources === '' ? '' : ` ${sources}`}`;
}

function planSentence(plan: RoutePlan): string {
  switch (plan.verb) {
    case 'ring':
      return `ring ${plan.members.join(' and ')} for ${plan.forMs / 1_000} s as ${plan.called}`;
    case 'network': {
      const shown = plan.withheld ? 'withholding the number' : `showing ${plan.presents || 'no number'}`;
      const channel = plan.takesChannel ? 'on one channel' : 'outside the channel count';
      return `send to ${plan.number} (${plan.destination}), ${shown}, ${channel}`;
    }
    case 'reject':
      return `refuse with ${plan.status} (cause ${plan.cause}) by ${plan.rule}: ${plan.say}`;
    default:
      return unreachable(plan);
  }
}

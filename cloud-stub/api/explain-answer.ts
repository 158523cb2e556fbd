import type { Instant } from '../../lib/base/clock.ts';
import { classify } from '../numbering/index.ts';
import type { Rating } from '../rating/types.ts';
import { callKind, explain, legKind, unansweredLegs } from '../routing/index.ts';
import type { CallRequest, Decision } from '../routing/types.ts';
import type { ExplainWorld } from './source.ts';

/** A number outside that may be called, and what the office would pay for the leg if it answered. */
export interface ExplainedLeg {
  readonly to: string;
  readonly price: Rating;
}

/** What would happen to a call, and what it would cost. */
export interface Explanation {
  readonly decision: Decision;
  /** The same as lines of text. */
  readonly text: readonly string[];
  /** Who pays for the call itself; legs outside are the office's in every case. */
  readonly pays: 'caller' | 'office' | 'nobody';
  readonly price: Rating | null;
  readonly legs: readonly ExplainedLeg[];
}

/**
 * Answers a question about a call that nobody makes, answered at `answeredAt`. Prices are said for calls that would get
 * through, by the prices and free minutes of the contract whose call it is.
 */
export function explainAnswer(
  world: ExplainWorld,
  request: CallRequest,
  talkMs: number | undefined,
  answeredAt: Instant,
): Explanation {
  const decision = world.decide();
  const { plan, tollFree, outgoing } = decision;
  const text = explain(decision);
  const kind = callKind(request.direction, plan, tollFree);
  if (plan.verb === 'reject') return { decision, text, pays: 'nobody', price: null, legs: [] };
  const pays = kind === 'in' ? 'caller' : kind === 'internal' ? 'nobody' : 'office';
  if (talkMs === undefined) return { decision, text, pays, price: null, legs: [] };
  const price = world.price(
    {
      kind,
      device: (plan.verb === 'network' ? world.device(plan.id) : undefined) ?? 'adapter',
      destination: plan.verb === 'network' ? plan.destination : (tollFree?.callerClass ?? 'unknown'),
      answeredAt,
      talkMs,
      ...(plan.verb === 'network' ? { number: plan.number, id: plan.id } : {}),
      ...(outgoing?.freePartner === true ? { freePartner: true } : {}),
    },
    plan.contract,
  );
  const legs = unansweredLegs(plan)
    .legs.filter(({ to, presents }) => presents !== null && tollFree?.lines.includes(to) !== true)
    .map(({ to, answering }): ExplainedLeg => {
      const { class: destination, national: number } = classify(to, answeredAt);
      const kind = legKind({ answering });
      const leg = { kind, device: 'app', destination, answeredAt, talkMs, number } as const;
      return { to, price: world.price(leg, plan.contract) };
    });
  return { decision, text, pays, price, legs };
}

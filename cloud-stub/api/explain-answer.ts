import type { Instant } from '../../lib/base/clock.ts';
import type { Rating } from '../rating/types.ts';
import { explain } from '../routing/index.ts';
import type { CallRequest, Decision } from '../routing/types.ts';
import type { OperatorSource } from './source.ts';

/** What would happen to a call, and what it would cost. */
export interface Explanation {
  readonly decision: Decision;
  /** The same as lines of text. */
  readonly text: readonly string[];
  readonly price: Rating | null;
}

/** Answers a question about a call that nobody makes. A price is said only for calls that would get through. */
export function explainAnswer(
  source: Pick<OperatorSource, 'explain' | 'price' | 'device'>,
  request: CallRequest,
  talkMs: number | undefined,
  now: Instant,
): Explanation {
  const decision = source.explain(request);
  const { plan } = decision;
  const price =
    talkMs === undefined || plan.verb === 'reject'
      ? null
      : source.price({
          kind: plan.verb === 'network' ? 'out' : request.direction === 'in' ? 'in' : 'internal',
          device: (plan.verb === 'network' ? source.device(plan.id) : undefined) ?? 'adapter',
          destination: plan.verb === 'network' ? plan.destination : 'unknown',
          answeredAt: now,
          talkMs,
          ...(plan.verb === 'network' ? { number: plan.number } : {}),
        });
  return { decision, text: explain(decision), price };
}

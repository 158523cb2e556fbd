import type { Instant } from '../../lib/base/clock.ts';
import type { RatableCall } from './types.ts';

/**
 * How long a call is charged for. When the network's time of release is known it counts, whatever the device said: a
 * call that died on the device is held and charged until the network cuts it. [S3-050] [S3-051]
 */
export function chargedTalkMs(
  call: Pick<RatableCall, 'answeredAt' | 'talkMs' | 'networkReleasedAt'>,
): number {
  const { answeredAt, networkReleasedAt } = call;
  if (networkReleasedAt === undefined || answeredAt === null) return call.talkMs;
  return networkReleasedAt - answeredAt;
}

/** The moment that decides tariff, free minutes and period. */
export function decidingMoment(
  call: Pick<RatableCall, 'answeredAt' | 'startedAt'>,
  decidedBy: 'answer' | 'start',
): Instant | null {
  if (call.answeredAt === null) return null;
  return decidedBy === 'start' ? (call.startedAt ?? call.answeredAt) : call.answeredAt;
}

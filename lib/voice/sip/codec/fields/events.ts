import type { Params } from '../params.ts';
import { numberParam, parseTokenParams, SECONDS_MAX, single } from './field.ts';

/** Event, RFC 6665 §8.2.1: `dialog;id=7`. */
export interface EventName {
  /** Package with its templates, lower case. */
  readonly event: string;
  readonly id: string | undefined;
  readonly params: Params;
}

/** Subscription-State, RFC 6665 §8.2.3. */
export interface SubscriptionState {
  /** `active`, `pending`, `terminated` or one to come; lower case. */
  readonly state: string;
  readonly expiresS: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterS: number | undefined;
  readonly params: Params;
}

/** RFC 6665 §8.2.1, compact `o`. */
export const EVENT = single('event', (value): EventName | undefined => {
  const parsed = parseTokenParams(value);
  return parsed === undefined
    ? undefined
    : { event: parsed.token, id: parsed.params.get('id'), params: parsed.params };
});

/** RFC 6665 §8.2.3. */
export const SUBSCRIPTION_STATE = single('subscription-state', (value): SubscriptionState | undefined => {
  const parsed = parseTokenParams(value);
  if (parsed === undefined) return undefined;
  const { token: state, params } = parsed;
  const expiresS = numberParam(params, 'expires', SECONDS_MAX);
  const retryAfterS = numberParam(params, 'retry-after', SECONDS_MAX);
  if (expiresS === 'malformed' || retryAfterS === 'malformed') return undefined;
  return { state, expiresS, reason: params.get('reason')?.toLowerCase(), retryAfterS, params };
});

/** Subscription-State as it goes on the wire. */
export function writeSubscriptionState(
  parts: Partial<Omit<SubscriptionState, 'params'>> & { readonly state: string },
): string {
  let out = parts.state;
  if (parts.reason !== undefined) out += `;reason=${parts.reason}`;
  if (parts.expiresS !== undefined) out += `;expires=${parts.expiresS}`;
  if (parts.retryAfterS !== undefined) out += `;retry-after=${parts.retryAfterS}`;
  return out;
}

import { unreachable } from '../../../base/errors.ts';
import type { SipResponse } from '../codec/message.ts';
import { T1_MS, T2_MS, T4_MS } from '../limits.ts';
import { arm, disarm, type Effect, END, RESEND, SEND, type Step, stay, type TimerName } from './effects.ts';

/** Client side of every request but INVITE and ACK: RFC 3261 §17.1.2. */
export type OtherClient =
  | { readonly at: 'trying'; readonly retryMs: number }
  | { readonly at: 'proceeding' }
  | { readonly at: 'completed' }
  | { readonly at: 'ended' };

export type OtherClientInput =
  | { readonly type: 'response'; readonly response: SipResponse }
  | { readonly type: 'timer'; readonly timer: TimerName }
  | { readonly type: 'transportFailed' };

export interface OtherClientConfig {
  readonly reliable: boolean;
}

export function startOtherClient(config: OtherClientConfig): Step<OtherClient> {
  const effects: Effect[] = [SEND, arm('F', 64 * T1_MS)];
  if (!config.reliable) effects.push(arm('E', T1_MS));
  return { state: { at: 'trying', retryMs: T1_MS }, effects };
}

export function stepOtherClient(
  state: OtherClient,
  input: OtherClientInput,
  config: OtherClientConfig,
): Step<OtherClient> {
  switch (state.at) {
    case 'trying':
    case 'proceeding':
      return waiting(state, input, config);
    case 'completed':
      // Repeated responses are absorbed here until Timer K.
      if (input.type !== 'timer' || input.timer !== 'K') return stay(state);
      return { state: { at: 'ended' }, effects: [END] };
    case 'ended':
      return stay(state);
    default:
      return unreachable(state);
  }
}

function waiting(
  state: Extract<OtherClient, { at: 'trying' | 'proceeding' }>,
  input: OtherClientInput,
  config: OtherClientConfig,
): Step<OtherClient> {
  switch (input.type) {
    case 'transportFailed':
      return { state: { at: 'ended' }, effects: [{ do: 'fail', cause: 'transport' }, END] };
    case 'timer':
      if (input.timer === 'F')
        return { state: { at: 'ended' }, effects: [{ do: 'fail', cause: 'timeout' }, END] };
      return input.timer === 'E' ? resend(state) : stay(state);
    case 'response': {
      const deliver: Effect = { do: 'deliver', response: input.response };
      // Timer F keeps running: a peer that only ever says 1xx is not waited for beyond it.
      if (input.response.status < 200) return { state: { at: 'proceeding' }, effects: [deliver] };
      const wait = config.reliable ? 0 : T4_MS;
      return { state: { at: 'completed' }, effects: [disarm('E'), disarm('F'), arm('K', wait), deliver] };
    }
    default:
      return unreachable(input);
  }
}

/** Timer E doubles up to T2 while trying, and is T2 once a provisional response came. */
function resend(state: Extract<OtherClient, { at: 'trying' | 'proceeding' }>): Step<OtherClient> {
  if (state.at === 'proceeding') return { state, effects: [RESEND, arm('E', T2_MS)] };
  const retryMs = Math.min(state.retryMs * 2, T2_MS);
  return { state: { at: 'trying', retryMs }, effects: [RESEND, arm('E', retryMs)] };
}

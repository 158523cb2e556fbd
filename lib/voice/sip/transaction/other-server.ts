import { unreachable } from '../../../base/errors.ts';
import { T1_MS } from '../limits.ts';
import { arm, disarm, END, RESEND, SEND, type Step, stay, type TimerName } from './effects.ts';

/** Server side of every request but INVITE and ACK: RFC 3261 §17.2.2. */
export type OtherServer =
  | { readonly at: 'trying' }
  | { readonly at: 'proceeding' }
  | { readonly at: 'completed' }
  | { readonly at: 'ended' };

export type OtherServerInput =
  | { readonly type: 'request' }
  | { readonly type: 'respond'; readonly status: number }
  | { readonly type: 'timer'; readonly timer: TimerName }
  | { readonly type: 'transportFailed' };

export interface OtherServerConfig {
  readonly reliable: boolean;
}

/** The client has given up by now (its Timer F): a user that has not answered is not waited for. */
const ABANDONED_MS = 64 * T1_MS;

export function startOtherServer(): Step<OtherServer> {
  return { state: { at: 'trying' }, effects: [arm('X', ABANDONED_MS)] };
}

export function stepOtherServer(
  state: OtherServer,
  input: OtherServerInput,
  config: OtherServerConfig,
): Step<OtherServer> {
  switch (state.at) {
    case 'trying':
    case 'proceeding':
      return open(state, input, config);
    case 'completed':
      if (input.type === 'request') return { state, effects: [RESEND] };
      if (input.type === 'transportFailed') return { state: { at: 'ended' }, effects: [END] };
      if (input.type !== 'timer' || input.timer !== 'J') return stay(state);
      return { state: { at: 'ended' }, effects: [END] };
    case 'ended':
      return stay(state);
    default:
      return unreachable(state);
  }
}

function open(
  state: Extract<OtherServer, { at: 'trying' | 'proceeding' }>,
  input: OtherServerInput,
  config: OtherServerConfig,
): Step<OtherServer> {
  switch (input.type) {
    case 'request':
      return { state, effects: state.at === 'proceeding' ? [RESEND] : [] };
    case 'transportFailed':
      return { state: { at: 'ended' }, effects: [{ do: 'fail', cause: 'transport' }, END] };
    case 'timer':
      if (input.timer !== 'X') return stay(state);
      return { state: { at: 'ended' }, effects: [{ do: 'fail', cause: 'timeout' }, END] };
    case 'respond':
      if (input.status < 200) return { state: { at: 'proceeding' }, effects: [SEND] };
      return {
        state: { at: 'completed' },
        effects: [disarm('X'), SEND, arm('J', config.reliable ? 0 : 64 * T1_MS)],
      };
    default:
      return unreachable(input);
  }
}

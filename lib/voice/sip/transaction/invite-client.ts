import { unreachable } from '../../../base/errors.ts';
import type { SipResponse } from '../codec/message.ts';
import { T1_MS } from '../limits.ts';
import { arm, disarm, type Effect, END, RESEND, SEND, type Step, stay, type TimerName } from './effects.ts';

/** Client side of an INVITE: RFC 3261 §17.1.1 with the Accepted state of RFC 6026. */
export type InviteClient =
  | { readonly at: 'calling'; readonly retryMs: number }
  | { readonly at: 'proceeding' }
  /** A 2xx came: more of them (retransmitted or forked) are passed up until Timer M. */
  | { readonly at: 'accepted' }
  /** A refusal came and was acknowledged: it is acknowledged again until Timer D. */
  | { readonly at: 'completed' }
  | { readonly at: 'ended' };

export type InviteClientInput =
  | { readonly type: 'response'; readonly response: SipResponse }
  | { readonly type: 'timer'; readonly timer: TimerName }
  | { readonly type: 'transportFailed' }
  /** The user sent a CANCEL: a peer that never answers the INVITE is given 64·T1 more (RFC 3261 §9.1). */
  | { readonly type: 'cancelled' };

/** How the transaction travels, and how long an answer may take (Timer C). */
export interface InviteClientConfig {
  readonly reliable: boolean;
  readonly noAnswerMs: number;
}

const TIMEOUT_MS = 64 * T1_MS;
/** RFC 3261 §17.1.1.2: at least 32 s on an unreliable transport. */
const TIMER_D_MS = 32_000;

/** The user should CANCEL now; one that does not is not waited for either. */
const GIVE_UP: readonly Effect[] = [arm('X', TIMEOUT_MS), { do: 'noAnswer' }];

export function startInviteClient(config: InviteClientConfig): Step<InviteClient> {
  const effects: Effect[] = [SEND, arm('B', TIMEOUT_MS), arm('C', config.noAnswerMs)];
  if (!config.reliable) effects.push(arm('A', T1_MS));
  return { state: { at: 'calling', retryMs: T1_MS }, effects };
}

export function stepInviteClient(
  state: InviteClient,
  input: InviteClientInput,
  config: InviteClientConfig,
): Step<InviteClient> {
  switch (state.at) {
    case 'calling':
      return calling(state, input, config);
    case 'proceeding':
      return proceeding(state, input, config);
    case 'accepted':
      return accepted(state, input);
    case 'completed':
      return completed(state, input);
    case 'ended':
      return stay(state);
    default:
      return unreachable(state);
  }
}

type In<At extends InviteClient['at']> = Extract<InviteClient, { at: At }>;

function calling(
  state: In<'calling'>,
  input: InviteClientInput,
  config: InviteClientConfig,
): Step<InviteClient> {
  switch (input.type) {
    case 'response':
      return answered(input.response, config);
    case 'transportFailed':
      return failed('transport');
    case 'cancelled':
      return stay(state); // Timer B is running and ends it as soon.
    case 'timer':
      if (input.timer === 'B' || input.timer === 'X') return failed('timeout');
      if (input.timer === 'C') return { state, effects: GIVE_UP };
      if (input.timer !== 'A') return stay(state);
      // Timer A doubles without a cap: unlike E and G it is not bounded by T2 (§17.1.1.2).
      return {
        state: { at: 'calling', retryMs: state.retryMs * 2 },
        effects: [RESEND, arm('A', state.retryMs * 2)],
      };
    default:
      return unreachable(input);
  }
}

function proceeding(
  state: In<'proceeding'>,
  input: InviteClientInput,
  config: InviteClientConfig,
): Step<InviteClient> {
  switch (input.type) {
    case 'response':
      return answered(input.response, config);
    case 'transportFailed':
      return failed('transport');
    case 'cancelled':
      return { state, effects: [arm('X', TIMEOUT_MS)] };
    case 'timer':
      if (input.timer === 'X') return failed('timeout');
      return input.timer === 'C' ? { state, effects: GIVE_UP } : stay(state);
    default:
      return unreachable(input);
  }
}

function accepted(state: In<'accepted'>, input: InviteClientInput): Step<InviteClient> {
  if (input.type === 'timer' && input.timer === 'M') return { state: { at: 'ended' }, effects: [END] };
  if (input.type !== 'response' || input.response.status < 200 || input.response.status > 299)
    return stay(state);
  return { state, effects: [{ do: 'deliver', response: input.response }] };
}

function completed(state: In<'completed'>, input: InviteClientInput): Step<InviteClient> {
  if (input.type === 'timer' && input.timer === 'D') return { state: { at: 'ended' }, effects: [END] };
  if (input.type !== 'response' || input.response.status < 300) return stay(state);
  return { state, effects: [{ do: 'ack' }] };
}

function answered(response: SipResponse, config: InviteClientConfig): Step<InviteClient> {
  const deliver: Effect = { do: 'deliver', response };
  const quiet = [disarm('A'), disarm('B')];
  if (response.status < 200) return { state: { at: 'proceeding' }, effects: [...quiet, deliver] };
  quiet.push(disarm('C'), disarm('X'));
  if (response.status < 300) {
    return { state: { at: 'accepted' }, effects: [...quiet, arm('M', TIMEOUT_MS), deliver] };
  }
  const wait = config.reliable ? 0 : TIMER_D_MS;
  return { state: { at: 'completed' }, effects: [...quiet, { do: 'ack' }, arm('D', wait), deliver] };
}

function failed(cause: 'timeout' | 'transport'): Step<InviteClient> {
  return { state: { at: 'ended' }, effects: [{ do: 'fail', cause }, END] };
}

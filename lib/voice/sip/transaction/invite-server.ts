import { unreachable } from '../../../base/errors.ts';
import { T1_MS, T2_MS, T4_MS } from '../limits.ts';
import { arm, disarm, type Effect, END, RESEND, SEND, type Step, stay, type TimerName } from './effects.ts';

/** Server side of an INVITE: RFC 3261 §17.2.1 with the Accepted state of RFC 6026. */
export type InviteServer =
  /** `responded` tells whether there is a response to repeat. */
  | { readonly at: 'proceeding'; readonly responded: boolean }
  /** A 2xx went out. Its retransmission is the user's, end to end (§13.3.1.4); repeated INVITEs are absorbed until Timer L. */
  | { readonly at: 'accepted' }
  | { readonly at: 'completed'; readonly retryMs: number }
  | { readonly at: 'confirmed' }
  | { readonly at: 'ended' };

export type InviteServerInput =
  /** The same INVITE again. */
  | { readonly type: 'request' }
  | { readonly type: 'ack' }
  /** The user responds; the shell keeps the bytes that `send` sends. */
  | { readonly type: 'respond'; readonly status: number }
  | { readonly type: 'timer'; readonly timer: TimerName }
  | { readonly type: 'transportFailed' };

export interface InviteServerConfig {
  readonly reliable: boolean;
}

/** A user that never answers is told after this long, so that nothing stays for ever. Far above any ringing time. */
const ABANDONED_MS = 600_000;

/** Whoever answers within this needs no 100 (§17.2.1). */
const TRYING_MS = 200;
const TRYING: Effect = { do: 'trying' };

export function startInviteServer(): Step<InviteServer> {
  const effects = [arm('X', ABANDONED_MS), arm('T', TRYING_MS)];
  return { state: { at: 'proceeding', responded: false }, effects };
}

export function stepInviteServer(
  state: InviteServer,
  input: InviteServerInput,
  config: InviteServerConfig,
): Step<InviteServer> {
  switch (state.at) {
    case 'proceeding':
      return proceeding(state, input, config);
    case 'accepted':
      if (input.type === 'respond') return { state, effects: [SEND] };
      return input.type === 'timer' && input.timer === 'L' ? over() : stay(state);
    case 'completed':
      return completed(state, input, config);
    case 'confirmed':
      return input.type === 'timer' && input.timer === 'I' ? over() : stay(state);
    case 'ended':
      return stay(state);
    default:
      return unreachable(state);
  }
}

function proceeding(
  state: Extract<InviteServer, { at: 'proceeding' }>,
  input: InviteServerInput,
  config: InviteServerConfig,
): Step<InviteServer> {
  switch (input.type) {
    case 'request':
      // An INVITE that comes again before it got anything is answered at once.
      if (!state.responded) return { state: { ...state, responded: true }, effects: [disarm('T'), TRYING] };
      return { state, effects: [RESEND] };
    case 'ack':
      return stay(state);
    case 'transportFailed':
      return failed('transport');
    case 'timer':
      if (input.timer === 'T' && !state.responded)
        return { state: { ...state, responded: true }, effects: [TRYING] };
      return input.timer === 'X' ? failed('timeout') : stay(state);
    case 'respond':
      return respond(state.responded, input.status, config);
    default:
      return unreachable(input);
  }
}

function respond(responded: boolean, status: number, config: InviteServerConfig): Step<InviteServer> {
  const quiet = responded ? [] : [disarm('T')];
  if (status < 200) return { state: { at: 'proceeding', responded: true }, effects: [...quiet, SEND] };
  quiet.push(disarm('X'));
  if (status < 300) return { state: { at: 'accepted' }, effects: [...quiet, SEND, arm('L', 64 * T1_MS)] };
  const effects: Effect[] = [...quiet, SEND, arm('H', 64 * T1_MS)];
  if (!config.reliable) effects.push(arm('G', T1_MS));
  return { state: { at: 'completed', retryMs: T1_MS }, effects };
}

function completed(
  state: Extract<InviteServer, { at: 'completed' }>,
  input: InviteServerInput,
  config: InviteServerConfig,
): Step<InviteServer> {
  switch (input.type) {
    case 'request':
      return { state, effects: [RESEND] };
    case 'ack':
      return {
        state: { at: 'confirmed' },
        effects: [disarm('G'), disarm('H'), arm('I', config.reliable ? 0 : T4_MS)],
      };
    case 'respond':
      return stay(state);
    case 'transportFailed':
      return over();
    case 'timer': {
      // No ACK came: there is nobody left to tell anything to.
      if (input.timer === 'H') return over();
      if (input.timer !== 'G') return stay(state);
      const retryMs = Math.min(state.retryMs * 2, T2_MS);
      return { state: { at: 'completed', retryMs }, effects: [RESEND, arm('G', retryMs)] };
    }
    default:
      return unreachable(input);
  }
}

function over(): Step<InviteServer> {
  return { state: { at: 'ended' }, effects: [END] };
}

function failed(cause: 'timeout' | 'transport'): Step<InviteServer> {
  return { state: { at: 'ended' }, effects: [{ do: 'fail', cause }, END] };
}

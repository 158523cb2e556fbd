import type { SipResponse } from '../codec/message.ts';

/** The timers of RFC 3261 §17, RFC 6026 and two of our own: `X` ends what a peer never ends, `C` is §16.6's; `T` is the time after which an INVITE gets its 100 (§17.2.1). */
export type TimerName =
  | 'A'
  | 'B'
  | 'C'
  | 'D'
  | 'E'
  | 'F'
  | 'G'
  | 'H'
  | 'I'
  | 'J'
  | 'K'
  | 'L'
  | 'M'
  | 'T'
  | 'X';

/** What a machine wants done. The shell obeys; it decides nothing. */
export type Effect =
  /** Send the request (client) or the last response (server) for the first time, or again. */
  | { readonly do: 'send'; readonly again: boolean }
  /** Server INVITE only: 100 Trying, since the user has said nothing yet. */
  | { readonly do: 'trying' }
  /** Client INVITE only: acknowledge a final response that is not 2xx. */
  | { readonly do: 'ack' }
  /** Hand a response to the user. */
  | { readonly do: 'deliver'; readonly response: SipResponse }
  /** The user is told that it will get no (further) response. */
  | { readonly do: 'fail'; readonly cause: 'timeout' | 'transport' }
  /** Timer C: the user should give up and CANCEL. */
  | { readonly do: 'noAnswer' }
  | { readonly do: 'arm'; readonly timer: TimerName; readonly ms: number }
  | { readonly do: 'disarm'; readonly timer: TimerName }
  /** The transaction is over and can be forgotten. */
  | { readonly do: 'end' };

/** Next state and what to do. */
export interface Step<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const arm = (timer: TimerName, ms: number): Effect => ({ do: 'arm', timer, ms });
export const disarm = (timer: TimerName): Effect => ({ do: 'disarm', timer });
export const SEND: Effect = { do: 'send', again: false };
export const RESEND: Effect = { do: 'send', again: true };
export const END: Effect = { do: 'end' };

/** Nothing changes. */
export function stay<State>(state: State): Step<State> {
  return { state, effects: [] };
}

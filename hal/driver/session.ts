import { unreachable } from '../../lib/base/errors.ts';
import type { BoardDownCode, BoardIdentity } from '../board.ts';

/**
 * Where the box stands with its board. Times in ms of the monotonic clock. The table of states and inputs is in
 * hal/driver/README.md.
 */
export type Session =
  /** The device is closed; opened again at `retryAtMs`. */
  | { readonly at: 'closed'; readonly failures: number; readonly retryAtMs: number; readonly told: boolean }
  | { readonly at: 'opening'; readonly failures: number; readonly told: boolean }
  /** Open, HELLO_REQUEST sent, no HELLO yet. */
  | {
      readonly at: 'calling';
      readonly failures: number;
      readonly told: boolean;
      readonly nonce: number;
      readonly sinceMs: number;
      readonly attempts: number;
      readonly askAgainAtMs: number;
    }
  | { readonly at: 'up'; readonly nonce: number; readonly identity: BoardIdentity }
  | { readonly at: 'stopped' };

export type SessionInput =
  | { readonly type: 'timer' }
  | { readonly type: 'opened' }
  | { readonly type: 'openFailed'; readonly why: string }
  | { readonly type: 'deviceGone'; readonly why: string }
  | { readonly type: 'hello'; readonly identity: BoardIdentity; readonly nonce: number }
  | { readonly type: 'linkLost'; readonly why: 'silent' | 'unacknowledged' }
  | { readonly type: 'stop' };

export type SessionEffect =
  | { readonly do: 'open' }
  | { readonly do: 'close' }
  /** Pull the board's reset line: asking did not help. */
  | { readonly do: 'reset' }
  | { readonly do: 'ask'; readonly nonce: number }
  | { readonly do: 'up'; readonly identity: BoardIdentity }
  | { readonly do: 'down'; readonly code: BoardDownCode; readonly say: string };

export interface SessionStep {
  readonly session: Session;
  readonly effects: readonly SessionEffect[];
}

/** What a step may use besides its input. `freshNonce` is random and not 0. */
export interface SessionAids {
  readonly nowMs: number;
  readonly freshNonce: number;
  readonly device: string;
  readonly ownMajor: number;
}

/** Pause before the device is opened again: 100 ms, doubled up to this. */
const RETRY_LIMIT_MS = 2_000;
/** HELLO_REQUEST is repeated after 100 ms, doubled up to 1 s. */
const ASK_MS = 100;
const ASK_LIMIT_MS = 1_000;
/** An open device without HELLO for this long is called silent. */
const CALLING_LIMIT_MS = 1_500;
/** A silent device is closed and opened again after this long: a USB adapter may have come back under the same name. */
const REOPEN_AFTER_MS = 5_000;
/** A board of a foreign major version is asked this seldom: a firmware update may have happened. */
const FOREIGN_ASK_MS = 5_000;

/** A driver that was just started. */
export function newSession(nowMs: number): Session {
  return { at: 'closed', failures: 0, retryAtMs: nowMs, told: false };
}

/** When the session wants its next `timer` input. */
export function sessionDeadlineMs(session: Session): number {
  if (session.at === 'closed') return session.retryAtMs;
  return session.at === 'calling' ? session.askAgainAtMs : Number.POSITIVE_INFINITY;
}

/** Pure: what the driver does next. `told` keeps one outage to one `down`. */
export function stepSession(session: Session, input: SessionInput, aids: SessionAids): SessionStep {
  if (session.at === 'stopped') return { session, effects: [] };
  switch (input.type) {
    case 'stop':
      return { session: { at: 'stopped' }, effects: [{ do: 'close' }] };
    case 'timer':
      return onTimer(session, aids);
    case 'opened':
      return onOpened(session, aids);
    case 'openFailed':
      return onOpenFailed(session, input.why, aids);
    case 'deviceGone':
      return onDeviceGone(session, input.why, aids);
    case 'hello':
      return onHello(session, input, aids);
    case 'linkLost':
      return onLinkLost(session, input.why, aids);
    default:
      return unreachable(input);
  }
}

function onTimer(session: Session, aids: SessionAids): SessionStep {
  if (session.at === 'closed' && aids.nowMs >= session.retryAtMs) {
    const { failures, told } = session;
    return { session: { at: 'opening', failures, told }, effects: [{ do: 'open' }] };
  }
  if (session.at !== 'calling' || aids.nowMs < session.askAgainAtMs) return { session, effects: [] };
  const waitedMs = aids.nowMs - session.sinceMs;
  if (waitedMs >= REOPEN_AFTER_MS && session.told) {
    return { session: closed(session.failures, true, aids), effects: [{ do: 'reset' }, { do: 'close' }] };
  }
  const attempts = session.attempts + 1;
  const askAgainAtMs = aids.nowMs + Math.min(ASK_LIMIT_MS, ASK_MS * 2 ** Math.min(attempts, 10));
  const ask: SessionEffect = { do: 'ask', nonce: session.nonce };
  if (session.told || waitedMs < CALLING_LIMIT_MS) {
    return { session: { ...session, attempts, askAgainAtMs }, effects: [ask] };
  }
  const say = `The FXS board on ${aids.device} does not answer. Check its power and its cable.`;
  return {
    session: { ...session, attempts, askAgainAtMs, told: true },
    effects: [ask, { do: 'down', code: 'board.silent', say }],
  };
}

function onOpened(session: Session, aids: SessionAids): SessionStep {
  if (session.at !== 'opening') return { session, effects: [{ do: 'close' }] };
  return call({ failures: 0, told: session.told }, aids);
}

function onOpenFailed(session: Session, why: string, aids: SessionAids): SessionStep {
  if (session.at !== 'opening') return { session, effects: [] };
  const say = `The serial device ${aids.device} of the FXS board cannot be opened (${why}). Check that it exists and may be used.`;
  const effects: SessionEffect[] = session.told ? [] : [{ do: 'down', code: 'board.absent', say }];
  return { session: closed(session.failures + 1, true, aids), effects };
}

function onDeviceGone(session: Session, why: string, aids: SessionAids): SessionStep {
  if (session.at === 'closed' || session.at === 'opening') return { session, effects: [] };
  const told = session.at === 'calling' && session.told;
  const say = `The serial device ${aids.device} of the FXS board is gone (${why}). It is opened again as soon as it is back.`;
  const down: SessionEffect[] = told ? [] : [{ do: 'down', code: 'board.closed', say }];
  return { session: closed(0, true, aids), effects: [{ do: 'close' }, ...down] };
}

function onHello(
  session: Session,
  hello: { identity: BoardIdentity; nonce: number },
  aids: SessionAids,
): SessionStep {
  if (session.at !== 'calling' && session.at !== 'up') return { session, effects: [] };
  const { identity } = hello;
  if (identity.protocol.major !== aids.ownMajor) return onForeign(session, identity, aids);
  if (session.at === 'up') {
    // Our own answer once more: a repeated question was on its way. Anything else means that the board began anew.
    if (hello.nonce === session.nonce) return { session, effects: [] };
    const say = `The FXS board restarted (${identity.bootReason}). Its lines are taken as on hook.`;
    const again = call({ failures: 0, told: true }, aids);
    return { ...again, effects: [{ do: 'down', code: 'board.restarted', say }, ...again.effects] };
  }
  if (hello.nonce === session.nonce) {
    return { session: { at: 'up', nonce: hello.nonce, identity }, effects: [{ do: 'up', identity }] };
  }
  // It has just booted and may have missed the question.
  return { session, effects: [{ do: 'ask', nonce: session.nonce }] };
}

function onForeign(
  session: Extract<Session, { at: 'calling' | 'up' }>,
  identity: BoardIdentity,
  aids: SessionAids,
): SessionStep {
  const { major, minor } = identity.protocol;
  const say = `The FXS board speaks protocol ${major}.${minor}, this box speaks ${aids.ownMajor}. Update the firmware of one of them.`;
  const again = call({ failures: 0, told: true }, aids);
  const waiting = { ...again.session, askAgainAtMs: aids.nowMs + FOREIGN_ASK_MS };
  const told = session.at === 'calling' && session.told;
  return { session: waiting, effects: told ? [] : [{ do: 'down', code: 'board.protocol', say }] };
}

function onLinkLost(session: Session, why: 'silent' | 'unacknowledged', aids: SessionAids): SessionStep {
  if (session.at !== 'up') return { session, effects: [] };
  const what = why === 'silent' ? 'fell silent' : 'no longer acknowledges commands';
  const say = `The FXS board on ${aids.device} ${what}. Its lines are taken as on hook until it answers.`;
  const again = call({ failures: 0, told: true }, aids);
  return { ...again, effects: [{ do: 'down', code: 'board.silent', say }, ...again.effects] };
}

function call(
  was: { failures: number; told: boolean },
  aids: SessionAids,
): SessionStep & { session: Extract<Session, { at: 'calling' }> } {
  const nonce = aids.freshNonce;
  const session = {
    at: 'calling',
    ...was,
    nonce,
    sinceMs: aids.nowMs,
    attempts: 0,
    askAgainAtMs: aids.nowMs + ASK_MS,
  } as const;
  return { session, effects: [{ do: 'ask', nonce }] };
}

function closed(failures: number, told: boolean, aids: SessionAids): Session {
  const pauseMs = Math.min(RETRY_LIMIT_MS, 100 * 2 ** Math.min(failures, 10));
  return { at: 'closed', failures, retryAtMs: aids.nowMs + pauseMs, told };
}

import type { Clock, Timer } from '../../../base/clock.ts';
import type { SessionTimerHabit, SipHeaders } from '../api.ts';
import type { SipRequest, SipResponse } from '../codec/message.ts';
import { parseParams } from '../codec/params.ts';
import { parseUint } from '../codec/text.ts';
import { lists } from './link.ts';

/** Nobody may be asked to refresh more often (RFC 4028 §5). */
export const SHORTEST_S = 90;
const LONGEST_S = 86_400;
/** The end comes so much before the time is up, or a third of it (§10). */
const MARGIN_S = 32;
/** A refresh that could not be made, or was refused, is tried again after this long, until the end. */
const AGAIN_MS = 5_000;

/** What two sides have agreed on. */
export interface TimerTerms {
  readonly expiresS: number;
  readonly refresher: 'us' | 'peer';
}

/** A habit within the bounds of the RFC. */
export function soundHabit(habit: SessionTimerHabit | undefined): Required<SessionTimerHabit> | undefined {
  if (habit === undefined) return undefined;
  const minS = clamp(habit.minS ?? SHORTEST_S);
  return { minS, expiresS: Math.max(minS, clamp(habit.expiresS)) };
}

/** What a request of ours asks for. Inside a call, whoever refreshes goes on to (§7.4). */
export function askForTimer(
  habit: Required<SessionTimerHabit>,
  terms?: TimerTerms,
): readonly (readonly [string, string])[] {
  const refresher = terms === undefined ? '' : `;refresher=${terms.refresher === 'us' ? 'uac' : 'uas'}`;
  const expiresS = Math.max(habit.minS, terms?.expiresS ?? habit.expiresS);
  return [
    ['Session-Expires', `${expiresS}${refresher}`],
    ['Min-SE', String(habit.minS)],
  ];
}

/** What came of a request of ours; undefined when the peer wants no timer (§7.2). */
export function termsOfAnswer(response: SipResponse): TimerTerms | undefined {
  const said = readSessionExpires(response.headers.get('session-expires'));
  if (said === undefined || said.refresher === undefined) return undefined;
  return { expiresS: clamp(said.expiresS), refresher: said.refresher === 'uac' ? 'us' : 'peer' };
}

/** The least that a peer takes, from its 422; undefined when it does not say. */
export function leastOf(response: SipResponse): number | undefined {
  const least = parseUint((response.headers.get('min-se') ?? '').split(';')[0]?.trim() ?? '', LONGEST_S);
  return response.status === 422 && least !== undefined && least > 0 ? least : undefined;
}

/** What a request of the peer's means for us (§9). */
export type TimerVerdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed'; readonly headers: SipHeaders }
  /** 422, with our Min-SE. */
  | { readonly kind: 'tooBrief'; readonly headers: SipHeaders }
  /** The 2xx carries `headers`. */
  | { readonly kind: 'terms'; readonly terms: TimerTerms; readonly headers: SipHeaders };

/**
 * The server's side: the caller may lower what it asks for no further than its Min-SE and ours; who refreshes is the
 * caller's word, else the caller itself where it can, else us.
 */
export function judgeTimer(
  request: SipRequest,
  habit: Required<SessionTimerHabit> | undefined,
): TimerVerdict {
  const text = request.headers.get('session-expires');
  const asked = readSessionExpires(text);
  if (text !== undefined && asked === undefined) return { kind: 'malformed', headers: [] };
  if (habit === undefined) return { kind: 'none' };
  const able = lists(request, 'supported', 'timer') || lists(request, 'require', 'timer');
  if (asked !== undefined && asked.expiresS < habit.minS && able) {
    return { kind: 'tooBrief', headers: [['Min-SE', String(habit.minS)]] };
  }
  const least = Math.max(parseUint(request.headers.get('min-se') ?? '', LONGEST_S) ?? 0, habit.minS);
  const expiresS = Math.max(least, Math.min(asked?.expiresS ?? habit.expiresS, habit.expiresS));
  const refresher = able ? (asked?.refresher ?? 'uac') : 'uas';
  const value: SipHeaders = [['Session-Expires', `${expiresS};refresher=${refresher}`]];
  return {
    kind: 'terms',
    terms: { expiresS, refresher: refresher === 'uas' ? 'us' : 'peer' },
    headers: refresher === 'uac' ? [...value, ['Require', 'timer']] : value,
  };
}

/** `1800;refresher=uac`. */
function readSessionExpires(
  value: string | undefined,
): { readonly expiresS: number; readonly refresher: 'uac' | 'uas' | undefined } | undefined {
  if (value === undefined) return undefined;
  const semicolon = value.indexOf(';');
  const expiresS = parseUint((semicolon < 0 ? value : value.slice(0, semicolon)).trim(), 2 ** 32 - 1);
  const params = parseParams(semicolon < 0 ? '' : value.slice(semicolon));
  if (expiresS === undefined || params === undefined) return undefined;
  const refresher = params.get('refresher')?.toLowerCase();
  return { expiresS, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

function clamp(seconds: number): number {
  return Math.min(LONGEST_S, Math.max(SHORTEST_S, Math.round(seconds)));
}

/** The clock of one call's session timer: when to refresh, and when to give up. */
export class SessionTimer {
  readonly #clock: Clock;
  readonly #refresh: () => void;
  readonly #expire: () => void;
  #terms: TimerTerms | undefined;
  #timers: Timer[] = [];

  constructor(clock: Clock, refresh: () => void, expire: () => void) {
    this.#clock = clock;
    this.#refresh = refresh;
    this.#expire = expire;
  }

  get terms(): TimerTerms | undefined {
    return this.#terms;
  }

  /** A request that refreshes has been answered: the time begins anew (§7.2). */
  agree(terms: TimerTerms | undefined): void {
    this.stop();
    this.#terms = terms;
    if (terms === undefined) return;
    const { expiresS, refresher } = terms;
    const endS = expiresS - Math.min(MARGIN_S, expiresS / 3);
    this.#timers.push(this.#clock.after(endS * 1_000, 'SIP session end', () => this.#expire()));
    if (refresher !== 'us') return;
    this.#timers.push(
      this.#clock.after((expiresS / 2) * 1_000, 'SIP session refresh', () => this.#refresh()),
    );
  }

  /** The refresh did not come about. */
  postpone(): void {
    if (this.#timers.length === 0 || this.#timers.length > 32) return;
    this.#timers.push(this.#clock.after(AGAIN_MS, 'SIP session refresh', () => this.#refresh()));
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }
}

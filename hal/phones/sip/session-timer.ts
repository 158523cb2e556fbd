import type { Clock, Timer } from '../../../lib/base/clock.ts';
import { type HeaderBag, headerText } from './message.ts';

/** `Session-Expires: 1800;refresher=uac` (RFC 4028 §4). */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: 'uac' | 'uas' | undefined;
}

export function readSessionExpires(headers: HeaderBag): SessionExpires | undefined {
  const found = /^\s*(\d{1,6})\s*(?:;.*?refresher\s*=\s*(uac|uas))?/i.exec(
    headerText(headers, 'session-expires').slice(0, 200),
  );
  const seconds = Number(found?.[1]);
  if (!(seconds >= 1)) return undefined;
  const refresher = found?.[2]?.toLowerCase();
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

/** Keeps a call from being forgotten: refreshes it, or ends it when the other side does not. */
export class SessionTimer {
  readonly #clock: Clock;
  readonly #refresh: () => void;
  readonly #expired: () => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, refresh: () => void, expired: () => void) {
    this.#clock = clock;
    this.#refresh = refresh;
    this.#expired = expired;
  }

  /** Counts anew. `ours`: this phone is the one that refreshes. */
  set(seconds: number, ours: boolean): void {
    this.stop();
    // RFC 4028 §10: half for the refresher; the other one waits until shortly before the end.
    const afterMs = ours ? seconds * 500 : (seconds - Math.min(32, seconds / 3)) * 1_000;
    this.#timer = this.#clock.after(afterMs, 'phone session', ours ? this.#refresh : this.#expired);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

import type { Clock, Timer } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { MediaEvent, MediaSnapshot } from './protocol.ts';
import { RtpSession } from './rtp-session.ts';
import type { RtpSurroundings } from './session-surroundings.ts';

/**
 * 40 lines and phones with a held call each have 160, with those that wait to be asked about; a machine that only passes calls
 * on has 200 of them.
 */
export const SESSION_LIMIT = 512;
const WATCH_EVERY_MS = 500;
const SILENT_FIRST_MS = 2_000;
const SILENT_AGAIN_MS = 10_000;
/** Two machines are silent for seconds between pages, for half a minute where one of them waits for paper. */
const FAX_SILENT_FIRST_MS = 60_000;

/** Every RTP session, and the watch for those from which nothing comes. */
export class SessionBook {
  readonly #sessions = new Map<string, RtpSession>();
  readonly #around: RtpSurroundings;
  readonly #clock: Clock;
  readonly #tell: (event: MediaEvent) => void;
  readonly #toldSilentMs = new Map<string, number>();
  readonly #toldFaxMs = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(around: RtpSurroundings, tell: (event: MediaEvent) => void) {
    this.#around = around;
    this.#clock = around.clock;
    this.#tell = tell;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Opens a session, or answers the one of that name (an agent that was restarted may ask again). */
  open(session: string, localHost: string, note: string): Result<RtpSession> {
    const known = this.#sessions.get(session);
    if (known !== undefined) {
      return known.localHost === localHost ? ok(known) : inUse(session, known.localHost);
    }
    if (this.#sessions.size >= SESSION_LIMIT && !this.#forgetOldest()) {
      return refuse({
        code: 'media.sessionLimit',
        fault: 'caller',
        say: `${SESSION_LIMIT} RTP sessions are open; close some.`,
      });
    }
    const opened = RtpSession.open(session, localHost, note, this.#around);
    if (opened.ok) {
      this.#sessions.set(session, opened.value);
      this.#timer ??= this.#watchLater();
    }
    return opened;
  }

  /** Errors: `media.noSession`. */
  find(session: string): Result<RtpSession> {
    const found = this.#sessions.get(session);
    return found === undefined
      ? refuse({ code: 'media.noSession', fault: 'caller', say: `No RTP session is called ${session}.` })
      : ok(found);
  }

  get(session: string): RtpSession | undefined {
    return this.#sessions.get(session);
  }

  close(session: string): void {
    this.#sessions.get(session)?.close();
    this.#sessions.delete(session);
    this.#toldSilentMs.delete(session);
    this.#toldFaxMs.delete(session);
    if (this.#sessions.size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
  }

  /** Closes the sockets of calls whose phone was hung up; they stay in the snapshot until an agent closes them. */
  closeHungUp(): void {
    for (const session of this.#sessions.values()) if (session.hungUpAt !== undefined) session.close();
  }

  closeAll(): void {
    for (const session of [...this.#sessions.keys()]) this.close(session);
  }

  get snapshot(): MediaSnapshot['sessions'] {
    return [...this.#sessions.values()].map((each) => ({
      session: each.session,
      note: each.note,
      localPort: each.opened.localPort,
      connected: each.connected,
      ...(each.fax.mode === 'voice' ? {} : { mode: each.fax.mode }),
      ...(each.bridgedTo === undefined ? {} : { bridgedTo: each.bridgedTo.session }),
      ...(each.hungUpAt === undefined ? {} : { hungUpAt: each.hungUpAt }),
    }));
  }

  #forgetOldest(): boolean {
    for (const session of this.#sessions.values()) {
      if (session.hungUpAt === undefined) continue;
      this.close(session.session);
      return true;
    }
    return false;
  }

  #watchLater(): Timer {
    return this.#clock.after(WATCH_EVERY_MS, 'media rtp silence', () => {
      for (const session of this.#sessions.values()) {
        this.#watch(session);
        session.report();
      }
      this.#timer = this.#sessions.size === 0 ? undefined : this.#watchLater();
    });
  }

  #watchFax(session: RtpSession): void {
    const news = session.fax.takeNews();
    if (news !== undefined) this.#tell({ event: 'fax', session: session.session, fax: news });
    const silentMs = session.fax.silentMs;
    const told = this.#toldFaxMs.get(session.session);
    if (silentMs < FAX_SILENT_FIRST_MS) {
      this.#toldFaxMs.delete(session.session);
    } else if (told === undefined || silentMs >= told + SILENT_AGAIN_MS) {
      this.#toldFaxMs.set(session.session, silentMs);
      this.#tell({ event: 'faxSilent', session: session.session, silentMs: Math.round(silentMs) });
    }
  }

  #watch(session: RtpSession): void {
    this.#watchFax(session);
    const silentMs = session.silentMs;
    const told = this.#toldSilentMs.get(session.session);
    if (silentMs < SILENT_FIRST_MS) {
      this.#toldSilentMs.delete(session.session);
    } else if (told === undefined || silentMs >= told + SILENT_AGAIN_MS) {
      this.#toldSilentMs.set(session.session, silentMs);
      this.#tell({ event: 'rtpSilent', session: session.session, silentMs: Math.round(silentMs) });
    }
  }
}

function inUse(session: string, host: string): Result<never> {
  return refuse({
    code: 'media.sessionInUse',
    fault: 'caller',
    say: `RTP session ${session} is already open on ${host}.`,
  });
}

import type { Clock, Instant, Timer } from './clock.ts';
import { instant } from './clock.ts';
import { type Logger, setLogLevel } from './log.ts';

/** Levels that may be asked for, the most talkative first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Longest that a level stays which somebody set at run time: a forgotten one would fill the disk. */
export const LOG_LEVEL_MOST_MS = 24 * 3_600_000;

/** How a program logs now. */
export interface LogLevelState {
  readonly level: string;
  /** When it goes back to the level of the start; null when that is the one. */
  readonly until: Instant | null;
}

/** The level of a program's log, which can be another one for a while. */
export class LogLevelKeeper {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #usual: string;
  #timer: Timer | undefined;
  #until: Instant | null = null;

  /** `log` is the program's root logger, at its usual level. */
  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#usual = log.level;
  }

  get state(): LogLevelState {
    return { level: this.#log.level, until: this.#until };
  }

  /** Another level for `forMs`, at most {@link LOG_LEVEL_MOST_MS}; then the one of the start again. */
  set(level: LogLevel, forMs: number): LogLevelState {
    this.#timer?.cancel();
    const lastsMs = Math.min(forMs, LOG_LEVEL_MOST_MS);
    setLogLevel(this.#log, level);
    this.#until = instant(this.#clock.now() + lastsMs);
    this.#timer = this.#clock.after(lastsMs, 'log level', () => this.reset());
    this.#log.info({ level, forS: Math.round(lastsMs / 1_000) }, 'the log level was set');
    return this.state;
  }

  /** The level of the start, at once. */
  reset(): LogLevelState {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#until = null;
    setLogLevel(this.#log, this.#usual);
    return this.state;
  }
}

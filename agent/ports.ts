import type { Result } from '../lib/base/errors.ts';
import type { SiteConfig } from '../lib/contract/site-config.ts';
import type { CallStatus, LineStatus } from './status.ts';

/** The calls room, as the rest of the agent sees it. */
export interface Office {
  /**
   * Takes a configuration that is already schema-checked. All of it or none: a refusal (a port that the board lacks, a
   * line listed twice) leaves the old one running. Calls in progress go on.
   */
  apply(config: SiteConfig): Result<void>;
  lines(): readonly LineStatus[];
  /** Running legs first, then the last hundred ended ones, newest first. */
  calls(): readonly CallStatus[];
  /** Told after any change of a line or call. */
  onChange(listener: () => void): void;
}

/** The registry of things that are wrong. Raising twice is harmless; clearing what is not raised too. */
export interface Health {
  raise(code: string, say: string): void;
  clear(code: string): void;
}

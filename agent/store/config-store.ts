import type { CodedError } from '../../lib/base/errors.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';

/** A configuration that has been applied once. */
export interface KeptConfig {
  readonly rev: number;
  readonly issuedAt: number;
  readonly sha256: string;
  /** Names the key that signed it: revisions of another key (a new enrolment) cannot be compared with its own. */
  readonly keyId: string;
  readonly config: SiteConfig;
  /** Set while it is watched and not yet believed. */
  readonly trial?: ConfigTrial | undefined;
}

/** What must outlive a restart in the middle of watching a new configuration. */
export interface ConfigTrial {
  /** Starts of the agent since it runs, the first one too. */
  readonly starts: number;
  /** How the box was before it; whoever watches reads it. */
  readonly before: unknown;
}

/** A configuration that ran and was taken back. */
export interface RolledBackConfig {
  readonly name: Pick<KeptConfig, 'rev' | 'issuedAt' | 'sha256'>;
  readonly reason: CodedError;
}

/** The last good configuration, and the one before it. */
export interface ConfigStore {
  /** Undefined when there is none that can be read. One that was taken back is passed over. */
  load(): KeptConfig | undefined;
  /** The spare: the last one that was believed before the running one. */
  previous(): KeptConfig | undefined;
  /**
   * Synced to disk when it returns; the one kept before becomes the spare, unless it was still on trial: the spare is always
   * one that was believed. Throws when the disk refuses.
   */
  save(kept: KeptConfig): void;
  /** The trial of the running one goes on after a restart, or has ended well. Throws when the disk refuses. */
  setTrial(trial: ConfigTrial | undefined): void;
  /**
   * Writes down that the running one was taken back, then puts the spare in its place. Where it was never saved, the believed one that
   * lies there stays. Throws when the disk refuses.
   */
  rollBack(failed: RolledBackConfig): void;
  /** The whole of the last one that was taken back, for people to look at, if it was ever saved. */
  failed(): KeptConfig | undefined;
  /** The last one that was taken back. */
  rolledBack(): RolledBackConfig | undefined;
}

import type { SiteConfig } from '../../lib/contract/site-config.ts';

/** A configuration that has been applied once. */
export interface KeptConfig {
  readonly rev: number;
  readonly issuedAt: number;
  readonly sha256: string;
  /** Names the key that signed it: revisions of another key (a new enrolment) cannot be compared with its own. */
  readonly keyId: string;
  readonly config: SiteConfig;
}

/** The last good configuration, and the one before it. */
export interface ConfigStore {
  /** Undefined when there is none that can be read. */
  load(): KeptConfig | undefined;
  /** Synced to disk when it returns; the one kept before becomes the spare. Throws when the disk refuses. */
  save(kept: KeptConfig): void;
}

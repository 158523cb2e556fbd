import type { Clock } from '../../lib/base/clock.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { AgentStatus, CallStatus, LineStatus } from '../status.ts';

/** What the local API shows. Called on every request: cheap, and never throws. */
export interface LocalApiSource {
  status(): AgentStatus;
  lines(): readonly LineStatus[];
  /** As {@link Office.calls}. */
  calls(): readonly CallStatus[];
  /** The running configuration; its passwords are hidden by the API. */
  config(): SiteConfig | undefined;
  /** Registers a listener for any change of the above. */
  onChange(listener: () => void): void;
}

/**
 * Serves the local API on a unix socket (mode 0660). Removes a stale socket; throws `StartupError` when somebody
 * listens there or the folder cannot be written.
 */
export function startLocalApi(_options: {
  readonly socket: string;
  readonly source: LocalApiSource;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<Running> {
  throw new Error('not built yet');
}

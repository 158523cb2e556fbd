import type { FaxFact, ReportedConfig } from '../../lib/contract/facts.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { AgentStatus, CallStatus, LineStatus, Warning } from '../status.ts';

/** What the local API shows. Called on every request: cheap, and never throws. */
export interface LocalApiSource {
  status(): AgentStatus;
  lines(): readonly LineStatus[];
  /** As `Office.calls`. */
  calls(): readonly CallStatus[];
  /** The last faxes, newest first. */
  faxes(): readonly FaxFact[];
  /** The running configuration; its passwords are hidden by the API. */
  config(): SiteConfig | undefined;
  /** Registers a listener for any change of the above. */
  onChange(listener: () => void): void;
}

/** `GET /v1/lines` */
export interface LinesAnswer {
  readonly v: 1;
  readonly lines: readonly LineStatus[];
  /** The warnings, so that a reader of this route alone can say why a line is down. */
  readonly warnings: readonly Warning[];
}

/** `GET /v1/calls` */
export interface CallsAnswer {
  readonly v: 1;
  readonly limit: number;
  readonly calls: readonly CallStatus[];
}

/** `GET /v1/faxes` */
export interface FaxesAnswer {
  readonly v: 1;
  /** Newest first, a hundred at most; none of them runs any more. */
  readonly faxes: readonly FaxFact[];
}

/** `GET /v1/config` */
export interface ConfigAnswer {
  readonly v: 1;
  readonly reported: ReportedConfig;
  /** Null when the box has none yet. */
  readonly config: SiteConfig | null;
}

/** One line of `GET /v1/watch`: the first at once, then one after every change and at least every 10 s. */
export interface WatchLine {
  readonly v: 1;
  readonly at: number;
  readonly status: AgentStatus;
  readonly calls: readonly CallStatus[];
  /** Changes that were folded into this line because the reader was slow. */
  readonly skipped: number;
}

/** `POST /v1/lines/N/…`: what was found or begun on the line. */
export interface LineAnswer {
  readonly v: 1;
  readonly line: object;
}

/** Every answer that is not 200. */
export interface ApiError {
  readonly v: 1;
  readonly code: string;
  readonly say: string;
}

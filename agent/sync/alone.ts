import type { Instant } from '../../lib/base/clock.ts';
import { type CodedError, type Result, refuse } from '../../lib/base/errors.ts';
import type { ReportedConfig } from '../../lib/contract/facts.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { AgentStatus } from '../status.ts';
import { afterApply, NO_CONFIG, toReport } from './desired-machine.ts';
import type { Sync, SyncOptions } from './room.ts';

/** What is left of the sync room's needs where there is no service to speak with. */
export type AloneOptions = Pick<SyncOptions, 'outbox' | 'config' | 'apply' | 'clock' | 'log'>;

/** Of a box that belongs to nobody: the last good configuration, if one is there, and never a connection. */
export class SyncAlone implements Sync {
  readonly #options: AloneOptions;
  readonly #sinceMs: Instant;
  readonly #listeners: (() => void)[] = [];
  #running: SiteConfig | undefined;
  #reported: ReportedConfig;

  constructor(options: AloneOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.now();
    this.#reported = toReport(NO_CONFIG, this.#sinceMs);
  }

  start(): void {
    const { clock, config, log } = this.#options;
    const kept = config.load();
    if (kept === undefined) return;
    const applied = this.#apply(kept.config);
    log.info({ rev: kept.rev, ok: applied.ok }, 'last good configuration, without a service');
    this.#reported = toReport(afterApply(NO_CONFIG, kept, applied), clock.now());
    for (const listener of this.#listeners) listener();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  cloud(): AgentStatus['cloud'] {
    const { clock, outbox } = this.#options;
    const oldestAt = outbox.oldestAt();
    return {
      connected: false,
      sinceMs: this.#sinceMs,
      outbox: outbox.size(),
      oldestMs: oldestAt === null ? 0 : Math.max(0, clock.now() - oldestAt),
    };
  }

  reported(): ReportedConfig {
    return this.#reported;
  }

  resync(): void {
    // Nobody is there to be told.
  }

  hurry(): void {
    // There is no service to be reached.
  }

  running(): SiteConfig | undefined {
    return this.#running;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #apply(config: SiteConfig): Result<void> {
    try {
      const applied = this.#options.apply(config);
      if (applied.ok) this.#running = config;
      return applied;
    } catch (error) {
      this.#options.log.error({ err: error }, 'applying a configuration threw');
      const say = `The configuration could not be applied: ${String(error)}.`;
      return refuse<CodedError>({ code: 'config.applyFailed', fault: 'us', say });
    }
  }
}

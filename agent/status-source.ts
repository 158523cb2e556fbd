import type { Clock } from '../lib/base/clock.ts';
import type { Enrolment } from '../lib/contract/enrolment.ts';
import type { OfficeShell } from './calls/index.ts';
import type { HealthRegistry } from './health/index.ts';
import type { LocalApiSource } from './local-api/index.ts';
import type { MediaClient } from './media/index.ts';
import type { MediaView } from './media-view.ts';
import type { AgentStatus } from './status.ts';
import type { FaxLog } from './store/index.ts';
import type { Sync } from './sync/index.ts';
import { agentVersion } from './version.ts';

/** The rooms that the status is made of. */
interface Parts {
  readonly enrolment: Enrolment;
  readonly startedMs: number;
  readonly clock: Clock;
  readonly health: HealthRegistry;
  readonly office: OfficeShell;
  readonly media: MediaClient;
  readonly view: MediaView;
  readonly sync: Sync;
  readonly faxes: FaxLog;
}

/** Faxes that are shown; the store keeps more. */
const FAXES_SHOWN = 100;

/** The one typed status that CLI, LEDs and cloud render. */
export function statusSource(parts: Parts): LocalApiSource {
  const { clock, health, office, media, view, sync } = parts;
  const version = agentVersion();
  return {
    status: (): AgentStatus => ({
      v: 1,
      gateway: parts.enrolment.gateway,
      office: sync.running()?.office ?? null,
      version,
      now: clock.now(),
      upMs: Math.round(clock.monotonicMs() - parts.startedMs),
      board: view.board,
      media: { connected: media.connected, sessions: view.sessions },
      cloud: sync.cloud(),
      config: sync.reported(),
      lines: office.lines(),
      calls: { now: office.callsNow(), limit: sync.running()?.calls.channels ?? 0 },
      warnings: health.list(),
      memory: { agentBytes: process.memoryUsage.rss(), mediaBytes: view.rssBytes },
    }),
    lines: () => office.lines(),
    calls: () => office.calls(),
    faxes: () => parts.faxes.list(FAXES_SHOWN),
    config: () => sync.running(),
    onChange(listener) {
      health.onChange(listener);
      office.onChange(listener);
      sync.onChange(listener);
    },
  };
}

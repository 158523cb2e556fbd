import { join } from 'node:path';
import type { Clock } from '../lib/base/clock.ts';
import type { GatewayId } from '../lib/base/ids.ts';
import type { Running } from '../lib/base/lifecycle.ts';
import type { Logger } from '../lib/base/log.ts';
import type { Random } from '../lib/base/random.ts';
import type { Enrolment } from '../lib/contract/enrolment.ts';
import { createUserAgent } from '../lib/voice/sip/user-agent.ts';
import { OfficeShell, voiceSdp } from './calls/index.ts';
import { createHealth, type HealthRegistry } from './health/index.ts';
import { type LocalApiSource, startLocalApi } from './local-api/index.ts';
import { MediaClient } from './media/index.ts';
import { MediaView } from './media-view.ts';
import { readEnrolment } from './read-enrolment.ts';
import type { AgentStatus } from './status.ts';
import { openAgentStore } from './store/index.ts';
import { createSync, type Sync } from './sync/index.ts';
import { agentVersion } from './version.ts';

/** What the agent is told at its start. */
export interface AgentOptions {
  /** Folder with `enrolment.json` and the store. */
  readonly state: string;
  /** Unix socket of the media process. */
  readonly media: string;
  /** Unix socket of the local API. */
  readonly api: string;
  /** Our own address for SIP and RTP. */
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * Puts the rooms of the agent together and starts them. The last good configuration is applied before any network, so
 * that the phones have dial tone whether the service is there or not.
 */
export async function startAgent(options: AgentOptions): Promise<Running> {
  const { clock, random, host } = options;
  const startedMs = clock.monotonicMs();
  const log = (room: string): Logger => options.log.child({ room });
  const enrolment = readEnrolment(join(options.state, 'enrolment.json'));
  const gateway = enrolment.gateway as GatewayId;
  const store = openAgentStore({ path: join(options.state, 'agent.sqlite'), clock, random, gateway });
  const health = createHealth(clock);
  store.reportTo(health);

  const view = new MediaView(health, clock);
  const media = new MediaClient({
    socketPath: options.media,
    clock,
    log: log('media'),
    onConnected: (snapshot) => {
      view.connected(snapshot);
      office.mediaConnected(snapshot);
    },
    onEvent: (event) => {
      view.event(event);
      office.mediaEvent(event);
    },
    onLost: (why) => {
      view.lost(why);
      office.mediaLost();
    },
  });
  const sip = createUserAgent({
    clock,
    random,
    log: log('sip'),
    product: `Engawa/${agentVersion()}`,
    listeners: [],
    localHost: host,
    caPem: enrolment.caPem,
    tlsServerName: enrolment.mqtt.serverName,
    onInvite: (session) => office.invited(session),
  });
  const { journal } = store;
  const office = new OfficeShell({
    clock,
    random,
    log: log('calls'),
    host,
    journal,
    media,
    sip,
    sdp: voiceSdp,
    health,
  });
  const sync = createSync({
    enrolment,
    boot: store.boot,
    outbox: store.outbox,
    config: store.config,
    apply: (config) => office.apply(config),
    health,
    clock,
    random,
    log: log('sync'),
  });

  await sip.start();
  sync.start();
  office.start();
  media.start();
  view.watch(media);
  const source = statusSource({ enrolment, startedMs, clock, health, office, media, view, sync });
  const api = await startLocalApi({ socket: options.api, source, clock, log: log('api') });
  return {
    async stop() {
      await api.stop();
      await sync.stop();
      await office.stop();
      view.stop();
      media.stop();
      await sip.stop();
      store.close();
    },
  };
}

interface Parts {
  readonly enrolment: Enrolment;
  readonly startedMs: number;
  readonly clock: Clock;
  readonly health: HealthRegistry;
  readonly office: OfficeShell;
  readonly media: MediaClient;
  readonly view: MediaView;
  readonly sync: Sync;
}

/** The one typed status that CLI, LEDs and cloud render. */
function statusSource(parts: Parts): LocalApiSource {
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
    config: () => sync.running(),
    onChange(listener) {
      health.onChange(listener);
      office.onChange(listener);
      sync.onChange(listener);
    },
  };
}

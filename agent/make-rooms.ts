import { join } from 'node:path';
import type { Clock } from '../lib/base/clock.ts';
import { ok, type Result } from '../lib/base/errors.ts';
import type { Running } from '../lib/base/lifecycle.ts';
import type { Logger } from '../lib/base/log.ts';
import type { Enrolment } from '../lib/contract/enrolment.ts';
import type { SiteConfig } from '../lib/contract/site-config.ts';
import type { Session, UserAgent, UserAgentOptions } from '../lib/voice/sip/api.ts';
import type { MakeSockets } from '../lib/voice/sip/core.ts';
import { createUserAgent } from '../lib/voice/sip/user-agent.ts';
import type { AgentOptions } from './agent-options.ts';
import type { OfficeShell } from './calls/index.ts';
import { DeskRoom, journalFile } from './desk/index.ts';
import type { Ground } from './ground.ts';
import { type LanSide, lanOf } from './lan-side.ts';
import { startLocalApi } from './local-api/index.ts';
import { MediaClient, type MediaClientOptions, type MediaEvent } from './media/index.ts';
import type { MediaView } from './media-view.ts';
import type { Health } from './ports.ts';
import type { LineStatus } from './status.ts';
import { Technician } from './technician/index.ts';
import type { TraceRoom } from './trace/index.ts';
import type { LoneLines } from './unclaimed/index.ts';
import { agentVersion } from './version.ts';

/** Calls over the network, by our account and the authority that we were given. */
export function createSip(
  { clock, random, host }: AgentOptions,
  log: Logger,
  enrolment: Enrolment | undefined,
  { trace, sockets }: { readonly trace: TraceRoom; readonly sockets: MakeSockets },
  onInvite: (session: Session) => void,
): UserAgent {
  const agent: UserAgentOptions = {
    tap: trace.sip,
    ...{ clock, random, log, onInvite, localHost: host, listeners: [] },
    // A trunk that dies without a word ends its calls, also those on hold (RFC 4028).
    sessionTimer: { expiresS: 1_800 },
    product: `Engawa/${agentVersion()}`,
    ...(enrolment === undefined ? {} : { caPem: enrolment.caPem, tlsServerName: enrolment.mqtt.serverName }),
  };
  return createUserAgent(agent, sockets);
}

/** The room of the desk phones; it listens only where the box has a LAN. */
export function createDesk(
  { clock, random, log, lan: device, state, ground }: AgentOptions,
  lan: LanSide,
  media: MediaClient,
  health: Health,
  trace: TraceRoom,
  office: () => OfficeShell,
): DeskRoom {
  const desk = new DeskRoom({
    ...{ clock, random, log: log.child({ room: 'desk' }), health, media, office },
    ...{ accounts: lan.provisioning, lan: () => lanOf(device), product: `Engawa/${agentVersion()}` },
    ...ground?.desk,
    tap: trace.sip,
    journal: journalFile(join(state, 'desk.json')),
  });
  lan.connect(desk);
  return desk;
}

/** The tools of whoever stands before the box. */
export function createTechnician(
  media: MediaClient,
  clock: Clock,
  office: OfficeShell,
  view: MediaView,
  lines: () => readonly LineStatus[],
): Technician {
  return new Technician({
    media,
    clock,
    lines,
    calls: () => office.calls(),
    boardDown: () => (view.board.up ? undefined : view.board.say),
  });
}

/** The local API on its socket, or whoever the ground has in its place. */
export function serveLocally(ground: Ground, options: Parameters<typeof startLocalApi>[0]): Promise<Running> {
  if (ground.localApi === undefined) return startLocalApi(options);
  return Promise.resolve(ground.localApi(options.source));
}

/** All of a configuration or none: what the LAN contradicts is refused before the office takes anything. */
export function applySite(config: SiteConfig, office: OfficeShell, lan: LanSide): Result<void> {
  const fits = lan.check(config);
  if (!fits.ok) return fits;
  const applied = office.apply(config);
  if (!applied.ok) return applied;
  lan.apply(config);
  return ok(undefined);
}

/** The agent's end of the media socket, told to whoever wants to know. */
export function createMedia(
  at: Pick<MediaClientOptions, 'socketPath' | 'connect'>,
  clock: Clock,
  log: Logger,
  view: MediaView,
  office: () => OfficeShell,
  desk: () => DeskRoom,
  lone: () => LoneLines,
  technician: (event: MediaEvent) => void,
  trace: () => TraceRoom,
): MediaClient {
  return new MediaClient({
    ...at,
    clock,
    log,
    onConnected: (snapshot) => {
      view.connected(snapshot);
      office().mediaConnected(snapshot);
      lone().connected(snapshot);
      desk().mediaConnected(snapshot);
      trace().mediaConnected();
    },
    onEvent: (event) => {
      view.event(event);
      office().mediaEvent(event);
      lone().event(event);
      desk().mediaEvent(event);
      technician(event);
      trace().mediaEvent(event);
    },
    onLost: (why) => {
      view.lost(why);
      office().mediaLost();
    },
  });
}

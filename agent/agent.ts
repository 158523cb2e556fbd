import { join } from 'node:path';
import type { Clock } from '../lib/base/clock.ts';
import { ok, type Result } from '../lib/base/errors.ts';
import type { GatewayId } from '../lib/base/ids.ts';
import type { Running } from '../lib/base/lifecycle.ts';
import type { Logger } from '../lib/base/log.ts';
import type { LogLevelKeeper } from '../lib/base/log-level.ts';
import type { Random } from '../lib/base/random.ts';
import type { Enrolment } from '../lib/contract/enrolment.ts';
import type { SiteConfig } from '../lib/contract/site-config.ts';
import type { Session, UserAgent, UserAgentOptions } from '../lib/voice/sip/api.ts';
import type { MakeSockets } from '../lib/voice/sip/core.ts';
import { createUserAgent } from '../lib/voice/sip/user-agent.ts';
import { BoxFacts } from './box-facts.ts';
import { boxRoutes } from './box-routes.ts';
import { OfficeShell, VoiceSdp } from './calls/index.ts';
import { carryOutWith } from './carry-out.ts';
import { ClockWatch } from './clock-watch.ts';
import { DeskRoom, journalFile } from './desk/index.ts';
import { DrillSide } from './drill-side.ts';
import { IdentityKeeper } from './enrol/index.ts';
import type { Ground } from './ground.ts';
import { createHealth } from './health/index.ts';
import { emergencyUp, seeHealth } from './health-seen.ts';
import { FrontLamps } from './lamps.ts';
import { lanReport } from './lan-report.ts';
import { LanSide, lanOf } from './lan-side.ts';
import { startLocalApi } from './local-api/index.ts';
import { MediaClient, type MediaClientOptions, type MediaEvent } from './media/index.ts';
import { MediaView } from './media-view.ts';
import { OutsideGuard } from './outside/index.ts';
import { barsOf, phonePorts } from './outside-bars.ts';
import type { Health } from './ports.ts';
import { readEnrolment } from './read-enrolment.ts';
import { statusSource } from './status-source.ts';
import { OUTBOX_LIMIT, openAgentStore } from './store/index.ts';
import { createSync } from './sync/index.ts';
import { Technician } from './technician/index.ts';
import type { TraceRoom } from './trace/index.ts';
import { TraceSide } from './trace-side.ts';
import { changeFile, TrialRoom } from './trial/index.ts';
import { agentVersion } from './version.ts';

/** What the agent is told at its start. */
export interface AgentOptions {
  /** Folder with `enrolment.json` and the store. */
  readonly state: string;
  /** Unix socket of the media process. */
  readonly media: string;
  /** Unix socket of the local API. */
  readonly api: string;
  /** Whose members may use the local API beside the agent's own user. */
  readonly apiGroup?: string | undefined;
  /** Our own address for SIP and RTP. */
  readonly host: string;
  /** Interface of the customer's LAN, for DHCP and desk phones; none where the box has no LAN of its own. */
  readonly lan?: string | undefined;
  /** The level of the program's log, which a technician may change. */
  readonly logLevel?: LogLevelKeeper;
  /** Ends this program, which is started again by whoever runs it. */
  readonly restart?: (() => void) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Default: this machine. */
  readonly ground?: Ground;
}

/**
 * Puts the rooms of the agent together and starts them. The last good configuration is applied before any network, so
 * that the phones have dial tone whether the service is there or not.
 */
export async function startAgent(options: AgentOptions): Promise<Running> {
  const { clock, random, host, ground = {} } = options;
  const startedMs = clock.monotonicMs();
  const log = (room: string): Logger => options.log.child({ room });
  const enrolment = readEnrolment(join(options.state, 'enrolment.json'));
  const gateway = enrolment.gateway as GatewayId;
  const path = join(options.state, 'agent.sqlite');
  const store = openAgentStore({
    path,
    clock,
    random,
    gateway,
    disk: ground.disk,
    setAside: ground.outboxRoom ?? OUTBOX_LIMIT,
  });
  const health = createHealth(clock);
  store.reportTo(health);
  const time = new ClockWatch(clock, health, log('clock'));

  const view = new MediaView(health, clock);
  const media = createMedia(
    { socketPath: options.media, connect: ground.connectMedia },
    clock,
    log('media'),
    view,
    () => office,
    () => desk,
    (event) => technician.event(event),
    () => traces.room,
  );
  const traces: TraceSide = new TraceSide({
    ...{ clock, log: log('trace'), state: options.state, gateway },
    ...{ media: () => media, office: () => office, lan: () => lan, source: () => source },
  });
  const trace = traces.room;
  const drills: DrillSide = new DrillSide({
    ...{ clock, log: log('drill'), host, state: options.state, health, ground, media },
    ...{ office: () => office, sync: () => sync, lan: () => lan },
  });
  const { sockets } = drills;
  const sip = createSip(options, log('sip'), enrolment, { trace, sockets }, (session) =>
    office.invited(session),
  );
  const { journal, faxes, boot, outbox } = store;
  const sdp = new VoiceSdp(random, () => office.state.config?.trunk.comfortNoise === true);
  const calls = { clock, random, log: log('calls'), host, journal, faxes, media, sip, sdp, health };
  const { state, lan: device } = options;
  const lan: LanSide = new LanSide({ device, state, clock, random, log, health, dhcpTap: trace.dhcp });
  const desk = createDesk(options, lan, media, health, trace, () => office);
  const guard = new OutsideGuard({
    ...{ outbox, texts: store.texts, clock, calls: () => office.calls() },
    cloudUp: () => sync.cloud().connected,
  });
  const office: OfficeShell = new OfficeShell({
    ...calls,
    phones: desk,
    ...barsOf(guard, () => office.state),
  });
  const trials = new TrialRoom({
    ...{ clock, log: log('trial'), health, store: changeFile(join(state, 'local.json')) },
    apply: (config) => applySite(config, office, lan),
    holdOff: () => emergencyUp(office.state),
  });
  const identity = new IdentityKeeper({
    ...{ folder: options.state, enrolment, health, clock, random, log: log('enrol') },
  });
  const sync = createSync({
    ...{ enrolment, boot, outbox, config: store.config, health, clock, random, log: log('sync') },
    identity: () => identity.enrolment,
    apply: (config) => trials.take(config),
    openWire: drills.openWire,
    tap: trace.mqtt,
    healthSeen: () =>
      seeHealth({
        ...{ office, boardUp: view.board.up, cloudUp: sync.cloud().connected },
        deskPhones: lan.deskPhones,
      }),
    holdOff: () => emergencyUp(office.state) || drills.room.away,
    ...{ commands: store.commands, spend: (report) => guard.told(report) },
    carryOut: (command) => carryOut(command),
    lanReport: () => lanReport(lan, health, clock),
    mailboxes: (waiting) => desk.messagesWait(waiting),
  });
  const technician = createTechnician(media, clock, office, view);
  const carryOut = carryOutWith({
    ...{ lan, lines: technician, recorder: traces.recorder, logLevel: options.logLevel, media, clock },
    ...{ resync: () => sync.resync(), restart: options.restart },
    emergencyUp: () => emergencyUp(office.state),
  });

  await sip.start();
  sync.start();
  identity.start();
  // Before the media process is asked what it holds: calls of desk phones go on only where they can be spoken with.
  if (device !== undefined || ground.desk !== undefined) await desk.start();
  office.start();
  media.start();
  lan.start();
  view.watch(media);
  drills.room.start();
  time.start();
  const source = statusSource({
    ...{ enrolment, startedMs, clock, health, office },
    ...{ media, view, sync, faxes, lan },
  });
  const told = new BoxFacts({
    ...{
      status: source.status,
      calls: source.calls,
      deskPhones: () => lan.deskPhones,
      health,
      outbox,
      clock,
    },
    ...{ facts: store.facts, onChange: source.onChange, phonePorts: () => phonePorts(office.state) },
  });
  told.start();
  const lamps = new FrontLamps({
    health,
    media,
    onChange: source.onChange,
    cloudUp: () => sync.cloud().connected,
  });
  lamps.start();
  const api = await serveLocally(ground, {
    ...{ socket: options.api, group: options.apiGroup, source, tools: technician, phones: lan.provisioning },
    ...{ clock, log: log('api') },
    more: [
      ...boxRoutes({
        ...{ options, gateway, media, source, office, outbox, trials },
        config: store.config,
      }),
      ...traces.routes,
      ...drills.routes,
    ],
  });
  return {
    async stop() {
      await api.stop();
      told.stop();
      drills.room.stop();
      time.stop();
      await technician.close();
      await traces.recorder.stop();
      trials.stop();
      identity.stop();
      await sync.stop();
      await lan.stop();
      await desk.stop();
      await office.stop();
      view.stop();
      media.stop();
      await sip.stop();
      store.close();
    },
  };
}

/** Calls over the network, by our account and the authority that we were given. */
function createSip(
  { clock, random, host }: AgentOptions,
  log: Logger,
  enrolment: Enrolment,
  { trace, sockets }: { readonly trace: TraceRoom; readonly sockets: MakeSockets },
  onInvite: (session: Session) => void,
): UserAgent {
  const agent: UserAgentOptions = {
    tap: trace.sip,
    ...{ clock, random, log, onInvite, localHost: host, listeners: [] },
    // A trunk that dies without a word ends its calls, also those on hold (RFC 4028).
    sessionTimer: { expiresS: 1_800 },
    product: `Engawa/${agentVersion()}`,
    caPem: enrolment.caPem,
    tlsServerName: enrolment.mqtt.serverName,
  };
  return createUserAgent(agent, sockets);
}

/** The room of the desk phones; it listens only where the box has a LAN. */
function createDesk(
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
function createTechnician(
  media: MediaClient,
  clock: Clock,
  office: OfficeShell,
  view: MediaView,
): Technician {
  return new Technician({
    media,
    clock,
    lines: () => office.lines(),
    calls: () => office.calls(),
    boardDown: () => (view.board.up ? undefined : view.board.say),
  });
}

/** The local API on its socket, or whoever the ground has in its place. */
function serveLocally(ground: Ground, options: Parameters<typeof startLocalApi>[0]): Promise<Running> {
  if (ground.localApi === undefined) return startLocalApi(options);
  return Promise.resolve(ground.localApi(options.source));
}

/** All of a configuration or none: what the LAN contradicts is refused before the office takes anything. */
function applySite(config: SiteConfig, office: OfficeShell, lan: LanSide): Result<void> {
  const fits = lan.check(config);
  if (!fits.ok) return fits;
  const applied = office.apply(config);
  if (!applied.ok) return applied;
  lan.apply(config);
  return ok(undefined);
}

/** The agent's end of the media socket, told to whoever wants to know. */
function createMedia(
  at: Pick<MediaClientOptions, 'socketPath' | 'connect'>,
  clock: Clock,
  log: Logger,
  view: MediaView,
  office: () => OfficeShell,
  desk: () => DeskRoom,
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
      desk().mediaConnected(snapshot);
      trace().mediaConnected();
    },
    onEvent: (event) => {
      view.event(event);
      office().mediaEvent(event);
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

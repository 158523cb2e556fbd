import { join } from 'node:path';
import type { Running } from '../lib/base/lifecycle.ts';
import type { Logger } from '../lib/base/log.ts';
import type { SiteConfig } from '../lib/contract/site-config.ts';
import type { UserAgent } from '../lib/voice/sip/api.ts';
import { AddressWatch } from './address-watch.ts';
import type { AgentOptions } from './agent-options.ts';
import { BoxFacts } from './box-facts.ts';
import { boxRoutes } from './box-routes.ts';
import { type MediaPort, OfficeShell, VoiceSdp } from './calls/index.ts';
import { carryOutWith } from './carry-out.ts';
import { ClockWatch } from './clock-watch.ts';
import type { DeskRoom } from './desk/index.ts';
import { DrillSide } from './drill-side.ts';
import type { Ground } from './ground.ts';
import { createHealth, type HealthRegistry } from './health/index.ts';
import { seeHealth, talking } from './health-seen.ts';
import { IdentitySide, type Whose } from './identity-side.ts';
import { FrontLamps } from './lamps.ts';
import { lanReport } from './lan-report.ts';
import { LanSide } from './lan-side.ts';
import { type LocalApiSource, lanAddressRoutes, updateRoutes } from './local-api/index.ts';
import {
  applySite,
  createDesk,
  createMedia,
  createSip,
  createTechnician,
  serveLocally,
} from './make-rooms.ts';
import type { MediaClient } from './media/index.ts';
import { mediaGate, throughGate } from './media-gate.ts';
import { MediaView } from './media-view.ts';
import { OutsideGuard } from './outside/index.ts';
import { barsOf } from './outside-bars.ts';
import type { LineStatus } from './status.ts';
import { statusSource } from './status-source.ts';
import { type AgentStore, knowsTime, OUTBOX_LIMIT, openAgentStore } from './store/index.ts';
import { createSync, type Sync, SyncAlone } from './sync/index.ts';
import type { Technician } from './technician/index.ts';
import { TraceSide } from './trace-side.ts';
import { changeFile, TrialRoom } from './trial/index.ts';
import { hasHeard } from './trusted-clock.ts';
import { LoneLines, noTrunk } from './unclaimed/index.ts';
import type { BoxNow, UpdateRoom } from './update/index.ts';
import { createUpdates } from './update-side.ts';

/**
 * The rooms of the agent, put together. Each is made of those before it; those after it are asked only when something
 * happens, and then all are there.
 */
export class Rooms {
  readonly #options: AgentOptions;
  readonly #ground: Ground;
  readonly #startedMs: number;
  readonly #store: AgentStore;
  readonly #health: HealthRegistry;
  readonly #time: ClockWatch;
  readonly #identity: IdentitySide;
  readonly #view: MediaView;
  readonly #media: MediaClient;
  readonly #traces: TraceSide;
  readonly #drills: DrillSide;
  readonly #address: AddressWatch;
  readonly #sip: UserAgent;
  readonly #lan: LanSide;
  readonly #desk: DeskRoom;
  readonly #guard: OutsideGuard;
  readonly #office: OfficeShell;
  readonly #lone: LoneLines;
  readonly #trials: TrialRoom;
  readonly #updates: UpdateRoom | undefined;
  readonly #sync: Sync;
  readonly #technician: Technician;
  readonly #source: LocalApiSource;
  readonly #told: BoxFacts | undefined;

  /** `onClaimed`: whose the box is is worth another look. */
  constructor(options: AgentOptions, whose: Whose, onClaimed: () => void) {
    const { clock, random, state, ground = {} } = options;
    this.#options = options;
    this.#ground = whose.identity.at === 'claimed' ? ground : { ...ground, sip: noTrunk };
    this.#startedMs = clock.monotonicMs();
    this.#health = createHealth(clock);
    this.#identity = new IdentitySide({
      ...{ options, whose, onClaimed, health: this.#health, log: this.#log('enrol') },
    });
    this.#store = openAgentStore({
      ...{ path: join(state, 'agent.sqlite'), clock, random, gateway: this.#identity.gateway },
      ...{ disk: ground.disk, setAside: ground.outboxRoom ?? OUTBOX_LIMIT },
    });
    this.#store.reportTo(this.#health);
    this.#time = new ClockWatch(clock, this.#health, this.#log('clock'));
    this.#view = new MediaView(this.#health, clock);
    this.#media = this.#makeMedia();
    this.#traces = this.#makeTraces();
    this.#drills = this.#makeDrills();
    this.#address = new AddressWatch({
      ...{ clock, log: this.#log('address'), host: options.host },
      changed: () => this.#drills.reconnect(),
      came: () => {
        this.#sync.hurry();
        this.#office.hurryTrunks();
      },
    });
    const { room: trace } = this.#traces;
    const wires = { trace, sockets: this.#drills.sockets };
    this.#sip = createSip(options, this.#log('sip'), this.#identity.enrolment, wires, (session) =>
      this.#office.invited(session),
    );
    const { lan: device, lanAddress: addressFile } = options;
    const log = (room: string): Logger => this.#log(room);
    this.#lan = new LanSide({
      ...{ device, addressFile, state, clock, random, log, health: this.#health, dhcpTap: trace.dhcp },
      calls: () => this.#office.callsNow(),
    });
    this.#desk = createDesk(options, this.#lan, this.#media, this.#health, trace, () => this.#office);
    this.#guard = new OutsideGuard({
      ...{ outbox: this.#store.outbox, texts: this.#store.texts, clock, calls: () => this.#office.calls() },
      cloudUp: () => this.#cloudUp(),
    });
    this.#office = this.#makeOffice();
    this.#lone = new LoneLines({
      ...{ media: this.#media, board: () => this.#view.board.identity, because: 'not claimed' },
      configured: () => this.#office.state.config !== undefined,
    });
    this.#trials = new TrialRoom({
      ...{ clock, log: log('trial'), health: this.#health, store: changeFile(join(state, 'local.json')) },
      apply: (config) => this.#apply(config),
      holdOff: () => this.#emergency(),
    });
    this.#technician = createTechnician(this.#media, clock, this.#office, this.#view, () => this.#lines());
    this.#updates = createUpdates(options, {
      ...{ log: log('update'), health: this.#health, box: () => this.#boxNow() },
      enrolment: () => this.#identity.enrolment,
    });
    this.#sync = this.#makeSync();
    this.#source = this.#makeSource();
    this.#told = this.#makeFacts();
  }

  /** The phones have dial tone whether the service is there or not: the last good configuration comes before any network. */
  async start(): Promise<Running> {
    await this.#sip.start();
    this.#sync.start();
    // Before the media process is asked what it holds: calls of desk phones go on only where they can be spoken with.
    if (this.#options.lan !== undefined || this.#ground.desk !== undefined) await this.#desk.start();
    this.#office.start();
    this.#media.start();
    this.#lan.start();
    this.#view.watch(this.#media);
    this.#drills.room.start();
    this.#address.start();
    this.#time.start();
    this.#identity.start();
    this.#updates?.start();
    this.#source.onChange(() => this.#updates?.nudge());
    this.#told?.start();
    new FrontLamps({
      ...{ health: this.#health, media: this.#media, onChange: this.#source.onChange },
      cloudUp: () => this.#cloudUp(),
    }).start();
    const api = await this.#serve();
    return { stop: () => this.#stop(api) };
  }

  async #stop(api: Running): Promise<void> {
    await api.stop();
    this.#told?.stop();
    this.#drills.room.stop();
    this.#address.stop();
    this.#time.stop();
    this.#identity.stop();
    this.#updates?.stop();
    await this.#technician.close();
    await this.#traces.recorder.stop();
    this.#trials.stop();
    await this.#sync.stop();
    await this.#lan.stop();
    await this.#desk.stop();
    await this.#office.stop();
    this.#view.stop();
    this.#media.stop();
    await this.#sip.stop();
    this.#store.close();
  }

  #makeMedia(): MediaClient {
    return createMedia(
      { socketPath: this.#options.media, connect: this.#ground.connectMedia },
      this.#options.clock,
      this.#log('media'),
      this.#view,
      () => this.#office,
      () => this.#desk,
      () => this.#lone,
      (event) => this.#technician.event(event),
      () => this.#traces.room,
    );
  }

  #makeTraces(): TraceSide {
    const { clock, state } = this.#options;
    return new TraceSide({
      ...{ clock, log: this.#log('trace'), state, gateway: this.#identity.gateway },
      ...{ media: () => this.#media, office: () => this.#office, lan: () => this.#lan },
      source: () => this.#source,
    });
  }

  #makeDrills(): DrillSide {
    const { clock, host, state } = this.#options;
    return new DrillSide({
      ...{ clock, log: this.#log('drill'), host, state, health: this.#health },
      ...{ ground: this.#ground, media: this.#media },
      ...{ office: () => this.#office, sync: () => this.#sync, lan: () => this.#lan },
    });
  }

  /** The media process as trunk calls use it: where the box filters, their sound is announced. */
  #trunkMedia(): MediaPort {
    const { mediaGate: socket } = this.#options;
    return socket === undefined
      ? this.#media
      : throughGate(this.#media, mediaGate(socket, this.#log('gate')));
  }

  #makeOffice(): OfficeShell {
    const { clock, host, random } = this.#options;
    const { faxes, journal, texts } = this.#store;
    const sdp = new VoiceSdp(random, () => this.#office.state.config?.trunk.comfortNoise === true);
    return new OfficeShell({
      ...{ clock, random, log: this.#log('calls'), host, journal, faxes, sdp, health: this.#health },
      ...{ media: this.#trunkMedia(), sip: this.#sip, phones: this.#desk },
      ...barsOf(this.#guard, () => this.#office.state),
      night: {
        load: () => texts.read('night') === 'on',
        save: (on) => texts.write('night', on ? 'on' : 'off'),
      },
    });
  }

  #makeSync(): Sync {
    const { clock, random } = this.#options;
    const { boot, commands, config, outbox } = this.#store;
    const { enrolment } = this.#identity;
    if (enrolment === undefined) {
      const apply = (site: SiteConfig) => this.#trials.take(site);
      return new SyncAlone({ outbox, config, apply, clock, log: this.#log('sync') });
    }
    return createSync({
      ...{ enrolment, boot, outbox, config, health: this.#health, clock, random },
      log: this.#log('sync'),
      apply: (site) => this.#trials.take(site),
      identity: () => this.#identity.enrolment ?? enrolment,
      openWire: this.#drills.openWire,
      tap: this.#traces.room.mqtt,
      healthSeen: () => this.#seen(),
      reached: () => this.#office.hurryTrunks(),
      updates: this.#updates,
      holdOff: () => this.#emergency() || this.#drills.room.away,
      ...{ commands, spend: (report) => this.#guard.told(report), carryOut: this.#carryOut() },
      lanReport: () => lanReport(this.#lan, this.#health, clock),
      mailboxes: (waiting) => this.#desk.messagesWait(waiting),
    });
  }

  #carryOut(): ReturnType<typeof carryOutWith> {
    const { clock, logLevel, restart } = this.#options;
    return carryOutWith({
      ...{ lan: this.#lan, lines: this.#technician, recorder: this.#traces.recorder, logLevel },
      ...{ media: this.#media, clock, restart, resync: () => this.#sync.resync() },
      emergencyUp: () => this.#emergency(),
    });
  }

  #makeSource(): LocalApiSource {
    return statusSource({
      ...{ identity: () => this.#identity.who(), lines: () => this.#lines() },
      ...{ startedMs: this.#startedMs, clock: this.#options.clock },
      ...{ health: this.#health, office: this.#office, media: this.#media, view: this.#view },
      ...{ sync: this.#sync, faxes: this.#store.faxes, lan: this.#lan },
    });
  }

  /** None where nobody would ever read them. */
  #makeFacts(): BoxFacts | undefined {
    if (!this.#identity.known) return undefined;
    const { calls, onChange, phonePorts, status } = this.#source;
    const { facts, outbox } = this.#store;
    return new BoxFacts({
      ...{
        status,
        calls,
        onChange,
        phonePorts,
        health: this.#health,
        outbox,
        facts,
        clock: this.#options.clock,
      },
      deskPhones: () => this.#lan.deskPhones,
    });
  }

  #serve(): Promise<Running> {
    const { api, apiGroup, clock } = this.#options;
    const { config, outbox } = this.#store;
    return serveLocally(this.#ground, {
      ...{ socket: api, group: apiGroup, source: this.#source, tools: this.#technician },
      ...{ phones: this.#lan.provisioning, clock, log: this.#log('api') },
      more: [
        ...boxRoutes({
          ...{
            options: this.#options,
            who: () => this.#identity.who(),
            leave: () => this.#identity.leave(),
            media: this.#media,
            source: this.#source,
          },
          ...{ office: this.#office, outbox, trials: this.#trials, config },
        }),
        ...this.#traces.routes,
        ...this.#drills.routes,
        ...this.#identity.routes,
        { at: '/v1/address', routes: lanAddressRoutes(this.#lan.address) },
        { at: '/v1/update', routes: updateRoutes(this.#updates) },
      ],
    });
  }

  /** Of the office; of the board alone where there is no office. */
  #lines(): readonly LineStatus[] {
    return this.#office.state.config === undefined ? this.#lone.lines() : this.#office.lines();
  }

  #apply(config: SiteConfig): ReturnType<typeof applySite> {
    return applySite(config, this.#office, this.#lan);
  }

  #seen(): ReturnType<typeof seeHealth> {
    return seeHealth({
      ...{ office: this.#office, boardUp: this.#view.board.up, cloudUp: this.#cloudUp() },
      deskPhones: this.#lan.deskPhones,
    });
  }

  /** As an update sees the box. Desk phones come back in their own time: they tell nothing about a system. */
  #boxNow(): BoxNow {
    const { clock } = this.#options;
    return {
      calls: talking(this.#office.state) || this.#drills.room.away,
      wallMs: knowsTime(clock) && hasHeard(clock) ? clock.now() : null,
      seen: { ...this.#seen(), phones: [] },
      config: this.#sync.reported().appliedRev || null,
    };
  }

  #emergency(): boolean {
    return this.#office.emergencyUp();
  }

  #cloudUp(): boolean {
    return this.#sync.cloud().connected;
  }

  #log(room: string): Logger {
    return this.#options.log.child({ room });
  }
}

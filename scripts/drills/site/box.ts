import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAgent } from '../../../agent/agent.ts';
import type { LocalApiSource } from '../../../agent/local-api/index.ts';
import { MediaEngine } from '../../../agent/media/engine.ts';
import type { MediaCommand } from '../../../agent/media/protocol.ts';
import { type AgentSocket, MediaServer } from '../../../agent/media/server.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import type { OwnHost } from '../../../lib/base/own-host.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import type { PhoneConfig } from '../../../lib/contract/lan-config.ts';
import { type Ipv4, parseIpv4 } from '../../../lib/net/ipv4.ts';
import { Hardware } from './board.ts';
import { simulatedWire } from './broker.ts';
import { BROKER, CONFIG_KEY_PEM, GATEWAY, TRUNK } from './cloud.ts';
import { type DiskHealth, type DiskWitness, simulatedDisk } from './disk.ts';
import type { Net } from './network.ts';
import { DESK } from './office.ts';
import { datagramSockets, streamSockets } from './sip-sockets.ts';
import { Program, WallClock, type World } from './world.ts';

export const BOX_HOST = '10.1.0.2';
/** Where the desk phone finds it. */
export const LAN_HOST = '192.168.21.10';
const LAN = { address: parseIpv4(LAN_HOST) as Ipv4, prefixBits: 24 };
/** Inside the box nothing is ever lost, and nothing is late. */
const INSIDE = { host: 'inside', port: 1 };
/** `RestartSec` of the units. */
export const RESTART_MS = 1_000;
const PORTS = 2;
/** Records that the box sets space aside for: enough for an afternoon. */
const OUTBOX_ROOM = 100;

/** Told of every command that a media process has carried out, and of its death. */
export interface MediaWitness {
  command(command: MediaCommand, answer: unknown): void;
  gone(): void;
}

/** The box: its board and disk stay, its two programs are started again whenever they die. */
export class Box {
  readonly world: World;
  readonly hardware: Hardware;
  readonly disk: DiskHealth = { full: false, slowMs: 0 };
  readonly wall = new WallClock();
  readonly folder: string;
  agent: Program | undefined;
  media: Program | undefined;
  engine: MediaEngine | undefined;
  /** What the agent says of itself; undefined while it starts. */
  source: LocalApiSource | undefined;
  agentStarts = 0;
  mediaStarts = 0;
  readonly #net: Net;
  readonly #disks: DiskWitness;
  readonly #sounds: MediaWitness;
  #running: Running | undefined;
  #powered = true;
  #phone: PhoneConfig | undefined;
  #powerCuts = 0;
  /** Its address towards the service; where that comes and goes, who is asked for it. */
  host: OwnHost = BOX_HOST;

  constructor(world: World, net: Net, folder: string, disks: DiskWitness, sounds: MediaWitness) {
    this.world = world;
    this.folder = folder;
    this.#net = net;
    this.#disks = disks;
    this.#sounds = sounds;
    this.hardware = new Hardware(world, PORTS);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'enrolment.json'), JSON.stringify(enrolment()), { mode: 0o600 });
  }

  start(): void {
    this.#powered = true;
    this.startMedia();
    this.startAgent();
  }

  startAgent(): void {
    if (!this.#powered) return;
    const { world } = this;
    const program = new Program(world, 'agent', this.wall);
    this.agent = program;
    this.agentStarts++;
    program.onDeath(() => {
      if (this.agent !== program) return;
      world.note('agent', 'is dead');
      this.source = undefined;
      this.#running = undefined;
      world.later(RESTART_MS, 'restart agent', () => this.startAgent());
    });
    world.note('agent', 'starts');
    const net = this.#net;
    startAgent({
      ...{ state: this.folder, media: 'media', api: 'api', host: this.host, clock: program },
      random: seededRandom(world.below(2 ** 31)),
      log: silentLog(),
      ground: {
        sip: streamSockets(net, program, BOX_HOST, 'tls'),
        openWire: (options) => simulatedWire(net, program, BOX_HOST, BROKER, options),
        connectMedia: () => net.connect(program, INSIDE.host, INSIDE),
        disk: simulatedDisk(program, this.disk, this.#disks),
        outboxRoom: OUTBOX_ROOM,
        desk: {
          lan: () => LAN,
          accounts: {
            accountOf: (user) => this.#deskAccount(user),
            registered: () => undefined,
            unregistered: () => undefined,
          },
          sip: datagramSockets(net, program, { host: LAN_HOST, port: 5_060 }),
        },
        localApi: (source) => {
          if (program.alive) this.source = source;
          return { stop: async () => undefined };
        },
      },
    }).then(
      (running) => {
        if (program.alive) this.#running = running;
      },
      (error: unknown) => {
        if (!program.alive) return;
        world.note('agent', `cannot start: ${String(error)}`);
        program.kill();
      },
    );
  }

  /** As provisioning has given it to the phone, and knows it again before anything else runs. */
  #deskAccount(user: string) {
    const phone = this.source?.config()?.lan.phones.find(({ extension }) => extension === user);
    this.#phone = phone ?? this.#phone;
    const known = this.#phone;
    return known?.extension === user ? { user, password: DESK.password, phone: known } : undefined;
  }

  startMedia(): void {
    if (!this.#powered) return;
    const { world } = this;
    const program = new Program(world, 'media', this.wall);
    this.media = program;
    this.mediaStarts++;
    const random = seededRandom(world.below(2 ** 31));
    const log = silentLog();
    const engine = new MediaEngine({
      board: this.hardware.driver(program),
      pool: this.#net.datagrams(program),
      ...{ clock: program, random, log },
    });
    this.engine = engine;
    const execute = engine.execute.bind(engine);
    engine.execute = async (command) => {
      const answer = await execute(command);
      if (program.alive && answer.ok) this.#sounds.command(command, answer.value);
      return answer;
    };
    const server = new MediaServer({
      ...{ path: 'media', engine, clock: program, log },
      listen: async (_path, accept) => {
        const stop = this.#net.listen(program, INSIDE, (socket) => accept(socket as unknown as AgentSocket));
        return async () => stop();
      },
    });
    program.onDeath(() => {
      world.note('media', 'is dead');
      this.#sounds.gone();
      // The memory of the library would stay.
      void engine.stop();
      world.later(RESTART_MS, 'restart media', () => this.startMedia());
    });
    world.note('media', 'starts');
    void server.start().then(() => engine.start());
  }

  /** As a service manager does it: told to stop, then started. */
  async restartAgent(): Promise<void> {
    const running = this.#running;
    const program = this.agent;
    if (running === undefined || program === undefined) return;
    this.world.note('agent', 'is told to stop');
    this.source = undefined;
    await running.stop();
    program.kill();
  }

  /** No power for `ms`. */
  cutPower(ms: number): void {
    this.world.note('box', `loses its power for ${Math.round(ms)} ms`);
    this.#powered = false;
    this.agent?.kill();
    this.media?.kill();
    const cut = ++this.#powerCuts;
    // A second cut while there is no power puts its return off.
    this.world.later(ms, 'power', () => {
      if (cut === this.#powerCuts) this.start();
    });
  }

  /** The end of the simulation: nothing is started any more. */
  async stop(): Promise<void> {
    this.#powered = false;
    this.source = undefined;
    await this.#running?.stop();
    await this.engine?.stop();
  }

  /** Ends without a word. */
  end(): void {
    this.#powered = false;
    this.agent?.kill();
    this.media?.kill();
  }
}

/** What the box was given at its enrolment. Nobody looks at certificates here: the network is simulated. */
function enrolment(): unknown {
  return {
    v: 2,
    gateway: GATEWAY,
    mqtt: {
      host: BROKER.host,
      port: BROKER.port,
      serverName: 'cloud.engawa.example',
    },
    enrol: { host: BROKER.host, port: 8_884 },
    sip: { ...TRUNK, domain: 'engawa.example' },
    device: { certificatePem: 'simulated', privateKeyPem: 'simulated' },
    caPem: 'simulated',
    configKeyPem: CONFIG_KEY_PEM,
  };
}

import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Contract } from '../../../cloud-stub/contracts/index.ts';
import type { CallRequest, Decision, RoutePlan } from '../../../cloud-stub/routing/types.ts';
import type { Directory, LiveState } from '../../../cloud-stub/switch/ports.ts';
import { SipSwitch } from '../../../cloud-stub/switch/switch.ts';
import { DEFAULT_LIMITS } from '../../../cloud-stub/switch/switch-limits.ts';
import { upKindOf } from '../../../cloud-stub/sync/access.ts';
import { newCounters } from '../../../cloud-stub/sync/counters.ts';
import { DesiredPublisher } from '../../../cloud-stub/sync/desired.ts';
import { Uplink } from '../../../cloud-stub/sync/uplink.ts';
import type { ContractId, GatewayId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { gatewayTopics } from '../../../lib/contract/topics.ts';
import { createUserAgent, digestHa1 } from '../../../lib/voice/sip/index.ts';
import type { Books } from './books.ts';
import { SimBroker } from './broker.ts';
import type { Net, Place } from './network.ts';
import { MEMBERS, NUMBER } from './office.ts';
import { CARRIER } from './outside.ts';
import { SimRelays } from './relay.ts';
import { datagramSockets, streamSockets } from './sip-sockets.ts';
import { Program, WallClock, type World } from './world.ts';

export const CLOUD_HOST = '198.51.100.10';
export const TRUNK: Place = { host: CLOUD_HOST, port: 5_061 };
export const BROKER: Place = { host: CLOUD_HOST, port: 8_883 };
/** Where the telephone network finds the switch. */
export const NETWORK_SIDE: Place = { host: CLOUD_HOST, port: 5_060 };

export const GATEWAY = 'gw-000001' as GatewayId;
export const CONTRACT = 'c-000001' as ContractId;
const PASSWORD = 'twelve-characters';
const DOMAIN = 'engawa.example';
const CHANNELS = 2;
/** How long a supervisor takes to start the service again. */
const RESTART_MS = 2_000;
const SETTLE_EVERY_MS = 60_000;
const LOOK_EVERY_MS = 15_000;

/** An Ed25519 key out of nothing but a number: the same in every replay. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
export const CONFIG_KEY = createPrivateKey({
  key: Buffer.concat([PKCS8_ED25519, Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
});
export const CONFIG_KEY_PEM = createPublicKey(CONFIG_KEY).export({ type: 'spki', format: 'pem' }).toString();

/** One configuration as it was published. */
export interface PublishedConfig {
  readonly rev: number;
  readonly payload: string;
}

/** Told of what the cloud says to boxes, before it leaves. */
export interface CloudWitness {
  acknowledged(ids: readonly string[]): void;
}

/** The service: broker, uplink, publisher and switch are the product's; they die with each run. */
export class Cloud {
  readonly world: World;
  readonly books: Books;
  /** Every configuration that ever left, by its text. */
  readonly published = new Map<string, PublishedConfig>();
  program: Program | undefined;
  broker: SimBroker | undefined;
  relays: SimRelays | undefined;
  sip: SipSwitch | undefined;
  publisher: DesiredPublisher | undefined;
  readonly #net: Net;
  readonly #witness: CloudWitness;
  readonly #wall = new WallClock();
  #runs = 0;
  #stopped = false;

  constructor(world: World, net: Net, books: Books, witness: CloudWitness) {
    this.world = world;
    this.#net = net;
    this.books = books;
    this.#witness = witness;
  }

  start(): void {
    const { world } = this;
    const program = new Program(world, 'cloud', this.#wall);
    const run = `run-${++this.#runs}`;
    this.program = program;
    program.onDeath(() => {
      world.note('cloud', 'is dead');
      if (!this.#stopped) world.later(RESTART_MS, 'restart cloud', () => this.start());
    });
    world.note('cloud', `starts, ${run}`);
    this.#begin(program, run).catch((error: unknown) => {
      if (!program.alive) return;
      world.note('cloud', `cannot start: ${String(error)}`);
      program.kill();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const { sip } = this;
    await sip?.stop();
  }

  get desiredTopic(): string {
    return gatewayTopics(GATEWAY).desired;
  }

  /** Ends without a word. */
  end(): void {
    this.#stopped = true;
    this.program?.kill();
  }

  /** The contract is another one from now on; the cloud finds out by looking. */
  change(contract: Contract): void {
    this.books.contract = contract;
  }

  async #begin(program: Program, run: string): Promise<void> {
    const { books, world } = this;
    const random = seededRandom(world.below(2 ** 31));
    const log = silentLog();
    const publish = (topic: string, payload: string, retain: boolean): Promise<void> => {
      if (program.alive) this.#look(topic, payload);
      return broker.publish(topic, payload, retain);
    };
    const uplink = new Uplink({ sink: books.sink(program), publish, counters: newCounters(), log });
    const broker = new SimBroker(this.#net, program, BROKER, (client, topic, payload) => {
      const kind = upKindOf(client as GatewayId, topic);
      if (kind !== undefined) uplink.push(client as GatewayId, kind, payload);
    });
    this.broker = broker;
    const publisher = new DesiredPublisher({
      contracts: async () => [books.contract],
      passwords: async () => new Map(books.contract.ids.map(({ id }) => [id, PASSWORD])),
      store: books.revisionStore(program),
      publish,
      trunk: { ...TRUNK, serverName: 'cloud.engawa.example', domain: DOMAIN },
      privateKey: CONFIG_KEY,
      keyFingerprint: 'simulated',
      clock: program,
      log,
    });
    this.publisher = publisher;
    await publisher.publish();
    await books.recover(program, run);
    const sip = this.#switch(program, run, random.bytes(4).readUInt32BE(0));
    this.sip = sip;
    await sip.start();
    this.#every(program, SETTLE_EVERY_MS, () => books.settleBoxOnly(program));
    this.#every(program, LOOK_EVERY_MS, () => publisher.publishChanges());
  }

  #switch(program: Program, run: string, seed: number): SipSwitch {
    const { books } = this;
    const net = this.#net;
    const log = silentLog();
    const relays = new SimRelays(net, program, CLOUD_HOST);
    this.relays = relays;
    const random = seededRandom(seed);
    return new SipSwitch({
      mediaHost: CLOUD_HOST,
      domain: DOMAIN,
      carrier: CARRIER,
      directory: new SmallDirectory(),
      book: books.book(program, run),
      clock: program,
      ...{ random, log },
      limits: DEFAULT_LIMITS,
      openRelay: relays.openRelay,
      makeAgents: (handlers) => {
        const common = {
          clock: program,
          random,
          log,
          product: 'switch',
          localHost: CLOUD_HOST,
          listeners: [],
        };
        return {
          gateways: createUserAgent(
            {
              ...common,
              sessionTimer: { expiresS: 1_800 },
              registrar: { ...handlers.registrar, realm: DOMAIN },
              onInvite: (session, account) => handlers.fromGateway(session, account),
            },
            streamSockets(net, program, CLOUD_HOST, 'tls', TRUNK),
          ),
          network: createUserAgent(
            { ...common, onInvite: (session) => handlers.fromNetwork(session) },
            datagramSockets(net, program, NETWORK_SIDE),
          ),
        };
      },
    });
  }

  #every(program: Program, ms: number, work: () => Promise<unknown>): void {
    program.after(ms, 'chore', () => {
      work()
        .catch((error: unknown) => this.world.note('cloud', `a chore failed: ${String(error)}`))
        .finally(() => this.#every(program, ms, work));
    });
  }

  /** What leaves is known to the judge before anybody can have it. */
  #look(topic: string, payload: string): void {
    const topics = gatewayTopics(GATEWAY);
    if (topic === topics.desired) {
      const { rev, payload: text } = JSON.parse(payload) as { rev: number; payload: string };
      if (!this.published.has(text)) this.world.note('cloud', `publishes revision ${rev}`);
      this.published.set(text, { rev, payload: text });
    }
    if (topic === topics.recordsAck) {
      this.#witness.acknowledged((JSON.parse(payload) as { ids: string[] }).ids);
    }
  }
}

/** The office's rules, as large as these calls need them. */
class SmallDirectory implements Directory {
  async ha1(user: string, realm: string, algorithm: 'MD5' | 'SHA-256'): Promise<string | undefined> {
    if (!MEMBERS.some((member) => member === user)) return undefined;
    return digestHa1(algorithm, user, realm, PASSWORD);
  }

  device(): 'adapter' {
    return 'adapter';
  }

  channels(): number {
    return CHANNELS;
  }

  decide(request: CallRequest, live: LiveState): Decision {
    return { plan: this.#plan(request, live), trace: [{ rule: 'site', facts: [], say: 'a small office' }] };
  }

  #plan(request: CallRequest, live: LiveState): RoutePlan {
    if (live.busyChannels(CONTRACT) >= CHANNELS) {
      const say = 'all 2 channels are in use';
      return { verb: 'reject', rule: 'channels', status: 486, cause: 34, say, contract: CONTRACT };
    }
    if (request.direction === 'in') {
      const ring = { contract: CONTRACT, called: NUMBER, forMs: 20_000, takesChannel: true } as const;
      return { verb: 'ring', members: [...MEMBERS], ...ring };
    }
    return {
      verb: 'network',
      contract: CONTRACT,
      id: request.id,
      number: request.dialled,
      presents: NUMBER,
      withheld: false,
      destination: 'geographic',
      takesChannel: true,
      emergency: false,
    };
  }
}

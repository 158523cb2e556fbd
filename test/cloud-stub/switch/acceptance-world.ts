import { App } from '../../../cloud-stub/apps/index.ts';
import { Carrier } from '../../../cloud-stub/carrier/carrier.ts';
import type { CarrierCallView } from '../../../cloud-stub/carrier/index.ts';
import type { NumberBehaviour } from '../../../cloud-stub/carrier/number-table.ts';
import { type Contract, routingSnapshot } from '../../../cloud-stub/contracts/index.ts';
import {
  decide,
  defaultPolicy,
  RoutingMemory,
  type RoutingPolicy,
} from '../../../cloud-stub/routing/index.ts';
import type { CallRequest, Decision, DeviceClass } from '../../../cloud-stub/routing/types.ts';
import type { Authorise } from '../../../cloud-stub/switch/authorise.ts';
import { createSwitch, type Switch } from '../../../cloud-stub/switch/index.ts';
import type { CallBook, Directory, LiveState } from '../../../cloud-stub/switch/ports.ts';
import { type Instant, systemClock } from '../../../lib/base/clock.ts';
import type { ContractId, ServiceId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { Session } from '../../../lib/voice/sip/api.ts';
import { digestHa1 } from '../../../lib/voice/sip/index.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { Gateway, type GatewayCall, until } from './gateway.ts';
import { MemoryBook, PASSWORD } from './office.ts';

/** What a party does when it is rung. */
export type Manner = 'rings' | 'busy' | 'answers';

/** How long everything rings here: seconds, not minutes. */
export const BRISK: RoutingPolicy = {
  ...defaultPolicy,
  ringForMs: 1_500,
  terminalForMs: 1_000,
  forwardForMs: 1_200,
  toneForMs: 400,
};

/** Contracts in memory, decided about by the product's own rules at a moment that the case chooses. */
class OfficeDirectory implements Directory {
  readonly #contracts: readonly Contract[];
  readonly #now: Instant;
  readonly #policy: RoutingPolicy;
  readonly #memory = new RoutingMemory();
  readonly #instead: Pick<Directory, 'decide'> | undefined;
  readonly decisions: Decision[] = [];

  constructor(
    contracts: readonly Contract[],
    now: Instant,
    policy: RoutingPolicy,
    instead?: Pick<Directory, 'decide'>,
  ) {
    this.#instead = instead;
    this.#contracts = contracts;
    this.#now = now;
    this.#policy = policy;
  }

  async ha1(user: string, realm: string, algorithm: 'MD5' | 'SHA-256'): Promise<string | undefined> {
    const known = this.#contracts.some((each) => each.ids.some(({ id }) => id === user));
    return known ? digestHa1(algorithm, user, realm, PASSWORD) : undefined;
  }

  device(id: ServiceId): DeviceClass | undefined {
    for (const contract of this.#contracts) {
      const device = contract.ids.find((each) => each.id === id)?.device;
      const kind = contract.devices.find((each) => each.id === device)?.kind;
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  channels(contract: ContractId): number | undefined {
    return this.#contracts.find(({ id }) => id === contract)?.ids.length;
  }

  decide(request: CallRequest, live: LiveState): Decision {
    const decision = this.#instead?.decide(request, live) ?? this.#decide(request, live);
    this.decisions.push(decision);
    return decision;
  }

  #decide(request: CallRequest, live: LiveState): Decision {
    const snapshot = this.#memory.over(routingSnapshot(this.#contracts, live, this.#now), this.#now);
    const decision = decide(request, snapshot, this.#now, this.#policy);
    this.#memory.remember(decision, this.#now);
    return decision;
  }
}

/** One leg that really rang. */
export interface SeenLeg {
  readonly atMs: number;
  readonly to: string;
  /** What a party outside sees; null for a device of the office. */
  readonly presents: string | null;
}

export interface WorldOptions {
  /** Third octet block of loopback addresses: nothing else may use it. */
  readonly net: string;
  readonly contracts: readonly Contract[];
  readonly now: Instant;
  readonly policy?: RoutingPolicy;
  readonly outside?: Readonly<Record<string, Manner>>;
  readonly members?: Readonly<Record<string, Manner>>;
  /** IDs that are not registered. */
  readonly away?: readonly ServiceId[];
  readonly authorise?: Authorise;
  readonly simulateEmergency?: boolean;
  /** A real store: it decides and keeps the book, and the world's own book has everything too. */
  readonly service?: { readonly directory: Pick<Directory, 'decide'>; readonly book: CallBook };
}

/** Whatever is asked of one book is asked of the other first. */
function twoBooks(real: CallBook, seen: CallBook): CallBook {
  return {
    begin: (start) => real.begin(start).then(() => seen.begin(start)),
    answered: (call, at, by) => real.answered(call, at, by).then(() => seen.answered(call, at, by)),
    ended: (call, end) => real.ended(call, end).then(() => seen.ended(call, end)),
    heartbeat: (calls, at) => real.heartbeat(calls, at).then(() => seen.heartbeat(calls, at)),
    async legBegin(leg) {
      await real.legBegin?.(leg);
      await seen.legBegin?.(leg);
    },
    async legAnswered(call, leg, at) {
      await real.legAnswered?.(call, leg, at);
      await seen.legAnswered?.(call, leg, at);
    },
    async legEnded(call, leg, end) {
      await real.legEnded?.(call, leg, end);
      await seen.legEnded?.(call, leg, end);
    },
  };
}

const authority = testAuthority();
const server = authority.issue('cloud.engawa.example');

/** An office in memory with a switch, a telephone network, a box for its desk phones and adapters, and an app for each app ID. */
export class OfficeWorld {
  readonly book = new MemoryBook([]);
  readonly directory: OfficeDirectory;
  readonly cloud: Switch;
  readonly carrier: Carrier;
  readonly box: Gateway;
  readonly apps = new Map<ServiceId, App>();
  readonly boxLegs: SeenLeg[] = [];
  readonly boxCalls: {
    readonly member: string;
    readonly session: Session;
    readonly call: GatewayCall | null;
  }[] = [];
  readonly #options: WorldOptions;
  readonly #appLegs: SeenLeg[] = [];

  constructor(options: WorldOptions) {
    this.#options = options;
    const { net, contracts, now, policy = BRISK, outside = {}, authorise, service } = options;
    this.directory = new OfficeDirectory(contracts, now, policy, service?.directory);
    const common = { clock: systemClock, random: systemRandom, log: silentLog() };
    const [host, far] = [`${net}.10`, `${net}.20`];
    this.cloud = createSwitch({
      ...common,
      host,
      tls: { certPem: server.cert, keyPem: server.key },
      carrier: { host: far, port: 5060 },
      realm: 'engawa.example',
      domain: 'engawa.example',
      directory: this.directory,
      book: service === undefined ? this.book : twoBooks(service.book, this.book),
      ...(authorise === undefined ? {} : { authorise }),
    });
    this.carrier = new Carrier({
      ...common,
      host: far,
      port: 5060,
      trunk: { host, port: 5060 },
      simulateEmergency: options.simulateEmergency ?? false,
      numbers: new Map(Object.entries(outside).map(([number, manner]) => [number, behaviour(manner)])),
    });
    this.box = new Gateway(`${net}.30`, { host, port: 5061 }, authority.caPem);
    this.box.onRung = (session, member) => this.#rung(session, member);
  }

  async start(): Promise<void> {
    await this.cloud.start();
    await this.carrier.start();
    const ids = this.#options.contracts.flatMap((each) => each.ids.map(({ id }) => id));
    const here = ids.filter((id) => this.#options.away?.includes(id) !== true);
    const boxed = here.filter((id) => this.directory.device(id) !== 'app');
    const apps = here.filter((id) => this.directory.device(id) === 'app');
    await Promise.all([this.box.start(boxed), ...apps.map((id, index) => this.#startApp(id, index))]);
    await until(() => here.every((id) => this.cloud.live.reachable(id)), 'the registrations');
  }

  async stop(): Promise<void> {
    await Promise.all([
      this.box.agent.stop(),
      this.carrier.stop(),
      ...[...this.apps.values()].map((app) => app.stop()),
    ]);
    for (const { call } of this.boxCalls) call?.voice.close();
    await this.cloud.stop();
  }

  /** An outside caller. */
  async callIn(to: string, from = '0312345670', origin?: string): Promise<string> {
    const word = origin === undefined ? {} : { origin };
    const made = await this.carrier.call({ from, to, hz: 950, ...word });
    if (!made.ok) throw new Error(made.error.say);
    return made.value.call;
  }

  caller(call: string): CarrierCallView | undefined {
    return this.carrier.view(call);
  }

  /** Everybody who was rung so far, in the order in which it happened. */
  legs(): readonly SeenLeg[] {
    const outside = this.carrier
      .calls()
      .filter((view) => view.direction === 'fromTrunk')
      .map((view) => ({ atMs: view.history[0]?.atMs ?? 0, to: view.to, presents: view.from }));
    return [...this.boxLegs, ...this.#appLegs, ...outside].sort((left, right) => left.atMs - right.atMs);
  }

  /** Nothing is left behind: no call, no open record, no channel. */
  async quiet(): Promise<void> {
    await until(() => this.cloud.figures().calls === 0, 'the end of every call');
    await until(() => [...this.book.rows.values()].every((row) => row.end !== undefined), 'every record');
    for (const contract of this.#options.contracts) {
      if (this.cloud.live.busyChannels(contract.id) !== 0) throw new Error('a channel is still held');
    }
    for (const leg of this.book.legs.values()) {
      if (leg.end === undefined) throw new Error(`leg ${leg.start.leg} to ${leg.start.to} is still open`);
    }
  }

  #manner(id: string): Manner {
    return this.#options.members?.[id] ?? 'rings';
  }

  async #startApp(id: ServiceId, index: number): Promise<void> {
    const { net } = this.#options;
    const app = new App({
      host: `${net}.${40 + index}`,
      port: 5060,
      transport: index % 2 === 0 ? 'udp' : 'tcp',
      cloud: { host: `${net}.10`, port: 5062 },
      domain: 'engawa.example',
      user: id,
      password: PASSWORD,
      clock: systemClock,
      random: systemRandom,
      log: silentLog(),
    });
    this.apps.set(id, app);
    const seen = new Set<string>();
    app.onChange((view) => {
      if (view.direction !== 'in' || seen.has(view.call)) return;
      seen.add(view.call);
      this.#appLegs.push({ atMs: systemClock.now(), to: id, presents: null });
      const call = app.calls.find((each) => each.view.call === view.call);
      if (this.#manner(id) === 'busy') call?.reject(486);
      else if (this.#manner(id) === 'answers') setTimeout(() => call?.answer(1_300), 150);
    });
    await app.start();
  }

  #rung(session: Session, member: string): void {
    this.boxLegs.push({ atMs: systemClock.now(), to: member, presents: null });
    if (this.#manner(member) === 'busy') {
      session.reject(486, { cause: 17, text: 'busy' });
      return;
    }
    session.progress(180);
    if (this.#manner(member) === 'rings') {
      this.boxCalls.push({ member, session, call: null });
      return;
    }
    this.box
      .take(session)
      .then((call) => {
        this.boxCalls.push({ member, session, call });
        setTimeout(() => call.answer(1_700), 150);
      })
      .catch(() => session.reject(500));
  }
}

function behaviour(manner: Manner): NumberBehaviour {
  switch (manner) {
    case 'rings':
      return { kind: 'ringsForEver' };
    case 'busy':
      return { kind: 'refuses', status: 486, cause: 17, text: 'User busy' };
    case 'answers':
      return { kind: 'answers', afterMs: 150, plays: { kind: 'steady', hz: 700 } };
  }
}

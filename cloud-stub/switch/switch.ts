import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CallId, type ContractId, newCallId, parseCallId, type ServiceId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { PARK_HEADER } from '../../lib/contract/park.ts';
import { CALL_HEADER } from '../../lib/contract/sip-headers.ts';
import type { RegistrarPort, Session, SipCounters, UserAgent } from '../../lib/voice/sip/api.ts';
import { hopsAfter } from '../../lib/voice/sip/b2bua/pass-on.ts';
import { openRelay } from '../media/index.ts';
import type { CallRequest, Decision } from '../routing/types.ts';
import { ActiveCall } from './active-call.ts';
import type { Authorise } from './authorise.ts';
import { writeEnd } from './book-writes.ts';
import type { CallContext } from './call-context.ts';
import { mannerOf, mediaOf } from './call-manner.ts';
import { refuseCaller } from './call-reasons.ts';
import {
  FAULT,
  FULL,
  NO_AUDIO,
  overruled,
  ownCaller,
  type RejectPlan,
  STOPPING,
  startOf,
  TOO_MANY_HOPS,
} from './call-start.ts';
import type { LegTarget, OfferPlan } from './call-types.ts';
import { Channels } from './channels.ts';
import {
  type CallerIdentity,
  callerOf,
  type TrunkPlace,
  towardsMember,
  towardsNetwork,
  userOf,
} from './identity.ts';
import { isLater, notYet } from './later-verbs.ts';
import { networkWord } from './network-word.ts';
import { Parking } from './parking.ts';
import { ParkingDesk } from './parking-desk.ts';
import type { CallBook, Directory, LiveState, SwitchCallStart } from './ports.ts';
import { causeText, endOfReject } from './refusals.ts';
import { readAudio } from './session-description.ts';
import { SilenceProbe } from './silence-probe.ts';
import type { SwitchLimits } from './switch-limits.ts';

/** The two sides of the switch as user agents; made by `create-switch.ts`, replaced in tests. */
export interface SwitchAgents {
  /** TLS, registrar and digest: the gateways. */
  readonly gateways: UserAgent;
  /** UDP and TCP, registrar and digest: the apps. */
  readonly apps?: UserAgent;
  /** UDP, admitted by source address: the telephone network. */
  readonly network: UserAgent;
}

/** Where an ID is registered. */
export type Side = 'gateways' | 'apps';

/** What the agents call back. */
export interface SwitchHandlers {
  readonly registrar: RegistrarPort;
  /** Knows IDs of apps only: an adapter's line never registers without TLS. */
  readonly appRegistrar: RegistrarPort;
  fromGateway(session: Session, account: string | undefined): void;
  fromNetwork(session: Session): void;
}

export interface SwitchCoreOptions {
  readonly mediaHost: string;
  readonly domain: string;
  /** The telephone network, and what its trunk wants of a call. */
  readonly carrier: TrunkPlace;
  readonly directory: Directory;
  readonly book: CallBook;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly limits: SwitchLimits;
  makeAgents(handlers: SwitchHandlers): SwitchAgents;
  /** Asked before a leg that costs money; absent: everything is granted. */
  readonly authorise?: Authorise;
  /** The customers' own recordings by name, µ-law. */
  readonly recording?: (name: string) => Uint8Array | undefined;
  /** Replaced in simulations, which have no sockets. */
  readonly openRelay?: typeof openRelay;
}

/** Figures of a running switch. */
export interface SwitchFigures {
  readonly calls: number;
  readonly registered: number;
  readonly gateways: Readonly<SipCounters>;
  readonly network: Readonly<SipCounters>;
  /** Refusals that were not written down because too many were waiting for the book. */
  readonly unrecordedRefusals: number;
}

const HEARTBEAT_MS = 5_000;
const AUDIO_CHECK_MS = 1_000;
const STOP_LIMIT_MS = 5_000;
const FAREWELL_MS = 100;
const REFUSALS_WAITING_LIMIT = 200;
const NOBODY = { number: '', presents: '', withheld: true } as const;
/** Who is shown where nothing is known of the caller. */
const NOBODY_KNOWN: CallerIdentity = { number: '', withheld: true, payphone: false, display: '' };

/** The SIP edge of the cloud: registrar for the IDs, and a back-to-back user agent that carries out route plans. */
export class SipSwitch {
  readonly #options: SwitchCoreOptions;
  readonly #agents: SwitchAgents;
  readonly #channels = new Channels();
  readonly #probe: SilenceProbe;
  /** The newest registration of an ID decides where it is called. [A-48] [S3-041] */
  readonly #registered = new Map<string, Side>();
  readonly #calls = new Map<CallId, ActiveCall>();
  readonly #callers = new Map<CallId, CallerIdentity>();
  /** Hops left to a call that goes on. */
  readonly #hops = new Map<CallId, number>();
  readonly #parking = new Parking();
  readonly #desk: ParkingDesk;
  readonly #writing = new Set<Promise<void>>();
  #refusalsWaiting = 0;
  #unrecordedRefusals = 0;
  #timers: Timer[] = [];
  #stopping = false;
  readonly live: LiveState = {
    busyChannels: (contract) => this.#channels.busy(contract),
    reachable: (id) => this.#registered.has(id),
    parked: (contract, slot) => this.#parking.at(contract, slot),
    holding: (id) => [...this.#calls.values()].find((call) => call.isHeldBy(id))?.start.call,
  };

  constructor(options: SwitchCoreOptions) {
    this.#options = options;
    this.#desk = new ParkingDesk({
      parking: this.#parking,
      call: (id) => this.#calls.get(id),
      book: options.book,
      clock: options.clock,
      random: options.random,
      log: options.log,
      mediaHost: options.mediaHost,
      follow: (work) => this.#follow(work),
    });
    this.#probe = new SilenceProbe(options.clock, options.limits.ask);
    this.#agents = options.makeAgents({
      registrar: {
        ha1: (user, realm, algorithm) => options.directory.ha1(user, realm, algorithm),
        onBinding: (user, bound) => this.#onBinding('gateways', user, bound),
      },
      appRegistrar: {
        ha1: async (user, realm, algorithm) =>
          options.directory.device(user as ServiceId) === 'app'
            ? options.directory.ha1(user, realm, algorithm)
            : undefined,
        onBinding: (user, bound) => this.#onBinding('apps', user, bound),
      },
      fromGateway: (session, account) => this.#fromGateway(session, account),
      fromNetwork: (session) => this.#fromNetwork(session),
    });
  }

  /** Binds both sides. Throws a StartupError that names the port when one is taken. */
  async start(): Promise<void> {
    const started: UserAgent[] = [];
    try {
      for (const agent of this.#allAgents()) {
        await agent.start();
        started.push(agent);
      }
    } catch (error) {
      await Promise.all(started.map((agent) => agent.stop()));
      throw error;
    }
    this.#repeat(HEARTBEAT_MS, 'switch heartbeat', () => this.#heartbeat());
    this.#repeat(AUDIO_CHECK_MS, 'switch audio check', () => this.#checkAudio());
  }

  /** Ends every call with a record, waits for the book, and closes the ports. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const call of [...this.#calls.values()]) {
      call.stop();
      this.#follow(call.settled);
    }
    const { clock } = this.#options;
    // Time for the farewells to leave before the sockets close.
    await new Promise<void>((resolve) => clock.after(FAREWELL_MS, 'switch farewell', resolve));
    const limit = new Promise<void>((resolve) => clock.after(STOP_LIMIT_MS, 'switch stop limit', resolve));
    while (this.#writing.size > 0) {
      const left = await Promise.race([Promise.all(this.#writing).then(() => true), limit.then(() => false)]);
      if (!left) break;
    }
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    await Promise.all(this.#allAgents().map((agent) => agent.stop()));
  }

  #allAgents(): readonly UserAgent[] {
    const { gateways, apps, network } = this.#agents;
    return apps === undefined ? [gateways, network] : [gateways, apps, network];
  }

  /** Ends the registrations of IDs whose account is another one now; calls that are up go on to their end. */
  accountsEnded(ids: readonly ServiceId[]): void {
    for (const id of ids) for (const agent of this.#allAgents()) agent.endBinding?.(id);
  }

  figures(): SwitchFigures {
    return {
      calls: this.#calls.size,
      registered: this.#registered.size,
      gateways: { ...this.#agents.gateways.counters },
      network: { ...this.#agents.network.counters },
      unrecordedRefusals: this.#unrecordedRefusals,
    };
  }

  #onBinding(side: Side, user: string, bound: boolean): void {
    if (bound) this.#registered.set(user, side);
    else if (this.#registered.get(user) === side) this.#registered.delete(user);
    this.#options.log.info({ event: 'registration', side, user, bound }, 'registration');
  }

  #fromGateway(session: Session, account: string | undefined): void {
    if (account === undefined) {
      session.reject(403, { cause: 21, text: causeText(21) });
      return;
    }
    const { clock, random } = this.#options;
    const named = parseCallId(session.invite.header(CALL_HEADER)[0]);
    const call = named === undefined || this.#calls.has(named) ? newCallId(clock, random) : named;
    const id = account as ServiceId;
    const dialled = userOf(session.invite.requestUri);
    const manner = mannerOf(session.invite);
    this.#decide(session, { call, direction: 'out', id, dialled, manner }, undefined);
  }

  #fromNetwork(session: Session): void {
    const { clock, random, carrier, log } = this.#options;
    const { source } = session.invite;
    if (source.host !== carrier.host) {
      log.warn({ event: 'call.stranger', source }, 'a call from a stranger was refused');
      session.reject(403, { cause: 21, text: causeText(21) });
      return;
    }
    const caller = callerOf(session.invite);
    const origin = networkWord(session.invite);
    const media = mediaOf(session.invite.sdp);
    const request: CallRequest = {
      call: newCallId(clock, random),
      direction: 'in',
      from: caller.number,
      withheld: caller.withheld,
      to: userOf(session.invite.requestUri),
      ...(origin === undefined ? {} : { origin }),
      ...(media === 'voice' ? {} : { media }),
    };
    this.#decide(session, request, caller);
  }

  /** From here to the taking of the channel nothing waits, so that two calls cannot both get the last one. [S0-059] */
  #decide(session: Session, request: CallRequest, caller: CallerIdentity | undefined): void {
    const decision = this.#bounded(this.#ask(request));
    const { plan } = decision;
    const { clock, directory } = this.#options;
    const start = startOf(request, decision, clock.now(), (id) => directory.device(id));
    const offer = readAudio(session.invite.sdp);
    if (plan.verb === 'reject') {
      this.#reject(session, start, plan);
      return;
    }
    if (isLater(plan)) {
      const refusal = { verb: 'reject', ...notYet(plan) } as const;
      this.#reject(session, { ...start, decision: overruled(decision, refusal) }, refusal);
      return;
    }
    if (plan.verb === 'park' || plan.verb === 'take') {
      this.#desk.serve(session, { ...start, decision }, plan, offer);
      return;
    }
    const hops = hopsAfter(session.invite);
    if (offer === undefined || hops === undefined) {
      const refusal = offer === undefined ? NO_AUDIO : TOO_MANY_HOPS;
      this.#reject(session, { ...start, decision: overruled(decision, refusal) }, refusal);
      return;
    }
    const { limits } = this.#options;
    const setup = {
      call: request.call,
      plan,
      ringForMs: limits.networkRingMs,
      longestMs: limits.longestCallMs,
    };
    const active = new ActiveCall(this.#context(), start, setup, session, offer);
    if (plan.verb === 'network' && plan.emergency) this.#makeRoom(plan.contract);
    if ('takesChannel' in plan && plan.takesChannel) this.#channels.take(plan.contract, request.call);
    this.#calls.set(request.call, active);
    this.#callers.set(request.call, caller ?? ownCaller(plan));
    this.#hops.set(request.call, hops);
    this.#options.log.info(
      { event: 'call.begun', call: request.call, direction: request.direction, plan },
      'call begun',
    );
    active.begin();
  }

  /**
   * Decision 11: with every channel taken, the newest other call makes room for an emergency call. One that is an
   * emergency call itself never does.
   */
  #makeRoom(contract: ContractId): void {
    const most = this.#options.directory.channels?.(contract);
    if (most === undefined || this.#channels.busy(contract) < most) return;
    const holders = [...this.#calls.values()].filter((each) =>
      this.#channels.holds(contract, each.start.call),
    );
    const newest = holders.at(-1);
    if (newest === undefined) return;
    this.#options.log.warn(
      { event: 'call.preempted', call: newest.start.call },
      'an emergency call needs room',
    );
    newest.preempt();
  }

  /** A directory that throws is a mistake of ours; the caller gets a refusal, the others keep their calls. */
  #ask(request: CallRequest): Decision {
    try {
      return this.#options.directory.decide(request, this.live);
    } catch (error) {
      this.#options.log.error({ err: error, call: request.call }, 'cannot decide');
      return overruled({ plan: FAULT, trace: [] }, FAULT);
    }
  }

  /** The switch's own limits come after the route plan and never stand in the way of an emergency call. */
  #bounded(decision: Decision): Decision {
    const { plan } = decision;
    if (plan.verb === 'reject' || (plan.verb === 'network' && plan.emergency)) return decision;
    const full = this.#calls.size >= this.#options.limits.calls;
    if (!full && !this.#stopping) return decision;
    return overruled(decision, full ? FULL : STOPPING);
  }

  /** A refused call rings nobody, so that the caller hears of it at once and the book a moment later. */
  #reject(session: Session, start: SwitchCallStart, plan: RejectPlan): void {
    const { book, clock, log } = this.#options;
    log.info({ event: 'call.refused', call: start.call, rule: plan.rule, say: plan.say }, 'call refused');
    refuseCaller(session, start.direction, plan);
    if (this.#refusalsWaiting >= REFUSALS_WAITING_LIMIT) {
      this.#unrecordedRefusals++;
      return;
    }
    this.#refusalsWaiting++;
    const end = {
      endedAt: clock.now(),
      talkMs: 0,
      end: endOfReject(plan),
      because: `${plan.rule}; ${plan.say}`,
    };
    const write = book
      .begin(start)
      .then(() => writeEnd({ book, clock, log }, start.call, end))
      .catch((error: unknown) => log.error({ err: error, call: start.call }, 'cannot write a refusal'))
      .finally(() => this.#refusalsWaiting--);
    this.#follow(write);
  }

  #context(): CallContext {
    const { clock, random, log, book, mediaHost, directory, openRelay: open = openRelay } = this.#options;
    return {
      clock,
      random,
      log,
      book,
      mediaHost,
      openRelay: async () => {
        const opened = await open({ host: mediaHost, clock, random });
        return opened.ok ? opened : { ok: false, say: opened.error.say };
      },
      invite: (call, plan, target, sdp) => this.#invite(call, plan, target, sdp),
      device: (id) => directory.device(id),
      reachable: (id) => this.live.reachable(id),
      channelFree: (contract) => {
        const most = directory.channels?.(contract);
        return most === undefined || this.#channels.busy(contract) < most;
      },
      channel: (call, take) => {
        const { call: id, contract } = call.start;
        if (contract === null) return;
        if (take) this.#channels.take(contract, id);
        else this.#channels.giveBack(contract, id);
      },
      authorise: this.#options.authorise,
      recording: this.#options.recording,
      recall: (call, id, sdp) => this.#recall(call, id, sdp),
      unparked: ({ start }) => this.#parking.free(start.call),
      finished: (call) => this.#finished(call),
    };
  }

  #invite(active: ActiveCall, plan: OfferPlan, target: LegTarget, sdp: string): Session {
    const { carrier, domain } = this.#options;
    const { call } = active.start;
    const maxForwards = this.#hops.get(call) ?? 0;
    if (target.kind === 'member') {
      const caller = this.#callers.get(call) ?? NOBODY_KNOWN;
      const called = plan.verb === 'network' ? '' : plan.called;
      const identity = towardsMember(call, target.id, called, caller, domain);
      const park = plan.verb === 'relay' ? plan.park : undefined;
      const headers =
        park === undefined ? identity.headers : [...identity.headers, [PARK_HEADER, park.slot] as const];
      const agent = this.#agents[this.#registered.get(target.id) ?? 'gateways'] ?? this.#agents.gateways;
      return agent.invite({ ...identity, headers, to: { registration: target.id }, sdp, maxForwards });
    }
    // A party outside sees the number that was called, never the original caller. [S0-137] [S1-013]
    const outside =
      target.kind === 'network'
        ? plan.verb === 'network'
          ? plan
          : NOBODY
        : { number: target.external, presents: target.presents, withheld: false };
    const identity = towardsNetwork(outside, domain, carrier);
    const to = { transport: 'udp', host: carrier.host, port: carrier.port } as const;
    return this.#agents.network.invite({ ...identity, to, sdp, maxForwards });
  }

  /** Whoever parked a call is called as the party that waits would call him. [S0-081] */
  #recall(active: ActiveCall, id: ServiceId, sdp: string): Session {
    const { call, from, to, direction } = active.start;
    const waits = { number: direction === 'in' ? from : to, payphone: false, display: '' };
    const caller = { ...waits, withheld: waits.number === '' };
    const identity = towardsMember(call, id, direction === 'in' ? to : from, caller, this.#options.domain);
    const agent = this.#agents[this.#registered.get(id) ?? 'gateways'] ?? this.#agents.gateways;
    return agent.invite({ ...identity, to: { registration: id }, sdp });
  }

  #finished(active: ActiveCall): void {
    const { call, contract } = active.start;
    this.#parking.free(call);
    if (contract !== null) this.#channels.giveBack(contract, call);
    this.#calls.delete(call);
    this.#callers.delete(call);
    this.#hops.delete(call);
    // `settled` is replaced right after this by the writing of the end.
    this.#follow(Promise.resolve().then(() => active.settled));
  }

  #follow(work: Promise<void>): void {
    this.#writing.add(work);
    const done = (): void => {
      this.#writing.delete(work);
    };
    work.then(done, done);
  }

  #heartbeat(): void {
    const { book, clock, log } = this.#options;
    const own = [...this.#calls].flatMap(([call, active]) => (active.recorded ? [call] : []));
    const calls = [...own, ...this.#desk.open()];
    if (calls.length === 0) return;
    book
      .heartbeat(calls, clock.now())
      .catch((error: unknown) => log.warn({ err: error }, 'cannot write the heartbeat'));
  }

  #checkAudio(): void {
    for (const call of [...this.#calls.values()]) {
      call.checkAudio(this.#options.limits.silentMs, this.live.reachable, this.#probe);
    }
  }

  #repeat(everyMs: number, name: string, run: () => void): void {
    const slot = this.#timers.length;
    const arm = (): void => {
      this.#timers[slot] = this.#options.clock.after(everyMs, name, () => {
        run();
        arm();
      });
    };
    arm();
  }
}

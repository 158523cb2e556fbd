import { silentLog } from '../../lib/base/log.ts';
import { type Random, seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import type {
  IncomingRefer,
  RegistrarAgent,
  ReliableHabit,
  Session,
  SessionEvent,
  UserAgentOptions,
} from '../../lib/voice/sip/api.ts';
import { B2bua } from '../../lib/voice/sip/b2bua/b2bua.ts';
import { createUserAgent } from '../../lib/voice/sip/user-agent.ts';
import { Forker } from './sip-forker.ts';
import { disagreement, judgeCalls, tally } from './sip-judge.ts';
import { SimulatedNetwork } from './sip-network.ts';
import { Omitter } from './sip-omitter.ts';
import { answering, calleeOf, type Direction, describe, isUp, Side, type SimCall } from './sip-parties.ts';
import { Witness } from './sip-witness.ts';

/** What stands between the two: nothing, a B2BUA, a proxy that forks, or a registrar on the callee's side. */
export type Shape = 'direct' | 'bridged' | 'forked' | 'registered';

/** What a run of simulated calls came to. `trouble` is empty when every rule held. */
export interface SipDrillReport {
  readonly seed: number;
  readonly shape: Shape;
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly offers: number;
  readonly transfers: number;
  readonly datagrams: number;
  /** Calls whose peer was gone, ended by their session timer. */
  readonly expired: number;
  readonly trouble: readonly string[];
}

const CALLER = { host: '10.0.0.2', port: 5_060 };
const CALLEE = { host: '192.0.2.20', port: 5_060 };
const SECOND = { host: '192.0.2.21', port: 5_060 };
const MIDDLE = { host: '192.0.2.30', port: 5_060 };
const TRANSLATOR = '192.0.2.1';
const REALM = 'drill';
const CREDENTIALS = { user: 'caller', password: 'secret' };
/** Of caller:drill:secret. */
const HA1 = 'ae185dda404fb7d19ef50790797df6b5';
/** Long enough for every transaction and session timer to run out. */
const AFTERMATH_MS = 900_000;
/** Whoever is hung up on knows it by then, with room for an ACK that was late and a BYE that got lost. */
const TOLD_MS = 150_000;
const NO_ANSWER_MS = 60_000;

/** Many calls between two sides over a bad network, everything chosen by one seed. */
export async function drillSip(seed: number, calls: number): Promise<SipDrillReport> {
  return await new SipDrill(seed).run(calls);
}

class SipDrill {
  readonly #seed: number;
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #network: SimulatedNetwork;
  readonly #witness = new Witness();
  readonly #calls: SimCall[] = [];
  readonly #trouble: string[] = [];
  readonly #shape: Shape;
  readonly #agents = new Map<string, RegistrarAgent>();
  readonly #caller: RegistrarAgent;
  #bridge: B2bua | undefined;
  readonly #timers: boolean;
  #cut = false;
  #version = 1;
  #offers = 0;
  #transfers = 0;
  #registered = false;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    const { fraction } = this.#random;
    const bad = fraction();
    this.#network = new SimulatedNetwork(this.#clock, seededRandom(seed + 1), {
      loss: bad < 0.3 ? 0 : fraction() * 0.25,
      duplicate: bad < 0.3 ? 0 : fraction() * 0.2,
      delayMs: fraction() * 150,
      jitterMs: fraction() * 400,
    });
    const now = (): number => this.#clock.monotonicMs();
    this.#network.tap((bytes, from) => this.#witness.sent(bytes, from.host, now()));
    this.#network.onArrival((bytes, at) => this.#witness.came(bytes, at.host, now()));
    this.#timers = fraction() < 0.6;
    const shapes = ['direct', 'bridged', 'bridged', 'forked', 'registered'] as const;
    // In turn, so that few seeds have them all.
    this.#shape = shapes[seed % shapes.length] ?? 'direct';
    const translated = this.#shape === 'registered' || (this.#shape !== 'forked' && fraction() < 0.5);
    if (translated) {
      this.#network.putBehind(CALLER.host, TRANSLATOR, fraction() < 0.5 ? 'known' : 'everybody');
    }
    if (fraction() < 0.5) this.#network.rewrite = new Omitter().rewrite;
    this.#caller = this.#agent(CALLER);
    this.#agent(CALLEE, this.#shape === 'registered' ? this.#registrar() : {});
    if (this.#shape === 'bridged') this.#makeMiddle();
    if (this.#shape === 'forked') {
      this.#agent(SECOND);
      new Forker(this.#clock, this.#network, MIDDLE, [CALLEE, SECOND]);
      this.#witness.passOver(MIDDLE.host);
    }
  }

  async run(calls: number): Promise<SipDrillReport> {
    for (const agent of this.#agents.values()) await agent.start();
    const registration = this.#shape === 'registered' ? this.#register() : undefined;
    await this.#pass(registration === undefined ? 0 : 30_000);
    for (let number = 0; number < calls; number++) {
      const back = this.#registered && this.#random.fraction() < 0.5;
      this.#call(number, back);
      await this.#pass(this.#between(0, 20_000));
    }
    // Sometimes a party vanishes with its calls up: only session timers can end those at the other side.
    if (this.#timers && this.#random.fraction() < 0.3) {
      this.#cut = true;
      this.#network.cut(this.#random.fraction() < 0.5 ? CALLER.host : CALLEE.host, true);
    }
    await this.#pass(600_000);
    void registration?.stop();
    await this.#pass(AFTERMATH_MS);
    this.#judge();
    for (const agent of this.#agents.values()) await agent.stop();
    return this.#report();
  }

  // --- who there is ---

  #agent(place: typeof CALLER, more: Partial<UserAgentOptions> = {}): RegistrarAgent {
    const habits: readonly ReliableHabit[] = ['off', 'supported', 'supported'];
    const agent = createUserAgent(
      {
        clock: this.#clock,
        random: seededRandom(this.#below(2 ** 31)),
        log: silentLog(),
        product: 'Engawa drill',
        listeners: [],
        localHost: place.host,
        reliable: habits[this.#below(habits.length)] ?? 'off',
        ...(this.#timers ? { sessionTimer: { expiresS: 90 + this.#below(200) } } : {}),
        onInvite: (session) => this.#rings(session, place.host),
        onRefer: (refer) => this.#referred(refer),
        ...more,
      },
      this.#network.sockets(place),
    );
    this.#agents.set(place.host, agent);
    return agent;
  }

  #registrar(): Partial<UserAgentOptions> {
    return {
      registrar: {
        realm: REALM,
        ha1: async (user) => (user === 'caller' ? HA1 : undefined),
        algorithms: ['MD5'],
        onBinding: (_user, bound) => {
          this.#registered = bound;
        },
      },
    };
  }

  #register() {
    return this.#caller.register({
      registrar: { transport: 'udp', ...CALLEE },
      serverName: CALLEE.host,
      domain: REALM,
      credentials: CREDENTIALS,
      expiresS: 300,
      onState: () => undefined,
    });
  }

  #makeMiddle(): void {
    const onward = (user: string) => ({
      agent,
      invite: {
        to: { transport: 'udp', ...CALLEE } as const,
        requestUri: `sip:${user}@${CALLEE.host}`,
        from: { uri: `sip:middle@${MIDDLE.host}` },
        toUri: `sip:${user}@${CALLEE.host}`,
      },
    });
    const bridge = new B2bua({
      route: ({ invite }) => onward(invite.toUser),
      transfer: (_call, _side, uri) => onward(uri.slice(uri.indexOf(':') + 1, uri.indexOf('@'))),
    });
    this.#bridge = bridge;
    const agent = this.#agent(MIDDLE, {
      replaces: 'matched',
      onInvite: (session) => bridge.onInvite(session, undefined),
      onRefer: (refer) => bridge.onRefer(refer),
    });
  }

  // --- one call ---

  /** `back`: from the registrar's side to whoever is registered there, through its translator. */
  #call(number: number, back: boolean): void {
    const from = back ? CALLEE : CALLER;
    const to = back ? CALLER : this.#shape === 'direct' || this.#shape === 'registered' ? CALLEE : MIDDLE;
    const offers = this.#random.fraction() < 0.85;
    const session = (this.#agents.get(from.host) ?? this.#caller).invite({
      to: back ? { registration: 'caller' } : { transport: 'udp', ...to },
      requestUri: `sip:${number}@${back ? CALLER.host : CALLEE.host}`,
      from: {
        uri: back ? `sip:callee@${REALM}` : `sip:caller@${this.#shape === 'registered' ? REALM : from.host}`,
      },
      toUri: `sip:${number}@${back ? CALLER.host : CALLEE.host}`,
      ...(this.#shape === 'registered' && !back ? { credentials: CREDENTIALS } : {}),
      ...(offers ? { sdp: this.#describe(from.host) } : {}),
      noAnswerMs: NO_ANSWER_MS,
    });
    const caller = new Side(`caller ${number}`, session, from.host);
    const together = this.#shape === 'forked' && this.#random.fraction() < 0.6;
    const answerMs = together ? this.#between(1_000, 6_000) : undefined;
    const call: SimCall = { number, caller, callees: [], heirs: [], answerMs };
    this.#calls.push(call);
    session.listen((event) => this.#hears(caller, event));
    if (this.#random.fraction() < 0.25) this.#later(this.#between(0, 8_000), () => this.#hangUp(caller));
    this.#later(this.#between(10_000, 400_000), () => this.#hangUp(caller));
    this.#offersOf(caller);
    // Both at once: one of the two must give way.
    if (this.#random.fraction() < 0.4) {
      this.#later(this.#between(5_000, 60_000), () => {
        for (const side of [caller, calleeOf(call)]) if (side !== undefined) this.#offer(side);
      });
    }
    if (this.#random.fraction() < 0.2) {
      this.#later(this.#between(5_000, 90_000), () => this.#transfer(call));
    }
  }

  #rings(session: Session, host: string): void {
    const [user = ''] = session.invite.toUser.split('-');
    const call = this.#calls.find(({ number }) => String(number) === user);
    const heir = session.invite.toUser.includes('-');
    const callee = new Side(`${heir ? 'heir' : 'callee'} ${user || '?'} at ${host}`, session, host);
    const known = (heir ? call?.heirs : call?.callees) ?? [];
    if (call === undefined || known.some((one) => one.host === host && !heir)) {
      this.#trouble.push(`${callee.name} rang twice, or for nobody`);
    } else known.push(callee);
    callee.handed = heir;
    session.listen((event) => this.#hears(callee, event));
    const chance = this.#random.fraction();
    if (chance < 0.15) {
      callee.hungUp = true;
      session.reject(486);
    } else {
      const describedMs = this.#rings180(callee);
      if (chance > 0.25) this.#answersLater(callee, call, describedMs);
      this.#later(this.#between(20_000, 300_000), () => this.#hangUp(callee));
    }
    this.#offersOf(callee);
  }

  /** Ringing, sometimes with early media, some of it before and some behind the ringing. */
  #rings180(callee: Side): number | undefined {
    const { session } = callee;
    const early = this.#describe(callee.host);
    callee.early = early;
    if (this.#random.fraction() < 0.7) session.progress(180);
    const described = session.invite.sdp !== undefined && this.#random.fraction() < 0.5;
    if (!described) return undefined;
    const atMs = this.#between(0, 2_000);
    this.#later(atMs, () => session.progress(183, early));
    if (this.#random.fraction() < 0.5) this.#later(atMs + this.#between(0, 300), () => session.progress(180));
    return atMs;
  }

  #answersLater(callee: Side, call: SimCall | undefined, describedMs: number | undefined): void {
    // Sometimes before the far end can have acknowledged what was said last.
    const soon = describedMs !== undefined && this.#random.fraction() < 0.4;
    const atMs = soon ? describedMs + this.#between(0, 400) : this.#between(0, 9_000);
    this.#later(call?.answerMs ?? atMs, () => {
      if (!callee.over) callee.up = true;
      this.#later(TOLD_MS, () => this.#talksToSomebody(callee, call));
      // Who has picked up by mistake hangs up at once.
      if (this.#random.fraction() < 0.15) this.#later(this.#between(0, 800), () => this.#hangUp(callee));
      // What was said reliably before stands; what was not may still change.
      const same = this.#random.fraction() < 0.5 || this.#shape === 'bridged';
      callee.session.answer(same ? (callee.early ?? '') : this.#describe(callee.host));
    });
  }

  #hears(side: Side, event: SessionEvent): void {
    const gone = side.hungUp && event.type !== 'failed';
    if (side.over || gone) this.#trouble.push(`${side.name}: ${event.type} after the end`);
    side.said.push(event.type);
    switch (event.type) {
      case 'answered':
        side.up = true;
        if (event.sdp === undefined && side.session.direction === 'out')
          this.#trouble.push(`${side.name}: answered, and no word of the sound`);
        side.lastOfferMs = this.#clock.monotonicMs(); // an ACK that brings the answer may get lost
        if (this.#random.fraction() < 0.3) this.#later(this.#between(0, 50), () => this.#offer(side));
        if (side.session.direction === 'out' && side.session.invite.sdp === undefined) {
          side.session.acknowledge?.(this.#describe(side.host, answering(event.sdp ?? '')));
        }
        return;
      case 'failed':
      case 'cancelled':
      case 'ended':
        side.over = true;
        side.endMs = this.#clock.monotonicMs();
        return;
      case 'offer':
        this.#offered(side, event);
        return;
      case 'progress':
        if (event.sdp !== undefined) side.shown.add(event.sdp);
        return;
    }
  }

  #offered(side: Side, { sdp, answer, refuse }: Extract<SessionEvent, { type: 'offer' }>): void {
    side.lastOfferMs = this.#clock.monotonicMs();
    const own = this.#describe(side.host, answering(sdp));
    if (this.#random.fraction() < 0.15) refuse(488);
    else if (this.#random.fraction() < 0.3) {
      this.#later(this.#between(0, 3_000), () => answer(own));
      // Somebody at the phone presses hold meanwhile.
      if (this.#random.fraction() < 0.5) this.#later(this.#between(0, 1_000), () => this.#offer(side));
    } else answer(own);
  }

  #offersOf(side: Side): void {
    for (let offers = this.#below(3); offers > 0; offers--) {
      this.#later(this.#between(0, 60_000), () => this.#offer(side));
    }
  }

  /** Hold, resume, or just another description. */
  #offer(side: Side): void {
    if (side.over || side.hungUp || !side.up) return;
    this.#offers++;
    side.pending++;
    const by = this.#random.fraction() < 0.5 ? 'UPDATE' : 'INVITE';
    const directions = ['sendrecv', 'sendrecv', 'sendonly', 'inactive'] as const;
    const direction = directions[this.#below(directions.length)] ?? 'sendrecv';
    const settled = (): void => {
      side.pending--;
      side.lastOfferMs = this.#clock.monotonicMs();
    };
    side.session.reinvite(this.#describe(side.host, direction), settled, { by, retries: this.#below(4) });
  }

  /** One of the two asks the other to talk to somebody else: blind, or to the party of another call of its own. */
  #transfer(call: SimCall): void {
    const callee = calleeOf(call);
    const side = this.#random.fraction() < 0.5 ? call.caller : callee;
    if (side === undefined || callee === undefined || side.over || side.hungUp || !side.up) return;
    const other = this.#calls.find(
      ({ caller }) => caller !== side && caller.host === side.host && isUp(caller) && !caller.handed,
    );
    const attended = this.#shape === 'bridged' && side === call.caller && this.#random.fraction() < 0.5;
    if (attended && other === undefined) return;
    this.#transfers++;
    for (const one of [call.caller, ...call.callees]) one.handed = true;
    if (attended)
      for (const one of [other?.caller, ...(other?.callees ?? [])]) if (one !== undefined) one.handed = true;
    let finals = 0;
    side.session.refer?.({
      to:
        attended && other !== undefined
          ? { replaces: other.caller.session }
          : { uri: `sip:${call.number}-${this.#transfers}@${CALLEE.host}` },
      onProgress: (_status, final) => {
        if (final && ++finals > 1) this.#trouble.push(`${side.name}: a transfer ended twice`);
      },
    });
    this.#later(TOLD_MS + 60_000, () => {
      if (finals === 0) this.#trouble.push(`${side.name}: a transfer never ended`);
    });
  }

  /** Between two parties the one that is asked only says how it went. */
  #referred(refer: IncomingRefer): void {
    if (this.#random.fraction() < 0.2) {
      refer.refuse(603);
      return;
    }
    refer.accept();
    refer.tell(100, false);
    this.#later(this.#between(0, 5_000), () => refer.tell(180, false));
    this.#later(this.#between(5_000, 9_000), () =>
      refer.tell(this.#random.fraction() < 0.7 ? 200 : 486, true),
    );
  }

  #hangUp(side: Side): void {
    if (side.over || side.hungUp) return;
    const wrong = this.#cut ? undefined : disagreement(this.#callOf(side), this.#clock.monotonicMs());
    if (wrong !== undefined) this.#trouble.push(wrong);
    side.hungUp = true;
    side.endMs = this.#clock.monotonicMs();
    side.session.hangUp({ cause: 16, text: 'drill' });
    const call = this.#callOf(side);
    const callee = call === undefined ? undefined : calleeOf(call);
    const other = call?.caller === side ? callee : call?.caller;
    if (other === undefined || (call?.caller !== side && callee !== side)) return;
    this.#later(TOLD_MS, () => {
      if (this.#cut || other.over || other.hungUp || other.handed) return;
      this.#trouble.push(`${other.name} has not heard that the other side hung up`);
    });
  }

  /** A second callee that answered is ended, or it would talk to nobody. */
  #talksToSomebody(callee: Side, call: SimCall | undefined): void {
    if (call === undefined || this.#cut || !isUp(callee) || callee.handed) return;
    const { caller } = call;
    if (isUp(caller) && calleeOf(call) === callee) return;
    // Who has just heard the end will tell it.
    const waitMs = isUp(caller) ? 0 : caller.endMs + TOLD_MS - this.#clock.monotonicMs();
    if (waitMs > 0) {
      this.#later(waitMs, () => this.#talksToSomebody(callee, call));
      return;
    }
    this.#trouble.push(`${callee.name} answered, and talks to nobody`);
  }

  #callOf(side: Side): SimCall | undefined {
    return this.#calls.find((one) => one.caller === side || one.callees.includes(side));
  }

  // --- judgement ---

  #judge(): void {
    const trouble = this.#trouble;
    for (const [host, agent] of this.#agents) {
      const figures = agent.figures?.();
      if (figures === undefined || Object.values(figures).some((count) => count !== 0)) {
        trouble.push(`${host}: something is left: ${JSON.stringify(figures)}`);
      }
    }
    if ((this.#bridge?.size ?? 0) > 0) trouble.push(`the middle still keeps ${this.#bridge?.size} calls`);
    const names = this.#clock.names();
    if (names.length > 0) trouble.push(`timers are left: ${[...new Set(names)].join(', ')}`);
    trouble.push(...judgeCalls(this.#calls, { cut: this.#cut, datagrams: this.#network.sent }));
    if (this.#cut) return;
    trouble.push(...this.#witness.trouble());
    for (const { caller } of this.#calls) {
      // Who has hung up is told nothing any more.
      if (caller.hungUp && !caller.said.includes('answered')) continue;
      const promised = this.#witness.promised(caller.session.invite.callId);
      if (promised.some((sdp) => !caller.shown.has(sdp))) {
        trouble.push(`${caller.name} was not told of a reliable description`);
      }
    }
  }

  #report(): SipDrillReport {
    return {
      seed: this.#seed,
      shape: this.#shape,
      ...tally(this.#calls),
      offers: this.#offers,
      transfers: this.#transfers,
      datagrams: this.#network.sent,
      expired: [...this.#agents.values()].reduce((sum, { counters }) => sum + counters.expired, 0),
      trouble: this.#trouble,
    };
  }

  #describe(host: string, direction: Direction = 'sendrecv'): string {
    return describe(host, this.#version++, direction);
  }

  #later(ms: number, run: () => void): void {
    this.#clock.after(ms, 'drill', run);
  }

  /** In steps, so that promises of the user agents (digest, microtasks) get their turn. */
  async #pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      this.#clock.advance(Math.min(500, left));
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    }
  }

  #between(from: number, to: number): number {
    return from + this.#random.fraction() * (to - from);
  }

  #below(count: number): number {
    return Math.floor(this.#random.fraction() * count);
  }
}

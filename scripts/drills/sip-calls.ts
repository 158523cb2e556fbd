import { silentLog } from '../../lib/base/log.ts';
import { type Random, seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import type { RegistrarAgent, ReliableHabit, Session, SessionEvent } from '../../lib/voice/sip/api.ts';
import { B2bua } from '../../lib/voice/sip/b2bua/b2bua.ts';
import { createUserAgent } from '../../lib/voice/sip/user-agent.ts';
import { SimulatedNetwork } from './sip-network.ts';
import { AckWatch } from './sip-witness.ts';

/** What a run of simulated calls came to. `trouble` is empty when every rule held. */
export interface SipDrillReport {
  readonly seed: number;
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly offers: number;
  readonly datagrams: number;
  /** A B2BUA stood between the two. */
  readonly bridged: boolean;
  readonly expired: number;
  readonly trouble: readonly string[];
}

const CALLER = { host: '10.0.0.2', port: 5_060 };
const CALLEE = { host: '192.0.2.20', port: 5_060 };
const MIDDLE = { host: '192.0.2.30', port: 5_060 };
const TRANSLATOR = '192.0.2.1';
/** Long enough for every transaction and session timer to run out. */
const AFTERMATH_MS = 900_000;
/** Whoever is hung up on knows it by then, with room for an ACK that was late and a BYE that got lost. */
const TOLD_MS = 150_000;
/** A repeated INVITE or BYE, its answers and ACKs, and some offers: more is a storm. */
const DATAGRAMS_OF_A_CALL = 800;

/** One party's view of one call. */
class Side {
  readonly name: string;
  readonly session: Session;
  readonly said: string[] = [];
  up = false;
  over = false;
  hungUp = false;
  lastOfferMs = -1_000_000;
  pending = 0;

  constructor(name: string, session: Session) {
    this.name = name;
    this.session = session;
  }
}

interface SimCall {
  readonly number: number;
  readonly caller: Side;
  callee: Side | undefined;
}

/** Many calls between two user agents over a bad network, everything chosen by one seed. */
export async function drillSip(seed: number, calls: number): Promise<SipDrillReport> {
  const drill = new SipDrill(seed);
  return await drill.run(calls);
}

class SipDrill {
  readonly #seed: number;
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #network: SimulatedNetwork;
  readonly #witness = new AckWatch();
  readonly #calls: SimCall[] = [];
  readonly #trouble: string[] = [];
  readonly #caller: RegistrarAgent;
  readonly #callee: RegistrarAgent;
  /** A B2BUA between the two, in some runs. */
  readonly #middle: RegistrarAgent | undefined;
  #bridge: B2bua | undefined;
  readonly #timers: boolean;
  #cut = false;
  #version = 1;
  #offers = 0;

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
    this.#network.tap((bytes) => this.#witness.see(bytes));
    if (fraction() < 0.4) this.#network.putBehind(CALLER.host, TRANSLATOR);
    this.#timers = fraction() < 0.6;
    this.#caller = this.#agent(CALLER, (session) => session.reject(480));
    this.#callee = this.#agent(CALLEE, (session) => this.#rings(session));
    this.#middle = fraction() < 0.4 ? this.#makeMiddle() : undefined;
  }

  async run(calls: number): Promise<SipDrillReport> {
    await this.#caller.start();
    await this.#callee.start();
    await this.#middle?.start();
    for (let number = 0; number < calls; number++) {
      this.#call(number);
      await this.#pass(this.#between(0, 20_000));
    }
    // Sometimes a party vanishes with its calls up: only session timers can end those at the other side.
    if (this.#timers && this.#random.fraction() < 0.3) {
      this.#cut = true;
      this.#network.cut(this.#random.fraction() < 0.5 ? CALLER.host : CALLEE.host, true);
    }
    await this.#pass(600_000);
    await this.#pass(AFTERMATH_MS);
    this.#judge();
    await this.#caller.stop();
    await this.#callee.stop();
    await this.#middle?.stop();
    return this.#report();
  }

  #agent(place: typeof CALLER, onInvite: (session: Session) => void): RegistrarAgent {
    const habits: readonly ReliableHabit[] = ['off', 'supported', 'supported'];
    const reliable = habits[this.#below(habits.length)] ?? 'off';
    return createUserAgent(
      {
        clock: this.#clock,
        random: seededRandom(this.#below(2 ** 31)),
        log: silentLog(),
        product: 'Engawa drill',
        listeners: [],
        localHost: place.host,
        reliable,
        ...(this.#timers ? { sessionTimer: { expiresS: 90 + this.#below(200) } } : {}),
        onInvite,
      },
      this.#network.sockets(place),
    );
  }

  #makeMiddle(): RegistrarAgent {
    const bridge = new B2bua({
      route: ({ invite }) => ({
        agent,
        invite: {
          to: { transport: 'udp', ...CALLEE },
          requestUri: `sip:${invite.toUser}@${CALLEE.host}`,
          from: { uri: `sip:middle@${MIDDLE.host}` },
          toUri: `sip:${invite.toUser}@${CALLEE.host}`,
        },
      }),
    });
    this.#bridge = bridge;
    const agent = this.#agent(MIDDLE, (session) => bridge.onInvite(session, undefined));
    return agent;
  }

  // --- one call ---

  #call(number: number): void {
    const session = this.#caller.invite({
      to: { transport: 'udp', ...(this.#middle === undefined ? CALLEE : MIDDLE) },
      requestUri: `sip:${number}@${CALLEE.host}`,
      from: { uri: `sip:caller@${CALLER.host}` },
      toUri: `sip:${number}@${CALLEE.host}`,
      sdp: this.#describe(CALLER.host),
      noAnswerMs: 60_000,
    });
    const caller = new Side(`caller ${number}`, session);
    const call: SimCall = { number, caller, callee: undefined };
    this.#calls.push(call);
    session.listen((event) => this.#hears(caller, event));
    if (this.#random.fraction() < 0.25) this.#later(this.#between(0, 8_000), () => this.#hangUp(caller));
    this.#later(this.#between(10_000, 400_000), () => this.#hangUp(caller));
    for (let offers = this.#below(3); offers > 0; offers--) {
      this.#later(this.#between(0, 60_000), () => this.#offer(caller));
    }
  }

  #rings(session: Session): void {
    const call = this.#calls.find(({ number }) => String(number) === session.invite.toUser);
    const callee = new Side(`callee ${call?.number ?? '?'}`, session);
    if (call === undefined || call.callee !== undefined)
      this.#trouble.push(`${callee.name} rang twice, or for nobody`);
    else call.callee = callee;
    session.listen((event) => this.#hears(callee, event));
    const chance = this.#random.fraction();
    if (chance < 0.15) {
      callee.hungUp = true;
      session.reject(486);
    } else {
      const early = this.#describe(CALLEE.host);
      if (this.#random.fraction() < 0.7) session.progress(180);
      if (this.#random.fraction() < 0.3)
        this.#later(this.#between(0, 2_000), () => session.progress(183, early));
      if (chance > 0.25) {
        this.#later(this.#between(0, 9_000), () => {
          if (!callee.over) callee.up = true;
          // What was said reliably before stands; what was not may still change.
          const same = this.#random.fraction() < 0.5 || this.#middle !== undefined;
          session.answer(same ? early : this.#describe(CALLEE.host));
        });
      }
      this.#later(this.#between(20_000, 300_000), () => this.#hangUp(callee));
    }
    for (let offers = this.#below(3); offers > 0; offers--) {
      this.#later(this.#between(0, 60_000), () => this.#offer(callee));
    }
  }

  #hears(side: Side, event: SessionEvent): void {
    const gone = side.hungUp && event.type !== 'failed';
    if (side.over || gone) this.#trouble.push(`${side.name}: ${event.type} after the end`);
    side.said.push(event.type);
    switch (event.type) {
      case 'answered':
        side.up = true;
        return;
      case 'failed':
      case 'cancelled':
      case 'ended':
        side.over = true;
        return;
      case 'offer':
        side.lastOfferMs = this.#clock.monotonicMs();
        if (this.#random.fraction() < 0.15) event.refuse(488);
        else if (this.#random.fraction() < 0.2) {
          const answer = this.#describe(hostOf(side));
          this.#later(this.#between(0, 3_000), () => event.answer(answer));
        } else event.answer(this.#describe(hostOf(side)));
        return;
      case 'progress':
        return;
    }
  }

  #offer(side: Side): void {
    if (side.over || side.hungUp || !side.up) return;
    this.#offers++;
    side.pending++;
    const by = this.#random.fraction() < 0.5 ? 'UPDATE' : 'INVITE';
    const options = { by, retries: this.#below(4) } as const;
    side.session.reinvite(
      this.#describe(hostOf(side)),
      () => {
        side.pending--;
        side.lastOfferMs = this.#clock.monotonicMs();
      },
      options,
    );
  }

  #hangUp(side: Side): void {
    if (side.over || side.hungUp) return;
    this.#compare(side);
    side.hungUp = true;
    side.session.hangUp({ cause: 16, text: 'drill' });
    const call = this.#callOf(side);
    const other = call?.caller === side ? call.callee : call?.caller;
    if (other === undefined) return;
    this.#later(TOLD_MS, () => {
      if (this.#cut || other.over || other.hungUp) return;
      this.#trouble.push(`${other.name} has not heard that the other side hung up`);
    });
  }

  #callOf(side: Side): SimCall | undefined {
    return this.#calls.find((one) => one.caller === side || one.callee === side);
  }

  /** Long after the last offer, both ends say the same of each other. */
  #compare(side: Side): void {
    const call = this.#callOf(side);
    if (call?.callee === undefined || this.#cut) return;
    const sides = [call.caller, call.callee];
    const now = this.#clock.monotonicMs();
    const quiet = sides.every((one) => one.up && !one.over && !one.hungUp && one.pending === 0);
    if (!quiet || sides.some((one) => now - one.lastOfferMs < 70_000)) return;
    const [here, there] = sides.map((one) => one.session.snapshot());
    if (here === undefined || there === undefined) return;
    if (here.localSdp !== there.remoteSdp || here.remoteSdp !== there.localSdp) {
      this.#trouble.push(`call ${call.number}: the ends disagree about their descriptions`);
    }
  }

  // --- judgement ---

  #judge(): void {
    const trouble = this.#trouble;
    for (const [name, agent] of [
      ['caller', this.#caller],
      ['callee', this.#callee],
      ['middle', this.#middle],
    ] as const) {
      const figures = agent === undefined ? {} : agent.figures?.();
      if (figures === undefined || Object.values(figures).some((count) => count !== 0)) {
        trouble.push(`${name}: something is left: ${JSON.stringify(figures)}`);
      }
    }
    if ((this.#bridge?.size ?? 0) > 0) trouble.push(`the middle still keeps ${this.#bridge?.size} calls`);
    const names = this.#clock.names();
    if (names.length > 0) trouble.push(`timers are left: ${[...new Set(names)].join(', ')}`);
    for (const { number, caller, callee } of this.#calls) {
      for (const side of [caller, callee]) {
        if (side === undefined) continue;
        if (!side.over && !side.hungUp) trouble.push(`${side.name} never ended: ${side.said.join(' ')}`);
        const ends = side.said.filter(
          (type) => type === 'failed' || type === 'cancelled' || type === 'ended',
        );
        if (ends.length > 1) trouble.push(`${side.name} ended ${ends.length} times`);
      }
      const nobodyLeft = !caller.hungUp && callee?.hungUp !== true && !this.#cut;
      if (callee?.up === true && nobodyLeft && !caller.said.includes('answered')) {
        trouble.push(`call ${number}: the caller has not heard the answer`);
      }
      if (caller.said.includes('answered') && callee?.up !== true) {
        trouble.push(`call ${number}: answered by nobody`);
      }
    }
    if (!this.#cut) trouble.push(...this.#witness.trouble());
    const most = DATAGRAMS_OF_A_CALL * this.#calls.length;
    if (this.#network.sent > most) trouble.push(`a storm: ${this.#network.sent} datagrams`);
  }

  #report(): SipDrillReport {
    const callers = this.#calls.map(({ caller }) => caller);
    return {
      seed: this.#seed,
      calls: callers.length,
      answered: callers.filter(({ said }) => said.includes('answered')).length,
      failed: callers.filter(({ said, hungUp }) => said.includes('failed') && !hungUp).length,
      cancelled: callers.filter(({ said, hungUp }) => said.includes('failed') && hungUp).length,
      offers: this.#offers,
      datagrams: this.#network.sent,
      bridged: this.#middle !== undefined,
      expired: this.#caller.counters.expired + this.#callee.counters.expired,
      trouble: this.#trouble,
    };
  }

  // --- hands ---

  #describe(host: string): string {
    const version = this.#version++;
    return `v=0\r\no=- 1 ${version} IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0\r\n`;
  }

  #later(ms: number, run: () => void): void {
    this.#clock.after(ms, 'drill', run);
  }

  /** In steps, so that promises of the user agents (digest, microtasks) get their turn. */
  async #pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      this.#clock.advance(Math.min(1_000, left));
      await Promise.resolve();
    }
  }

  #between(from: number, to: number): number {
    return from + this.#random.fraction() * (to - from);
  }

  #below(count: number): number {
    return Math.floor(this.#random.fraction() * count);
  }
}

function hostOf(side: Side): string {
  return side.session.direction === 'out' ? CALLER.host : CALLEE.host;
}

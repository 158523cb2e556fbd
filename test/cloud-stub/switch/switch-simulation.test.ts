import { describe, expect, it } from 'vitest';
import type { Relay } from '../../../cloud-stub/media/index.ts';
import type { CallRequest, Decision, RoutePlan } from '../../../cloud-stub/routing/types.ts';
import type { LiveState } from '../../../cloud-stub/switch/ports.ts';
import { SipSwitch, type SwitchHandlers } from '../../../cloud-stub/switch/switch.ts';
import { DEFAULT_LIMITS } from '../../../cloud-stub/switch/switch-limits.ts';
import type { Clock } from '../../../lib/base/clock.ts';
import type { CallId, ServiceId } from '../../../lib/base/ids.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { SessionEvent } from '../../../lib/voice/sip/api.ts';
import { FAKE_SDP, FakeAgent, FakeSession } from './fake-sip.ts';
import { ADDITIONAL, BASE, CHANNELS, CONTRACT, NUMBER, TinyDirectory } from './office.ts';

/** A book on the virtual clock that is slow and sometimes refuses. */
class SlowBook {
  readonly open = new Map<CallId, 'begun' | 'answered'>();
  readonly ended_ = new Map<CallId, number>();
  /** Legs that were begun and are not ended. */
  readonly legs = new Set<string>();
  readonly #refused = new Map<string, number>();
  readonly #clock: Clock;
  readonly #pick: (count: number) => number;

  constructor(clock: Clock, pick: (count: number) => number) {
    this.#clock = clock;
    this.#pick = pick;
  }

  async begin({ call }: { readonly call: CallId }): Promise<void> {
    await this.#commit(20);
    expect(this.open.has(call)).toBe(false);
    this.open.set(call, 'begun');
  }

  async answered(call: CallId): Promise<void> {
    await this.#commit(20);
    expect(this.open.get(call)).toBe('begun');
    this.open.set(call, 'answered');
  }

  async ended(call: CallId): Promise<void> {
    await this.#commitAtLast(call, 4);
    expect(this.open.has(call)).toBe(true);
    this.open.delete(call);
    this.ended_.set(call, (this.ended_.get(call) ?? 0) + 1);
  }

  async heartbeat(calls: readonly CallId[]): Promise<void> {
    for (const call of calls) expect(this.ended_.has(call)).toBe(false);
  }

  async legBegin({ call, leg }: { readonly call: CallId; readonly leg: number }): Promise<void> {
    await this.#commit(40);
    expect(this.open.has(call)).toBe(true);
    expect(this.legs.has(`${call} ${leg}`)).toBe(false);
    this.legs.add(`${call} ${leg}`);
  }

  async legAnswered(call: CallId, leg: number): Promise<void> {
    await this.#commit(40);
    expect(this.legs.has(`${call} ${leg}`)).toBe(true);
  }

  async legEnded(call: CallId, leg: number): Promise<void> {
    await this.#commitAtLast(`${call} ${leg}`, 6);
    expect(this.open.has(call)).toBe(true);
    expect(this.legs.delete(`${call} ${leg}`)).toBe(true);
  }

  /** Now and then longer than the switch is willing to wait. */
  #delayMs(): number {
    return this.#pick(30) === 0 ? 12_000 : 1 + this.#pick(80);
  }

  /** Refuses the same thing four times at most: after six times the switch leaves it to the next start. */
  async #commitAtLast(key: string, oneIn: number): Promise<void> {
    const refused = this.#refused.get(key) ?? 0;
    this.#refused.set(key, refused + 1);
    await this.#commit(refused < 4 ? oneIn : Number.MAX_SAFE_INTEGER);
  }

  async #commit(oneIn: number): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.after(this.#delayMs(), 'book', resolve));
    if (this.#pick(oneIn) === 0) throw new Error('the database is away');
  }
}

/** The tiny office, whose calls in go by any plan there is while a channel is free. */
class MotleyDirectory extends TinyDirectory {
  readonly #pick: (count: number) => number;

  constructor(pick: (count: number) => number) {
    super();
    this.#pick = pick;
  }

  channels(): number {
    return CHANNELS;
  }

  override decide(request: CallRequest, live: LiveState): Decision {
    const decision = super.decide(request, live);
    if (request.direction === 'out' || decision.plan.verb !== 'ring') return decision;
    return { ...decision, plan: this.#any(0) };
  }

  #any(depth: number): RoutePlan {
    const common = { contract: CONTRACT, called: NUMBER } as const;
    const outside = { external: '09012345678', presents: NUMBER, destination: 'mobile' } as const;
    const maybe = (name: string) =>
      depth < 2 && this.#pick(2) === 0 ? { [name]: this.#any(depth + 1) } : {};
    const ways = { ...maybe('onNoAnswer'), ...maybe('onBusy'), ...maybe('onNoChannel') };
    const members = [BASE, ADDITIONAL];
    const headStart = { members: [BASE], ms: 500 };
    switch (this.#pick(7)) {
      case 0:
        return {
          verb: 'forward',
          ...common,
          to: outside,
          forMs: 3_000,
          takesChannel: this.#pick(2) === 0,
          ...ways,
        };
      case 1: {
        const steps = [
          { members: [{ id: BASE }, outside], forMs: 1_500 },
          { members: [{ id: ADDITIONAL }], forMs: 1_500 },
        ];
        return { verb: 'relay', ...common, steps, takesChannel: true, ...ways };
      }
      case 2: {
        const next = depth < 2 ? this.#any(depth + 1) : null;
        return {
          verb: 'play',
          ...common,
          prompt: 'default.busy',
          times: 1,
          answers: this.#pick(2) === 0,
          next,
        };
      }
      case 3:
        return {
          verb: 'tone',
          tone: 'busy',
          forMs: 2_000,
          rule: 'x',
          cause: 17,
          say: 'x',
          contract: CONTRACT,
        };
      case 4:
        return { verb: 'voicemail', ...common, greeting: 'default.voicemail' };
      default: {
        const guidance = { prompt: 'tollFree.connection', to: 'both' } as const;
        return {
          verb: 'ring',
          ...common,
          members,
          headStart,
          guidance,
          forMs: 4_000,
          takesChannel: true,
          ...ways,
        };
      }
    }
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/** Everything of one run: a switch whose parties, book and clock do as the seed says. */
async function simulate(seed: number, steps: number) {
  const random = seededRandom(seed);
  const pick = (count: number): number => Math.floor(random.fraction() * count);
  const clock = new VirtualClock();
  const book = new SlowBook(clock, pick);
  const gateways = new FakeAgent();
  const network = new FakeAgent();
  const callers: FakeSession[] = [];
  let relays = 0;
  let handlers: SwitchHandlers | undefined;
  const openRelay = async () => {
    await new Promise<void>((resolve) => clock.after(pick(10), 'relay', resolve));
    if (pick(40) === 0)
      return { ok: false, error: { code: 'media.noPort', fault: 'environment', say: 'x' } } as const;
    relays++;
    let closed = false;
    const side = { received: 0, sent: 0, reports: 0, refused: 0, errors: 0, silentMs: 0 };
    const relay: Relay = {
      secure: () => undefined,
      a: { port: 16_384 },
      b: { port: 16_386 },
      connect: () => undefined,
      carry: () => undefined,
      play: (_side, _source, done) => {
        const timer = clock.after(pick(4_000), 'prompt', done);
        return () => timer.cancel();
      },
      figures: () => ({ a: side, b: side, silentMs: 0 }),
      close: () => {
        if (!closed) relays--;
        closed = true;
      },
    };
    return { ok: true, value: relay } as const;
  };
  const cloud = new SipSwitch({
    mediaHost: '127.57.5.10',
    domain: 'engawa.example',
    carrier: { host: '127.57.5.2', port: 5060 },
    directory: new MotleyDirectory(pick),
    book,
    clock,
    random,
    log: silentLog(),
    limits: { ...DEFAULT_LIMITS, longestCallMs: 60_000 },
    authorise: async () =>
      pick(8) === 0 ? { verdict: 'refused', rule: 'ceiling', say: 'used up' } : { verdict: 'granted' },
    makeAgents: (given) => {
      handlers = given;
      return { gateways, network };
    },
    openRelay,
  });
  await cloud.start();

  const arrive = (): void => {
    const inward = pick(2) === 0;
    const session = new FakeSession('in', `sip:${inward ? NUMBER : '0355550123'}@x`, []);
    callers.push(session);
    const before = book.open.size;
    session.onAnswer = () => expect([...book.open.values()]).toContain('answered');
    if (inward) handlers?.fromNetwork(session);
    else handlers?.fromGateway(session, pick(2) === 0 ? BASE : ADDITIONAL);
    expect(book.open.size).toBe(before);
  };
  const events: readonly (() => SessionEvent)[] = [
    () => ({ type: 'progress', status: 180, sdp: undefined }),
    () => ({ type: 'answered', sdp: pick(10) === 0 ? undefined : FAKE_SDP }),
    () => ({ type: 'answered', sdp: FAKE_SDP }),
    () => ({
      type: 'failed',
      status: [404, 480, 486, 503][pick(4)] ?? 480,
      reason: undefined,
      why: undefined,
    }),
    () => ({ type: 'ended', by: pick(2) === 0 ? 'peer' : 'lost', reason: undefined }),
  ];
  const legActs = (): void => {
    const legs = [...gateways.made, ...network.made].filter((leg) => leg.state !== 'over');
    const leg = legs[pick(legs.length)];
    const event = events[pick(events.length)]?.();
    if (leg === undefined || event === undefined) return;
    const early = leg.state === 'early';
    if (early ? event.type !== 'ended' : event.type === 'ended') leg.does(event);
  };
  const callerActs = (): void => {
    const live = callers.filter((caller) => caller.state !== 'over');
    const caller = live[pick(live.length)];
    if (caller?.state === 'up') caller.does({ type: 'ended', by: 'peer', reason: undefined });
    else caller?.does({ type: 'cancelled', reason: undefined });
  };
  const bind = (): void => {
    const user = pick(2) === 0 ? BASE : ADDITIONAL;
    handlers?.registrar.onBinding(user as ServiceId, pick(4) > 0);
  };
  for (let index = 0; index < steps; index++) {
    const act = [arrive, legActs, legActs, legActs, callerActs, bind][pick(6)];
    act?.();
    clock.advance(pick(10) === 0 ? pick(5_000) : pick(60));
    await turns(12);
    expect(cloud.live.busyChannels(CONTRACT)).toBeLessThanOrEqual(CHANNELS);
    expect(cloud.live.busyChannels(CONTRACT)).toBeGreaterThanOrEqual(0);
  }
  let stopped = false;
  const stopping = cloud.stop().then(() => {
    stopped = true;
  });
  for (let index = 0; index < 3_000 && !stopped; index++) {
    clock.advance(100);
    await turns(12);
  }
  await stopping;
  // What the book refused while the switch stopped is written again a little later.
  for (let index = 0; index < 2_500; index++) {
    clock.advance(100);
    await turns(12);
  }
  return { cloud, book, callers, legs: [...gateways.made, ...network.made], relays };
}

describe('the switch under random parties, a slow book and a failing one', () => {
  it.each([11, 12, 13, 14, 15, 16])(
    'ends every call that was begun exactly once and leaves nothing behind (seed %i)',
    async (seed) => {
      const end = await simulate(seed, 600);
      expect(end.callers.length).toBeGreaterThan(50);
      expect(end.cloud.figures().calls).toBe(0);
      expect(end.cloud.live.busyChannels(CONTRACT)).toBe(0);
      expect([...end.book.open.keys()]).toEqual([]);
      expect(end.book.legs.size).toBe(0);
      expect([...end.book.ended_.values()].every((times) => times === 1)).toBe(true);
      expect(end.callers.filter((caller) => caller.state !== 'over')).toEqual([]);
      expect(end.legs.filter((leg) => leg.state !== 'over')).toEqual([]);
      expect(end.relays).toBe(0);
      expect(end.book.ended_.size).toBeGreaterThan(20);
    },
  );
});

/** A switch of one call's length, without any wire. */
function smallSwitch(limits: Partial<typeof DEFAULT_LIMITS>) {
  const clock = new VirtualClock();
  /** Since when the caller's box sends no sound. */
  const silent = { sinceMs: Number.POSITIVE_INFINITY };
  const network = new FakeAgent();
  let handlers: SwitchHandlers | undefined;
  const cloud = new SipSwitch({
    mediaHost: '127.57.5.11',
    domain: 'engawa.example',
    carrier: { host: '127.57.5.2', port: 5060 },
    directory: new TinyDirectory(),
    book: {
      begin: async () => undefined,
      answered: async () => undefined,
      ended: async () => undefined,
      heartbeat: async () => undefined,
    },
    clock,
    random: seededRandom(1),
    log: silentLog(),
    limits: { ...DEFAULT_LIMITS, ...limits },
    makeAgents: (given) => {
      handlers = given;
      return { gateways: new FakeAgent(), network };
    },
    openRelay: async () => ({
      ok: true,
      value: {
        a: { port: 2 },
        b: { port: 4 },
        connect: () => undefined,
        secure: () => undefined,
        carry: () => undefined,
        play: () => () => undefined,
        figures: () => {
          const side = { received: 0, sent: 0, reports: 0, refused: 0, errors: 0, silentMs: 0 };
          const silentMs = Math.max(0, clock.monotonicMs() - silent.sinceMs);
          return { a: { ...side, silentMs }, b: side, silentMs: 0 };
        },
        close: () => undefined,
      },
    }),
  });
  const call = (session: FakeSession): void => handlers?.fromGateway(session, BASE);
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      await turns(12);
    }
  };
  const fallSilent = (): void => {
    silent.sinceMs = clock.monotonicMs();
  };
  return { cloud, network, call, pass, fallSilent };
}

describe('a full switch', () => {
  it('refuses ordinary calls and lets an emergency call pass', async () => {
    const { cloud, network, call } = smallSwitch({ calls: 0 });
    const [ordinary, emergency] = ['0355550123', '119'].map(
      (number) => new FakeSession('in', `sip:${number}@engawa.example`, []),
    );
    for (const session of [ordinary, emergency]) {
      if (session !== undefined) call(session);
    }
    await turns(30);
    expect(ordinary?.rejected).toBe(503);
    expect(network.made.map((leg) => leg.invite.requestUri)).toEqual(['sip:119@127.57.5.2:5060;user=phone']);
    expect(cloud.live.busyChannels(CONTRACT)).toBe(0);
  });
});

/** A box whose agent was killed: it is there, and knows nothing of its call. */
class ForgetfulBox extends FakeSession {
  forgets = false;

  probe(told: (knows: boolean | undefined) => void): void {
    told(!this.forgets);
  }
}

describe('a box that sends no sound', () => {
  it.each([
    ['and knows its call, as on hold, keeps it', false, 'up', 1],
    ['and has lost its call to a kill, has its channel again half a minute later', true, 'over', 0],
  ] as const)('%s', async (_, forgets, state, channels) => {
    const { cloud, network, call, pass, fallSilent } = smallSwitch({});
    await cloud.start();
    const box = new ForgetfulBox('in', 'sip:0355550123@engawa.example', []);
    call(box);
    await pass(2);
    network.made[0]?.does({ type: 'answered', sdp: FAKE_SDP });
    await pass(40);
    expect(cloud.live.busyChannels(CONTRACT)).toBe(1);
    box.forgets = forgets;
    fallSilent();
    await pass(27);
    expect([network.made[0]?.state, box.state]).toEqual([state, state]);
    expect(cloud.live.busyChannels(CONTRACT)).toBe(channels);
  });
});

describe('a call that has come through many hands', () => {
  it('goes on with one hop less, and not at all with none', async () => {
    const { network, call } = smallSwitch({});
    const [last, none] = [1, 0].map(
      (hops) => new FakeSession('in', 'sip:0355550123@engawa.example', [], '127.57.5.2', hops),
    );
    for (const session of [last, none]) if (session !== undefined) call(session);
    await turns(30);
    expect(network.asked.map(({ maxForwards }) => maxForwards)).toEqual([0]);
    expect([last?.rejected, none?.rejected]).toEqual([undefined, 483]);
  });
});

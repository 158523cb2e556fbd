import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import type { Session, UserAgent } from '../../../lib/voice/sip/api.ts';
import { createUserAgent } from '../../../lib/voice/sip/user-agent.ts';
import type { Net, Place } from './network.ts';
import { datagramSockets } from './sip-sockets.ts';
import { describe, Sound } from './sound.ts';
import { Program, WallClock, type World } from './world.ts';

/** The telephone network, and what answers there. */
export const CARRIER: Place = { host: '203.0.113.20', port: 5_060 };

/** Numbers outside, by how they behave. */
export const NUMBERS = {
  answers: '0355550150',
  answersLate: '0355550123',
  busy: '0355550199',
  ringsForEver: '0355550180',
} as const;

/** One call as the outside has seen it. */
export interface OutsideCall {
  readonly name: string;
  readonly direction: 'out' | 'in';
  readonly number: string;
  readonly beganMs: number;
  upMs: number | undefined;
  overMs: number | undefined;
  /** Packets of the office that it has heard. */
  heard: number;
  lastHeardMs: number;
  sent: number;
  hangUp(): void;
}

/** Everybody outside of the office, at the end of the trunk. Never dies. */
export class Outside {
  readonly calls: OutsideCall[] = [];
  readonly #world: World;
  readonly #net: Net;
  readonly #program: Program;
  readonly #agent: UserAgent & { stop(): Promise<void>; start(): Promise<void> };
  readonly #switch: Place;
  #nextPort = 30_000;

  constructor(world: World, net: Net, cloud: Place) {
    this.#world = world;
    this.#net = net;
    this.#switch = cloud;
    this.#program = new Program(world, 'outside', new WallClock());
    this.#agent = createUserAgent(
      {
        clock: this.#program,
        random: seededRandom(world.below(2 ** 31)),
        log: silentLog(),
        product: 'network',
        listeners: [],
        localHost: CARRIER.host,
        onInvite: (session) => this.#invited(session),
      },
      datagramSockets(net, this.#program, CARRIER),
    );
  }

  start(): Promise<void> {
    return this.#agent.start();
  }

  stop(): Promise<void> {
    return this.#agent.stop();
  }

  get timers(): readonly string[] {
    return this.#program.timers;
  }

  /** Somebody is calling the office and has no answer yet. */
  get calling(): boolean {
    return this.calls.some(
      ({ direction, upMs, overMs }) => direction === 'in' && upMs === undefined && overMs === undefined,
    );
  }

  /** Somebody calls the office. */
  call(from: string, to: string): OutsideCall {
    const sound = new Sound(this.#net, this.#program, { host: CARRIER.host, port: this.#nextPort });
    this.#nextPort += 2;
    const session = this.#agent.invite({
      to: { transport: 'udp', ...this.#switch },
      requestUri: `sip:${to}@${this.#switch.host}`,
      from: { uri: `sip:${from}@${CARRIER.host}` },
      toUri: `sip:${to}@${this.#switch.host}`,
      sdp: describe(CARRIER.host, sound.port),
      noAnswerMs: 60_000,
    });
    return this.#keep(session, sound, 'in', to);
  }

  #invited(session: Session): void {
    const number = session.invite.toUser;
    const sound = new Sound(this.#net, this.#program, { host: CARRIER.host, port: this.#nextPort });
    this.#nextPort += 2;
    const call = this.#keep(session, sound, 'out', number);
    const answer = (): void => {
      if (call.overMs !== undefined) return;
      session.answer(describe(CARRIER.host, sound.port));
      sound.connect(session.invite.sdp);
      this.#up(call, sound);
    };
    switch (number) {
      case NUMBERS.busy:
        session.reject(486);
        call.overMs = this.#world.nowMs;
        sound.close();
        return;
      case NUMBERS.answers:
        answer();
        return;
      case NUMBERS.answersLate:
        session.progress(180);
        this.#program.after(1_000, 'answer', answer);
        return;
      default:
        session.progress(180);
    }
  }

  #keep(session: Session, sound: Sound, direction: 'out' | 'in', number: string): OutsideCall {
    const world = this.#world;
    const call: OutsideCall = {
      name: `${direction} ${this.calls.length + 1}`,
      ...{ direction, number, beganMs: world.nowMs },
      ...{ upMs: undefined, overMs: undefined, heard: 0, lastHeardMs: 0, sent: 0 },
      hangUp: () => {
        if (call.overMs !== undefined) return;
        session.hangUp({ cause: 16, text: 'outside' });
        over('hangs up');
      },
    };
    this.calls.push(call);
    const over = (say: string): void => {
      if (call.overMs !== undefined) return;
      call.overMs = world.nowMs;
      sound.close();
      world.note('outside', `${call.name}: ${say}`);
    };
    sound.call = call;
    session.listen((event) => {
      switch (event.type) {
        case 'answered':
          sound.connect(event.sdp);
          this.#up(call, sound);
          return;
        case 'offer':
          sound.connect(event.sdp);
          event.answer(describe(CARRIER.host, sound.port));
          return;
        case 'failed':
          over(`failed ${event.status}`);
          return;
        case 'cancelled':
        case 'ended':
          over(event.type);
          return;
        case 'progress':
          return;
      }
    });
    world.note('outside', `${call.name}: ${number}`);
    return call;
  }

  #up(call: OutsideCall, sound: Sound): void {
    if (call.upMs !== undefined) return;
    call.upMs = this.#world.nowMs;
    this.#world.note('outside', `${call.name}: up`);
    sound.speak();
  }
}

import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import type { RegistrarAgent, Session } from '../../../lib/voice/sip/api.ts';
import { createUserAgent } from '../../../lib/voice/sip/user-agent.ts';
import { LAN_HOST } from './box.ts';
import type { Net, Place } from './network.ts';
import { DESK } from './office.ts';
import { datagramSockets } from './sip-sockets.ts';
import { describe, Sound } from './sound.ts';
import { Program, WallClock, type World } from './world.ts';

const PLACE: Place = { host: '192.168.21.31', port: 5_060 };
const REGISTRAR: Place = { host: LAN_HOST, port: 5_060 };
/** Short, so that a box that forgot the phone knows it again soon. */
const EXPIRES_S = 60;
const FIRST_SOUND_PORT = 11_000;

/** One call as the phone has it. */
export interface DeskCall {
  readonly direction: 'out' | 'in';
  upMs: number | undefined;
  overMs: number | undefined;
  /** Packets that it has heard. */
  heard: number;
  lastHeardMs: number;
  sent: number;
  answer(): void;
  hangUp(): void;
}

/** A desk phone on the LAN of the box: its own registration, its own tones, one call at a time. Never dies. */
export class DeskPhone {
  readonly calls: DeskCall[] = [];
  registered = false;
  readonly #world: World;
  readonly #net: Net;
  readonly #program: Program;
  readonly #agent: RegistrarAgent;
  #nextPort = FIRST_SOUND_PORT;

  constructor(world: World, net: Net) {
    this.#world = world;
    this.#net = net;
    this.#program = new Program(world, 'desk', new WallClock());
    this.#agent = createUserAgent(
      {
        clock: this.#program,
        random: seededRandom(world.below(2 ** 31)),
        log: silentLog(),
        product: 'Grandstream GRP2612 1.0.5.48',
        listeners: [],
        localHost: PLACE.host,
        onInvite: (session) => this.#invited(session),
      },
      datagramSockets(net, this.#program, PLACE),
    );
  }

  async start(): Promise<void> {
    await this.#agent.start();
    const { extension: user, password } = DESK;
    this.#agent.register({
      registrar: { transport: 'udp', ...REGISTRAR },
      ...{ serverName: LAN_HOST, domain: LAN_HOST, credentials: { user, password }, expiresS: EXPIRES_S },
      onState: ({ at }) => {
        this.registered = at === 'registered';
      },
    });
  }

  stop(): Promise<void> {
    return this.#agent.stop();
  }

  get timers(): readonly string[] {
    return this.#program.timers;
  }

  /** The call that rings it now. */
  get ringing(): DeskCall | undefined {
    return this.calls.find(
      ({ direction, upMs, overMs }) => direction === 'in' && upMs === undefined && overMs === undefined,
    );
  }

  call(number: string): DeskCall {
    const sound = this.#sound();
    const { extension: user, password } = DESK;
    const session = this.#agent.invite({
      to: { transport: 'udp', ...REGISTRAR },
      ...{ requestUri: `sip:${number}@${LAN_HOST}`, toUri: `sip:${number}@${LAN_HOST}` },
      ...{ from: { uri: `sip:${user}@${LAN_HOST}` }, credentials: { user, password } },
      ...{ sdp: describe(PLACE.host, sound.port), noAnswerMs: 60_000 },
    });
    return this.#keep(session, sound, 'out', number);
  }

  #sound(): Sound {
    const sound = new Sound(this.#net, this.#program, { host: PLACE.host, port: this.#nextPort });
    this.#nextPort += 2;
    return sound;
  }

  #invited(session: Session): void {
    if (this.calls.some(({ overMs }) => overMs === undefined)) {
      session.reject(486);
      return;
    }
    session.progress(180);
    this.#keep(session, this.#sound(), 'in', session.invite.toUser);
  }

  #keep(session: Session, sound: Sound, direction: 'out' | 'in', number: string): DeskCall {
    const world = this.#world;
    const over = (say: string): void => {
      if (call.overMs !== undefined) return;
      call.overMs = world.nowMs;
      sound.close();
      world.note('desk', `${direction} ${number}: ${say}`);
    };
    const up = (sdp: string | undefined): void => {
      sound.connect(sdp);
      if (call.upMs !== undefined) return;
      call.upMs = world.nowMs;
      world.note('desk', `${direction} ${number}: up`);
      sound.speak();
    };
    const call: DeskCall = {
      direction,
      ...{ upMs: undefined, overMs: undefined, heard: 0, lastHeardMs: 0, sent: 0 },
      answer: () => {
        if (call.overMs !== undefined || direction === 'out') return;
        session.answer(describe(PLACE.host, sound.port));
        up(session.invite.sdp);
      },
      hangUp: () => {
        if (call.overMs !== undefined) return;
        session.hangUp();
        over('hangs up');
      },
    };
    sound.call = call;
    this.calls.push(call);
    session.listen((event) => {
      switch (event.type) {
        case 'answered':
          up(event.sdp);
          return;
        case 'offer':
          sound.connect(event.sdp);
          event.answer(describe(PLACE.host, sound.port));
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
    world.note('desk', `${direction} ${number}`);
    return call;
  }
}

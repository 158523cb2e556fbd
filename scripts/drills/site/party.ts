import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import type { InviteOptions, RegistrarAgent, Session } from '../../../lib/voice/sip/api.ts';
import { createUserAgent } from '../../../lib/voice/sip/user-agent.ts';
import type { Net, Place } from './network.ts';
import { datagramSockets } from './sip-sockets.ts';
import { describe, Sound } from './sound.ts';
import { Program, WallClock, type World } from './world.ts';

/** One call as a party has seen it; its direction is the office's. */
export interface PartyCall {
  readonly name: string;
  readonly direction: 'out' | 'in';
  readonly number: string;
  upMs: number | undefined;
  overMs: number | undefined;
  /** Packets of the other side that it has heard. */
  heard: number;
  lastHeardMs: number;
  sent: number;
  /** Of a call that came: says yes. */
  answer(): void;
  hangUp(): void;
  /** It is over, as was said otherwise. */
  close(why: string): void;
}

/** Who somebody is, and where. */
export interface PartyOptions {
  readonly who: string;
  /** As its SIP messages say it. */
  readonly product: string;
  readonly place: Place;
  /** Each call has the next but one for its sound. */
  readonly firstSoundPort: number;
  readonly onInvite: (session: Session) => void;
}

/** Somebody with a SIP user agent and a voice of his own: no phone of the board's. Never dies. */
export class Party {
  readonly calls: PartyCall[] = [];
  readonly program: Program;
  readonly agent: RegistrarAgent;
  readonly #world: World;
  readonly #net: Net;
  readonly #options: PartyOptions;
  #nextPort: number;

  constructor(world: World, net: Net, options: PartyOptions) {
    const { who, product, place, firstSoundPort, onInvite } = options;
    this.#world = world;
    this.#net = net;
    this.#options = options;
    this.#nextPort = firstSoundPort;
    this.program = new Program(world, who, new WallClock());
    this.agent = createUserAgent(
      {
        clock: this.program,
        random: seededRandom(world.below(2 ** 31)),
        log: silentLog(),
        ...{ product, onInvite, listeners: [], localHost: place.host },
      },
      datagramSockets(net, this.program, place),
    );
  }

  /** Calls somebody. */
  invite(options: Omit<InviteOptions, 'sdp'>, direction: 'out' | 'in', number: string): PartyCall {
    const sound = this.#sound();
    const session = this.agent.invite({ ...options, sdp: this.#describe(sound) });
    return this.#keep(session, sound, direction, number);
  }

  /** Takes a call that came; what becomes of it is the caller's to say. */
  take(session: Session, direction: 'out' | 'in'): PartyCall {
    return this.#keep(session, this.#sound(), direction, session.invite.toUser);
  }

  #sound(): Sound {
    const { host } = this.#options.place;
    const sound = new Sound(this.#net, this.program, { host, port: this.#nextPort });
    this.#nextPort += 2;
    return sound;
  }

  #describe(sound: Sound): string {
    return describe(this.#options.place.host, sound.port);
  }

  #keep(session: Session, sound: Sound, direction: 'out' | 'in', number: string): PartyCall {
    const world = this.#world;
    const { who } = this.#options;
    const over = (say: string): void => {
      if (call.overMs !== undefined) return;
      call.overMs = world.nowMs;
      sound.close();
      world.note(who, `${call.name}: ${say}`);
    };
    const up = (sdp: string | undefined): void => {
      sound.connect(sdp);
      if (call.upMs !== undefined) return;
      call.upMs = world.nowMs;
      world.note(who, `${call.name}: up`);
      sound.speak();
    };
    const call: PartyCall = {
      name: `${direction} ${this.calls.length + 1}`,
      ...{ direction, number, upMs: undefined, overMs: undefined, heard: 0, lastHeardMs: 0, sent: 0 },
      answer: () => {
        if (call.overMs !== undefined || session.direction !== 'in') return;
        session.answer(this.#describe(sound));
        up(session.invite.sdp);
      },
      hangUp: () => {
        if (call.overMs !== undefined) return;
        session.hangUp({ cause: 16, text: who });
        over('hangs up');
      },
      close: over,
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
          event.answer(this.#describe(sound));
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
    world.note(who, `${call.name}: ${number}`);
    return call;
  }
}

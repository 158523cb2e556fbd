import { silentLog } from '../../../../lib/base/log.ts';
import { seededRandom } from '../../../../lib/base/random.ts';
import { VirtualClock } from '../../../../lib/base/virtual-clock.ts';
import type {
  InviteOptions,
  RegistrarAgent,
  Session,
  SessionEvent,
  UserAgentOptions,
} from '../../../../lib/voice/sip/api.ts';
import type { SipMessage, SipRequest } from '../../../../lib/voice/sip/codec/message.ts';
import { parseMessage } from '../../../../lib/voice/sip/codec/parse.ts';
import { createUserAgent } from '../../../../lib/voice/sip/index.ts';
import { SimulatedNetwork } from '../../../../scripts/drills/sip-network.ts';

const PORT = 5_060;

/** What a call said, as it said it. */
export interface Heard {
  readonly session: Session;
  readonly events: SessionEvent[];
  readonly types: () => string[];
  last<Type extends SessionEvent['type']>(type: Type): Extract<SessionEvent, { type: Type }>;
}

export function hear(session: Session): Heard {
  const events: SessionEvent[] = [];
  session.listen((event) => events.push(event));
  return {
    session,
    events,
    types: () => events.map(({ type }) => type),
    last<Type extends SessionEvent['type']>(type: Type) {
      const found = events.findLast(
        (event): event is Extract<SessionEvent, { type: Type }> => event.type === type,
      );
      if (found === undefined) throw new Error(`no ${type} among ${events.map((one) => one.type).join(' ')}`);
      return found;
    },
  };
}

/** One user agent of the world, with the calls that came to it. */
export interface Party {
  readonly host: string;
  readonly agent: RegistrarAgent;
  readonly calls: Heard[];
  call(to: Party | string, more?: Partial<InviteOptions>): Heard;
  /** The newest call that came. */
  newest(): Heard;
}

/** User agents on a quiet simulated network, under a virtual clock. */
export class World {
  readonly clock = new VirtualClock();
  readonly network: SimulatedNetwork;
  readonly wire: { readonly from: string; readonly to: string; readonly message: SipMessage }[] = [];
  #seed = 1;

  constructor() {
    const quiet = { loss: 0, duplicate: 0, delayMs: 5, jitterMs: 0 };
    this.network = new SimulatedNetwork(this.clock, seededRandom(99), quiet);
    this.network.tap((bytes, from, to) => {
      const result = parseMessage(bytes);
      if (result.kind === 'ok') this.wire.push({ from: from.host, to: to.host, message: result.message });
    });
  }

  /** Without `onInvite` calls wait in `calls`. */
  party(host: string, options: Partial<UserAgentOptions> = {}): Party {
    const calls: Heard[] = [];
    const place = { host, port: PORT };
    const agent = createUserAgent(
      {
        clock: this.clock,
        random: seededRandom(this.#seed++),
        log: silentLog(),
        product: 'Engawa test',
        listeners: [],
        localHost: host,
        onInvite: (session) => calls.push(hear(session)),
        ...options,
      },
      this.network.sockets(place),
    );
    void agent.start();
    const call = (to: Party | string, more: Partial<InviteOptions> = {}): Heard => {
      const other = typeof to === 'string' ? to : to.host;
      return hear(
        agent.invite({
          to: { transport: 'udp', host: other, port: PORT },
          requestUri: `sip:them@${other}`,
          from: { uri: `sip:us@${host}` },
          toUri: `sip:them@${other}`,
          sdp: sdpOf(host),
          ...more,
        }),
      );
    };
    const newest = (): Heard => {
      const found = calls.at(-1);
      if (found === undefined) throw new Error(`nobody called ${host}`);
      return found;
    };
    return { host, agent, calls, call, newest };
  }

  /** Time goes by; promises get their turn. */
  async pass(ms = 100): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      this.clock.advance(Math.min(500, left));
      await Promise.resolve();
    }
  }

  /** Requests that were sent by a host, in order, repeats too. */
  requests(method: string, from?: string): SipRequest[] {
    return this.wire
      .filter((one) => from === undefined || one.from === from)
      .map(({ message }) => message)
      .filter((one): one is SipRequest => one.kind === 'request' && one.method === method);
  }

  statuses(method: string, from?: string): number[] {
    return this.wire
      .filter((one) => from === undefined || one.from === from)
      .flatMap(({ message }) =>
        message.kind === 'response' && message.cseq.method === method ? [message.status] : [],
      );
  }

  /** Long enough for everything to run out: then nothing may be left. */
  async leftovers(...parties: readonly Party[]): Promise<unknown[]> {
    await this.pass(300_000);
    const left = parties.map(({ agent }) => agent.figures?.());
    return [
      ...left.filter((one) => one !== undefined && Object.values(one).some(Boolean)),
      ...this.clock.names(),
    ];
  }
}

let version = 0;

/** A description that differs from every other one. */
export function sdpOf(host: string, direction = 'sendrecv'): string {
  version++;
  return [
    'v=0',
    `o=- 1 ${version} IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    'm=audio 30000 RTP/AVP 0',
    `a=${direction}`,
    '',
  ].join('\r\n');
}

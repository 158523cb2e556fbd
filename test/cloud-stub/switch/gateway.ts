import { audioAddress, describeAudio } from '../../../cloud-stub/foreign/session-description.ts';
import { openVoiceLine, type VoiceLine } from '../../../cloud-stub/foreign/voice-line.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import type { Session, SessionEvent, SipHeaders, UserAgent } from '../../../lib/voice/sip/api.ts';
import { createUserAgent } from '../../../lib/voice/sip/index.ts';
import { PASSWORD } from './office.ts';

/** Waits until `look` gives something, for at most `limitMs`. */
export async function until<Found>(
  look: () => Found | undefined | false,
  what: string,
  limitMs = 30_000,
): Promise<Found> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A call at the gateway, with a voice line and everything that happened to it. */
export class GatewayCall {
  readonly session: Session;
  readonly events: SessionEvent[] = [];
  readonly voice: VoiceLine;
  readonly #host: string;

  constructor(session: Session, voice: VoiceLine, host: string) {
    this.session = session;
    this.voice = voice;
    this.#host = host;
    session.listen((event) => {
      this.events.push(event);
      if (event.type === 'answered') this.aim(event.sdp);
      if (event.type === 'offer') event.refuse(488);
      if (['failed', 'cancelled', 'ended'].includes(event.type)) voice.close();
    });
  }

  answer(hz: number): void {
    this.aim(this.session.invite.sdp);
    this.session.answer(describeAudio(this.#host, this.voice.port, 1, 'sendrecv'));
    this.voice.play({ kind: 'steady', hz });
  }

  event<Type extends SessionEvent['type']>(type: Type): Promise<Extract<SessionEvent, { type: Type }>> {
    return until(
      () => this.events.find((event): event is Extract<SessionEvent, { type: Type }> => event.type === type),
      `${type} at the gateway (saw ${this.events.map((event) => event.type).join(', ')})`,
    );
  }

  private aim(sdp: string | undefined): void {
    const address = audioAddress(sdp);
    if (address !== undefined) this.voice.aim(address.host, address.port);
  }
}

/** A gateway with two lines, made of the product's own user agent. */
export class Gateway {
  readonly agent: UserAgent;
  readonly incoming: { readonly session: Session; readonly member: string }[] = [];
  /** Takes calls in place of {@link incoming}. */
  onRung: ((session: Session, member: string) => void) | undefined;
  readonly #host: string;
  readonly #cloud: { readonly host: string; readonly port: number };
  readonly #registered = new Set<string>();

  constructor(host: string, cloud: { readonly host: string; readonly port: number }, caPem: string) {
    this.#host = host;
    this.#cloud = cloud;
    this.agent = createUserAgent({
      clock: systemClock,
      random: systemRandom,
      log: silentLog(),
      product: 'test-gateway',
      listeners: [],
      localHost: host,
      caPem,
      tlsServerName: 'cloud.engawa.example',
      onInvite: (session) => {
        const member = session.invite.requestUri.split(':')[1]?.split('@')[0] ?? '';
        if (this.onRung !== undefined) this.onRung(session, member);
        else this.incoming.push({ session, member });
      },
    });
  }

  async start(users: readonly string[], limitMs = 30_000): Promise<void> {
    await this.agent.start();
    for (const user of users) {
      this.agent.register({
        registrar: { transport: 'tls', ...this.#cloud },
        serverName: 'cloud.engawa.example',
        domain: 'engawa.example',
        credentials: { user, password: PASSWORD },
        expiresS: 600,
        onState: (state) => {
          if (state.at === 'registered') this.#registered.add(user);
        },
      });
    }
    await until(() => users.every((user) => this.#registered.has(user)), 'the registrations', limitMs);
  }

  async call(user: string, number: string, hz: number, headers: SipHeaders = []): Promise<GatewayCall> {
    const voice = await this.line();
    const session = this.agent.invite({
      to: { transport: 'tls', ...this.#cloud },
      requestUri: `sip:${number}@engawa.example;user=phone`,
      from: { uri: `sip:${user}@engawa.example` },
      toUri: `sip:${number}@engawa.example;user=phone`,
      sdp: describeAudio(this.#host, voice.port, 1, 'sendrecv'),
      headers,
      credentials: { user, password: PASSWORD },
    });
    const call = new GatewayCall(session, voice, this.#host);
    call.event('answered').then(
      () => voice.play({ kind: 'steady', hz }),
      () => undefined,
    );
    return call;
  }

  /** The next call that rings a line. */
  async rung(member: string): Promise<GatewayCall> {
    const found = await until(
      () => this.incoming.find((entry) => entry.member === member),
      `a call for ${member}`,
    );
    this.incoming.splice(this.incoming.indexOf(found), 1);
    return new GatewayCall(found.session, await this.line(), this.#host);
  }

  /** A call that was taken from {@link onRung}, with a voice line. */
  async take(session: Session): Promise<GatewayCall> {
    return new GatewayCall(session, await this.line(), this.#host);
  }

  private line(): Promise<VoiceLine> {
    return openVoiceLine({ host: this.#host, clock: systemClock, random: systemRandom });
  }
}

import type {
  InviteFacts,
  InviteOptions,
  ReinviteOutcome,
  Session,
  SessionEvent,
  SipHeaders,
  UserAgent,
} from '../../../lib/voice/sip/api.ts';

export const FAKE_SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.57.5.1',
  's=-',
  'c=IN IP4 127.57.5.1',
  't=0 0',
  'm=audio 4000 RTP/AVP 0',
  '',
].join('\r\n');

const NOTHING = (): void => undefined;

/** One party's call without any wire: what the switch does to it is noted, what the party does is told to the switch. */
export class FakeSession implements Session {
  readonly direction: 'in' | 'out';
  readonly invite: InviteFacts;
  state: 'early' | 'up' | 'over' = 'early';
  /** Final status that the switch gave to an incoming call. */
  rejected: number | undefined;
  /** Told when the switch answers an incoming call. */
  onAnswer: () => void = NOTHING;
  #listener: (event: SessionEvent) => void = NOTHING;

  constructor(
    direction: 'in' | 'out',
    requestUri: string,
    headers: SipHeaders,
    sourceHost = '127.57.5.2',
    maxForwards = 70,
  ) {
    this.direction = direction;
    this.invite = {
      callId: 'fake',
      maxForwards,
      source: { transport: 'udp', host: sourceHost, port: 5060 },
      requestUri,
      toUser: '',
      fromUser: '0311112222',
      fromDisplay: '',
      header: (name) => headers.flatMap(([key, value]) => (key === name ? [value] : [])),
      sdp: FAKE_SDP,
    };
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#listener = listener;
  }

  progress(): void {}

  answer(): void {
    if (this.state !== 'early') return;
    this.state = 'up';
    this.onAnswer();
  }

  reject(status: number): void {
    if (this.state !== 'early') return;
    this.state = 'over';
    this.rejected = status;
  }

  reinvite(_sdp: string, settled: (outcome: ReinviteOutcome) => void): void {
    settled({ ok: false, status: 488 });
  }

  hangUp(): void {
    this.state = 'over';
  }

  snapshot(): undefined {
    return undefined;
  }

  /** The party does something, when it still can. */
  does(event: SessionEvent): void {
    if (this.state === 'over') return;
    if (event.type === 'answered') this.state = 'up';
    if (event.type === 'failed' || event.type === 'cancelled' || event.type === 'ended') this.state = 'over';
    this.#listener(event);
  }
}

/** A user agent that makes {@link FakeSession}s. */
export class FakeAgent implements UserAgent {
  readonly made: FakeSession[] = [];
  /** What each of them was made of. */
  readonly asked: InviteOptions[] = [];
  readonly counters = {
    messagesReceived: 0,
    messagesSent: 0,
    dropped: 0,
    rejected: 0,
    retransmitsSent: 0,
    rateLimited: 0,
    loops: 0,
    abandoned: 0,
    expired: 0,
    byesGivenUp: 0,
  };
  onInvited: (options: InviteOptions) => void = NOTHING;

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  invite(options: InviteOptions): FakeSession {
    this.asked.push(options);
    const session = new FakeSession('out', options.requestUri, options.headers ?? []);
    this.made.push(session);
    this.onInvited(options);
    return session;
  }

  register(): never {
    throw new Error('the switch registers nowhere');
  }

  adopt(): never {
    throw new Error('the switch adopts nothing');
  }
}

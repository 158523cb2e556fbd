import { systemClock } from '../../../../lib/base/clock.ts';
import { silentLog } from '../../../../lib/base/log.ts';
import { systemRandom } from '../../../../lib/base/random.ts';
import type {
  Session,
  SessionEvent,
  SipAddress,
  UserAgent,
  UserAgentOptions,
} from '../../../../lib/voice/sip/api.ts';
import { digestHa1 } from '../../../../lib/voice/sip/digest/compute.ts';
import { createUserAgent } from '../../../../lib/voice/sip/index.ts';

export const SERVER_NAME = 'cloud.engawa.example';
export const DOMAIN = 'engawa.example';
export const PASSWORD = 'ひみつ-secret';

/** Waits until `check` gives something, or fails with `what`. */
export async function until<Value>(
  what: string,
  check: () => Value | undefined | false,
  limitMs = 30_000,
): Promise<Value> {
  for (let waited = 0; waited < limitMs; waited += 10) {
    const value = check();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** Listens to a call and keeps what it says. */
export class Ear {
  readonly heard: SessionEvent[] = [];

  constructor(session: Session) {
    session.listen((event) => this.heard.push(event));
  }

  get types(): string[] {
    return this.heard.map((event) => event.type);
  }

  /** The first event of a type. */
  wait<Type extends SessionEvent['type']>(
    type: Type,
    limitMs?: number,
  ): Promise<Extract<SessionEvent, { type: Type }>> {
    return until(
      type,
      () => this.heard.find((event): event is Extract<SessionEvent, { type: Type }> => event.type === type),
      limitMs,
    );
  }
}

/** A user agent with its incoming calls. */
export interface TestAgent {
  readonly agent: UserAgent;
  readonly calls: { readonly session: Session; readonly account: string | undefined; readonly ear: Ear }[];
  /** The newest incoming call, once there are `count` of them. */
  call(count?: number): Promise<TestAgent['calls'][number]>;
}

/** A started user agent at `host`; `onCall` may answer at once. */
export async function startAgent(
  host: string,
  options: Partial<UserAgentOptions>,
  onCall: (session: Session) => void = () => undefined,
): Promise<TestAgent> {
  const calls: TestAgent['calls'] = [];
  const agent = createUserAgent({
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
    product: 'Engawa test',
    listeners: [],
    localHost: host,
    ...options,
    onInvite(session, account) {
      calls.push({ session, account, ear: new Ear(session) });
      onCall(session);
    },
  });
  await agent.start();
  const call = (count = 1): Promise<TestAgent['calls'][number]> =>
    until(`call ${count}`, () => calls[count - 1]);
  return { agent, calls, call };
}

/** A registrar that knows one password for every user whose name starts with `id-`. */
export function registrar(algorithms: readonly string[] = ['MD5', 'SHA-256'], password = PASSWORD) {
  const bound = new Map<string, boolean>();
  const history: [string, boolean][] = [];
  return {
    realm: DOMAIN,
    bound,
    history,
    ha1: async (user: string, realm: string, algorithm: 'MD5' | 'SHA-256') =>
      user.startsWith('id-') && algorithms.includes(algorithm)
        ? digestHa1(algorithm, user, realm, password)
        : undefined,
    onBinding(user: string, is: boolean) {
      bound.set(user, is);
      history.push([user, is]);
    },
  };
}

export function address(transport: SipAddress['transport'], host: string, port: number): SipAddress {
  return { transport, host, port };
}

/** A plain offer of PCMU at `host`. */
export function sdpAt(host: string, port = 30_000): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    '',
  ].join('\r\n');
}

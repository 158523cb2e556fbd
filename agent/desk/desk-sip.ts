import type { Clock } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type {
  EventState,
  IncomingRefer,
  RegistrarAgent,
  Session,
  SipAddress,
  SipTap,
  SubscriptionFacts,
  UserAgentOptions,
} from '../../lib/voice/sip/api.ts';
import { type MakeSockets, realSockets } from '../../lib/voice/sip/core.ts';
import { createUserAgent, digestHa1 } from '../../lib/voice/sip/index.ts';
import type { PhoneAccounts } from '../ports.ts';
import { type Sieve, sifted } from './scanners.ts';

/** Digest realm of the phones' registrar. */
export const PHONE_REALM = 'engawa';
/** A call whose phone has lost its power is over after this long, even where its sound is not missed (RFC 4028). */
const SESSION_TIMER = { expiresS: 1_800, minS: 90 } as const;

/** What the phones' user agent needs. */
export interface DeskSipOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly host: string;
  readonly port: number;
  readonly product: string;
  readonly accounts: PhoneAccounts;
  readonly tap?: SipTap | undefined;
  bound(user: string, bound: boolean): void;
  judged(user: string, source: SipAddress, right: boolean): void;
  /** Somebody looks for extensions, or for boxes like this. */
  strange(source: SipAddress, sure: boolean): void;
  shuns(source: SipAddress): boolean;
  /** The only accounts whose digests are looked at from there; undefined: all. */
  mayOnlySign(source: SipAddress): readonly string[] | undefined;
  invited(session: Session, account: string | undefined): void;
  referred(refer: IncomingRefer): void;
  permits(subscription: SubscriptionFacts): number;
  stateOf(subscription: SubscriptionFacts, version: number, told: unknown): EventState;
}

/** The user agent that desk phones speak with: UDP and TCP on the LAN. */
export function createDeskSip(options: DeskSipOptions, sockets?: MakeSockets): RegistrarAgent {
  const { clock, random, log, host, port, product, accounts } = options;
  const agent: UserAgentOptions = {
    ...{ clock, random, log, product, localHost: host },
    ...(options.tap === undefined ? {} : { tap: options.tap }),
    listeners: [
      { transport: 'udp', host, port },
      { transport: 'tcp', host, port },
    ],
    registrar: {
      realm: PHONE_REALM,
      // Desk phones of this age know nothing else, and some give up at the sight of SHA-256.
      algorithms: ['MD5'],
      ha1: (user, realm, algorithm) => {
        const account = accounts.accountOf(user);
        const ha1 = account === undefined ? undefined : digestHa1(algorithm, user, realm, account.password);
        return Promise.resolve(ha1);
      },
      onBinding: (user, bound) => options.bound(user, bound),
      judged: (user, source, right) => options.judged(user, source, right),
      challenged: (user, source) => {
        if (accounts.accountOf(user) === undefined) options.strange(source, false);
      },
    },
    sessionTimer: SESSION_TIMER,
    // Lamps name their calls by the office's own names.
    replaces: 'named',
    shuns: (source) => options.shuns(source),
    onInvite: (session, account) => options.invited(session, account),
    onRefer: (refer) => options.referred(refer),
    events: {
      permits: (subscription) => options.permits(subscription),
      stateOf: (subscription, version, told) => options.stateOf(subscription, version, told),
    },
  };
  const sieve: Sieve = {
    scanner: (source) => options.strange(source, true),
    mayOnlySign: (source) => options.mayOnlySign(source),
  };
  return createUserAgent(agent, sifted(sockets ?? realSockets, sieve));
}

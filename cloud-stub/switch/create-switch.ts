import type { Clock } from '../../lib/base/clock.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { BatchSocket } from '../../lib/net/batch-socket.ts';
import { TRUSTED_TRUNK } from '../../lib/voice/sip/identity/trunk-profile.ts';
import { createUserAgent } from '../../lib/voice/sip/index.ts';
import type { Authorise } from './authorise.ts';
import type { TrunkPlace } from './identity.ts';
import type { CallBook, Directory, LiveState } from './ports.ts';
import { SipSwitch, type SwitchFigures } from './switch.ts';
import { DEFAULT_LIMITS, type SwitchLimits } from './switch-limits.ts';

/** What the switch needs. */
export interface SwitchOptions {
  /** Address of both SIP sides and of the audio. */
  readonly host: string;
  readonly tls: { readonly certPem: string; readonly keyPem: string };
  /** For the gateways. Default 5061. */
  readonly tlsPort?: number;
  /** For the telephone network. Default 5060. */
  readonly udpPort?: number;
  /** For the apps, UDP and TCP. Default 5062. */
  readonly appPort?: number;
  /** The telephone network: the only source that is admitted on UDP, where calls out go, and what its trunk wants of them. */
  readonly carrier: TrunkPlace;
  /** Digest realm of the gateways' accounts. */
  readonly realm: string;
  /** SIP domain of the numbers and IDs. */
  readonly domain: string;
  readonly directory: Directory;
  readonly book: CallBook;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly limits?: Partial<SwitchLimits>;
  /** Asked before a leg that costs money is sent out; absent: everything is granted. */
  readonly authorise?: Authorise;
  /** The customers' own recordings by the name of the prompt: µ-law, 8000 bytes a second. */
  readonly recording?: (name: string) => Uint8Array | undefined;
}

/** The SIP edge of the cloud. */
export interface Switch {
  /** Binds both SIP ports; throws a StartupError that names the one that is taken. */
  start(): Promise<void>;
  /** Ends every call with a record and closes the ports. */
  stop(): Promise<void>;
  /** Ends the registrations of IDs whose account is another one now. */
  accountsEnded(ids: readonly ServiceId[]): void;
  figures(): SwitchFigures;
  readonly live: LiveState;
}

/** Messages a second and source. A gateway with eight lines stays far below; a flood does not get to the parser. */
const GATEWAY_RATE = { perSecond: 100, burst: 300 };
/** One phone's or computer's apps. */
const APP_RATE = { perSecond: 50, burst: 100 };
/** The telephone network is one source for everybody's calls. */
const NETWORK_RATE = { perSecond: 500, burst: 1_000 };
const PRODUCT = 'engawa-switch';
/** RFC 4028's own suggestion. */
const SESSION_TIMER = { expiresS: 1_800 };

/**
 * A switch over real sockets: TLS with registrar and digest for the gateways (and apps), UDP and TCP with the same for
 * apps alone, UDP for the telephone network.
 */
export function createSwitch(options: SwitchOptions): Switch {
  const { host, clock, random, log, carrier, realm } = options;
  const { reliable, sessionTimer } = carrier.profile ?? TRUSTED_TRUNK;
  // A box or app that vanishes in a call is noticed also while it holds, when no audio tells.
  const common = { clock, random, log, product: PRODUCT, localHost: host, sessionTimer: SESSION_TIMER };
  return new SipSwitch({
    mediaHost: host,
    domain: options.domain,
    carrier,
    directory: options.directory,
    book: options.book,
    clock,
    random,
    log,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    ...(options.authorise === undefined ? {} : { authorise: options.authorise }),
    ...(options.recording === undefined ? {} : { recording: options.recording }),
    makeAgents: (handlers) => ({
      gateways: createUserAgent({
        ...common,
        listeners: [{ transport: 'tls', host, port: options.tlsPort ?? 5_061, ...options.tls }],
        registrar: { ...handlers.registrar, realm },
        rateLimit: GATEWAY_RATE,
        onInvite: (session, account) => handlers.fromGateway(session, account),
      }),
      apps: createUserAgent({
        ...common,
        listeners: (['udp', 'tcp'] as const).map((transport) => ({
          transport,
          host,
          port: options.appPort ?? 5_062,
        })),
        // Apps in the field give up where SHA-256 is offered at all.
        registrar: { ...handlers.appRegistrar, realm, algorithms: ['MD5'] },
        rateLimit: APP_RATE,
        onInvite: (session, account) => handlers.fromGateway(session, account),
      }),
      network: createUserAgent({
        ...common,
        listeners: [{ transport: 'udp', host, port: options.udpPort ?? 5_060 }],
        rateLimit: NETWORK_RATE,
        // All calls of all gateways cross it.
        openDatagrams: (ownHost, port, take) => BatchSocket.open(clock, ownHost, port, take),
        reliable,
        ...(sessionTimer === undefined ? {} : { sessionTimer }),
        admits: (source) => source.host === carrier.host,
        onInvite: (session) => handlers.fromNetwork(session),
      }),
    }),
  });
}

import { isIP } from 'node:net';
import { hostNow } from '../../../base/own-host.ts';
import type { SipAddress, SipCounters, UserAgentOptions } from '../api.ts';
import { bracketHost } from '../codec/host.ts';
import { AccessList } from './access-list.ts';
import { type Dialled, Dialler } from './dialler.ts';
import { type Flow, flowKey } from './flow.ts';
import type { Target } from './locate.ts';
import { NamedDatagrams } from './named-datagrams.ts';
import { systemResolver } from './resolver.ts';
import { sourceKey } from './source.ts';
import { StreamFlow } from './stream-flow.ts';
import { type Accepted, StreamListener, type StreamPlace } from './stream-listener.ts';
import { TokenBuckets } from './token-bucket.ts';
import { UdpListener } from './udp-listener.ts';

/** Some hundred calls a second, and too little for one source to fill the transactions, which last 32 s. */
const DEFAULT_RATE = { perSecond: 500, burst: 1_000 };
const RESPONSE_START = Buffer.from('SIP/2.0 ');
/** A connection for what is too large for a datagram has this long, and is not asked for again for so long when it fails. */
const LARGE_CONNECT_MS = 2_000;
const NO_STREAM_MS = 600_000;
/** While calls are up, the way back to a better place is looked for again after this long. */
const RETURN_AGAIN_MS = 30_000;
/** The way that was left stays open this long: answers to what was asked over it still come. */
const FAREWELL_MS = 60_000;
/** Names that datagrams go to: they come from our own configuration. */
const NAMES = 1_024;
/** Peers without TCP that are remembered. */
const STREAMLESS = 1_024;

/** What the transport asks of whom it serves. */
export interface TransportUser {
  message(bytes: Buffer, flow: Flow): void;
  /** Whether nothing is up that hangs on a connection staying where it is. */
  idle(): boolean;
}

/** A flow that we opened, and what is known of where it leads. */
interface Opened {
  readonly flow: StreamFlow;
  target: Target | undefined;
  /** Places that it may be moved away from, to others that are as good. */
  others: number;
  stop: () => void;
}

/** All sockets of a user agent. Knows bytes and flows, nothing of messages. */
export class Transport {
  readonly #options: UserAgentOptions;
  readonly #counters: SipCounters;
  readonly #user: TransportUser;
  readonly #buckets: TokenBuckets;
  readonly #access: AccessList;
  readonly #dialler: Dialler;
  readonly #udp: UdpListener[] = [];
  readonly #streams: StreamListener[] = [];
  /** Accepted connections by their peer, opened ones by the address that was asked for. */
  readonly #flows = new Map<string, StreamFlow>();
  readonly #opened = new Map<Flow, Opened>();
  /** UDP to names. */
  readonly #named = new Map<string, NamedDatagrams>();
  /** Name that the certificate at an address must carry, where it is not the agent's default. */
  readonly #serverNames = new Map<string, string>();
  /** Until when a peer is not asked for a connection because of a large request, by address. */
  readonly #streamless = new Map<string, number>();

  constructor(options: UserAgentOptions, counters: SipCounters, user: TransportUser) {
    this.#options = options;
    this.#counters = counters;
    this.#user = user;
    const rate = options.rateLimit ?? DEFAULT_RATE;
    this.#buckets = new TokenBuckets(rate.perSecond, rate.burst);
    this.#access = new AccessList(options.access);
    const { clock, random, localHost, resolver = systemResolver } = options;
    this.#dialler = new Dialler({
      ...{ clock, random, localHost, resolver },
      tlsCheck: (address) => ({
        ca: options.caPem,
        name: this.#serverNames.get(flowKey(address)) ?? options.tlsServerName ?? address.host,
      }),
    });
  }

  /** Binds every listener; on a failure closes what it had opened and throws a `StartupError`. */
  async start(): Promise<void> {
    try {
      for (const listener of this.#options.listeners) {
        const { host, port } = listener;
        if (listener.transport === 'udp') await this.#listenUdp(host, port);
        else {
          const { transport } = listener;
          const identity = listener.transport === 'tls' ? listener : undefined;
          await this.#listenStream({ transport, host, port, identity });
        }
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const { stop } of this.#opened.values()) stop();
    for (const flow of new Set([...this.#flows.values(), ...this.#opened.keys()])) {
      if (flow instanceof StreamFlow) flow.closeGently('stopping');
    }
    await Promise.all([...this.#udp, ...this.#streams].map((listener) => listener.stop()));
    this.#udp.length = 0;
    this.#streams.length = 0;
  }

  /** Certificates at `address` are checked for `name`. */
  expectServerName(address: SipAddress, name: string): void {
    this.#serverNames.set(flowKey(address), name);
  }

  /** The open flow to an address, or a new one; undefined when nothing here speaks that transport. */
  flowTo(address: SipAddress): Flow | undefined {
    if (address.transport === 'udp') return this.#datagramsTo(address);
    const known = this.#flows.get(flowKey(address));
    return known?.open === true ? known : this.#connect(address, undefined);
  }

  /**
   * The place behind a flow answers with 503 or not at all (RFC 3263 §4.3): where there is another, the connection is
   * closed and the next one goes there. Where there is none, nothing is gained by closing it.
   */
  distrust(flow: Flow): void {
    if (flow instanceof NamedDatagrams) flow.distrust();
    const opened = this.#opened.get(flow);
    if (opened?.target === undefined || opened.others === 0) return;
    opened.flow.close('the service does not answer');
  }

  // --- Datagrams ---

  #datagramsTo(address: SipAddress): Flow | undefined {
    if (isIP(address.host) !== 0) return this.#datagramsToPlace(address);
    const key = flowKey(address);
    const known = this.#named.get(key);
    if (known !== undefined || this.#udp.length === 0 || this.#named.size >= NAMES) return known;
    const named = new NamedDatagrams({
      ...{ address, dialler: this.#dialler, sentBy: this.#sentBy('udp') },
      monotonicMs: () => this.#options.clock.monotonicMs(),
      flowTo: (target) => this.#datagramsToPlace(target),
    });
    this.#named.set(key, named);
    return named;
  }

  #datagramsToPlace({ host, port }: { readonly host: string; readonly port: number }): Flow | undefined {
    const six = host.includes(':');
    const listener = this.#udp.find((one) => one.six === six) ?? this.#udp[0];
    return listener?.flowTo(host, port);
  }

  async #listenUdp(host: string, port: number): Promise<void> {
    const { clock, random, log } = this.#options;
    const listener = new UdpListener({
      ...{ clock, random, host, port, tap: this.#options.tap },
      open: this.#options.openDatagrams,
      sentBy: `${bracketHost(this.#visibleHost(host))}:${port}`,
      admit: (bytes, source) => this.#admit(bytes, source),
      message: (bytes, flow) => this.#user.message(bytes, flow),
      stream: (peer, peerPort) => this.#streamFor(peer, peerPort),
      trouble: (say) => log.warn({ transport: 'udp', host, port, say }, 'SIP socket'),
    });
    this.#udp.push(listener);
    await listener.start();
  }

  /** RFC 3261 §18.1.1. A peer that took no connection is not kept waiting for another with each large request. */
  #streamFor(host: string, port: number): Flow | undefined {
    if (isIP(host) === 0) return undefined;
    const address: SipAddress = { transport: 'tcp', host, port };
    const key = flowKey(address);
    const known = this.#flows.get(key);
    if (known?.open === true) return known;
    const nowMs = this.#options.clock.monotonicMs();
    if ((this.#streamless.get(key) ?? 0) > nowMs) return undefined;
    return this.#connect(address, LARGE_CONNECT_MS);
  }

  #rememberStreamless(key: string): void {
    this.#streamless.delete(key);
    this.#streamless.set(key, this.#options.clock.monotonicMs() + NO_STREAM_MS);
    const oldest = this.#streamless.size > STREAMLESS ? this.#streamless.keys().next().value : undefined;
    if (oldest !== undefined) this.#streamless.delete(oldest);
  }

  // --- Connections that we open ---

  #connect(address: SipAddress, limitMs: number | undefined): Flow {
    const opened = this.#open(address);
    opened.stop = this.#dialler.dial(address, limitMs, (outcome) => {
      if (!outcome.ok && limitMs !== undefined) this.#rememberStreamless(flowKey(address));
      this.#dialled(address, opened, outcome);
    });
    return opened.flow;
  }

  #open(address: SipAddress): Opened {
    const flow = this.#newFlow(address, true);
    const opened: Opened = { flow, target: undefined, others: 0, stop: () => undefined };
    this.#opened.set(flow, opened);
    this.#flows.set(flowKey(address), flow);
    return opened;
  }

  #dialled(address: SipAddress, opened: Opened, outcome: Dialled): void {
    if (!outcome.ok) {
      opened.flow.close(outcome.say);
      return;
    }
    const { socket, target, better, others } = outcome;
    opened.target = target;
    opened.others = others;
    opened.flow.attach(socket);
    if (better.length > 0) this.#awaitReturn(address, opened, better);
  }

  /** When a better place may be tried again, and nothing hangs on the connection that there is: go back to it. */
  #awaitReturn(address: SipAddress, opened: Opened, better: readonly Target[]): void {
    const { clock } = this.#options;
    const dueMs = Math.max(this.#dialler.deadForMs(better), 1_000);
    const timer = clock.after(dueMs, 'SIP return', () => this.#return(address, opened, better));
    opened.stop = () => timer.cancel();
  }

  #return(address: SipAddress, opened: Opened, better: readonly Target[]): void {
    const { clock, log } = this.#options;
    if (!this.#user.idle()) {
      const timer = clock.after(RETURN_AGAIN_MS, 'SIP return', () => this.#return(address, opened, better));
      opened.stop = () => timer.cancel();
      return;
    }
    opened.stop = this.#dialler.dialOne(address, better, (outcome) => {
      if (!outcome.ok) {
        this.#awaitReturn(address, opened, better);
        return;
      }
      log.info(
        { peer: flowKey(address), target: outcome.target },
        'SIP connection is back at the better place',
      );
      const left = opened.flow;
      opened.stop = () => undefined;
      const { others } = opened;
      // It is closed because we go, not because it failed.
      opened.others = 0;
      this.#dialled(address, this.#open(address), { ...outcome, others });
      // Who is registered over the old one hears its end, and registers over the new one.
      clock.after(FAREWELL_MS, 'SIP farewell', () => left.closeGently('moved'));
    });
  }

  // --- Connections that come to us ---

  async #listenStream(place: StreamPlace): Promise<void> {
    const { log, clock } = this.#options;
    const stream = new StreamListener(place, {
      log,
      admits: (host, port) =>
        this.#admitsConnection({ transport: place.transport, host, port }, clock.monotonicMs()),
      accept: (accepted) => this.#accept(accepted),
    });
    await stream.start();
    this.#streams.push(stream);
  }

  #admitsConnection(source: SipAddress, nowMs: number): boolean {
    if (!this.#access.permits(source.host) || this.#options.shuns?.(source) === true) {
      this.#counters.dropped++;
      return false;
    }
    if (this.#buckets.take(sourceKey(source.host), nowMs)) return true;
    this.#counters.rateLimited++;
    return false;
  }

  #accept({ socket, remote }: Accepted): void {
    const flow = this.#newFlow(remote, false);
    this.#flows.set(flowKey(remote), flow);
    flow.attach(socket);
  }

  #newFlow(remote: SipAddress, outgoing: boolean): StreamFlow {
    const key = flowKey(remote);
    const { clock, random, log } = this.#options;
    return new StreamFlow({
      ...{ clock, random, remote, outgoing, tap: this.#options.tap },
      sentBy: this.#sentBy(remote.transport),
      admit: (bytes) => this.#admit(bytes, remote, outgoing),
      message: (bytes, flow) => this.#user.message(bytes, flow),
      closed: (closed, say) => {
        if (this.#flows.get(key) === closed) this.#flows.delete(key);
        this.#forget(closed);
        log.debug({ peer: key, say }, 'SIP connection closed');
      },
    });
  }

  /** A place whose connection broke is passed over for a while where there are others. */
  #forget(flow: Flow): void {
    const opened = this.#opened.get(flow);
    if (opened === undefined) return;
    this.#opened.delete(flow);
    opened.stop();
    if (opened.target !== undefined && opened.others > 0) this.#dialler.distrust(opened.target);
  }

  // --- Who may ---

  /** Access list, then rate and `admits`, unless we `checked` the peer's certificate ourselves, before a byte is parsed. Answers to our own requests pass: they match or are dropped. */
  #admit(bytes: Buffer, source: SipAddress, checked = false): boolean {
    this.#counters.messagesReceived++;
    if (checked) return true;
    if (!this.#access.permits(source.host) || this.#options.shuns?.(source) === true) {
      this.#counters.dropped++;
      return false;
    }
    if (!this.#buckets.take(sourceKey(source.host), this.#options.clock.monotonicMs())) {
      this.#counters.rateLimited++;
      return false;
    }
    if (this.#options.registrar !== undefined || this.#options.admits === undefined) return true;
    if (bytes.subarray(0, RESPONSE_START.length).equals(RESPONSE_START)) return true;
    if (this.#options.admits(source)) return true;
    this.#counters.dropped++;
    return false;
  }

  #sentBy(transport: SipAddress['transport']): string {
    const own = this.#options.listeners.find((listener) => listener.transport === transport);
    const host = bracketHost(
      own === undefined ? hostNow(this.#options.localHost) : this.#visibleHost(own.host),
    );
    return own === undefined ? host : `${host}:${own.port}`;
  }

  #visibleHost(host: string): string {
    return host === '0.0.0.0' || host === '::' ? hostNow(this.#options.localHost) : host;
  }
}

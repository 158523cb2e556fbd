import { isIP } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { type Random, randomHex } from '../../base/random.ts';
import type {
  BindingFacts,
  IncomingRefer,
  ReliableHabit,
  Session,
  SessionTimerHabit,
  SipAddress,
  SipCounters,
  SipFigures,
  SipHeaders,
  SubscribeOptions,
  UserAgentOptions,
} from './api.ts';
import type { SipMessage, SipRequest, SipResponse } from './codec/message.ts';
import { parseMessage, type Rejection } from './codec/parse.ts';
import { parseReason } from './codec/reason.ts';
import { rejectionTo, responseTo } from './codec/respond.ts';
import { writeResponse } from './codec/write.ts';
import { type Dialog, dialogKey, nextHop } from './dialog/dialog.ts';
import { parseReplaces } from './dialog/replaces.ts';
import { Nonces } from './digest/nonces.ts';
import { DigestServer } from './digest/server.ts';
import { SIP_LIMITS } from './limits.ts';
import { Registrar } from './registration/registrar.ts';
import { ALLOW, type DialogUsage, type Peer, type SessionCore } from './session/core.ts';
import { IncomingCall } from './session/incoming.ts';
import { LastByes } from './session/last-byes.ts';
import { judgeTimer, soundHabit } from './session/session-timer.ts';
import { StrayAnswers } from './session/stray-answers.ts';
import { Notifier } from './subscription/notifier.ts';
import { Subscriber, subscriberKey } from './subscription/subscriber.ts';
import { TransactionLayer } from './transaction/layer.ts';
import type { ServerTransaction } from './transaction/server.ts';
import type { Flow } from './transport/flow.ts';
import { replyFlow } from './transport/reply.ts';
import { Transport } from './transport/transport.ts';
import { objectionTo } from './uas-checks.ts';

/** Why a call ends that nobody here knows of. */
const RESTARTED = { cause: 27, text: 'the call was lost in a restart' } as const;

/** The sockets of a user agent, or a simulated network in their place. */
export interface Sockets {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The open flow to an address, or a new one; undefined when nothing here speaks that transport. */
  flowTo(address: SipAddress): Flow | undefined;
  /** Certificates at `address` are checked for `name`. */
  expectServerName(address: SipAddress, name: string): void;
  /** The place behind a flow answers with 503 or not at all: where there is another, go there (RFC 3263 §4.3). */
  distrust?(flow: Flow): void;
}

/** Makes the sockets; what they receive goes to `message`. `idle`: no call is up, connections may move. */
export type MakeSockets = (
  options: UserAgentOptions,
  counters: SipCounters,
  message: (bytes: Buffer, flow: Flow) => void,
  idle: () => boolean,
) => Sockets;

/** The machine's own. */
export const realSockets: MakeSockets = (options, counters, message, idle) =>
  new Transport(options, counters, { message, idle });

/** Joins sockets, transactions, dialogs and registrar: decides who takes which message. */
export class Core implements SessionCore {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly product: string;
  readonly transactions: TransactionLayer;
  readonly transport: Sockets;
  readonly counters: SipCounters;
  readonly lastByes: LastByes;
  readonly allow: string;
  readonly supported: string;
  readonly sessionTimer: Required<SessionTimerHabit> | undefined;
  readonly reliable: ReliableHabit;
  readonly onRefer: ((refer: IncomingRefer) => void) | undefined;
  readonly notifier: Notifier | undefined;
  readonly #options: UserAgentOptions;
  readonly #digest: DigestServer | undefined;
  readonly #registrar: Registrar | undefined;
  readonly #dialogs = new Map<string, DialogUsage>();
  readonly #calls = new Set<object>();
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #strays: StrayAnswers;
  #stopped = false;

  constructor(options: UserAgentOptions, makeSockets: MakeSockets = realSockets) {
    this.#options = options;
    this.clock = options.clock;
    this.random = options.random;
    this.log = options.log;
    this.product = options.product;
    this.onRefer = options.onRefer?.bind(options);
    this.sessionTimer = soundHabit(options.sessionTimer);
    this.reliable = options.reliable ?? 'off';
    this.allow = methodsOf(options);
    this.supported = extensionsOf(options);
    this.notifier = options.events === undefined ? undefined : new Notifier(this, options.events);
    this.counters = {
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
    const user = {
      request: (transaction: ServerTransaction): void => this.#request(transaction),
      ack: (request: SipRequest): void => this.#ack(request),
    };
    const { clock, random, counters } = this;
    this.transactions = new TransactionLayer(clock, random, counters, user, options.transactions);
    this.#strays = new StrayAnswers(this.transactions);
    this.lastByes = new LastByes(clock, counters);
    this.transport = makeSockets(
      options,
      this.counters,
      (bytes, flow) => this.#bytes(bytes, flow),
      () => this.#calls.size === 0,
    );
    const { registrar } = options;
    if (registrar === undefined) return;
    const { realm, algorithms } = registrar;
    this.#digest = new DigestServer(realm, registrar, new Nonces(this.clock, this.random), algorithms);
    this.#registrar = new Registrar(this.clock, this.log, registrar, this.#digest);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.lastByes.stop();
    this.transactions.stop();
    this.#registrar?.stop();
    this.notifier?.stop();
    for (const subscriber of this.#subscribers.values()) subscriber.abandon();
    this.#subscribers.clear();
    await this.transport.stop();
  }

  figures(): SipFigures {
    return {
      calls: this.#calls.size,
      dialogs: this.#dialogs.size,
      transactions: this.transactions.size,
      subscriptions: (this.notifier?.size ?? 0) + this.#subscribers.size,
    };
  }

  /** A subscription of ours. */
  subscribe(options: SubscribeOptions): { stop(): void } {
    const subscriber = new Subscriber(this, options, {
      renamed: (one, before) => {
        this.#subscribers.delete(before);
        this.#subscribers.set(one.key, one);
      },
      gone: (one) => this.#subscribers.delete(one.key),
    });
    subscriber.start();
    return { stop: () => subscriber.stop() };
  }

  /** Takes a call into account; false when there are too many. */
  hold(call: object): boolean {
    if (this.#calls.size >= SIP_LIMITS.sessions) return false;
    this.#calls.add(call);
    return true;
  }

  released(call: object): void {
    this.#calls.delete(call);
  }

  endLate(answer: SipResponse, flow: Flow): void {
    this.#strays.end(answer, flow, undefined);
  }

  addDialog(key: string, usage: DialogUsage): void {
    this.#dialogs.set(key, usage);
  }

  removeDialog(key: string, usage: DialogUsage): void {
    if (this.#dialogs.get(key) === usage) this.#dialogs.delete(key);
  }

  bindingOf(user: string): ReturnType<Registrar['bindingOf']> {
    return this.#registrar?.bindingOf(user);
  }

  endBinding(user: string): void {
    this.#registrar?.end(user);
  }

  restoreBinding(user: string, binding: BindingFacts): boolean {
    const flow = binding.source.transport === 'udp' ? this.transport.flowTo(binding.source) : undefined;
    if (flow === undefined || this.#registrar === undefined) return false;
    return this.#registrar.restore(user, binding, flow);
  }

  flowFor(peer: Peer, dialog?: Dialog): Flow | undefined {
    if (peer.kind === 'account') {
      const current = this.#registrar?.flowOf(peer.user);
      if (current !== undefined) return current;
      return peer.last?.open === true ? peer.last : undefined;
    }
    const { address } = peer;
    const fixed = address.transport !== 'udp' || peer.translated === true;
    const hop = dialog === undefined || fixed ? undefined : nextHop(dialog);
    // A name in a Contact is somebody's private name for itself: the address it came from is the better guess.
    if (hop === undefined || isIP(hop.host) === 0) return this.transport.flowTo(address);
    return this.transport.flowTo({ transport: 'udp', host: hop.host, port: hop.port ?? 5060 });
  }

  #bytes(bytes: Buffer, flow: Flow): void {
    const result = parseMessage(bytes);
    switch (result.kind) {
      case 'drop':
        this.#drop(flow, result.say);
        break;
      case 'reject':
        this.#reject(result, flow);
        break;
      case 'ok':
        this.#message(result.message, flow);
        break;
    }
  }

  #message(message: SipMessage, flow: Flow): void {
    if (message.kind === 'response') {
      this.#response(message, flow);
      return;
    }
    const reply = replyFlow(message.vias[0], flow);
    if (reply === undefined) {
      this.#drop(flow, 'no way back');
      return;
    }
    if (this.transactions.full && message.method !== 'ACK') {
      this.counters.rejected++;
      const draft = responseTo(message, flow.remote, 503, { headers: [['Retry-After', '5']] });
      reply.send(writeResponse(draft), () => undefined);
      return;
    }
    this.transactions.receiveRequest(message, flow, reply);
  }

  /** RFC 3261 §18.1.2: a response whose top Via is not ours is not for us. */
  #response(response: SipResponse, flow: Flow): void {
    if (response.vias.length !== 1) {
      this.#drop(flow, 'response with foreign Vias');
      return;
    }
    if (this.transactions.receiveResponse(response)) return;
    if (this.#isStrayAnswer(response, flow)) this.#strays.end(response, flow, RESTARTED);
    else this.#drop(flow, 'response to nothing');
  }

  /** An answer to an INVITE of an earlier process, from somebody who is registered here. */
  #isStrayAnswer({ status, cseq, callId, fromTag, toTag }: SipResponse, flow: Flow): boolean {
    if (status < 200 || status > 299 || cseq.method !== 'INVITE' || toTag === '') return false;
    if (this.#dialogs.has(dialogKey(callId, fromTag, toTag))) return false;
    return this.#registrar?.isAt(flow.remote) === true;
  }

  #drop(flow: Flow, say: string): void {
    this.counters.dropped++;
    this.log.debug({ from: flow.remote, say }, 'SIP message dropped');
  }

  #reject(result: Rejection, flow: Flow): void {
    this.counters.rejected++;
    this.log.debug({ from: flow.remote, status: result.status, say: result.say }, 'SIP message rejected');
    const reply = replyFlow(result.via, flow);
    this.counters.messagesSent++;
    const draft = rejectionTo(result, flow.remote, randomHex(this.random, 8));
    reply?.send(writeResponse(draft), () => undefined);
  }

  #ack(request: SipRequest): void {
    const usage = this.#dialogs.get(dialogKey(request.callId, request.toTag, request.fromTag));
    if (usage === undefined) this.counters.dropped++;
    else usage.acknowledge(request);
  }

  #request(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (request.method === 'CANCEL') {
      this.#cancel(transaction);
      return;
    }
    if (request.toTag !== '') {
      const usage = this.#dialogs.get(dialogKey(request.callId, request.toTag, request.fromTag));
      if (usage !== undefined) {
        usage.receive(transaction);
        return;
      }
      const subscriber = this.#subscribers.get(subscriberKey(request.callId, request.toTag));
      if (subscriber !== undefined && request.method === 'NOTIFY') {
        subscriber.receive(transaction);
        return;
      }
      if (request.method !== 'REGISTER') {
        this.#reply(transaction, 481);
        return;
      }
    }
    if (this.transactions.looped(transaction)) {
      this.counters.loops++;
      this.#reply(transaction, 482);
      return;
    }
    const objection = objectionTo(request, this.allow, this.supported);
    if (objection !== undefined) {
      this.#reply(transaction, objection.status, objection.headers);
      return;
    }
    switch (request.method) {
      case 'INVITE':
        this.#authenticate(transaction);
        return;
      case 'SUBSCRIBE':
        this.#authenticate(transaction);
        return;
      case 'OPTIONS':
        this.#reply(transaction, 200, [
          ['Allow', this.allow],
          ['Accept', 'application/sdp'],
        ]);
        return;
      case 'REGISTER':
        if (this.#registrar === undefined) {
          this.#reply(transaction, 405, [['Allow', this.allow]]);
          return;
        }
        this.#settle(transaction, this.#registrar.receive(transaction));
        return;
      default: {
        // BYE, UPDATE without a dialog.
        this.#reply(transaction, 481);
        return;
      }
    }
  }

  /** RFC 3261 §9.2: the CANCEL gets 200 when its INVITE is known, and the INVITE 487 when it is still open. */
  #cancel(transaction: ServerTransaction): void {
    const invite = this.transactions.inviteOf(transaction.request);
    if (invite === undefined) {
      this.#reply(transaction, 481);
      return;
    }
    const reason = parseReason(transaction.request.headers.all('reason'));
    this.#reply(transaction, 200);
    if (!invite.cancelled(reason)) this.#reply(invite, 487);
  }

  /** Who calls? Nobody in particular where there is no registrar or the source is admitted; else digest decides. */
  #authenticate(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    if (this.#digest === undefined || flow.outgoing || this.#options.admits?.(flow.remote) === true) {
      this.#call(transaction, undefined);
      return;
    }
    this.#settle(
      transaction,
      this.#digest.judge(request, 407, flow.remote).then((verdict) => {
        if (verdict.kind === 'user') this.#call(transaction, verdict.user);
        else this.#reply(transaction, verdict.status, verdict.kind === 'challenge' ? verdict.headers : []);
      }),
    );
  }

  #call(transaction: ServerTransaction, account: string | undefined): void {
    if (transaction.request.method === 'SUBSCRIBE') {
      if (account === undefined || this.notifier === undefined) this.#reply(transaction, 403);
      else if (!this.#stopped) this.notifier.subscribe(transaction, account);
      return;
    }
    if (this.#stopped || transaction.status >= 200) return; // Cancelled while we were asking who it is.
    const timer = judgeTimer(transaction.request, this.sessionTimer);
    if (timer.kind === 'malformed' || timer.kind === 'tooBrief') {
      this.#reply(transaction, timer.kind === 'malformed' ? 400 : 422, timer.headers);
      return;
    }
    const replaced = this.#replaced(transaction.request);
    if (typeof replaced === 'number') {
      this.#reply(transaction, replaced);
      return;
    }
    const call = new IncomingCall(this, transaction, { account, replaces: replaced, timer });
    if (!this.hold(call)) {
      this.#reply(transaction, 503, [['Retry-After', '5']]);
      return;
    }
    call.start();
    this.#guard(transaction, () => this.#options.onInvite(call satisfies Session, account));
  }

  /** The call whose place an INVITE is to take (RFC 3891 §3), or the status that refuses it. */
  #replaced(request: SipRequest): Session | number | undefined {
    const values = request.headers.all('replaces');
    const [value] = values;
    if (value === undefined || this.#options.replaces !== 'matched') return undefined;
    const id = parseReplaces(value);
    if (values.length > 1 || id === undefined) return 400;
    const usage = this.#dialogs.get(dialogKey(id.callId, id.localTag, id.remoteTag));
    const found = usage?.standing?.();
    // One that rings here has not been answered by anybody: it cannot be taken over from here.
    if (found === undefined || found.at === 'called') return 481;
    return id.earlyOnly && found.at === 'up' ? 486 : found.session;
  }

  /** Answers 500 when asking for a secret fails: the phone tries again, and the log has the reason. */
  #settle(transaction: ServerTransaction, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.log.error({ err: error }, 'SIP request could not be judged');
      this.#reply(transaction, 500);
    });
  }

  #guard(transaction: ServerTransaction, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.log.error({ err: error }, 'SIP call was not taken');
      this.#reply(transaction, 500);
    }
  }

  #reply(transaction: ServerTransaction, status: number, headers: SipHeaders = []): void {
    const toTag = randomHex(this.random, 8);
    transaction.respond(responseTo(transaction.request, transaction.flow.remote, status, { toTag, headers }));
  }
}

function methodsOf(options: UserAgentOptions): string {
  const prack = options.reliable === undefined || options.reliable === 'off' ? [] : ['PRACK'];
  const refer = options.onRefer === undefined ? [] : ['REFER'];
  const events = options.events === undefined ? [] : ['SUBSCRIBE'];
  return [ALLOW, ...prack, ...refer, ...events].join(', ');
}

function extensionsOf(options: UserAgentOptions): string {
  const tags: string[] = [];
  if (options.sessionTimer !== undefined) tags.push('timer');
  if (options.reliable !== undefined && options.reliable !== 'off') tags.push('100rel');
  if (options.replaces !== undefined) tags.push('replaces');
  if (options.onRefer !== undefined) tags.push('norefersub');
  return tags.join(', ');
}

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from '../../../lib/base/clock.ts';
import type { Random } from '../../../lib/base/random.ts';
import type { PhoneModel } from '../config/models.ts';
import { type AccountSettings, hostPort, type PhoneSettings } from '../config/settings.ts';
import { checkSyncOf, sipUserAgent } from '../maker.ts';
import type { Microphone, Receiver } from '../media/sound.ts';
import type { Lamp } from '../phone-state.ts';
import {
  lampOf,
  type Messages,
  readMessages,
  ringingOf,
  type Watched,
  type WatchedDialog,
  watch,
} from './bodies.ts';
import type { Call } from './call.ts';
import { placeCall, takeCall } from './call-start.ts';
import type { CallContext } from './call-types.ts';
import { Doorkeeper } from './digest.ts';
import { Line } from './line.ts';
import { fromWire, headerText, responseTo, type SipRequest, userOf } from './message.ts';
import { Registration } from './registration.ts';
import { SipStack, type Target } from './stack.ts';
import { Subscription } from './subscription.ts';

export interface AgentOptions {
  readonly address: string;
  readonly model: PhoneModel;
  readonly mac: string;
  readonly firmware: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly microphone: Microphone;
  readonly receiver: Receiver;
  nameOf(number: string): string | undefined;
  callChanged(call: Call): void;
  registered(registration: Registration): void;
  lampChanged(value: string): void;
  messagesChanged(): void;
  /** The box wants the phone to look for its files. */
  checkSync(reboot: boolean): void;
  count(what: string): void;
}

/** Somebody whose lamp a key shows. */
interface Watch {
  readonly subscription: Subscription;
  watched: Watched | undefined;
}

/** One account that works. */
interface Working {
  readonly of: string;
  readonly line: Line;
  readonly registration: Registration;
  readonly watches: Map<string, Watch>;
  mailbox: Subscription | undefined;
  messages: Messages;
}

const SIP_PORT = 5_060;
const CALLS_KEPT = 20;
const NONE: Messages = { waiting: false, fresh: 0, old: 0 };

/** The phone on the LAN: its accounts, its watches, its calls. */
export class PhoneAgent {
  readonly #options: AgentOptions;
  readonly #doorkeeper: Doorkeeper;
  readonly #stack: SipStack;
  readonly #working = new Map<number, Working>();
  readonly calls: Call[] = [];
  /** Calls in that do not ring yet, and whether their callers have given up meanwhile. */
  readonly #opening = new Map<string, boolean>();
  #settings: PhoneSettings | undefined;
  #stopped = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#doorkeeper = new Doorkeeper(options.random);
    this.#stack = new SipStack({
      address: options.address,
      port: SIP_PORT,
      clock: options.clock,
      count: options.count,
      onRequest: (request, from) => this.#onRequest(request, from),
    });
  }

  get address(): string {
    return this.#options.address;
  }

  start(): Promise<void> {
    return this.#stack.start();
  }

  /** Accounts and keys as they are now; what has not changed goes on undisturbed. */
  async configure(settings: PhoneSettings): Promise<void> {
    this.#settings = settings;
    for (const [account, working] of this.#working) {
      const now = settings.accounts.find((each) => each.account === account);
      if (now === undefined || working.of !== JSON.stringify(named(now))) {
        endOf(working, true);
        this.#working.delete(account);
      }
    }
    for (const account of settings.accounts) {
      if (!this.#working.has(account.account)) await this.#begin(account);
    }
    for (const working of this.#working.values()) this.#watch(working, settings);
  }

  /** Everything ends; with a word to the registrar unless the power or the cable is gone. */
  stop(politely: boolean): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const call of this.calls) {
      if (politely) call.hangUp();
      call.drop();
    }
    for (const working of this.#working.values()) endOf(working, politely);
    this.#working.clear();
    // What was said goes out before the socket closes.
    if (politely) this.#options.clock.after(100, 'phone stops', () => this.#stack.stop());
    else this.#stack.stop();
  }

  // --- for the person ---

  registration(account: number): Registration | undefined {
    return this.#working.get(account)?.registration;
  }

  messages(account: number): Messages {
    return this.#working.get(account)?.messages ?? NONE;
  }

  /** The line of an account, or of the first that is registered. */
  line(account: number | undefined): Line | undefined {
    const all = [...this.#working.values()];
    const own =
      account === undefined
        ? all.find(({ registration }) => registration.registered)
        : this.#working.get(account);
    return (own ?? (account === undefined ? all[0] : undefined))?.line;
  }

  lamp(account: number, value: string): Lamp {
    return lampOf(this.#working.get(account)?.watches.get(value)?.watched, this.#options.model.maker);
  }

  /** The call that rings at somebody who is watched. */
  ringingAt(account: number, value: string): WatchedDialog | undefined {
    return ringingOf(this.#working.get(account)?.watches.get(value)?.watched);
  }

  async place(line: Line, to: string, replaces?: string): Promise<Call> {
    const call = await placeCall(this.#context(), line, to, replaces);
    this.#keep(call);
    this.#options.callChanged(call);
    return call;
  }

  // --- accounts ---

  async #begin(settings: AccountSettings): Promise<void> {
    const target = await targetOf(settings);
    if (target === undefined || this.#stopped) {
      this.#options.count('noServer');
      return;
    }
    const { address, random, model, mac, firmware, clock } = this.#options;
    const userAgent = sipUserAgent(model, firmware, mac);
    const instance =
      model.maker === 'grandstream' ? `urn:uuid:00000000-0000-1000-8000-${mac.toUpperCase()}` : undefined;
    const line = new Line({
      settings,
      stack: this.#stack,
      target,
      address,
      port: SIP_PORT,
      random,
      manners: { userAgent, instance },
    });
    const registration = new Registration(line, {
      clock,
      changed: (changed) => {
        if (changed.registered) this.#beginWatches(settings.account);
        this.#options.registered(changed);
      },
    });
    const of = JSON.stringify(named(settings));
    this.#working.set(settings.account, {
      of,
      line,
      registration,
      watches: new Map(),
      mailbox: undefined,
      messages: NONE,
    });
    if (settings.registers) registration.begin();
  }

  #beginWatches(account: number): void {
    const working = this.#working.get(account);
    if (working !== undefined && this.#settings !== undefined) this.#watch(working, this.#settings);
  }

  /** Watches begin once the account is registered, and follow the keys. */
  #watch(working: Working, settings: PhoneSettings): void {
    const { line, registration, watches } = working;
    const { account, watchesMessages, user } = line.settings;
    const wanted = new Set(
      settings.keys
        .filter((key) => (key.use === 'watch' || key.use === 'park') && key.account === account)
        .map(({ value }) => value),
    );
    for (const [value, { subscription }] of watches) {
      if (wanted.has(value)) continue;
      subscription.end(true);
      watches.delete(value);
    }
    if (!registration.registered) return;
    for (const value of wanted) {
      if (!watches.has(value)) watches.set(value, this.#watchOf(line, value, watches));
    }
    if (!watchesMessages || working.mailbox !== undefined) return;
    working.mailbox = new Subscription({
      line,
      event: 'message-summary',
      accept: 'application/simple-message-summary',
      user,
      clock: this.#options.clock,
      told: (body) => this.#mailTold(working, body),
    });
    working.mailbox.begin();
  }

  #watchOf(line: Line, value: string, watches: Map<string, Watch>): Watch {
    const subscription = new Subscription({
      line,
      event: 'dialog',
      accept: 'application/dialog-info+xml',
      user: value,
      clock: this.#options.clock,
      told: (body) => {
        const own = watches.get(value);
        if (own === undefined) return;
        own.watched = body === undefined ? undefined : watch(own.watched, body);
        this.#options.lampChanged(value);
      },
    });
    subscription.begin();
    return { subscription, watched: undefined };
  }

  #mailTold(working: Working, body: string | undefined): void {
    const read = body === undefined ? undefined : readMessages(body);
    if (read === undefined) return;
    working.messages = read;
    this.#options.messagesChanged();
  }

  // --- what comes ---

  #onRequest(request: SipRequest, from: Target): void {
    if (this.#stopped || this.calls.some((call) => call.onRequest(request))) return;
    const tagged = request.headers.to?.params['tag'] !== undefined;
    switch (request.method) {
      case 'ACK':
        return;
      case 'OPTIONS':
        this.#stack.respond(responseTo(request, 200, 'OK', { 'user-agent': this.#agentName() }));
        return;
      case 'NOTIFY':
        this.#notified(request, from);
        return;
      case 'INVITE':
        if (tagged) this.#refuse(request, 481, 'Call/Transaction Does Not Exist');
        else this.#called(request).catch(() => this.#refuse(request, 500, 'Server Internal Error'));
        return;
      case 'CANCEL': {
        const callId = request.headers['call-id'] ?? '';
        if (this.#opening.has(callId)) {
          this.#opening.set(callId, true);
          this.#refuse(request, 200, 'OK');
        } else this.#refuse(request, 481, 'Call/Transaction Does Not Exist');
        return;
      }
      case 'BYE':
      case 'UPDATE':
      case 'INFO':
        this.#refuse(request, 481, 'Call/Transaction Does Not Exist');
        return;
      default:
        this.#refuse(request, 405, 'Method Not Allowed');
    }
  }

  #agentName(): string {
    const { model, firmware, mac } = this.#options;
    return sipUserAgent(model, firmware, mac);
  }

  #refuse(request: SipRequest, status: number, reason: string): void {
    this.#stack.respond(responseTo(request, status, reason));
  }

  #workingFor(request: SipRequest): Working | undefined {
    const users = [userOf(request.uri), userOf(request.headers.to?.uri)];
    return [...this.#working.values()].find(({ line }) => users.includes(line.settings.user));
  }

  #notified(request: SipRequest, from: Target): void {
    const all = [...this.#working.values()].flatMap(({ watches, mailbox }) => [
      ...[...watches.values()].map(({ subscription }) => subscription),
      ...(mailbox === undefined ? [] : [mailbox]),
    ]);
    if (all.some((subscription) => subscription.take(request))) return;
    const event = headerText(request.headers, 'event');
    const working = this.#workingFor(request);
    const { model, count } = this.#options;
    if (working === undefined || this.#settings === undefined) {
      this.#refuse(request, 481, 'Subscription Does Not Exist');
      return;
    }
    if (/^message-summary/i.test(event)) {
      this.#mailTold(working, fromWire(request.content));
      this.#refuse(request, 200, 'OK');
      return;
    }
    const wish = checkSyncOf(model, this.#settings, event);
    if (wish === undefined) {
      this.#refuse(request, request.headers.to?.params['tag'] === undefined ? 489 : 481, 'Bad Event');
      return;
    }
    const { authUser, password, domain } = working.line.settings;
    if (from.host !== working.line.target.host) {
      count('checkSyncFromStranger');
      this.#refuse(request, 403, 'Forbidden');
    } else if (
      this.#settings.notifyMustLogIn &&
      !this.#doorkeeper.admits(request, { user: authUser, password })
    ) {
      const challenge = { 'www-authenticate': [this.#doorkeeper.challenge(domain)] };
      this.#stack.respond(responseTo(request, 401, 'Unauthorized', challenge));
    } else {
      this.#refuse(request, 200, 'OK');
      this.#options.checkSync(wish === 'reboot');
    }
  }

  async #called(invite: SipRequest): Promise<void> {
    const working = this.#workingFor(invite);
    const settings = this.#settings;
    if (working === undefined || settings === undefined) {
      this.#refuse(invite, 404, 'Not Found');
      return;
    }
    const { line } = working;
    const there = this.calls.filter(({ over }) => !over);
    const replaced = replacedBy(invite, there);
    const busy = there.length >= this.#options.model.calls || (!settings.callWaiting && there.length > 0);
    if (busy && replaced === undefined) {
      this.#refuse(invite, 486, 'Busy Here');
      return;
    }
    const callId = invite.headers['call-id'] ?? '';
    this.#opening.set(callId, false);
    const call = await takeCall(
      this.#context(),
      line,
      invite,
      () => this.#opening.get(callId) === true,
    ).finally(() => this.#opening.delete(callId));
    if (call === undefined) {
      this.#refuse(invite, 487, 'Request Terminated');
      return;
    }
    this.#keep(call);
    this.#options.callChanged(call);
    if (replaced !== undefined) {
      if (call.accept()) replaced.hangUp();
    } else if (line.settings.answersItself) call.accept();
  }

  #context(): CallContext {
    const { address, clock, microphone, receiver, nameOf, callChanged } = this.#options;
    return {
      ...{ address, clock, microphone, receiver, nameOf },
      ringOf: (line, alertInfo) => ringOf(line.settings, alertInfo),
      changed: (call) => {
        call.voice.inHand = call.state !== 'held';
        callChanged(call);
      },
    };
  }

  #keep(call: Call): void {
    this.calls.push(call);
    const old = this.calls.findIndex(({ over }) => over);
    if (this.calls.length > CALLS_KEPT && old >= 0) this.calls.splice(old, 1);
  }
}

function endOf({ registration, watches, mailbox }: Working, politely: boolean): void {
  for (const { subscription } of watches.values()) subscription.end(politely);
  mailbox?.end(politely);
  registration.end(politely);
}

/** Maps do not show in JSON. */
function named(settings: AccountSettings): object {
  return { ...settings, rings: [...settings.rings] };
}

async function targetOf(settings: AccountSettings): Promise<Target | undefined> {
  const server = hostPort(settings.server);
  // TLS towards the registrar is not simulated.
  if (server === undefined || settings.transport === 'tls') return undefined;
  const { transport } = settings;
  if (isIP(server.host) === 4) return { transport, ...server };
  try {
    const { address } = await lookup(server.host, 4);
    return { transport, host: address, port: server.port };
  } catch {
    return undefined;
  }
}

/** Alert-Info chooses the ring: a word after `info=` (Grandstream), or a name of Bellcore in brackets. */
export function ringOf(
  { ignoresAlertInfo, ring, rings }: Pick<AccountSettings, 'ignoresAlertInfo' | 'ring' | 'rings'>,
  alertInfo: string,
): string {
  if (ignoresAlertInfo || alertInfo === '') return ring;
  const word = /;\s*info\s*=\s*"?([^;",\s]+)/i.exec(alertInfo)?.[1] ?? /<([^<>]{1,64})>/.exec(alertInfo)?.[1];
  return rings.get(word ?? '') ?? ring;
}

/** The call that an INVITE with Replaces takes over: its tags are ours and theirs (RFC 3891 §3). */
function replacedBy(invite: SipRequest, calls: readonly Call[]): Call | undefined {
  const [callId, ...parts] = headerText(invite.headers, 'replaces')
    .split(';')
    .map((part) => part.trim());
  const tag = (name: string): string | undefined =>
    parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
  return calls.find(
    ({ dialog }) =>
      dialog.callId === callId &&
      dialog.local.params['tag'] === tag('to-tag') &&
      dialog.remote.params['tag'] === tag('from-tag'),
  );
}

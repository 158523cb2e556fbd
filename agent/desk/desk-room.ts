import type { Clock, Timer } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import { formatIpv4, type Ipv4Subnet, isHostOnLan } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type {
  EventState,
  IncomingRefer,
  RegistrarAgent,
  Session,
  SipAddress,
  SubscriptionFacts,
} from '../../lib/voice/sip/api.ts';
import { createUserAgent, digestHa1 } from '../../lib/voice/sip/index.ts';
import {
  type MediaPort,
  type OfficeState,
  PHONE_SESSION_PREFIX,
  type PhonePort,
  phoneOf,
  placesOf,
  voiceSdp,
} from '../calls/index.ts';
import type { Sound } from '../lines/index.ts';
import type { MediaEvent, MediaSnapshot } from '../media/index.ts';
import type { CheckSyncOutcome, DeskPhones, Health, PhoneAccounts } from '../ports.ts';
import { checkSyncEvent, checkSyncOutcome } from './check-sync.ts';
import { dialogInfo, messageSummary } from './dialog-info.ts';
import { Guard } from './guard.ts';
import { lampsOf, whereToTake } from './lamps.ts';
import { PhoneCall, type PhoneOffice } from './phone-call.ts';
import { callIdOf, dialledOf } from './refer-target.ts';

/** Digest realm of the phones' registrar. */
export const PHONE_REALM = 'engawa';
/** Another try when the socket is taken. */
const RETRY_MS = 10_000;

export interface DeskRoomOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly health: Health;
  /**
   * Where the box stands on the LAN: its address is registrar, SIP domain and RTP of the phones, and nobody from elsewhere is
   * heard. Undefined while it has none.
   */
  lan(): Ipv4Subnet | undefined;
  /** Default 5060. */
  readonly port?: number;
  readonly product: string;
  readonly media: MediaPort;
  readonly accounts: PhoneAccounts;
  /** The calls room; asked for at every use, because it is made with this room as its port. */
  office(): PhoneOffice;
}

/** How one desk phone stands at the registrar, for people. */
export interface DeskPhoneStatus {
  readonly mac: string;
  readonly extension: string;
  readonly label: string;
  readonly registered: boolean;
  readonly source: SipAddress | null;
  readonly userAgent: string | null;
  readonly calls: number;
}

/** The desk phones of the office: registrar, lamps, and the calls of every phone as lines of the office. */
export class DeskRoom implements PhonePort, DeskPhones {
  readonly #options: DeskRoomOptions;
  readonly #guard = new Guard();
  readonly #calls = new Map<number, PhoneCall>();
  readonly #messages = new Map<string, { readonly fresh: number; readonly old: number }>();
  #lamps = new Map<string, string>();
  #shown: ReturnType<typeof lampsOf> = new Map();
  #sip: RegistrarAgent | undefined;
  #host = '';
  #lan: Ipv4Subnet | undefined;
  #retry: Timer | undefined;
  #stopped = false;

  constructor(options: DeskRoomOptions) {
    this.#options = options;
  }

  /** Listens on the LAN; where that cannot be, a warning says why, and it is tried again. */
  async start(): Promise<void> {
    const { health, log } = this.#options;
    const lan = this.#options.lan();
    if (lan === undefined) {
      this.#again();
      return;
    }
    const host = formatIpv4(lan.address);
    this.#lan = lan;
    this.#host = host;
    const sip = this.#createSip(host);
    try {
      await sip.start();
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      health.raise('desk.socket', error.message);
      log.warn({ err: error }, 'desk phones cannot register');
      this.#again();
      return;
    }
    health.clear('desk.socket');
    if (this.#stopped) await sip.stop();
    else this.#sip = sip;
  }

  #again(): void {
    if (this.#stopped) return;
    this.#retry = this.#options.clock.after(RETRY_MS, 'desk phones', () => void this.start());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    for (const call of [...this.#calls.values()]) call.hangUp('the gateway is stopping');
    await this.#sip?.stop();
  }

  // --- the calls room ---

  ring(port: number): void {
    const call = this.#newCall(port, undefined);
    if (call !== undefined) void call.ring();
  }

  hear(port: number, sound: Sound): void {
    this.#calls.get(port)?.hear(sound);
  }

  sessionOf(port: number): string | undefined {
    return this.#calls.get(port)?.media;
  }

  stepped(state: OfficeState): void {
    this.#matchReachable(state);
    for (const call of [...this.#calls.values()]) call.look();
    this.#matchLamps(state);
  }

  // --- the media process ---

  mediaEvent(event: MediaEvent): void {
    if (event.event !== 'rtpSilent' || !event.session.startsWith(PHONE_SESSION_PREFIX)) return;
    const call = [...this.#calls.values()].find(({ media }) => media === event.session);
    call?.silent(event.silentMs);
  }

  /** Sessions of an earlier run are closed; calls whose session is gone end. */
  mediaConnected(snapshot: MediaSnapshot): void {
    const there = new Set(snapshot.sessions.map(({ session }) => session));
    const mine = new Set([...this.#calls.values()].map(({ media }) => media));
    for (const session of there) {
      if (!session.startsWith(PHONE_SESSION_PREFIX) || mine.has(session)) continue;
      void this.#options.media.request({ type: 'rtpClose', session });
    }
    for (const call of [...this.#calls.values()]) {
      if (!there.has(call.media)) call.hangUp('the media process restarted');
    }
  }

  // --- provisioning and people ---

  async checkSync(mac: MacAddress): Promise<CheckSyncOutcome> {
    const phone = this.#options.office().state.config?.lan.phones.find((each) => each.mac === mac);
    const account = phone === undefined ? undefined : this.#options.accounts.accountOf(phone.extension);
    if (phone === undefined || account === undefined || this.#sip === undefined) return 'notRegistered';
    const status = await this.#sip.request({
      to: { registration: phone.extension },
      method: 'NOTIFY',
      from: { uri: `sip:${phone.extension}@${this.#host}` },
      headers: [
        ['Event', checkSyncEvent(phone.vendor)],
        ['Subscription-State', 'active'],
      ],
      credentials: { user: account.user, password: account.password },
    });
    return checkSyncOutcome(status);
  }

  /** Messages that wait for an account (RFC 3842); its lamp is told at once. */
  messagesWait(extension: string, fresh: number, old: number): void {
    this.#messages.set(extension, { fresh, old });
    this.#sip?.stateChanged('message-summary', extension);
  }

  phones(): readonly DeskPhoneStatus[] {
    const { state } = this.#options.office();
    return [...(state.config?.lan.phones ?? [])].map((phone) => {
      const binding = this.#sip?.bindingOf(phone.extension);
      const ports = [...state.ports].filter(([, place]) => place.phone?.mac === phone.mac);
      return {
        mac: phone.mac,
        extension: phone.extension,
        label: phone.label,
        registered: binding !== undefined,
        source: binding?.source ?? null,
        userAgent: binding?.agent ?? null,
        calls: ports.filter(([port]) => this.#calls.has(port)).length,
      };
    });
  }

  // --- SIP ---

  #createSip(host: string): RegistrarAgent {
    const { clock, random, log, port = 5_060, product, accounts } = this.#options;
    return createUserAgent({
      ...{ clock, random, log, product, localHost: host },
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
        onBinding: (user, bound) => this.#bound(user, bound),
        judged: (_user, source, right) => this.#judged(source, right),
      },
      shuns: ({ host: source }) =>
        !isHostOnLan(source, this.#lan) || this.#guard.shuns(source, clock.monotonicMs()),
      onInvite: (session, account) => this.#invited(session, account),
      onRefer: (refer) => this.#referred(refer),
      events: {
        permits: (subscription) => this.#permits(subscription),
        stateOf: (subscription, version) => this.#stateOf(subscription, version),
      },
    });
  }

  #bound(user: string, bound: boolean): void {
    const { accounts, office } = this.#options;
    const account = accounts.accountOf(user);
    if (account !== undefined) {
      const mac = account.phone.mac as MacAddress;
      if (bound) accounts.registered(mac, this.#sip?.bindingOf(user)?.agent || null);
      else accounts.unregistered(mac);
    }
    this.#matchReachable(office().state);
  }

  #judged(source: SipAddress, right: boolean): void {
    const { clock, health, log } = this.#options;
    if (right) {
      this.#guard.right(source.host);
      return;
    }
    if (!this.#guard.wrong(source.host, clock.monotonicMs())) return;
    const say = `${source.host} has sent several wrong passwords for desk phones; nothing of it is read for a while.`;
    log.warn({ source: source.host }, say);
    health.raise('desk.guessing', say);
  }

  #invited(session: Session, account: string | undefined): void {
    const call = this.#admit(session, account);
    if ('status' in call) session.reject(call.status, { cause: call.cause, text: call.text });
    else void call.place.place(call.digits, call.sdp);
  }

  /** What a phone's INVITE is to become, or why it becomes nothing. */
  #admit(
    session: Session,
    account: string | undefined,
  ):
    | { readonly place: PhoneCall; readonly digits: string; readonly sdp: string }
    | { readonly status: number; readonly cause: number; readonly text: string } {
    const { sdp, requestUri, header } = session.invite;
    const { state } = this.#options.office();
    const number = account === undefined ? undefined : numberOf(state, account);
    if (number === undefined) {
      return { status: 403, cause: 21, text: 'no phone of this office has this account' };
    }
    const replaces = header('Replaces')[0];
    const digits =
      replaces === undefined ? dialledOf(requestUri) : whereToTake(state, callIdOf(replaces) ?? '');
    if (digits === undefined) {
      const status = replaces === undefined ? 404 : 481;
      return { status, cause: 1, text: 'there is nothing to be called' };
    }
    if (!state.ready || !state.mediaUp) {
      return { status: 503, cause: 41, text: 'no calls can be made now' };
    }
    if (sdp === undefined || voiceSdp.answer(sdp, this.#host, 9, 0) === undefined) {
      return { status: 488, cause: 88, text: 'the offer has no audio that this box speaks' };
    }
    const port = placesOf(number).find((each) => this.#isFree(state, each));
    const place = port === undefined ? undefined : this.#newCall(port, session);
    if (place === undefined) {
      return { status: 486, cause: 17, text: 'the phone has as many calls as it can' };
    }
    return { place, digits, sdp };
  }

  #isFree(state: OfficeState, port: number): boolean {
    const place = state.ports.get(port);
    if (place === undefined || place.leaving || this.#calls.has(port)) return false;
    return place.line.at === 'onHook' && place.desk.at === 'none';
  }

  #newCall(port: number, session: Session | undefined): PhoneCall | undefined {
    const { clock, log, media, random } = this.#options;
    if (this.#sip === undefined) return undefined;
    this.#calls.get(port)?.giveWay();
    const call = new PhoneCall(
      {
        ...{
          clock,
          log,
          host: this.#host,
          media,
          sdp: voiceSdp,
          sip: this.#sip,
          office: this.#options.office(),
        },
        sessionOf: (other) => this.sessionOf(other),
        callOf: (id) => [...this.#calls.values()].find((each) => each.sipCallId === id),
        ended: (ended) => {
          if (this.#calls.get(port) === ended) this.#calls.delete(port);
        },
      },
      port,
      `${PHONE_SESSION_PREFIX}${port}-${randomHex(random, 6)}`,
      session,
    );
    this.#calls.set(port, call);
    return call;
  }

  #referred(refer: IncomingRefer): void {
    const call = [...this.#calls.values()].find((each) => each.sipCallId === refer.callId);
    if (call === undefined) refer.refuse(481);
    else call.refer(refer);
  }

  // --- lamps ---

  #permits({ account, event, resource }: SubscriptionFacts): number {
    if (event === 'dialog') return this.#shown.has(resource) ? 200 : 404;
    if (event === 'message-summary') return resource === account ? 200 : 403;
    return 489;
  }

  #stateOf({ event, resource }: SubscriptionFacts, version: number): EventState {
    const host = this.#host;
    if (event === 'message-summary') {
      const { fresh, old } = this.#messages.get(resource) ?? { fresh: 0, old: 0 };
      const body = messageSummary(`sip:${resource}@${host}`, fresh, old);
      return { contentType: 'application/simple-message-summary', body };
    }
    const body = dialogInfo(resource, host, version, this.#shown.get(resource) ?? []);
    return { contentType: 'application/dialog-info+xml', body };
  }

  #matchLamps(state: OfficeState): void {
    this.#shown = lampsOf(state);
    const before = this.#lamps;
    this.#lamps = new Map([...this.#shown].map(([name, dialogs]) => [name, JSON.stringify(dialogs)]));
    for (const [name, text] of this.#lamps) {
      if (before.get(name) !== text) this.#sip?.stateChanged('dialog', name);
    }
  }

  /** The office knows which phones can be rung. */
  #matchReachable(state: OfficeState): void {
    for (const [port, { phone }] of state.ports) {
      if (phone === undefined || placesOf(phoneOf(port))[0] !== port) continue;
      const reachable = this.#sip?.bindingOf(phone.extension) !== undefined;
      if (reachable === state.reachable.has(phoneOf(port))) continue;
      this.#options.office().phoneDoes({ type: 'phone', phone: phoneOf(port), reachable });
    }
  }
}

function numberOf(state: OfficeState, extension: string): number | undefined {
  for (const [port, { phone, leaving }] of state.ports) {
    if (phone?.extension === extension && !leaving) return phoneOf(port);
  }
  return undefined;
}

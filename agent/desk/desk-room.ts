import type { Clock, Timer } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import type { Mailboxes } from '../../lib/contract/mailboxes.ts';
import { formatIpv4, type Ipv4Subnet, isHostOnLan } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { IncomingRefer, RegistrarAgent, Session, SipAddress, SipTap } from '../../lib/voice/sip/api.ts';
import type { MakeSockets } from '../../lib/voice/sip/core.ts';
import {
  type MediaPort,
  type OfficeState,
  PHONE_SESSION_PREFIX,
  type PhonePort,
  phoneOf,
  placesOf,
} from '../calls/index.ts';
import type { Sound } from '../lines/index.ts';
import type { MediaEvent, MediaSnapshot } from '../media/index.ts';
import type { CheckSyncOutcome, DeskPhones, Health, PhoneAccounts } from '../ports.ts';
import { admit, isEmergency, type Request } from './admit.ts';
import type { PhoneOffice } from './call-around.ts';
import { checkSyncEvent, checkSyncOutcome } from './check-sync.ts';
import type { DeskJournalFile, DeskMemory, KeptBinding, KeptCall } from './desk-journal.ts';
import { createDeskSip, type DeskSipOptions } from './desk-sip.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { LampBoard } from './lamp-board.ts';
import { MemoryKeeper } from './memory-keeper.ts';
import { PhoneCall } from './phone-call.ts';
import { PhoneSdp } from './phone-sdp.ts';

/** Another try when the socket is taken, and another look at the LAN's address. */
const LOOK_MS = 5_000;
/** An earlier run may have sent requests that its journal knows nothing of. */
const SEQUENCE_GAP = 50;

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
  /** Default: UDP and TCP on the LAN. */
  readonly sip?: MakeSockets;
  readonly product: string;
  /** Where what phones say can be watched. */
  readonly tap?: SipTap;
  readonly media: MediaPort;
  readonly accounts: PhoneAccounts;
  /** Where calls and registrations are written down for a later run; without it nothing outlives this one. */
  readonly journal?: DeskJournalFile;
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
  /** When its registration ends unless it is renewed; null when there is none. */
  readonly expiresInS: number | null;
  readonly calls: number;
  /** Messages that it has not heard. */
  readonly messages: number;
}

/** The desk phones of the office: registrar, lamps, and the calls of every phone as lines of the office. */
export class DeskRoom implements PhonePort, DeskPhones {
  readonly #options: DeskRoomOptions;
  readonly #door: Doorkeeper;
  readonly #board = new LampBoard();
  readonly #calls = new Map<number, PhoneCall>();
  readonly #bindings = new Map<string, KeptBinding>();
  readonly #memory: MemoryKeeper;
  /** Calls that an earlier run left and that are neither taken up nor ended yet. */
  #orphans: readonly KeptCall[];
  #resumed = false;
  #sip: RegistrarAgent | undefined;
  #host = '';
  #lan: Ipv4Subnet | undefined;
  #look: Timer | undefined;
  #stopped = false;

  constructor(options: DeskRoomOptions) {
    this.#options = options;
    const { clock, log, health, journal } = options;
    this.#door = new Doorkeeper({ clock, log, health, usersAt: (host) => this.#usersAt(host) });
    this.#memory = new MemoryKeeper(clock, log, journal, () => this.#remembered());
    this.#orphans = this.#memory.left.calls;
  }

  /** Listens on the LAN; where that cannot be, a warning says why, and it is tried again. Follows the LAN's address. */
  async start(): Promise<void> {
    this.#board.takeMailboxes(this.#options.office().state, this.#memory.left.mailboxes);
    await this.#open();
    this.#watch();
  }

  #watch(): void {
    if (this.#stopped) return;
    this.#look = this.#options.clock.after(LOOK_MS, 'desk phones', () => {
      void this.#follow().finally(() => this.#watch());
    });
  }

  /** The box has another address on the LAN: whatever hung on the old one is over, and phones register at the new one. */
  async #follow(): Promise<void> {
    const lan = this.#options.lan();
    // An interface that is down for a moment mostly comes back with the address that it had.
    if (lan === undefined) return;
    const host = formatIpv4(lan.address);
    this.#lan = lan;
    if (this.#sip !== undefined && host === this.#host) return;
    const old = this.#sip;
    if (old !== undefined) {
      this.#options.log.warn({ from: this.#host, to: host }, 'the LAN address of the box has changed');
      for (const call of [...this.#calls.values()]) call.hangUp('the gateway has another address');
      this.#sip = undefined;
      this.#bindings.clear();
      await old.stop();
      this.#matchReachable(this.#options.office().state);
    }
    await this.#open();
  }

  async #open(): Promise<void> {
    const { health, log } = this.#options;
    const lan = this.#options.lan();
    if (lan === undefined || this.#stopped) return;
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
      return;
    }
    health.clear('desk.socket');
    if (this.#stopped) {
      await sip.stop();
      return;
    }
    this.#sip = sip;
    this.#restoreBindings(sip);
    this.#endOrphans();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#look?.cancel();
    // What the next run can take up goes on: its sound needs no agent.
    for (const call of [...this.#calls.values()]) {
      if (call.kept()?.held !== false) call.hangUp('the gateway is stopping');
    }
    this.#memory.stop();
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

  left(): ReadonlyMap<number, string> {
    const { ports } = this.#options.office().state;
    if (this.#sip === undefined) return new Map();
    const fit = this.#orphans.filter(
      ({ port, mac, held, dialog }) => !held && ports.get(port)?.phone?.mac === mac && this.#reaches(dialog),
    );
    return new Map(fit.map(({ port, media }) => [port, media]));
  }

  adopt(port: number): void {
    const kept = this.#orphans.find((each) => each.port === port);
    if (kept === undefined || this.#sip === undefined) return;
    this.#orphans = this.#orphans.filter((each) => each !== kept);
    const call = this.#placeCall(this.#sip, port, kept.media, undefined);
    call.resume(kept, this.#sip.adopt(this.#dialogOf(kept)));
  }

  stepped(state: OfficeState): void {
    if (state.ready && !this.#resumed) {
      this.#resumed = true;
      this.#endOrphans();
    }
    this.#matchReachable(state);
    for (const call of [...this.#calls.values()]) call.look();
    for (const name of this.#board.match(state)) this.#sip?.stateChanged('dialog', name);
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

  // --- provisioning, the cloud, and people ---

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

  /** How many messages wait, as the cloud tells it (RFC 3842); the lamps of the phones are told at once. */
  messagesWait({ mailboxes }: Pick<Mailboxes, 'mailboxes'>): void {
    for (const extension of this.#board.takeMailboxes(this.#options.office().state, mailboxes)) {
      this.#sip?.stateChanged('message-summary', extension);
    }
    this.#memory.changed();
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
        expiresInS: binding?.expiresInS ?? null,
        calls: ports.filter(([port]) => this.#calls.has(port)).length,
        messages: this.#board.messagesOf(state, phone.extension).fresh,
      };
    });
  }

  // --- SIP ---

  #createSip(host: string): RegistrarAgent {
    const { clock, random, log, port = 5_060, product, accounts, office } = this.#options;
    const desk: DeskSipOptions = {
      ...{ clock, random, log, host, port, product, accounts, tap: this.#options.tap },
      bound: (user, bound) => this.#bound(user, bound),
      judged: (user, source, right) => this.#door.judged(user, source, right),
      strange: (source, sure) => this.#door.strange(source, sure),
      shuns: (source) => !isHostOnLan(source.host, this.#lan) || this.#door.shuns(source),
      mayOnlySign: (source) => this.#door.mayOnlySign(source),
      invited: (session, account) => this.#invited(session, account),
      referred: (refer) => this.#referred(refer),
      permits: (subscription) => this.#board.permits(subscription),
      stateOf: (subscription, version, told) =>
        this.#board.stateOf(subscription, { state: office().state, host, version, told }),
    };
    return createDeskSip(desk, this.#options.sip);
  }

  #bound(user: string, bound: boolean): void {
    const { accounts, clock, office } = this.#options;
    const binding = bound ? this.#sip?.bindingOf(user) : undefined;
    if (binding === undefined) this.#bindings.delete(user);
    else {
      const { expiresInS, ...facts } = binding;
      this.#bindings.set(user, { ...facts, user, expiresAt: clock.now() + expiresInS * 1_000 });
    }
    this.#memory.changed();
    const account = accounts.accountOf(user);
    if (account !== undefined) {
      const mac = account.phone.mac as MacAddress;
      if (bound) accounts.registered(mac, binding?.agent || null);
      else accounts.unregistered(mac);
    }
    this.#endOrphans();
    this.#matchReachable(office().state);
  }

  #usersAt(host: string): readonly string[] {
    return [...this.#bindings.values()].filter(({ source }) => source.host === host).map(({ user }) => user);
  }

  #invited(session: Session, account: string | undefined): void {
    const busy = (port: number): boolean => this.#calls.has(port);
    if (account !== undefined && isEmergency(session.invite)) this.#makeRoom(account);
    const admitted = admit(session.invite, account, this.#options.office().state, busy);
    if ('status' in admitted) {
      session.reject(admitted.status, { cause: admitted.cause, text: admitted.text });
      return;
    }
    const call = this.#newCall(admitted.port, session);
    if (call === undefined) session.reject(503, { cause: 41, text: 'no calls can be made now' });
    else void this.#begin(call, admitted.wants, session.invite.sdp ?? '');
  }

  /** Emergency first: where all places of the phone are taken, a call of it ends, one on hold before others. */
  #makeRoom(account: string): void {
    const { ports } = this.#options.office().state;
    const own = [...this.#calls.values()].filter(
      (call) => ports.get(call.port)?.phone?.extension === account && !call.emergency,
    );
    const places = [...ports.values()].filter(({ phone }) => phone?.extension === account).length;
    if (own.length < places) return;
    const first = own.find((call) => call.kept()?.held === true) ?? own[0];
    first?.hangUp('an emergency call needs its place');
  }

  #begin(call: PhoneCall, wants: Request, sdp: string): Promise<void> {
    return 'leg' in wants ? call.take(wants.leg, sdp) : call.place(wants.digits, sdp);
  }

  #newCall(port: number, session: Session | undefined): PhoneCall | undefined {
    if (this.#sip === undefined) return undefined;
    this.#calls.get(port)?.giveWay();
    const media = `${PHONE_SESSION_PREFIX}${port}-${randomHex(this.#options.random, 6)}`;
    return this.#placeCall(this.#sip, port, media, session);
  }

  #placeCall(sip: RegistrarAgent, port: number, name: string, session: Session | undefined): PhoneCall {
    const { clock, log, media, random } = this.#options;
    const office = this.#options.office();
    const habit = office.state.config?.lan.phoneHabits.srtp ?? 'off';
    const call = new PhoneCall(
      {
        ...{ clock, log, host: this.#host, media, sdp: new PhoneSdp(habit, random), sip, office },
        sessionOf: (other) => this.sessionOf(other),
        callOf: (id) => [...this.#calls.values()].find((each) => each.sipCallId === id),
        changed: () => this.#memory.changed(),
        ended: (ended) => {
          if (this.#calls.get(port) === ended) this.#calls.delete(port);
        },
      },
      port,
      name,
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

  // --- what outlives a run ---

  #remembered(): DeskMemory {
    const { ports } = this.#options.office().state;
    const calls = [...this.#calls.values()].flatMap((call): KeptCall[] => {
      const kept = call.kept();
      const mac = ports.get(call.port)?.phone?.mac;
      return kept === undefined || mac === undefined ? [] : [{ ...kept, mac }];
    });
    // Whoever has not heard its BYE yet gets it from a still later run.
    return {
      bindings: [...this.#bindings.values()],
      calls: [...calls, ...this.#orphans],
      mailboxes: this.#board.mailboxes,
    };
  }

  #restoreBindings(sip: RegistrarAgent): void {
    const now = this.#options.clock.now();
    for (const kept of this.#memory.left.bindings) {
      const { user, expiresAt, ...facts } = kept;
      const expiresInS = Math.floor((expiresAt - now) / 1_000);
      const account = this.#options.accounts.accountOf(user);
      if (account === undefined || !sip.restoreBinding(user, { ...facts, expiresInS })) continue;
      this.#bindings.set(user, kept);
      this.#options.accounts.registered(account.phone.mac as MacAddress, facts.agent || null);
    }
    this.#matchReachable(this.#options.office().state);
  }

  /** A BYE for every handset that an earlier run left on dead air, as soon as there is a way to it. */
  #endOrphans(): void {
    const sip = this.#sip;
    if (sip === undefined || !this.#resumed) return;
    const waiting = this.#orphans.filter((kept) => {
      if (!this.#reaches(kept.dialog)) return true;
      sip.adopt(this.#dialogOf(kept)).hangUp({ cause: 27, text: 'the gateway was restarted' });
      return false;
    });
    if (waiting.length === this.#orphans.length) return;
    this.#orphans = waiting;
    this.#memory.changed();
  }

  #knows(account: string | undefined): boolean {
    return account !== undefined && this.#sip?.bindingOf(account) !== undefined;
  }

  /** Over UDP a phone is where it was, also when its registration has run out meanwhile, or by a clock that was set. */
  #reaches({ account, via }: KeptCall['dialog']): boolean {
    return this.#knows(account) || via.transport === 'udp';
  }

  #dialogOf(kept: KeptCall): KeptCall['dialog'] {
    const { account, ...dialog } = later(kept).dialog;
    return account !== undefined && this.#knows(account) ? { ...dialog, account } : dialog;
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

/** The dialog as it may have gone on since it was written down. */
function later(kept: KeptCall): KeptCall {
  const { dialog } = kept;
  return { ...kept, dialog: { ...dialog, localSequence: dialog.localSequence + SEQUENCE_GAP } };
}

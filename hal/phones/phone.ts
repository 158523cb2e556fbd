import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { BookKeeper } from './book-keeper.ts';
import {
  type Boot,
  type BootEffect,
  type BootInput,
  type BootMoment,
  SWITCHED_ON,
  stepBoot,
} from './boot/boot-machine.ts';
import { untilNextFetchMs } from './boot/schedule.ts';
import type { PhoneModel } from './config/models.ts';
import type { PhoneSettings } from './config/settings.ts';
import type { PhoneEvent } from './control-protocol.ts';
import type { Lease } from './dhcp/client.ts';
import { DhcpShell } from './dhcp/shell.ts';
import type { Flags } from './flags.ts';
import { Handset } from './handset.ts';
import { dhcpSelf, fingerprint, firmwareUrl, httpUserAgent, settingsOf, versionIn } from './maker.ts';
import { Microphone, Receiver } from './media/sound.ts';
import { fetchFile } from './net/fetch.ts';
import { Interface } from './net/interface.ts';
import { askPnp } from './net/pnp.ts';
import { tellSyslog } from './net/syslog.ts';
import { Nvram } from './nvram.ts';
import type { FetchView, PhoneState } from './phone-state.ts';
import { viewOf } from './phone-view.ts';
import { PhoneAgent } from './sip/agent.ts';
import type { Call } from './sip/call.ts';

export interface PhoneOptions {
  readonly flags: Flags;
  readonly model: PhoneModel;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const FETCHES_KEPT = 100;
const FIRMWARE_MOST_BYTES = 134_217_728;
const MINUTE_MS = 60_000;

/** A desk phone: its parts, and the shell that carries out what the boot machine wants. */
export class SimulatedPhone {
  readonly handset: Handset;
  readonly microphone = new Microphone();
  readonly receiver: Receiver;
  readonly book: BookKeeper;
  readonly #options: PhoneOptions;
  readonly #nvram: Nvram;
  readonly #interface: Interface;
  readonly #dhcp: DhcpShell;
  readonly #listeners = new Set<(event: PhoneEvent) => void>();
  readonly #fetches: FetchView[] = [];
  readonly #counters: Record<string, number> = {};
  #boot: Boot = SWITCHED_ON;
  /** What was begun before the last restart or fall of the network is of no interest any more. */
  #epoch = 0;
  #settings: PhoneSettings;
  #agent: PhoneAgent | undefined;
  #agentFor = '';
  #lease: Lease | undefined;
  #address:
    | { readonly address: string; readonly prefix: number; readonly router: string | undefined }
    | undefined;
  #offered: ReadonlyMap<number, string> = new Map();
  #source: PhoneState['source'] = 'none';
  #unknownKeys: readonly string[] = [];
  #link = false;
  #boots = 0;
  #bootedFor = '';
  #timers: Timer[] = [];
  #stopPnp: () => void = () => undefined;
  #wish: 'fetch' | 'reboot' | undefined;
  #lamps = new Map<number, string>();
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: PhoneOptions) {
    const { flags, model, clock, random } = options;
    this.#options = options;
    this.receiver = new Receiver(clock);
    this.book = new BookKeeper(model.maker);
    this.#nvram = new Nvram(flags.state, flags.firmware ?? model.firmware);
    if (flags.firmware !== undefined) this.#nvram.setFirmware(flags.firmware);
    this.#settings = settingsOf(this.#nvram.values, model);
    this.#interface = new Interface(flags.device);
    this.#dhcp = new DhcpShell({
      self: dhcpSelf(model, flags.mac),
      clock,
      random,
      bound: (lease, anew) => this.#bound(lease, anew),
      lost: () => this.#lost(),
      count: (what) => this.#count(what),
    });
    this.handset = new Handset({
      agent: () => this.#agent,
      settings: () => this.#settings,
      microphone: this.microphone,
      receiver: this.receiver,
    });
  }

  /** Plugs it in. Rejects when the interface cannot be set. */
  async start(): Promise<void> {
    await this.#interface.start(this.#options.flags.mac, (link) => this.#linked(link));
    this.#input({ type: 'power', why: 'power' });
  }

  /** Pulls the plug: nobody is told. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#quiet();
    this.#dhcp.end();
    this.#interface.stop();
    await this.#work;
  }

  reboot(): void {
    this.#input({ type: 'power', why: 'power' });
  }

  /** Gives its address back, forgets everything, and starts. */
  factoryReset(): void {
    this.#dhcp.release();
    this.#nvram.reset();
    this.book.from('');
    this.#unknownKeys = [];
    this.#settings = settingsOf(this.#nvram.values, this.#options.model);
    this.#input({ type: 'power', why: 'factory reset' });
  }

  onEvent(listener: (event: PhoneEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  state(): PhoneState {
    const { flags, model } = this.#options;
    return viewOf({
      ...{ flags, model, boot: this.#boot, settings: this.#settings, agent: this.#agent, link: this.#link },
      firmware: this.#nvram.firmware,
      address: this.#address,
      lease: this.#lease,
      dhcp: this.#dhcp.state,
      source: this.#source,
      boots: this.#boots,
      bootedFor: this.#bootedFor,
      fetches: this.#fetches,
      phoneBook: this.book.size,
      unknownKeys: this.#unknownKeys,
      counters: this.#counters,
      monotonicMs: this.#options.clock.monotonicMs(),
      nowMs: this.#options.clock.now(),
    });
  }

  // --- the boot machine ---

  #input(input: BootInput): void {
    if (this.#stopped) return;
    const before = this.#boot.at;
    const { state, effects } = stepBoot(this.#boot, input, this.#moment());
    this.#boot = state;
    if (state.at !== before) this.#tell({ event: 'stage', stage: state.at });
    for (const effect of effects) this.#carryOut(effect);
  }

  #moment(): BootMoment {
    const { flags, model } = this.#options;
    return {
      identity: { model, mac: flags.mac, firmware: this.#nvram.firmware, fileDigest: flags.fileDigest },
      settings: this.#settings,
      options: this.#offered,
      typedIn: flags.configUrl,
    };
  }

  #carryOut(effect: BootEffect): void {
    switch (effect.do) {
      case 'restart':
        this.#restart(effect.why);
        break;
      case 'down':
        this.#quiet();
        break;
      case 'address':
        this.#then(() => this.#seekAddress());
        break;
      case 'askPnp':
        this.#askPnp();
        break;
      case 'get':
        this.#get(effect.url);
        break;
      case 'judged': {
        const { url, answer, why } = effect;
        this.#fetched(url, answer.status, answer.body.length, why);
        break;
      }
      case 'apply':
        this.#source = effect.source.from;
        this.#apply(effect.values, effect.ignored);
        break;
      case 'upgrade':
        this.#upgrade();
        break;
      case 'work':
        this.#then(() => this.#goToWork(effect.got));
        break;
    }
  }

  #restart(why: string): void {
    this.#quiet();
    this.#dhcp.end();
    this.#boots++;
    this.#bootedFor = why;
    this.#settings = settingsOf(this.#nvram.values, this.#options.model);
    const epoch = this.#epoch;
    this.#then(async () => {
      this.#address = undefined;
      this.#lease = undefined;
      // A machine whose kernel knows no VLANs: the phone goes on without a tag, and its counters tell it.
      await this.#interface.vlan(this.#settings.vlan ?? undefined).catch(() => this.#count('vlanNotMade'));
      await this.#interface.clear();
      this.#later(this.#options.flags.bootMs, () => {
        if (epoch === this.#epoch) this.#input({ type: 'started' });
      });
    });
  }

  /** Stops what the phone does on the network, without a word to anybody. */
  #quiet(): void {
    this.#epoch++;
    this.#stopPnp();
    for (const timer of this.#timers.splice(0)) timer.cancel();
    const agent = this.#agent;
    this.#agent = undefined;
    this.#agentFor = '';
    agent?.stop(false);
    this.#showLamps();
  }

  /** One thing after the other; a failure is logged and the phone goes on. */
  #then(run: () => Promise<void>): void {
    this.#work = this.#work.then(run).catch((error: unknown) => {
      this.#count('failed');
      this.#options.log.warn({ err: error }, 'the phone could not do this');
    });
  }

  #later(afterMs: number, run: () => void): void {
    this.#timers.push(this.#options.clock.after(afterMs, 'phone', run));
  }

  // --- cable and address ---

  #linked(link: boolean): void {
    this.#link = link;
    if (!link) {
      this.#dhcp.end();
      this.#lease = undefined;
      this.#address = undefined;
    }
    this.#input({ type: 'link', up: link });
  }

  async #seekAddress(): Promise<void> {
    const { flags, clock } = this.#options;
    if (this.#boot.at !== 'addressing') return;
    if (flags.address !== undefined) {
      const [address = '', prefix = '24'] = flags.address.split('/');
      await this.#addressed(address, Number(prefix), flags.router, new Map());
      return;
    }
    await this.#interface.clear();
    const { lease } = this.#nvram;
    await this.#dhcp.begin(lease !== null && lease.untilMs > clock.now() ? lease.address : undefined);
  }

  async #bound(lease: Lease, anew: boolean): Promise<void> {
    this.#lease = lease;
    this.#nvram.setLease({
      address: lease.address,
      untilMs: this.#options.clock.now() + lease.leaseS * 1_000,
    });
    const options = new Map([...lease.options].map(([code, bytes]) => [code, bytes.toString('latin1')]));
    if (anew || this.#address?.address !== lease.address) {
      await this.#addressed(lease.address, lease.prefix, lease.router, options);
    } else this.#offered = options;
  }

  async #addressed(
    address: string,
    prefix: number,
    router: string | undefined,
    options: ReadonlyMap<number, string>,
  ): Promise<void> {
    await this.#interface.address(address, prefix, router);
    this.#address = { address, prefix, router };
    this.#offered = options;
    this.#tell({ event: 'addressed', address });
    this.#input({ type: 'addressed', options });
  }

  #lost(): void {
    this.#lease = undefined;
    this.#address = undefined;
    this.#nvram.setLease(null);
    this.#then(() => this.#interface.clear());
    this.#input({ type: 'unaddressed' });
  }

  // --- files ---

  #askPnp(): void {
    const { model, flags, clock, random } = this.#options;
    const address = this.#address?.address;
    if (address === undefined) return;
    const { firmware } = this.#nvram;
    const userAgent = httpUserAgent(model, firmware, flags.mac);
    const who = { maker: model.maker, model: model.model, firmware, mac: flags.mac, address, userAgent };
    this.#stopPnp = askPnp({ ...who, clock, random }, (url) => this.#input({ type: 'pnp', url }));
  }

  #get(url: string): void {
    const epoch = this.#epoch;
    fetchFile(this.#request(url)).then(
      (answer) => {
        if (epoch === this.#epoch) this.#input({ type: 'file', answer });
      },
      () => this.#count('failed'),
    );
  }

  #request(url: string) {
    const { model, flags, clock, random } = this.#options;
    const userAgent = httpUserAgent(model, this.#nvram.firmware, flags.mac);
    return { url, userAgent, login: this.#settings.fileLogin, clock, random };
  }

  #fetched(url: string, status: number, bytes: number, why: string | null): void {
    const taken = why === null;
    this.#fetches.push({ atMs: this.#options.clock.now(), url, status, bytes, taken, why });
    if (this.#fetches.length > FETCHES_KEPT) this.#fetches.shift();
    this.#tell({ event: 'fetched', url, status, taken });
  }

  #apply(values: ReadonlyMap<string, string>, ignored: readonly string[]): void {
    const before = this.#nvram.values;
    const changed = [...values].filter(([key, value]) => before.get(key) !== value).length;
    this.#nvram.merge(values);
    this.#unknownKeys = [...new Set(ignored)].slice(0, 50);
    const { vlan, syslogServer } = this.#settings;
    this.#settings = settingsOf(this.#nvram.values, this.#options.model);
    this.#tell({ event: 'applied', changed });
    if (this.#settings.syslogServer !== '' || syslogServer !== '') {
      this.#syslog(`configuration ${fingerprint(values).slice(0, 12)} applied, ${changed} changed`);
    }
    const { firmware } = this.#settings;
    const upgrade = firmware !== null && firmware.version !== this.#nvram.firmware;
    this.#input({ type: 'applied', restart: this.#settings.vlan !== vlan, upgrade });
  }

  #upgrade(): void {
    const epoch = this.#epoch;
    const url = firmwareUrl(this.#options.model, this.#settings);
    if (url === null) {
      this.#input({ type: 'upgraded', done: false });
      return;
    }
    fetchFile({ ...this.#request(url), bytesMost: FIRMWARE_MOST_BYTES }).then(
      ({ status, body }) => {
        if (epoch !== this.#epoch) return;
        const version = status === 200 ? (this.#settings.firmware?.version ?? versionIn(body)) : undefined;
        const done = version !== undefined && version !== this.#nvram.firmware;
        const why = status !== 200 ? `the server said ${status}` : done ? null : 'it is not another version';
        this.#fetched(url, status, body.length, why);
        if (done) this.#nvram.setFirmware(version);
        this.#input({ type: 'upgraded', done });
      },
      () => this.#count('failed'),
    );
  }

  // --- work ---

  async #goToWork(got: boolean): Promise<void> {
    const { clock, random } = this.#options;
    const address = this.#address?.address;
    if (this.#boot.at !== 'ready' || address === undefined) return;
    if (this.#agent === undefined || this.#agentFor !== address) {
      this.#agent?.stop(false);
      this.#agent = this.#newAgent(address);
      this.#agentFor = address;
      await this.#agent.start();
    }
    await this.#agent?.configure(this.#settings);
    this.#showLamps();
    for (const timer of this.#timers.splice(0)) timer.cancel();
    const { schedule, zoneMinutes, retryMinutes, phoneBookMinutes } = this.#settings;
    const nextMs = untilNextFetchMs(schedule, clock.now(), zoneMinutes, random.fraction());
    if (nextMs !== undefined) this.#later(nextMs, () => this.#lookForFiles('fetch'));
    if (!got) this.#later(retryMinutes * MINUTE_MS, () => this.#lookForFiles('fetch'));
    if (phoneBookMinutes > 0) this.#keepBook(phoneBookMinutes);
    if (got || this.#settings.phoneBookUrl !== this.book.url) void this.#fetchBook();
  }

  #keepBook(everyMinutes: number): void {
    this.#later(everyMinutes * MINUTE_MS, () => {
      void this.#fetchBook();
      this.#keepBook(everyMinutes);
    });
  }

  async #fetchBook(): Promise<void> {
    const url = this.#settings.phoneBookUrl;
    this.book.from(url);
    if (url === '') return;
    const epoch = this.#epoch;
    const answer = await fetchFile(this.#request(url));
    if (epoch !== this.#epoch) return;
    this.#fetched(url, answer.status, answer.body.length, this.book.take(answer));
  }

  /** A phone in a call looks when it is over. */
  #lookForFiles(wish: 'fetch' | 'reboot'): void {
    if (this.#agent?.calls.some(({ over }) => !over) === true) {
      this.#wish = wish;
      return;
    }
    this.#wish = undefined;
    if (wish === 'reboot') this.#input({ type: 'power', why: 'check-sync' });
    else this.#input({ type: 'fetchAgain' });
  }

  #newAgent(address: string): PhoneAgent {
    const { model, flags, clock, random } = this.#options;
    return new PhoneAgent({
      ...{ address, model, mac: flags.mac, firmware: this.#nvram.firmware, clock, random },
      microphone: this.microphone,
      receiver: this.receiver,
      nameOf: (number) => this.book.nameOf(number),
      callChanged: (call) => this.#callChanged(call),
      registered: ({ registered, status, line }) => {
        const event = registered ? 'registered' : 'unregistered';
        this.#tell({ event, account: line.settings.account, status: status ?? 0 });
        this.#syslog(`account ${line.settings.account} ${event} (${status ?? 0})`);
      },
      lampChanged: () => this.#showLamps(),
      messagesChanged: () => this.#tell({ event: 'messages', waiting: this.state().messageWaiting }),
      checkSync: (reboot) => {
        this.#tell({ event: 'checkSync', reboot, status: 200 });
        this.#lookForFiles(reboot ? 'reboot' : 'fetch');
      },
      count: (what) => this.#count(what),
    });
  }

  #callChanged(call: Call): void {
    const { id, state, number, name } = call;
    this.#tell({ event: state, call: id, number, name });
    this.#showLamps();
    if (call.over && this.#wish !== undefined) {
      const wish = this.#wish;
      queueMicrotask(() => this.#lookForFiles(wish));
    }
  }

  #showLamps(): void {
    const now = new Map(this.state().keys.map(({ key, lamp }) => [key, lamp]));
    for (const [key, lamp] of now) {
      if ((this.#lamps.get(key) ?? 'off') !== lamp) this.#tell({ event: 'lamp', key, lamp });
    }
    this.#lamps = now;
  }

  #syslog(text: string): void {
    const server = this.#settings.syslogServer.split(':')[0] ?? '';
    const { model, flags } = this.#options;
    if (server !== '' && this.#address !== undefined)
      tellSyslog(server, `${model.model} [${flags.mac}]: ${text}`);
  }

  #tell(event: PhoneEvent): void {
    this.#options.log.debug(event, 'phone');
    for (const listener of this.#listeners) listener(event);
  }

  #count(what: string): void {
    this.#counters[what] = (this.#counters[what] ?? 0) + 1;
  }
}

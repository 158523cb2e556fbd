import { join } from 'node:path';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import { readArpTable } from '../../lib/net/arp-table.ts';
import { subnetOfInterface } from '../../lib/net/interface-subnet.ts';
import { formatIpv4, type Ipv4, type Ipv4Subnet } from '../../lib/net/ipv4.ts';
import { formatMac, type MacAddress } from '../../lib/net/mac-address.ts';
import type { AddressedLease, DhcpSighting, OptionRule } from '../dhcp/index.ts';
import type { CheckSyncOutcome, DeskPhones, Health, PhoneAccount, PhoneAccounts } from '../ports.ts';
import { openBoxCertificate } from './box-certificate.ts';
import { phoneOptionRules } from './dhcp-options.ts';
import type { Templates } from './file-maker.ts';
import { startFileServer } from './file-server.ts';
import { PhoneDesk, type PhoneView } from './phone-desk.ts';
import { PnpResponder } from './pnp-responder.ts';
import { makerOf, readVendorClass } from './user-agent.ts';
import type { VerdictLine } from './verdict-line.ts';

/** How often phones that lack something are looked for. */
const TICK_MS = 1_000;
/** How often the interface is looked at: an address may come later, or change. */
const LAN_EVERY_MS = 10_000;

/** Ports of the file server. The first contact of every phone is plain HTTP: DHCP and PnP can tell it nothing safer. */
export const FILE_PORTS = { http: 8_080, https: 8_443 } as const;

export interface ProvisioningOptions {
  /** The LAN's interface; undefined where the box has none: then nothing is served. */
  readonly device: string | undefined;
  /** Folder of the inventory, the key of the passwords, the certificate, and `firmware/`. */
  readonly folder: string;
  readonly ports?: { readonly http: number; readonly https: number };
  readonly desk: DeskPhones;
  readonly leases: () => readonly AddressedLease[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly health: Health;
  /** Other templates, for tests. */
  readonly templates?: Templates;
}

/** What `engawa phones` shows above the list. */
export interface ProvisioningStatus {
  /** Where phones find their files; null while nothing listens. */
  readonly url: string | null;
  /** Later files come over TLS. */
  readonly secure: boolean;
  readonly pnp: boolean;
  /** How often each rule decided. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Phones of the office: who they are, which files they get and when, and why not. Sockets and timers around
 * {@link PhoneDesk}, which decides.
 */
export class ProvisioningRoom implements PhoneAccounts {
  readonly #options: ProvisioningOptions;
  readonly #ports: { readonly http: number; readonly https: number };
  readonly #desk: PhoneDesk;
  #servers: Running[] = [];
  #pnp: PnpResponder | undefined;
  #lan: Ipv4Subnet | undefined;
  #secure = false;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #moving: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: ProvisioningOptions) {
    this.#options = options;
    this.#ports = options.ports ?? FILE_PORTS;
    this.#desk = new PhoneDesk({
      ...options,
      neighbours: () => readArpTable().filter((each) => each.device === options.device),
    });
  }

  start(): void {
    if (this.#options.device !== undefined) this.#tick();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#moving;
    await this.#close();
    this.#desk.keep();
  }

  /** Takes the phones of a configuration. Phones whose files it changes are told. */
  apply(config: SiteConfig): void {
    this.#desk.configure(config);
  }

  /** The options with which leases of ours tell phones where their files are. */
  dhcpOptions(lan: Ipv4Subnet): readonly OptionRule[] {
    return phoneOptionRules(this.#urlAt(lan.address), lan.address);
  }

  /** A device was heard by DHCP. Only what looks like a phone is listed; laptops are nobody's business here. */
  sawDhcp(sighting: DhcpSighting): void {
    const said = readVendorClass(sighting.vendorClass);
    const vendor = said.vendor ?? makerOf(sighting.mac);
    if (vendor === undefined && !this.#desk.isConfigured(sighting.mac)) return;
    this.#desk.seen({ mac: sighting.mac, by: 'dhcp', vendor, model: said.model });
  }

  get status(): ProvisioningStatus {
    return {
      url: this.#servers.length === 0 || this.#lan === undefined ? null : this.#urlAt(this.#lan.address),
      secure: this.#secure,
      pnp: this.#pnp !== undefined,
      counts: this.#desk.counts,
    };
  }

  phones(): readonly PhoneView[] {
    return this.#desk.list();
  }

  /** What was done with the last requests of a device, oldest first. */
  why(mac: MacAddress): readonly VerdictLine[] {
    return this.#desk.why(mac);
  }

  /** Opens the window of a phone for some minutes: it may fetch its password once. */
  async approve(mac: MacAddress, minutes: number): Promise<Result<PhoneView, CodedError>> {
    const opened = this.#desk.approve(mac, minutes);
    // One that works already fetches when it is told; a fresh one comes by itself.
    if (opened.ok && opened.value.registered) this.#tell(mac);
    return opened;
  }

  /** Tells a phone to fetch its files again now. */
  async reprovision(mac: MacAddress): Promise<Result<CheckSyncOutcome, CodedError>> {
    const may = this.#desk.mayReprovision(mac);
    if (!may.ok) return may;
    const outcome = await this.#options.desk.checkSync(mac);
    if (outcome === 'told') return ok(outcome);
    const said = { notRegistered: 'is not registered', refused: 'refuses', silent: 'does not answer' }[
      outcome
    ];
    return refuse({
      code: 'phone.notTold',
      fault: 'peer',
      say: `${formatMac(mac)} ${said}: switch it off and on, it then fetches by itself.`,
    });
  }

  accountOf(user: string): PhoneAccount | undefined {
    return this.#desk.accountOf(user);
  }

  registered(mac: MacAddress, userAgent: string | null): void {
    this.#desk.registered(mac, userAgent);
  }

  unregistered(mac: MacAddress): void {
    this.#desk.unregistered(mac);
  }

  #urlAt(address: Ipv4): string {
    return `http://${formatIpv4(address)}:${this.#ports.http}/p/`;
  }

  #tick(): void {
    if (this.#stopped) return;
    const { clock, device } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#lookedMs >= LAN_EVERY_MS && device !== undefined) {
      this.#lookedMs = nowMs;
      const lan = subnetOfInterface(device);
      if (
        lan?.address !== this.#lan?.address ||
        lan?.prefixBits !== this.#lan?.prefixBits ||
        this.#isDown(lan)
      ) {
        this.#moving = this.#moving.then(() => this.#move(lan));
      }
    }
    const mac = this.#desk.work();
    if (mac !== undefined) this.#tell(mac);
    this.#timer = clock.after(TICK_MS, 'phones', () => this.#tick());
  }

  /** Tells in the background: a phone that is away takes half a minute not to answer. */
  #tell(mac: MacAddress): void {
    const { desk, log } = this.#options;
    desk.checkSync(mac).then(
      (outcome) => log.info({ mac, outcome }, 'phone told to fetch its files'),
      (error: unknown) => log.error({ err: error, mac }, 'phone not told'),
    );
  }

  /** Something that should listen does not: a port was taken, and may be free by now. */
  #isDown(lan: Ipv4Subnet | undefined): boolean {
    return lan !== undefined && (this.#servers.length === 0 || this.#pnp === undefined);
  }

  async #move(lan: Ipv4Subnet | undefined): Promise<void> {
    if (this.#stopped) return;
    await this.#close();
    this.#lan = lan;
    if (lan === undefined) {
      this.#desk.settle(undefined);
      return;
    }
    const { clock, folder, health, random, log } = this.#options;
    const address = formatIpv4(lan.address);
    const certificate = await openBoxCertificate(folder, address, clock);
    const tls = certificate.ok ? certificate.value : null;
    this.#told('phones.tls', certificate);
    const shape = {
      address: lan.address,
      clock,
      answer: (request: Parameters<PhoneDesk['answer']>[0]) => this.#desk.answer(request),
      onTrouble: (error: unknown) => log.error({ err: error }, 'a phone could not be answered'),
    };
    const plain = await startFileServer({ ...shape, port: this.#ports.http, tls: null });
    this.#told('phones.server', plain);
    if (!plain.ok) return;
    this.#servers.push(plain.value);
    const secure =
      tls === null ? undefined : await startFileServer({ ...shape, port: this.#ports.https, tls });
    if (secure?.ok === true) this.#servers.push(secure.value);
    else if (secure !== undefined) health.raise('phones.tls', secure.error.say);
    this.#secure = secure?.ok === true;
    this.#desk.settle({ lan, ports: this.#ports, secure: this.#secure });
    const pnp = new PnpResponder({
      address: lan.address,
      clock,
      random,
      answer: (question, source) => this.#desk.answerPnp(question, source, this.#urlAt(lan.address)),
    });
    const started = await pnp.start();
    this.#told('phones.pnp', started);
    if (started.ok) this.#pnp = pnp;
    log.info({ address, https: this.#secure, pnp: started.ok }, 'phones are served');
  }

  #told(code: 'phones.tls' | 'phones.server' | 'phones.pnp', result: Result<unknown, CodedError>): void {
    if (result.ok) this.#options.health.clear(code);
    else this.#options.health.raise(code, result.error.say);
  }

  async #close(): Promise<void> {
    this.#pnp?.stop();
    this.#pnp = undefined;
    this.#secure = false;
    const servers = this.#servers;
    this.#servers = [];
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** Where the phones of a box keep what they need in its state folder. */
export function phonesFolder(state: string): string {
  return join(state, 'phones');
}

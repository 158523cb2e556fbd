import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { PhoneConfig } from '../../lib/contract/lan-config.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { Neighbour } from '../../lib/net/arp-table.ts';
import { DeviceDiary } from '../../lib/net/device-diary.ts';
import { formatIpv4, type Ipv4, type Ipv4Subnet } from '../../lib/net/ipv4.ts';
import { formatMac, type MacAddress } from '../../lib/net/mac-address.ts';
import type { AddressedLease } from '../dhcp/index.ts';
import type { Health, PhoneAccount } from '../ports.ts';
import { Approvals, WINDOW_MINUTES } from './approvals.ts';
import {
  decideFetch,
  type FetchDecision,
  type FetchRequest,
  type FetchWorld,
  FIRMWARE_FOLDER,
} from './fetch-decision.ts';
import { FetchGate } from './fetch-gate.ts';
import type { Templates } from './file-maker.ts';
import type { FileAnswer } from './file-server.ts';
import { type FirmwareTurn, planFirmware } from './firmware-plan.ts';
import { Inventory, type Sighting } from './inventory.ts';
import { readPhones, writePhones } from './inventory-file.ts';
import { PhoneFiles } from './phone-files.ts';
import { type PhoneRecord, type PhoneState, stateOf } from './phone-record.ts';
import { openPhoneSecrets } from './phone-secrets.ts';
import { decidePnp } from './pnp-decision.ts';
import type { PnpQuestion } from './pnp-message.ts';
import { ResyncPlan } from './resync-plan.ts';
import { filesFor, renderPhone, renderPhoneBook } from './templates/index.ts';
import { readUserAgent } from './user-agent.ts';
import { type VerdictLine, verdictLine } from './verdict-line.ts';

const MINUTE_MS = 60_000;
const PLAN_EVERY_MS = 60_000;
const KEEP_EVERY_MS = 2_000;

export interface PhoneDeskOptions {
  readonly folder: string;
  readonly leases: () => readonly AddressedLease[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly health: Health;
  readonly templates?: Templates;
  /** Who has which address on the LAN, as the kernel has it (ARP). */
  readonly neighbours: () => readonly Pick<Neighbour, 'address' | 'mac'>[];
}

/** Where the box stands on the LAN. */
export interface Footing {
  readonly lan: Ipv4Subnet;
  readonly ports: { readonly http: number; readonly https: number };
  readonly secure: boolean;
}

/** One phone as people see it. Times are epoch ms. */
export interface PhoneView extends PhoneRecord {
  readonly state: PhoneState;
  readonly config: PhoneConfig | null;
  readonly registered: boolean;
  readonly fresh: boolean;
  /** When its window closes; null when it is not open. */
  readonly windowUntilMs: number | null;
}

/** Decides about phones and remembers them: everything of this room but sockets. */
export class PhoneDesk {
  readonly #options: PhoneDeskOptions;
  readonly #inventory = new Inventory();
  readonly #approvals = new Approvals();
  readonly #gate = new FetchGate();
  readonly #resync = new ResyncPlan();
  readonly #verdicts = new DeviceDiary<VerdictLine>();
  readonly #files: PhoneFiles;
  readonly #path: string;
  readonly #here = new Set<MacAddress>();
  #phones: ReadonlyMap<MacAddress, PhoneConfig> = new Map();
  #config: SiteConfig | undefined;
  #footing: Footing | undefined;
  #turns: readonly FirmwareTurn[] = [];
  #plannedMs = Number.NEGATIVE_INFINITY;
  #keptMs = Number.NEGATIVE_INFINITY;
  #dirty = false;

  constructor(options: PhoneDeskOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#path = join(options.folder, 'phones.json');
    const { secrets, damage } = openPhoneSecrets(join(options.folder, 'phones.key'), options.random);
    this.#files = new PhoneFiles(options.templates ?? { filesFor, renderPhone, renderPhoneBook }, secrets);
    if (damage !== undefined) options.health.raise('phones.inventory', damage);
    const read = readPhones(this.#path);
    if (read.kind === 'good') {
      this.#inventory.restore(read.kept.phones);
      this.#turns = read.kept.firmwareTurns;
    } else if (read.kind === 'damaged') options.health.raise('phones.inventory', read.say);
  }

  configure(config: SiteConfig): void {
    this.#config = config;
    for (const [mac, { model }] of this.#phones) {
      const stays = config.lan.phones.some((phone) => phone.mac === mac && phone.model === model);
      if (!stays) this.#approvals.close(mac);
    }
    this.#phones = new Map(config.lan.phones.map((phone) => [phone.mac as MacAddress, phone]));
    this.#inventory.configure(config.lan.phones);
    this.#dirty = true;
    this.#plannedMs = Number.NEGATIVE_INFINITY;
    this.#resite();
  }

  /** The box has an address on the LAN, or none. */
  settle(footing: Footing | undefined): void {
    this.#footing = footing;
    this.#resite();
  }

  isConfigured(mac: MacAddress): boolean {
    return this.#phones.has(mac);
  }

  seen(sighting: Sighting): void {
    if (this.#inventory.seen(sighting, this.#options.clock.now())) this.#dirty = true;
    this.#compareModel(sighting);
  }

  get counts(): Readonly<Record<string, number>> {
    return this.#verdicts.counts;
  }

  why(mac: MacAddress): readonly VerdictLine[] {
    return this.#verdicts.of(mac);
  }

  list(): readonly PhoneView[] {
    return this.#inventory.list().map((record) => this.#viewOf(record));
  }

  approve(mac: MacAddress, minutes: number): Result<PhoneView, CodedError> {
    const { clock, health } = this.#options;
    const known = this.#configuredRecord(mac);
    if (!known.ok) return known;
    const { least, most } = WINDOW_MINUTES;
    if (!(minutes >= least && minutes <= most)) {
      return no('phone.minutes', `A window is open for ${least} to ${most} minutes.`);
    }
    if (this.#footing === undefined) return no('phone.noLan', 'This box has no LAN, or no address on it.');
    this.#approvals.open(mac, clock.monotonicMs() + minutes * MINUTE_MS);
    this.#forgiveAll(mac);
    health.clear('phones.waiting');
    this.#options.log.info({ mac, minutes }, 'phone approved');
    return ok(this.#viewOf(known.value));
  }

  mayReprovision(mac: MacAddress): Result<PhoneRecord, CodedError> {
    const known = this.#configuredRecord(mac);
    if (!known.ok || known.value.setUpAtMs !== null) return known;
    return no('phone.notSetUp', `${formatMac(mac)} was never approved: engawa approve ${formatMac(mac)}`);
  }

  /** The account for the registrar: every configured phone has one, also before it knows its password. */
  accountOf(user: string): PhoneAccount | undefined {
    for (const [mac, phone] of this.#phones) {
      if (phone.extension !== user) continue;
      const generation = this.#inventory.of(mac)?.generation ?? 1;
      return { user, phone, password: this.#files.accountPassword(mac, generation) };
    }
    return undefined;
  }

  registered(mac: MacAddress, userAgent: string | null): void {
    if (!this.#phones.has(mac)) return;
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const { model, firmware, vendor } = readUserAgent(userAgent);
    this.seen({ mac, by: 'sip', vendor, model, firmware });
    if (!this.#here.has(mac)) this.#resync.forget(mac);
    this.#here.add(mac);
    // One that renews its old registration has not fetched yet: its window stays open.
    if (this.#approvals.isUsed(mac, nowMs)) this.#approvals.close(mac);
    if (this.#inventory.registered(mac, clock.now())) this.#dirty = true;
  }

  unregistered(mac: MacAddress): void {
    this.#here.delete(mac);
  }

  /** Decides one request and says what goes back. */
  answer(request: FetchRequest): FileAnswer {
    const { clock } = this.#options;
    const footing = this.#footing;
    if (footing === undefined) return { status: 404 };
    const decision = decideFetch(request, this.#world(footing, request.source));
    const file = (decision.do === 'serve' ? decision.file.name : (decision.file ?? request.target)).slice(
      0,
      80,
    );
    const atMs = clock.now();
    this.#verdicts.add(decision.mac, verdictLine(decision.verdict, atMs, file));
    if (decision.do === 'refuse') {
      this.#refused(request, decision, file);
      return { status: 404 };
    }
    this.#sawAgent(request, decision.mac);
    return decision.file.what === 'firmware'
      ? this.#firmware(decision.mac, decision.file.name)
      : this.#served(decision, decision.file.name);
  }

  /** Whether a phone that asks by multicast is told, and what. */
  answerPnp(question: PnpQuestion, source: Ipv4, url: string): string | undefined {
    const { clock } = this.#options;
    const footing = this.#footing;
    if (footing === undefined) return undefined;
    const world = this.#world(footing, source);
    const verdict = decidePnp(question.mac, source, {
      ...world,
      isConfigured: (mac) => this.#phones.has(mac),
    });
    const neighbour = world.neighbour(source);
    this.#verdicts.add(neighbour, verdictLine(verdict, clock.now(), 'pnp'));
    if (neighbour === question.mac) {
      const { mac, vendor, model, firmware } = question;
      this.seen({ mac, by: 'pnp', vendor, model, firmware, address: formatIpv4(source) });
    }
    if (verdict.rule === 'pnp.notApproved') this.#waits(question.mac);
    return verdict.done === 'served' ? url : undefined;
  }

  /** What is due now. The phone that is to be told, if one is. */
  work(): MacAddress | undefined {
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#plannedMs >= PLAN_EVERY_MS) {
      this.#plannedMs = nowMs;
      this.#planFirmware();
    }
    if (this.#dirty && nowMs - this.#keptMs >= KEEP_EVERY_MS) this.keep();
    const stale = this.list().filter((phone) => phone.state === 'stale');
    this.#tellStale(stale);
    const here = stale.filter((phone) => phone.registered);
    return this.#resync.next(
      here.map(({ mac }) => ({ mac, wanted: this.#wantedOf(mac) })),
      nowMs,
    );
  }

  /** Writes down what changed. */
  keep(): void {
    const { clock, health } = this.#options;
    if (!this.#dirty) return;
    this.#keptMs = clock.monotonicMs();
    try {
      writePhones(this.#path, { phones: this.#inventory.list(), firmwareTurns: this.#turns });
      this.#dirty = false;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      health.raise('phones.inventory', `The phones that are set up cannot be written down: ${why}.`);
    }
  }

  #world(footing: Footing, source: Ipv4): FetchWorld {
    const { clock, leases, neighbours } = this.#options;
    const nowMs = clock.monotonicMs();
    return {
      lan: footing.lan,
      gate: this.#gate.enter(source, nowMs),
      neighbour: (address) => neighbours().find((each) => each.address === address)?.mac,
      leaseHolder: (address) => holderOf(leases(), address),
      phone: (mac) => this.#phones.get(mac),
      filesFor: (phone) => this.#files.namesFor(phone),
      isSetUp: (mac) => typeof this.#inventory.of(mac)?.setUpAtMs === 'number',
      isApproved: (mac) => this.#approvals.untilMs(mac, nowMs) !== undefined,
      mayGiveSecrets: (mac, file) => this.#approvals.mayGive(mac, file, nowMs),
      firmwareTurn: (mac) => this.#turns.find((turn) => turn.mac === mac)?.file,
    };
  }

  #refused(request: FetchRequest, decision: Extract<FetchDecision, { do: 'refuse' }>, file: string): void {
    const { clock, health } = this.#options;
    const { mac, verdict } = decision;
    if (mac !== undefined) {
      this.#sawAgent(request, mac);
      this.#inventory.fetched({ mac, file, hash: null, verdict }, clock.now());
      if (verdict.rule === 'fetch.notApproved') this.#waits(mac);
    }
    if (!decision.miss || !this.#gate.missed(request.source, clock.monotonicMs())) return;
    const who = `${formatIpv4(request.source)}${mac === undefined ? '' : ` (${formatMac(mac)})`}`;
    health.raise('phones.guessing', `${who} asks for files of other phones and is not heard for a while.`);
  }

  /** Listed under the address that the LAN knows, never under the one that is claimed. */
  #sawAgent(request: FetchRequest, mac: MacAddress): void {
    const said = readUserAgent(request.userAgent);
    const own = said.mac === undefined || said.mac === mac;
    const { vendor, model, firmware } = own
      ? said
      : { vendor: undefined, model: undefined, firmware: undefined };
    const address = formatIpv4(request.source);
    this.seen({ mac, by: 'http', vendor, model, firmware, address });
  }

  #served(decision: Extract<FetchDecision, { do: 'serve' }>, file: string): FileAnswer {
    const { clock, log, health } = this.#options;
    const { mac, phone, secrets, verdict } = decision;
    const record = this.#inventory.of(mac);
    if (record === undefined) return { status: 404 };
    const firstOfApproval = secrets && !this.#approvals.isUsed(mac, clock.monotonicMs());
    // A phone that was set up before gets a new password; the old one works until it has it.
    const renews = firstOfApproval && record.setUpAtMs !== null;
    const generation = record.generation + (renews ? 1 : 0);
    const made = this.#files.make(phone, file, {
      record,
      secrets,
      generation,
      firmware: this.#targetOf(mac),
    });
    if (!made.ok || made.value === undefined) {
      const say = made.ok ? `${file} is not made for a ${phone.model}` : made.error.say;
      health.raise('phones.template', `The files of ${formatMac(mac)} cannot be made: ${say}`);
      return { status: 404 };
    }
    const { rendered, hash, tellsKey } = made.value;
    const gives = secrets && rendered.secret;
    if (gives) this.#approvals.give(mac, file, clock.monotonicMs());
    log.info({ mac, file, secrets: gives }, 'file for a phone');
    return {
      status: 200,
      contentType: rendered.contentType,
      body: { kind: 'bytes', bytes: rendered.bytes },
      etag: gives ? null : made.value.etag,
      sent: (whole) => {
        if (!whole) {
          if (gives) this.#approvals.takeBack(mac, file);
          return;
        }
        if (gives && renews) this.#inventory.renewPassword(mac);
        if (gives && firstOfApproval) this.#inventory.setUp(mac, tellsKey, clock.now());
        this.#inventory.fetched({ mac, file, hash, verdict }, clock.now());
        this.#dirty = true;
      },
    };
  }

  #firmware(mac: MacAddress, file: string): FileAnswer {
    const { folder, health, log } = this.#options;
    // Held against the path that was asked for, which has neither dots nor escapes.
    const path = join(folder, FIRMWARE_FOLDER, file);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) {
      health.raise('phones.template', `The firmware ${file} for ${formatMac(mac)} is not on this box.`);
      return { status: 404 };
    }
    log.info({ mac, file }, 'firmware for a phone');
    const body = { kind: 'file', path, size: stat.size } as const;
    return { status: 200, contentType: 'application/octet-stream', body, etag: null, sent: () => {} };
  }

  #planFirmware(): void {
    const { clock, health } = this.#options;
    const targets = this.#config?.lan.phoneHabits.firmware ?? [];
    const phones = this.#inventory
      .list()
      .filter((record) => this.#phones.has(record.mac) && record.registeredAtMs !== null)
      .map((record) => ({
        mac: record.mac,
        model: this.#phones.get(record.mac)?.model ?? '',
        version: record.firmware,
        versionSinceMs: record.firmwareSinceMs,
        registered: this.#here.has(record.mac),
      }));
    const plan = planFirmware(targets, phones, this.#turns, clock.now());
    if (JSON.stringify(plan.turns) !== JSON.stringify(this.#turns)) {
      this.#turns = plan.turns;
      this.#dirty = true;
    }
    const [stuck] = plan.stuck;
    if (stuck === undefined) health.clear('phones.firmwareStuck');
    else {
      const say = `${formatMac(stuck.mac)} had two nights for firmware ${stuck.version} and is still on another.`;
      health.raise('phones.firmwareStuck', say);
    }
  }

  #targetOf(mac: MacAddress): SiteConfig['lan']['phoneHabits']['firmware'][number] | null {
    const turn = this.#turns.find((each) => each.mac === mac);
    const model = this.#phones.get(mac)?.model;
    const targets = this.#config?.lan.phoneHabits.firmware ?? [];
    return targets.find((each) => each.model === model && each.version === turn?.version) ?? null;
  }

  #viewOf(record: PhoneRecord): PhoneView {
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const { mac } = record;
    const config = this.#phones.get(mac) ?? null;
    const untilMs = this.#approvals.untilMs(mac, nowMs);
    const fresh = config === null || this.#files.isFresh(config, record, this.#targetOf(mac));
    return {
      ...record,
      state: stateOf(record, { configured: config !== null, windowOpen: untilMs !== undefined, fresh }),
      config,
      registered: this.#here.has(mac),
      fresh,
      windowUntilMs: untilMs === undefined ? null : Math.round(clock.now() + untilMs - nowMs),
    };
  }

  #wantedOf(mac: MacAddress): string {
    const [config, record] = [this.#phones.get(mac), this.#inventory.of(mac)];
    if (config === undefined || record === undefined) return '';
    return this.#files.markOf(config, record, this.#targetOf(mac));
  }

  #configuredRecord(mac: MacAddress): Result<PhoneRecord, CodedError> {
    const record = this.#inventory.of(mac);
    if (record !== undefined && this.#phones.has(mac)) return ok(record);
    return no('phone.none', `No configuration names ${formatMac(mac)}: let the operator enter it first.`);
  }

  /** Somebody stands before it: what it asked before is forgotten. */
  #forgiveAll(mac: MacAddress): void {
    for (const each of this.#options.neighbours()) if (each.mac === mac) this.#gate.forgive(each.address);
  }

  #resite(): void {
    const footing = this.#footing;
    const config = this.#config;
    if (footing === undefined || config === undefined) {
      this.#files.use(undefined);
      return;
    }
    this.#files.use(siteOf(config, footing));
    const broken = [...this.#phones.values()].flatMap((phone) => this.#files.faultOf(phone) ?? []);
    const { health } = this.#options;
    const [first] = broken;
    if (first === undefined) health.clear('phones.template');
    else health.raise('phones.template', first);
  }

  #compareModel({ mac, model }: Sighting): void {
    const wanted = this.#phones.get(mac)?.model;
    if (model === undefined || wanted === undefined || model.toUpperCase() === wanted) return;
    const say = `${formatMac(mac)} calls itself ${model.slice(0, 20)}; the configuration says ${wanted}.`;
    this.#options.health.raise('phones.otherModel', say);
  }

  #waits(mac: MacAddress): void {
    const say = `${formatMac(mac)} asks for its configuration and nobody has approved it.`;
    this.#options.health.raise('phones.waiting', say);
  }

  #tellStale(stale: readonly PhoneView[]): void {
    const { health } = this.#options;
    const [first] = stale.filter((phone) => this.#resync.isTired(phone.mac));
    if (first === undefined) health.clear('phones.stale');
    else {
      const say = `${formatMac(first.mac)} was told ${this.#resync.timesMost} times to fetch its configuration and did not.`;
      health.raise('phones.stale', say);
    }
  }
}

function siteOf(config: SiteConfig, { lan, ports, secure }: Footing): Parameters<PhoneFiles['use']>[0] {
  const host = formatIpv4(lan.address);
  const plain = { scheme: 'http', host, port: ports.http, path: 'p' } as const;
  return {
    lan: config.lan,
    features: config.features,
    registrar: { host, port: 5_060, transport: 'udp', domain: host, expiresS: 600 },
    ntp: config.lan.dhcp.ntp[0] ?? 'ntp.nict.jp',
    bases: {
      first: plain,
      later: secure ? { scheme: 'https', host, port: ports.https, path: 'p' } : plain,
    },
  };
}

function holderOf(leases: readonly AddressedLease[], address: Ipv4): MacAddress | undefined {
  const lease = leases.find((each) => each.address === address);
  return lease?.at === 'bound' ? (lease.traits.mac ?? undefined) : undefined;
}

function no(code: string, say: string): { readonly ok: false; readonly error: CodedError } {
  return refuse({ code, fault: 'caller', say });
}

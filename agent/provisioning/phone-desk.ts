import { join } from 'node:path';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { APPROVAL_MINUTES } from '../../lib/contract/command.ts';
import type { PhoneConfig } from '../../lib/contract/lan-config.ts';
import type { PhoneState } from '../../lib/contract/lan-facts.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { Neighbour } from '../../lib/net/arp-table.ts';
import type { Ipv4 } from '../../lib/net/ipv4.ts';
import { formatMac, type MacAddress } from '../../lib/net/mac-address.ts';
import type { AddressedLease } from '../dhcp/index.ts';
import type { Health, PhoneAccount } from '../ports.ts';
import { Approvals } from './approvals.ts';
import type { FetchRequest } from './fetch-decision.ts';
import { FetchDesk } from './fetch-desk.ts';
import { FileLogins } from './file-login.ts';
import type { Templates } from './file-maker.ts';
import type { FileAnswer } from './file-server.ts';
import { FirmwareTurns } from './firmware-turns.ts';
import { type Footing, siteAt } from './footing.ts';
import { Inventory, type Sighting } from './inventory.ts';
import { readPhones, writePhones } from './inventory-file.ts';
import { PhoneFiles } from './phone-files.ts';
import { type PhoneRecord, stateOf } from './phone-record.ts';
import { openPhoneSecrets } from './phone-secrets.ts';
import type { PnpQuestion } from './pnp-message.ts';
import { ResyncPlan } from './resync-plan.ts';
import { filesFor, renderPhone, renderPhoneBook } from './templates/index.ts';
import { readUserAgent } from './user-agent.ts';
import type { VerdictLine } from './verdict-line.ts';

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
  readonly #resync = new ResyncPlan();
  readonly #firmware = new FirmwareTurns();
  readonly #files: PhoneFiles;
  readonly #fetches: FetchDesk;
  readonly #path: string;
  readonly #here = new Set<MacAddress>();
  #phones: ReadonlyMap<MacAddress, PhoneConfig> = new Map();
  #config: SiteConfig | undefined;
  #footing: Footing | undefined;
  #plannedMs = Number.NEGATIVE_INFINITY;
  #keptMs = Number.NEGATIVE_INFINITY;
  #dirty = false;

  constructor(options: PhoneDeskOptions) {
    this.#options = options;
    this.#path = join(options.folder, 'phones.json');
    const { secrets, damage } = openPhoneSecrets(join(options.folder, 'phones.key'), options.random);
    this.#files = new PhoneFiles(options.templates ?? { filesFor, renderPhone, renderPhoneBook }, secrets);
    if (damage !== undefined) options.health.raise('phones.inventory', damage);
    const read = readPhones(this.#path);
    if (read.kind === 'good') {
      this.#inventory.restore(read.kept.phones);
      this.#firmware.restore(read.kept.firmwareTurns);
    } else if (read.kind === 'damaged') options.health.raise('phones.inventory', read.say);
    this.#fetches = new FetchDesk({
      ...options,
      inventory: this.#inventory,
      approvals: this.#approvals,
      files: this.#files,
      firmware: this.#firmware,
      logins: new FileLogins(options.clock, options.random),
      footing: () => this.#footing,
      phone: (mac) => this.#phones.get(mac),
      seen: (sighting) => this.seen(sighting),
      changed: () => {
        this.#dirty = true;
      },
    });
  }

  configure(config: SiteConfig): void {
    this.#config = config;
    for (const [mac, { model }] of this.#phones) {
      const stays = config.lan.phones.some((phone) => phone.mac === mac && phone.model === model);
      if (!stays) this.#approvals.close(mac);
    }
    this.#phones = new Map(config.lan.phones.map((phone) => [phone.mac as MacAddress, phone]));
    this.#inventory.configure(config.lan.phones);
    this.#firmware.configure(config.lan.phoneHabits.firmware);
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
    return this.#fetches.counts;
  }

  why(mac: MacAddress): readonly VerdictLine[] {
    return this.#fetches.why(mac);
  }

  list(): readonly PhoneView[] {
    return this.#inventory.list().map((record) => this.#viewOf(record));
  }

  approve(mac: MacAddress, minutes: number): Result<PhoneView, CodedError> {
    const { clock, health } = this.#options;
    const known = this.#configuredRecord(mac);
    if (!known.ok) return known;
    const { least, most } = APPROVAL_MINUTES;
    if (!(minutes >= least && minutes <= most)) {
      return no('phone.minutes', `A window is open for ${least} to ${most} minutes.`);
    }
    if (this.#footing === undefined) return no('phone.noLan', 'This box has no LAN, or no address on it.');
    this.#approvals.open(mac, clock.monotonicMs() + minutes * MINUTE_MS);
    this.#fetches.forgive(mac);
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
    return this.#fetches.answer(request);
  }

  /** Whether a phone that asks by multicast is told, and what. */
  answerPnp(question: PnpQuestion, source: Ipv4, url: string): string | undefined {
    return this.#fetches.answerPnp(question, source, url);
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
      writePhones(this.#path, { phones: this.#inventory.list(), firmwareTurns: this.#firmware.turns });
      this.#dirty = false;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      health.raise('phones.inventory', `The phones that are set up cannot be written down: ${why}.`);
    }
  }

  #planFirmware(): void {
    const { clock, health } = this.#options;
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
    const { changed, stuck } = this.#firmware.plan(phones, clock.now());
    if (changed) this.#dirty = true;
    if (stuck === undefined) health.clear('phones.firmwareStuck');
    else {
      const say = `${formatMac(stuck.mac)} had two nights for firmware ${stuck.version} and is still on another.`;
      health.raise('phones.firmwareStuck', say);
    }
  }

  #viewOf(record: PhoneRecord): PhoneView {
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const { mac } = record;
    const config = this.#phones.get(mac) ?? null;
    const untilMs = this.#approvals.untilMs(mac, nowMs);
    const target = this.#firmware.targetOf(mac, config?.model);
    const fresh = config === null || this.#files.isFresh(config, record, target);
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
    return this.#files.markOf(config, record, this.#firmware.targetOf(mac, config.model));
  }

  #configuredRecord(mac: MacAddress): Result<PhoneRecord, CodedError> {
    const record = this.#inventory.of(mac);
    if (record !== undefined && this.#phones.has(mac)) return ok(record);
    return no('phone.none', `No configuration names ${formatMac(mac)}: let the operator enter it first.`);
  }

  #resite(): void {
    const footing = this.#footing;
    const config = this.#config;
    if (footing === undefined || config === undefined) {
      this.#files.use(undefined);
      return;
    }
    this.#files.use(siteAt(config, footing));
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

function no(code: string, say: string): { readonly ok: false; readonly error: CodedError } {
  return refuse({ code, fault: 'caller', say });
}

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { PhoneConfig } from '../../lib/contract/lan-config.ts';
import type { Neighbour } from '../../lib/net/arp-table.ts';
import { DeviceDiary } from '../../lib/net/device-diary.ts';
import { formatIpv4, type Ipv4 } from '../../lib/net/ipv4.ts';
import { formatMac, type MacAddress } from '../../lib/net/mac-address.ts';
import type { AddressedLease } from '../dhcp/index.ts';
import type { Health } from '../ports.ts';
import type { Approvals } from './approvals.ts';
import { afterRequest, afterSent, type FileDigest } from './encryption-trial.ts';
import {
  decideFetch,
  type FetchDecision,
  type FetchRequest,
  type FetchWorld,
  FIRMWARE_FOLDER,
} from './fetch-decision.ts';
import { FetchGate } from './fetch-gate.ts';
import type { FileLogins } from './file-login.ts';
import type { FileAnswer } from './file-server.ts';
import type { FirmwareTurns } from './firmware-turns.ts';
import type { Footing } from './footing.ts';
import type { Inventory, Sighting } from './inventory.ts';
import type { PhoneFiles } from './phone-files.ts';
import { decidePnp } from './pnp-decision.ts';
import type { PnpQuestion } from './pnp-message.ts';
import { readUserAgent } from './user-agent.ts';
import { type VerdictLine, verdictLine } from './verdict-line.ts';

/** What requests are judged by. Everything here belongs to the desk of the phones; this one only asks and notes. */
export interface FetchDeskOptions {
  /** Folder with `firmware/`. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
  readonly leases: () => readonly AddressedLease[];
  /** Who has which address on the LAN, as the kernel has it (ARP). */
  readonly neighbours: () => readonly Pick<Neighbour, 'address' | 'mac'>[];
  readonly inventory: Inventory;
  readonly approvals: Approvals;
  readonly files: PhoneFiles;
  readonly firmware: FirmwareTurns;
  readonly logins: FileLogins;
  footing(): Footing | undefined;
  phone(mac: MacAddress): PhoneConfig | undefined;
  seen(sighting: Sighting): void;
  /** Something worth keeping has changed. */
  changed(): void;
}

/** Answers phones that ask for files, by HTTP and by multicast: who gets what, and a line about each for `engawa why`. */
export class FetchDesk {
  readonly #options: FetchDeskOptions;
  readonly #gate = new FetchGate();
  readonly #verdicts = new DeviceDiary<VerdictLine>();

  constructor(options: FetchDeskOptions) {
    this.#options = options;
  }

  get counts(): Readonly<Record<string, number>> {
    return this.#verdicts.counts;
  }

  why(mac: MacAddress): readonly VerdictLine[] {
    return this.#verdicts.of(mac);
  }

  /** Somebody stands before it: what it asked before is forgotten. */
  forgive(mac: MacAddress): void {
    for (const each of this.#options.neighbours()) if (each.mac === mac) this.#gate.forgive(each.address);
  }

  /** Decides one request and says what goes back. */
  answer(request: FetchRequest): FileAnswer {
    const { clock, logins } = this.#options;
    const footing = this.#options.footing();
    if (footing === undefined) return { status: 404 };
    const decision = decideFetch(request, this.#world(footing, request));
    const asked = decision.do === 'refuse' ? (decision.file ?? request.target) : decision.file.name;
    const file = asked.slice(0, 80);
    this.#verdicts.add(decision.mac, verdictLine(decision.verdict, clock.now(), file));
    switch (decision.do) {
      case 'refuse':
        this.#refused(request, decision, file);
        return { status: 404 };
      case 'challenge':
        this.#challenged(request, decision, file);
        return { status: 401, challenge: logins.challenge(decision.stale) };
      case 'serve':
        this.#sawAgent(request, decision.mac);
        return decision.file.what === 'firmware'
          ? this.#firmware(decision.mac, decision.file.name)
          : this.#served(decision, decision.file.name);
    }
  }

  /** Whether a phone that asks by multicast is told, and what. */
  answerPnp(question: PnpQuestion, source: Ipv4, url: string): string | undefined {
    const { clock, phone, seen } = this.#options;
    const footing = this.#options.footing();
    if (footing === undefined) return undefined;
    const world = this.#world(footing, {
      method: '',
      target: '',
      source,
      userAgent: null,
      authorization: null,
    });
    const verdict = decidePnp(question.mac, source, {
      ...world,
      isConfigured: (mac) => phone(mac) !== undefined,
    });
    const neighbour = world.neighbour(source);
    this.#verdicts.add(neighbour, verdictLine(verdict, clock.now(), 'pnp'));
    if (neighbour === question.mac) {
      const { mac, vendor, model, firmware } = question;
      seen({ mac, by: 'pnp', vendor, model, firmware, address: formatIpv4(source) });
    }
    if (verdict.rule === 'pnp.notApproved') this.#waits(question.mac);
    return verdict.done === 'served' ? url : undefined;
  }

  #world(footing: Footing, request: FetchRequest): FetchWorld {
    const { clock, leases, neighbours, inventory, approvals, files, firmware, phone } = this.#options;
    const nowMs = clock.monotonicMs();
    return {
      lan: footing.lan,
      gate: this.#gate.enter(request.source, nowMs),
      neighbour: (address) => neighbours().find((each) => each.address === address)?.mac,
      leaseHolder: (address) => holderOf(leases(), address),
      phone,
      filesFor: (config) => files.namesFor(config),
      isSetUp: (mac) => typeof inventory.of(mac)?.setUpAtMs === 'number',
      isApproved: (mac) => approvals.untilMs(mac, nowMs) !== undefined,
      mayGiveSecrets: (mac, file) => approvals.mayGive(mac, file, nowMs),
      login: (mac) => this.#loginOf(mac, request),
      firmwareTurn: (mac) => firmware.fileOf(mac),
    };
  }

  /** How the login of a phone that was given one stands; undefined for one that was given none. */
  #loginOf(mac: MacAddress, request: FetchRequest): ReturnType<FetchWorld['login']> {
    const { inventory, files, logins } = this.#options;
    const record = inventory.of(mac);
    if (record?.loginTold !== true) return undefined;
    return logins.judge(request, files.loginOf(mac, record.generation));
  }

  #refused(request: FetchRequest, decision: Extract<FetchDecision, { do: 'refuse' }>, file: string): void {
    const { clock, inventory } = this.#options;
    const { mac, verdict } = decision;
    if (mac !== undefined) {
      this.#sawAgent(request, mac);
      inventory.fetched({ mac, file, hash: null, verdict }, clock.now());
      if (verdict.rule === 'fetch.notApproved') this.#waits(mac);
    }
    if (decision.miss) this.#missed(request, mac);
  }

  /** The first request of every login comes without one and is no fault; a wrong one is, and counts as a guess. */
  #challenged(
    request: FetchRequest,
    { mac, verdict }: Extract<FetchDecision, { do: 'challenge' }>,
    file: string,
  ): void {
    const { clock, inventory } = this.#options;
    this.#sawAgent(request, mac);
    if (verdict.done !== 'refused') return;
    inventory.fetched({ mac, file, hash: null, verdict }, clock.now());
    this.#missed(request, mac);
  }

  #missed({ source }: FetchRequest, mac: MacAddress | undefined): void {
    const { clock, health } = this.#options;
    if (!this.#gate.missed(source, clock.monotonicMs())) return;
    const who = `${formatIpv4(source)}${mac === undefined ? '' : ` (${formatMac(mac)})`}`;
    const say = `${who} asks for files of other phones, or with a wrong login, and is not heard for a while.`;
    health.raise('phones.guessing', say);
  }

  /** Listed under the address that the LAN knows, never under the one that is claimed. */
  #sawAgent(request: FetchRequest, mac: MacAddress): void {
    const said = readUserAgent(request.userAgent);
    const own = said.mac === undefined || said.mac === mac;
    const nothing = { vendor: undefined, model: undefined, firmware: undefined };
    const { vendor, model, firmware } = own ? said : nothing;
    this.#options.seen({ mac, by: 'http', vendor, model, firmware, address: formatIpv4(request.source) });
  }

  #served(decision: Extract<FetchDecision, { do: 'serve' }>, file: string): FileAnswer {
    const { clock, log, health, inventory, approvals, files, firmware, changed } = this.#options;
    const { mac, phone, secrets, verdict } = decision;
    if (decision.file.what === 'configuration' && !secrets) this.#heardOfTrial(mac, decision.proves);
    const record = inventory.of(mac);
    if (record === undefined) return { status: 404 };
    const firstOfApproval = secrets && !approvals.isUsed(mac, clock.monotonicMs());
    // A phone that was set up before gets a new password; the old one works until it has it.
    const renews = firstOfApproval && record.setUpAtMs !== null;
    const generation = record.generation + (renews ? 1 : 0);
    const target = firmware.targetOf(mac, phone.model);
    const made = files.make(phone, file, { record, secrets, generation, firmware: target });
    if (!made.ok || made.value === undefined) {
      const say = made.ok ? `${file} is not made for a ${phone.model}` : made.error.say;
      health.raise('phones.template', `The files of ${formatMac(mac)} cannot be made: ${say}`);
      return { status: 404 };
    }
    const { rendered, hash, tells, tries } = made.value;
    const gives = secrets && rendered.secret;
    if (gives) approvals.give(mac, file, clock.monotonicMs());
    log.info({ mac, file, secrets: gives }, 'file for a phone');
    return {
      status: 200,
      contentType: rendered.contentType,
      body: { kind: 'bytes', bytes: rendered.bytes },
      etag: gives ? null : made.value.etag,
      sent: (whole) => {
        if (!whole) {
          if (gives) approvals.takeBack(mac, file);
          return;
        }
        if (gives && renews) inventory.renewPassword(mac);
        if (gives && firstOfApproval) inventory.setUp(mac, tells, clock.now());
        if (tries !== undefined && rendered.secret) inventory.tried(mac, afterSent(record.trial, tries));
        inventory.fetched({ mac, file, hash, verdict }, clock.now());
        changed();
      },
    };
  }

  /** By where it asks for its configuration it tells whether it has read the last one. */
  #heardOfTrial(mac: MacAddress, proves: FileDigest | undefined): void {
    const { inventory, log, changed } = this.#options;
    const before = inventory.of(mac)?.trial;
    if (before === undefined) return;
    const trial = afterRequest(before, proves);
    if (JSON.stringify(trial) === JSON.stringify(before)) return;
    log.info({ mac, trial }, 'encryption of a phone’s files');
    inventory.tried(mac, trial);
    changed();
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

  #waits(mac: MacAddress): void {
    const say = `${formatMac(mac)} asks for its configuration and nobody has approved it.`;
    this.#options.health.raise('phones.waiting', say);
  }
}

function holderOf(leases: readonly AddressedLease[], address: Ipv4): MacAddress | undefined {
  const lease = leases.find((each) => each.address === address);
  return lease?.at === 'bound' ? (lease.traits.mac ?? undefined) : undefined;
}

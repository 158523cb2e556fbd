import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FetchWorld } from '../../../agent/provisioning/fetch-decision.ts';
import type { FileAnswer } from '../../../agent/provisioning/file-server.ts';
import { PhoneDesk } from '../../../agent/provisioning/phone-desk.ts';
import { filesFor } from '../../../agent/provisioning/templates/index.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { LAN_HABITS, type LanConfig, type PhoneConfig } from '../../../lib/contract/lan-config.ts';
import { type Ipv4, parseIpv4 } from '../../../lib/net/ipv4.ts';
import type { MacAddress } from '../../../lib/net/mac-address.ts';
import { siteOf } from '../../support/site-config.ts';
import { authorizationFor, type PhoneLogin, readLogin } from './phone-login.ts';
import { phoneOf } from './phones.ts';

export function ip(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(text);
  return address;
}

export const LAN = { address: ip('192.168.21.2'), prefixBits: 24 };
export const MINE = 'c074ad2bd859' as MacAddress;
export const OTHER = 'c074ad000001' as MacAddress;
export const SOURCE = ip('192.168.21.10');

/** A world in which the phone of the sample asks from its own address, approved. */
export function worldOf(changes: Partial<FetchWorld> = {}): FetchWorld {
  return {
    lan: LAN,
    gate: 'open',
    neighbour: (address) => (address === SOURCE ? MINE : undefined),
    leaseHolder: () => undefined,
    phone: (mac) => (mac === MINE ? phoneOf() : undefined),
    filesFor: (phone) => filesFor(phone.vendor, phone.model, phone.mac),
    isSetUp: () => false,
    isApproved: () => true,
    mayGiveSecrets: () => true,
    login: () => undefined,
    firmwareTurn: () => undefined,
    ...changes,
  };
}

/** A desk with a virtual clock and a neighbour table that the test writes. */
export class DeskBench {
  readonly clock = new VirtualClock();
  readonly #random = seededRandom(7);
  readonly folder = mkdtempSync(join(tmpdir(), 'engawa-desk-'));
  readonly warnings = new Map<string, string>();
  readonly neighbours = new Map<Ipv4, MacAddress>([[SOURCE, MINE]]);
  /** What the phone at an address was told to log in with. */
  readonly logins = new Map<Ipv4, PhoneLogin>();
  desk: PhoneDesk;

  constructor() {
    this.desk = this.open();
  }

  /** A desk on the same folder, as after a restart. */
  open(): PhoneDesk {
    this.desk = new PhoneDesk({
      folder: this.folder,
      leases: () => [],
      clock: this.clock,
      random: this.#random,
      log: silentLog(),
      health: {
        raise: (code, say) => this.warnings.set(code, say),
        clear: (code) => this.warnings.delete(code),
      },
      neighbours: () => [...this.neighbours].map(([address, mac]) => ({ address, mac })),
    });
    this.desk.settle({ lan: LAN, ports: { http: 8_080, https: 8_443 }, secure: false });
    return this.desk;
  }

  configure(
    phones: readonly PhoneConfig[] = [phoneOf()],
    habits: Partial<LanConfig['phoneHabits']> = {},
  ): void {
    // Files are read as they come; what phones do with encrypted ones has its own tests.
    const phoneHabits = { ...LAN_HABITS.phoneHabits, encryption: 'off' as const, ...habits };
    this.desk.configure(siteOf({ lan: { ...LAN_HABITS, phones: [...phones], phoneHabits } }));
  }

  ask(
    target: string,
    source: Ipv4 = SOURCE,
    userAgent: string | null = null,
    authorization: string | null = null,
  ): FileAnswer {
    return this.desk.answer({ method: 'GET', target, source, userAgent, authorization });
  }

  /** Fetches a file to its end, as a phone that keeps the login of its last file; its text, or undefined for a refusal. */
  fetch(target: string, source: Ipv4 = SOURCE): string | undefined {
    let answer = this.ask(target, source);
    const login = this.logins.get(source);
    if (answer.status === 401 && login !== undefined) {
      answer = this.ask(target, source, null, authorizationFor(answer.challenge, login, target));
    }
    if (answer.status !== 200) return undefined;
    answer.sent(true);
    if (answer.body.kind === 'file') return answer.body.path;
    const text = Buffer.from(answer.body.bytes).toString();
    const told = readLogin(text);
    if (told !== undefined) this.logins.set(source, told);
    return text;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

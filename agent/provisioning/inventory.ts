import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { EncryptionTrial } from './encryption-trial.ts';
import type { FetchVerdict, Heard, PhoneRecord } from './phone-record.ts';
import { newRecord } from './phone-record.ts';
import type { PhoneVendor } from './templates/index.ts';

/** Devices that are remembered; an office has 32 phones, and the rest is what passed by. */
export const RECORDS_MOST = 256;
/** Files of one phone that are remembered: its chain, its pages of the phone book. */
export const FILES_MOST = 48;

/** Something was heard of a device. What it says of itself is taken for a name, never for a proof. */
export interface Sighting {
  readonly mac: MacAddress;
  readonly by: Heard;
  readonly vendor?: PhoneVendor | undefined;
  readonly model?: string | undefined;
  readonly firmware?: string | undefined;
  readonly address?: string | undefined;
}

/** A file went out to a phone, or was refused to it. */
export interface FetchNote {
  readonly mac: MacAddress;
  readonly file: string;
  /** Null when it was refused. */
  readonly hash: string | null;
  readonly verdict: FetchVerdict;
}

/**
 * Every phone that the box knows: those of the configuration, and those that were heard. No clock and no disk: every verb
 * is told the time (epoch ms) and answers with whether something worth keeping has changed.
 */
export class Inventory {
  readonly #records = new Map<MacAddress, PhoneRecord>();
  #configured: ReadonlySet<MacAddress> = new Set();

  /** What was kept from before. */
  restore(records: readonly PhoneRecord[]): void {
    for (const record of records.slice(0, RECORDS_MOST)) this.#records.set(record.mac, record);
  }

  /** The phones of a configuration; vendor and model are what it says, whatever the phones said. */
  configure(
    phones: readonly { readonly mac: string; readonly vendor: PhoneVendor; readonly model: string }[],
  ): void {
    this.#configured = new Set(phones.map((phone) => phone.mac as MacAddress));
    for (const phone of phones) {
      const mac = phone.mac as MacAddress;
      const known = this.#records.get(mac);
      // Another model behind the same address is another phone: what the old one fetched says nothing of it.
      const same = known === undefined || known.model === phone.model;
      const base = same ? (known ?? newRecord(mac)) : { ...newRecord(mac), generation: known.generation + 1 };
      this.#put({ ...base, vendor: phone.vendor, model: phone.model, heard: known?.heard ?? {} });
    }
  }

  isConfigured(mac: MacAddress): boolean {
    return this.#configured.has(mac);
  }

  of(mac: MacAddress): PhoneRecord | undefined {
    return this.#records.get(mac);
  }

  /** Configured ones first, then by hardware address. */
  list(): readonly PhoneRecord[] {
    const rank = (record: PhoneRecord): string => `${this.isConfigured(record.mac) ? 0 : 1}${record.mac}`;
    return [...this.#records.values()].sort((left, right) => (rank(left) < rank(right) ? -1 : 1));
  }

  /** A device was heard. True when more than the time of it is new. */
  seen(sighting: Sighting, nowMs: number): boolean {
    const before = this.#records.get(sighting.mac);
    const record = before ?? newRecord(sighting.mac);
    const configured = this.isConfigured(sighting.mac);
    const firmware = shortened(sighting.firmware) ?? record.firmware;
    const next: PhoneRecord = {
      ...record,
      vendor: configured ? record.vendor : (sighting.vendor ?? record.vendor),
      model: configured ? record.model : (shortened(sighting.model) ?? record.model),
      firmware,
      firmwareSinceMs: firmware === record.firmware ? record.firmwareSinceMs : nowMs,
      address: sighting.address ?? record.address,
      heard: { ...record.heard, [sighting.by]: nowMs },
    };
    this.#put(next);
    return (
      before === undefined ||
      before.vendor !== next.vendor ||
      before.model !== next.model ||
      before.firmware !== next.firmware
    );
  }

  /** A file was given or refused. */
  fetched(note: FetchNote, nowMs: number): void {
    const record = this.#records.get(note.mac);
    if (record === undefined) return;
    const file = note.file.slice(0, 80);
    const refused = note.hash === null ? note.verdict : null;
    const lastFetch = { file, hash: note.hash, atMs: nowMs, refused };
    const others = record.files.filter((each) => each.file !== file).slice(-(FILES_MOST - 1));
    const files = note.hash === null ? record.files : [...others, { file, hash: note.hash, atMs: nowMs }];
    this.#put({ ...record, files, lastFetch });
  }

  /** Its next password is another one: what the old one opened is over. */
  renewPassword(mac: MacAddress): void {
    this.#change(mac, (record) => ({ ...record, generation: record.generation + 1 }));
  }

  /** It has been given its password. What it fetched before belongs to another life of it. */
  setUp(mac: MacAddress, tells: Pick<PhoneRecord, 'keyTold' | 'loginTold'>, nowMs: number): void {
    const { keyTold, loginTold } = tells;
    this.#change(mac, (record) => ({
      ...record,
      setUpAtMs: nowMs,
      keyTold,
      loginTold,
      registeredAtMs: null,
    }));
  }

  /** What is known of the encryption that it reads. */
  tried(mac: MacAddress, trial: EncryptionTrial): void {
    this.#change(mac, (record) => ({ ...record, trial }));
  }

  /** It has registered. True when it is the first time after it was given its password. */
  registered(mac: MacAddress, nowMs: number): boolean {
    const record = this.#records.get(mac);
    if (record === undefined || record.setUpAtMs === null || record.registeredAtMs !== null) return false;
    this.#put({ ...record, registeredAtMs: nowMs });
    return true;
  }

  #change(mac: MacAddress, change: (record: PhoneRecord) => PhoneRecord): void {
    const record = this.#records.get(mac);
    if (record !== undefined) this.#put(change(record));
  }

  /** A configured phone never gives way; of the others the one that was heard longest ago does. */
  #put(record: PhoneRecord): void {
    if (!this.#records.has(record.mac) && this.#records.size >= RECORDS_MOST) {
      const [oldest] = [...this.#records.values()]
        .filter((each) => !this.isConfigured(each.mac))
        .sort((left, right) => lastHeardMs(left) - lastHeardMs(right));
      if (oldest === undefined) return;
      this.#records.delete(oldest.mac);
    }
    this.#records.set(record.mac, record);
  }
}

/** When anything was heard of it last, epoch ms; 0 for never. */
export function lastHeardMs(record: PhoneRecord): number {
  return Math.max(0, ...Object.values(record.heard));
}

/** What a stranger says of itself is cut to what fits a screen. */
function shortened(text: string | undefined): string | undefined {
  const clean = text?.replace(/[^\x20-\x7e]/g, '').slice(0, 32);
  return clean === '' ? undefined : clean;
}

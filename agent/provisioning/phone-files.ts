import { type CodedError, ok, type Result } from '../../lib/base/errors.ts';
import type { PhoneConfig } from '../../lib/contract/lan-config.ts';
import { formatMac, type MacAddress } from '../../lib/net/mac-address.ts';
import { type EncryptionWish, encryptionFor, type FileDigest } from './encryption-trial.ts';
import type { FileLogin } from './file-login.ts';
import {
  hashesOf,
  hashOf,
  isFresh,
  makeFiles,
  type PhoneMoment,
  type PhoneSite,
  type Templates,
} from './file-maker.ts';
import type { FirmwareTarget } from './firmware-plan.ts';
import type { PhoneRecord } from './phone-record.ts';
import type { PhoneSecrets } from './phone-secrets.ts';
import type { AskedFile, RenderedFile } from './templates/index.ts';

/** A file as it goes out. */
export interface MadeFile {
  readonly rendered: RenderedFile;
  /** Of what it says without its secrets. */
  readonly hash: string;
  /** Of its bytes. */
  readonly etag: string;
  /** Whether it gives the phone the key of its later files, and the login for them. */
  readonly tells: Pick<PhoneRecord, 'keyTold' | 'loginTold'>;
  /** The digest whose reading its next request will prove. */
  readonly tries: FileDigest | undefined;
}

/** Makes the phones' files in memory, and knows which of them have changed. Remembers what it made last, without secrets. */
export class PhoneFiles {
  readonly #templates: Templates;
  readonly #secrets: PhoneSecrets;
  readonly #plain = new Map<string, { readonly key: string; readonly hashes: ReadonlyMap<string, string> }>();
  #site: PhoneSite | undefined;

  constructor(templates: Templates, secrets: PhoneSecrets) {
    this.#templates = templates;
    this.#secrets = secrets;
  }

  /** Another office, or the box somewhere else; undefined while there is no LAN. */
  use(site: PhoneSite | undefined): void {
    this.#site = site;
    this.#plain.clear();
  }

  accountPassword(mac: MacAddress, generation: number): string {
    return this.#secrets.of(mac, generation, 'account');
  }

  /** What a phone that was given a login fetches its later files with. */
  loginOf(mac: MacAddress, generation: number): FileLogin {
    return { user: mac, password: this.#secrets.of(mac, generation, 'login') };
  }

  namesFor(phone: PhoneConfig): readonly AskedFile[] {
    return this.#templates.filesFor(phone.vendor, phone.model, phone.mac);
  }

  /** Why the files of a phone cannot be made, as a sentence. */
  faultOf(phone: PhoneConfig): string | undefined {
    if (this.#site === undefined) return undefined;
    const made = makeFiles(this.#templates, this.#site, phone, plainMoment('first', null));
    if (made.ok) return undefined;
    return `The files of ${formatMac(phone.mac as MacAddress)} cannot be made: ${made.error.say}`;
  }

  /** One file. Undefined when this phone has none of the name. */
  make(
    phone: PhoneConfig,
    name: string,
    moment: {
      readonly record: PhoneRecord;
      readonly secrets: boolean;
      readonly generation: number;
      readonly firmware: FirmwareTarget | null;
    },
  ): Result<MadeFile | undefined, CodedError> {
    if (this.#site === undefined) return ok(undefined);
    const { record, secrets, generation } = moment;
    // Who is given its password begins anew: its pages stay open until it has registered.
    const phase = secrets ? 'first' : phaseOf(record);
    const firmware = phase === 'first' ? null : moment.firmware;
    const plain = this.#hashes(phone, phase, firmware);
    if (!plain.ok) return plain;
    const mac = phone.mac as MacAddress;
    const login = this.namesFor(phone).some((file) => file.login) ? this.loginOf(mac, generation) : null;
    const given = {
      login,
      account: this.accountPassword(mac, generation),
      passwords: {
        admin: this.#secrets.of(mac, generation, 'admin'),
        user: this.#secrets.of(mac, generation, 'user'),
      },
    };
    const { encryption, folder } = this.#encryptionOf(phone, record, secrets, generation);
    const now: PhoneMoment = { phase, firmware, secrets: secrets ? given : null, encryption, folder };
    const made = makeFiles(this.#templates, this.#site, phone, now);
    if (!made.ok) return made;
    const rendered = made.value.find((file) => file.name.toLowerCase() === name.toLowerCase());
    if (rendered === undefined) return ok(undefined);
    const hash = plain.value.get(rendered.name) ?? hashOf(rendered.bytes);
    const tells = { keyTold: encryption.mode === 'tell', loginTold: secrets && login !== null };
    const tries = folder !== null && encryption.mode === 'use' ? encryption.digest : undefined;
    return ok({ rendered, hash, etag: hashOf(rendered.bytes).slice(0, 32), tells, tries });
  }

  /** True when what the phone fetched is what it would get now. */
  isFresh(phone: PhoneConfig, record: PhoneRecord, firmware: FirmwareTarget | null): boolean {
    const hashes = this.#hashesFor(phone, record, firmware);
    return hashes === undefined || (isFresh(record.files, hashes) && !this.#awaits(record));
  }

  /** Changes whenever one of the phone's files does. */
  markOf(phone: PhoneConfig, record: PhoneRecord, firmware: FirmwareTarget | null): string {
    const trial = this.#awaits(record) ? JSON.stringify(record.trial) : '';
    return [...(this.#hashesFor(phone, record, firmware)?.values() ?? []), trial].join(' ');
  }

  /** Where nothing is said each phone is asked: it costs one fetch more, and one that reads none is left as it is. */
  #encryptionWish(): EncryptionWish {
    return this.#site?.lan.phoneHabits.encryption ?? 'try';
  }

  /** It was sent a file of which nobody knows yet whether it could read it. */
  #awaits({ trial }: PhoneRecord): boolean {
    return this.#encryptionWish() === 'try' && trial.at === 'trying';
  }

  /** The first file tells the key, the later ones use it; a phone that was never told it gets them in the clear. */
  #encryptionOf(
    phone: PhoneConfig,
    record: PhoneRecord,
    secrets: boolean,
    generation: number,
  ): Pick<PhoneMoment, 'encryption' | 'folder'> {
    const wish = this.#encryptionWish();
    const wanted = phone.vendor === 'grandstream' ? encryptionFor(wish, record.trial) : null;
    const off = { encryption: { mode: 'off' }, folder: null } as const;
    if (wanted === null || !(secrets || record.keyTold)) return off;
    const key = this.#secrets.of(record.mac, generation, 'file');
    const { digest, folder } = wanted;
    if (secrets) return { encryption: { mode: 'tell', key, digest }, folder: null };
    // What it reads is tried on files that it can do without until then.
    if (folder !== null && phaseOf(record) === 'first') return off;
    return { encryption: { mode: 'use', key, digest }, folder };
  }

  #hashesFor(
    phone: PhoneConfig,
    record: PhoneRecord,
    firmware: FirmwareTarget | null,
  ): ReadonlyMap<string, string> | undefined {
    const phase = phaseOf(record);
    const hashes = this.#hashes(phone, phase, phase === 'first' ? null : firmware);
    return hashes.ok ? hashes.value : undefined;
  }

  #hashes(
    phone: PhoneConfig,
    phase: PhoneMoment['phase'],
    firmware: FirmwareTarget | null,
  ): Result<ReadonlyMap<string, string>, CodedError> {
    if (this.#site === undefined) return ok(new Map());
    const key = `${phase} ${firmware?.version ?? ''}`;
    const known = this.#plain.get(phone.mac);
    if (known?.key === key) return ok(known.hashes);
    const made = makeFiles(this.#templates, this.#site, phone, plainMoment(phase, firmware));
    if (!made.ok) return made;
    const hashes = hashesOf(made.value);
    this.#plain.set(phone.mac, { key, hashes });
    return ok(hashes);
  }
}

function phaseOf(record: PhoneRecord): PhoneMoment['phase'] {
  return record.registeredAtMs === null ? 'first' : 'settled';
}

function plainMoment(phase: PhoneMoment['phase'], firmware: FirmwareTarget | null): PhoneMoment {
  return { phase, firmware, secrets: null, encryption: { mode: 'off' }, folder: null };
}

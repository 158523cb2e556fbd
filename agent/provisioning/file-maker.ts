import { createHash } from 'node:crypto';
import { type CodedError, ok, type Result } from '../../lib/base/errors.ts';
import type { LanConfig, PhoneConfig } from '../../lib/contract/lan-config.ts';
import type { OfficeFeatures } from '../../lib/contract/site-config.ts';
import type {
  AskedFile,
  FileBase,
  PhoneVendor,
  ProvisioningAround,
  RenderedFile,
} from './templates/index.ts';

/** The templates, as this room uses them; handed in so that its rules are tested without a maker's formats. */
export interface Templates {
  renderPhone(phone: PhoneConfig, around: ProvisioningAround): Result<RenderedFile[]>;
  renderPhoneBook(
    vendor: PhoneVendor,
    model: string,
    around: Pick<ProvisioningAround, 'phoneBook' | 'base'>,
  ): Result<RenderedFile[]>;
  filesFor(vendor: PhoneVendor, model: string, mac: string): readonly AskedFile[];
}

/** The office and the box, as the files of every phone speak of them. */
export interface PhoneSite {
  readonly lan: Pick<LanConfig, 'phones' | 'phoneBook' | 'phoneHabits'>;
  readonly features: OfficeFeatures;
  readonly registrar: ProvisioningAround['registrar'];
  readonly ntp: string;
  /** For a phone's first files, and for its later ones where the box speaks TLS. */
  readonly bases: { readonly first: FileBase; readonly later: FileBase };
}

/** Where one phone stands. */
export interface PhoneMoment {
  readonly phase: ProvisioningAround['phase'];
  readonly firmware: ProvisioningAround['firmware'];
  /** Null: nothing secret is in the files. */
  readonly secrets: {
    readonly account: string;
    readonly passwords: NonNullable<ProvisioningAround['passwords']>;
    /** Null for a model that cannot log in. */
    readonly login: ProvisioningAround['fileLogin'];
  } | null;
  readonly encryption: ProvisioningAround['encryption'];
  /** Folder from which it is to ask for its next files; null: the usual one. */
  readonly folder: string | null;
}

/** All files of one phone at one moment: its configuration and its phone book. */
export function makeFiles(
  templates: Templates,
  site: PhoneSite,
  phone: PhoneConfig,
  moment: PhoneMoment,
): Result<readonly RenderedFile[], CodedError> {
  const around = aroundOf(site, phone, moment);
  const own = templates.renderPhone(phone, around);
  if (!own.ok) return own;
  const book = templates.renderPhoneBook(phone.vendor, phone.model, around);
  return book.ok ? ok([...own.value, ...book.value]) : book;
}

function aroundOf(site: PhoneSite, phone: PhoneConfig, moment: PhoneMoment): ProvisioningAround {
  const { secrets, phase, firmware, folder } = moment;
  const { first, later } = site.bases;
  return {
    registrar: site.registrar,
    account: { user: phone.extension, password: secrets?.account ?? null },
    passwords: secrets?.passwords ?? null,
    base: phase === 'first' ? first : folder === null ? later : { ...later, path: `${later.path}/${folder}` },
    fileLogin: secrets?.login ?? null,
    encryption: moment.encryption,
    phase,
    firmware: phase === 'first' ? null : firmware,
    habits: site.lan.phoneHabits,
    // [S0-194]
    phoneBook: phone.phoneBook === false ? [] : site.lan.phoneBook,
    features: site.features,
    ntp: site.ntp,
  };
}

/**
 * What each file of a phone's own says without its secrets, as a hash: the same hash, nothing new for the phone. The entry file
 * that some makers begin with says only where the own one is; a phone that knows never asks for it again.
 */
export function hashesOf(files: readonly RenderedFile[]): ReadonlyMap<string, string> {
  return new Map(files.filter(({ secret }) => secret).map((file) => [file.name, hashOf(file.bytes)]));
}

/** SHA-256, hex. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** True when every file that the phone has is the one that it would get now. */
export function isFresh(
  has: readonly { readonly file: string; readonly hash: string }[],
  now: ReadonlyMap<string, string>,
): boolean {
  return has.every(({ file, hash }) => {
    const current = now.get(file);
    return current === undefined || current === hash;
  });
}

import type { CodedError } from '../../../lib/base/errors.ts';
import type { LanConfig, PhoneConfig } from '../../../lib/contract/lan-config.ts';
import type { OfficeFeatures } from '../../../lib/contract/site-config.ts';

/** Makers whose phones can be set up. */
export type PhoneVendor = PhoneConfig['vendor'];

/** One file as a phone fetches it. Made in memory, never written to a disk. */
export interface RenderedFile {
  /** As the phone asks for it, below the base address: `cfg000b82123456.xml`. */
  readonly name: string;
  readonly contentType: 'text/xml' | 'text/plain' | 'application/octet-stream';
  readonly bytes: Uint8Array;
  /** Holds a password or a key: for this phone only, and only in an approved moment. */
  readonly secret: boolean;
}

/** Where phones fetch files from. */
export interface FileBase {
  readonly scheme: 'http' | 'https';
  /** Address or name of the box on the LAN. */
  readonly host: string;
  readonly port: number;
  /** Folder without slashes at its ends: `p`, `p/one-time-word`, or nothing. */
  readonly path: string;
}

/**
 * What a phone's files say beside the phone's own configuration. Everything is of one phone: passwords are made by the
 * box, each for one phone.
 */
export interface ProvisioningAround {
  readonly registrar: {
    readonly host: string;
    readonly port: number;
    readonly transport: 'udp' | 'tcp' | 'tls';
    /** SIP domain of the phone's address and its registrar; phones compare it with the `From` of calls. */
    readonly domain: string;
    /** How long a registration lasts; Grandstream counts in minutes. */
    readonly expiresS: number;
  };
  readonly account: {
    readonly user: string;
    /** `null`: the file is silent about it and the phone keeps the one it has. */
    readonly password: string | null;
  };
  /** Passwords of the phone's own pages and menus. `null`: the file is silent about them. */
  readonly passwords: { readonly admin: string; readonly user: string } | null;
  readonly base: FileBase;
  /** HTTP digest login with which the phone fetches its next files; `null` for none. */
  readonly fileLogin: { readonly user: string; readonly password: string } | null;
  /**
   * Encryption of this phone's file (Grandstream XML only). `tell` writes the key into this file, so that the phone can
   * read the next ones; `use` also encrypts this file with it.
   */
  readonly encryption:
    | { readonly mode: 'off' }
    | {
        readonly mode: 'tell' | 'use';
        readonly key: string;
        /** Digest of the key derivation; which one a firmware takes must be seen on the phone. */
        readonly digest: 'md5' | 'sha256';
      };
  /** `settled`: it has registered once; its web page closes and it asks nobody else for its configuration any more. */
  readonly phase: 'first' | 'settled';
  /** Firmware to take now: only when this phone's turn has come. Never in phase `first`. */
  readonly firmware: LanConfig['phoneHabits']['firmware'][number] | null;
  readonly habits: LanConfig['phoneHabits'];
  readonly phoneBook: LanConfig['phoneBook'];
  readonly features: OfficeFeatures;
  /** Clock for the phones: address or name. */
  readonly ntp: string;
  /** Number that plays voice messages; without it the phone's message key does nothing. */
  readonly voicemail?: string | null;
  /**
   * Writing of Grandstream files: P values for older firmware, names (config version 2) for newer. Not given: what the
   * model's newest public documents use. A model that knows only P values is refused names.
   */
  readonly form?: 'pValues' | 'names';
}

/** Why no file was made. Nothing is ever left out silently: a phone gets all of its configuration or a refusal. */
export interface TemplateRefusal extends CodedError {
  readonly code:
    | 'template.modelUnknown'
    | 'template.keyUnknown'
    | 'template.valueKind'
    | 'template.valueRange'
    | 'template.valueCharacters'
    | 'template.keyTwice'
    | 'template.tooManyKeys'
    | 'template.keyKind'
    | 'template.tooLarge'
    | 'template.firmwareAtFirst'
    | 'template.encryption'
    | 'template.formUnknown';
  readonly fault: 'caller';
  /** The key of the file that is at fault: `P47`, `SIP_PASS_1`; or the field of the configuration: `keys[3]`. */
  readonly key: string | null;
}

/** One file that a phone asks for. */
export interface AskedFile {
  readonly name: string;
  /**
   * `configuration` is made by `renderPhone`, `phoneBook` by `renderPhoneBook`; `refused` is one that the phone tries before or
   * beside the others and that does not exist here.
   */
  readonly what: 'configuration' | 'phoneBook' | 'refused';
  /** This model can log in for it (HTTP digest), once it was given a login. */
  readonly login: boolean;
}

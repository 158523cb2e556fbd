import type { Result } from '../lib/base/errors.ts';
import type { PhoneConfig } from '../lib/contract/lan-config.ts';
import type { SiteConfig } from '../lib/contract/site-config.ts';
import type { MacAddress } from '../lib/net/mac-address.ts';
import type { CallStatus, LineStatus } from './status.ts';

/** The calls room, as the rest of the agent sees it. */
export interface Office {
  /**
   * Takes a configuration that is already schema-checked. All of it or none: a refusal (a port that the board lacks, a
   * line listed twice) leaves the old one running. Calls in progress go on.
   */
  apply(config: SiteConfig): Result<void>;
  lines(): readonly LineStatus[];
  /** Running legs first, then the last hundred ended ones, newest first. */
  calls(): readonly CallStatus[];
  /** Told after any change of a line or call. */
  onChange(listener: () => void): void;
}

/** The registry of things that are wrong. Raising twice is harmless; clearing what is not raised too. */
export interface Health {
  raise(code: string, say: string): void;
  clear(code: string): void;
}

/** What became of telling a phone to fetch its configuration again. */
export type CheckSyncOutcome = 'told' | 'notRegistered' | 'refused' | 'silent';

/** Desk phones that are registered on the box, as provisioning sees them. */
export interface DeskPhones {
  /** Tells a phone, in its maker's way (SIP NOTIFY, check-sync), that its configuration has changed. Never rejects. */
  checkSync(mac: MacAddress): Promise<CheckSyncOutcome>;
}

/** Where a desk phone is registered from, and what it does there now. */
export interface DeskPhone {
  readonly mac: string;
  readonly source: { readonly host: string; readonly port: number; readonly transport: string } | null;
  readonly calls: number;
}

/** The registrar of the desk phones, as people are shown it. */
export interface DeskView {
  phones(): readonly DeskPhone[];
}

/** The account of one desk phone at the box's registrar. */
export interface PhoneAccount {
  /** Name in its address and in the digest: the phone's extension. */
  readonly user: string;
  readonly password: string;
  readonly phone: PhoneConfig;
}

/** What the registrar for desk phones asks of provisioning, and tells it. */
export interface PhoneAccounts {
  accountOf(user: string): PhoneAccount | undefined;
  /** A phone has proved its password: its approval ends here. `userAgent` tells model and firmware. */
  registered(mac: MacAddress, userAgent: string | null): void;
  /** Its registration has ended or was taken away. */
  unregistered(mac: MacAddress): void;
}

/** Bytes on their way, decrypted. They are the message's own: who keeps them copies them. */
export interface TappedBytes {
  readonly direction: 'in' | 'out';
  readonly local: { readonly host: string; readonly port: number };
  readonly remote: { readonly host: string; readonly port: number };
  readonly bytes: Buffer;
}

/** A place in a room's shell to watch what it says and hears from. */
export interface ByteTap {
  /** Undefined while nobody watches: then a message costs one look at it. Never throws. */
  watch: ((message: TappedBytes) => void) | undefined;
}

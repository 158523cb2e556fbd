import type { PhoneState } from '../../lib/contract/lan-facts.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { EncryptionTrial } from './encryption-trial.ts';
import type { PhoneVendor } from './templates/index.ts';

/** How the box came to know of a phone, and by what it was heard last. */
export type Heard = 'dhcp' | 'pnp' | 'http' | 'sip';

/** Why a file was given, or not. `rule` is stable, `say` is for people. */
export interface FetchVerdict {
  readonly done: 'served' | 'asked' | 'refused';
  readonly rule: string;
  readonly say: string;
}

/** One file that a phone has, as far as the box knows. */
export interface FetchedFile {
  readonly file: string;
  /** SHA-256, hex, of what the file says without its secrets. */
  readonly hash: string;
  /** Epoch ms. */
  readonly atMs: number;
}

/** What is remembered of a device that may be a phone. Passwords are not among it. Times are epoch ms. */
export interface PhoneRecord {
  readonly mac: MacAddress;
  readonly vendor: PhoneVendor | null;
  readonly model: string | null;
  readonly firmware: string | null;
  /** When this firmware was heard of first. */
  readonly firmwareSinceMs: number | null;
  readonly address: string | null;
  readonly heard: Readonly<Partial<Record<Heard, number>>>;
  /** Which of its passwords is the right one; another number, another password. */
  readonly generation: number;
  /** When it was given its password last; null until the first time. */
  readonly setUpAtMs: number | null;
  /** Its password came with a key for its later files. */
  readonly keyTold: boolean;
  /** Which encryption of its later files it reads, as far as that was tried. */
  readonly trial: EncryptionTrial;
  /** Its password came with a login for its later files. */
  readonly loginTold: boolean;
  /** When it registered first after that. */
  readonly registeredAtMs: number | null;
  readonly files: readonly FetchedFile[];
  readonly lastFetch: {
    readonly file: string;
    readonly hash: string | null;
    readonly atMs: number;
    readonly refused: FetchVerdict | null;
  } | null;
}

/** What the state hangs on beside the record. */
export interface Standing {
  readonly configured: boolean;
  readonly windowOpen: boolean;
  /** Every file that it has is the one that it would get now. */
  readonly fresh: boolean;
}

/** Pure: the state follows from what is known. */
export function stateOf(record: PhoneRecord, standing: Standing): PhoneState {
  if (!standing.configured) return record.vendor === null ? 'unknown' : 'unassigned';
  if (standing.windowOpen) return 'approved';
  if (record.setUpAtMs === null) return 'waiting';
  if (!standing.fresh) return 'stale';
  return record.registeredAtMs === null ? 'approved' : 'registered';
}

/** A device of which nothing is known but its address. */
export function newRecord(mac: MacAddress): PhoneRecord {
  return {
    mac,
    vendor: null,
    model: null,
    firmware: null,
    firmwareSinceMs: null,
    address: null,
    heard: {},
    generation: 1,
    setUpAtMs: null,
    keyTold: false,
    loginTold: false,
    trial: { at: 'open' },
    registeredAtMs: null,
    files: [],
    lastFetch: null,
  };
}

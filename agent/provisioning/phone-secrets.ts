import { createHmac } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '../../lib/base/random.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';

const KEY_BYTES = 32;
/** 32 characters that nobody takes for another and that every phone's file format carries as they are. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
/** 120 bits for what phones keep, 60 for what a person may have to type on a phone. */
const LENGTHS = { account: 24, login: 24, admin: 12, user: 12, file: 32 } as const;

/** What of a phone's is secret. */
export type SecretKind = keyof typeof LENGTHS;

/**
 * The passwords of the phones. None is stored: each is computed from the box's own key, the phone's address and a number
 * that goes up when a password is renewed (HMAC-SHA256, RFC 2104). Who reads the inventory learns none.
 */
export class PhoneSecrets {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  of(mac: MacAddress, generation: number, kind: SecretKind): string {
    const digest = createHmac('sha256', this.#key).update(`${kind}/${mac}/${generation}`).digest();
    return Array.from(digest.subarray(0, LENGTHS[kind]), (byte) => LETTERS[byte % LETTERS.length]).join('');
  }
}

/** The passwords, and the sentence about a key that had to be replaced. */
export interface OpenedSecrets {
  readonly secrets: PhoneSecrets;
  readonly damage: string | undefined;
}

/**
 * Reads the box's key, or makes it (mode 0600, whole or not at all). One of another length is moved aside and a new one
 * made: analog lines must not wait for it, and phones are approved anew.
 */
export function openPhoneSecrets(path: string, random: Random): OpenedSecrets {
  const key = random.bytes(KEY_BYTES);
  let known: Buffer | undefined;
  try {
    known = existsSync(path) ? readFileSync(path) : undefined;
    if (known?.length === KEY_BYTES) {
      makePrivate(path);
      return { secrets: new PhoneSecrets(known), damage: undefined };
    }
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (known !== undefined) renameSync(path, `${path}.damaged`);
    writeWhole(path, key);
  } catch (error) {
    // Analog lines must not wait for a disk either.
    const why = error instanceof Error ? error.message : String(error);
    const say = `The key of the phones’ passwords cannot be kept (${why}): phones that are approved now are approved anew after a restart.`;
    return { secrets: new PhoneSecrets(key), damage: say };
  }
  const say = `The key of the phones’ passwords was damaged and was moved to ${path}.damaged: approve every phone anew.`;
  return { secrets: new PhoneSecrets(key), damage: known === undefined ? undefined : say };
}

function makePrivate(path: string): void {
  try {
    chmodSync(path, 0o600);
  } catch {
    // A read-only disk: it is as private as it was made.
  }
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  const handle = openSync(fresh, 'wx', 0o600);
  try {
    writeSync(handle, bytes);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, path);
}

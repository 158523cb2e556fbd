import { createHmac } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Random } from '../../lib/base/random.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';

const KEY_BYTES = 32;
/** 32 characters that nobody takes for another and that every phone's file format carries as they are. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
/** 120 bits for what phones keep, 60 for what a person may have to type on a phone. */
const LENGTHS = { account: 24, admin: 12, user: 12, file: 32 } as const;

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

/** Reads the box's key, or makes it (mode 0600). A file of another length is a mistake of somebody: it throws. */
export function openPhoneSecrets(path: string, random: Random): PhoneSecrets {
  if (!existsSync(path)) {
    const handle = openSync(path, 'wx', 0o600);
    try {
      writeSync(handle, random.bytes(KEY_BYTES));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
  chmodSync(path, 0o600);
  const key = readFileSync(path);
  if (key.length !== KEY_BYTES) {
    throw new Error(
      `${path} is not the key of the phones’ passwords; move it away and approve every phone anew`,
    );
  }
  return new PhoneSecrets(key);
}

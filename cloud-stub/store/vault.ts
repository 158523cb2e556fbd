import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../lib/base/random.ts';

/** Length of the service's key, in bytes (AES-256). */
export const VAULT_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Secrets at rest. A sealed secret is `v1.<base64 of nonce, tag, text>`, AES-256-GCM (NIST SP 800-38D) with the place it
 * belongs to as additional data, so that a row copied to another contract does not open.
 */
export class Vault {
  readonly #key: Buffer;
  readonly #random: Random;

  constructor(key: Buffer, random: Random) {
    if (key.length !== VAULT_KEY_BYTES)
      throw new RangeError(`a vault key has ${VAULT_KEY_BYTES} bytes, not ${key.length}`);
    this.#key = key;
    this.#random = random;
  }

  seal(place: string, secret: string): string {
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(place, 'utf8'));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')}`;
  }

  /** Undefined when the key is another one, the place differs, or the text was changed. */
  open(place: string, sealed: string): string | undefined {
    const bytes = Buffer.from(sealed.startsWith('v1.') ? sealed.slice(3) : '', 'base64');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(place, 'utf8'));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const head = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([head, decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}

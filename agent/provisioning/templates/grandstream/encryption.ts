import { createCipheriv, createHash, createHmac } from 'node:crypto';

const KEY_BYTES = 32;
const IV_BYTES = 16;
const SALT_BYTES = 8;
const MAGIC = Buffer.from('Salted__', 'latin1');

/** Digest in the derivation of the key: OpenSSL before 1.1.0 took MD5, later ones take SHA-256. */
export type KeyDigest = 'md5' | 'sha256';

/**
 * `openssl enc -aes-256-cbc -salt -md DIGEST -pass pass:PASSWORD`, as the makers' provisioning guide has it:
 *
 * ```
 * 0        8        16
 * | Salted__ | salt   | AES-256-CBC, PKCS #7
 * 53 61 6c 74 65 64 5f 5f  …
 * ```
 *
 * The salt is drawn from the password and the contents. So the same file is the same bytes and stays pure to make, another
 * file or password has another salt, and nobody can tell anything of either from it.
 */
export function encryptXml(contents: Uint8Array, password: string, digest: KeyDigest): Uint8Array {
  const salt = createHmac('sha256', password).update(contents).digest().subarray(0, SALT_BYTES);
  const { key, iv } = deriveKey(password, salt, digest);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([MAGIC, salt, cipher.update(contents), cipher.final()]);
}

/** EVP_BytesToKey with one round: D1 = H(password ‖ salt), Dn = H(Dn−1 ‖ password ‖ salt); the key, then the IV. */
function deriveKey(password: string, salt: Uint8Array, digest: KeyDigest): { key: Buffer; iv: Buffer } {
  let derived = Buffer.alloc(0);
  let last = Buffer.alloc(0);
  while (derived.length < KEY_BYTES + IV_BYTES) {
    last = createHash(digest).update(last).update(password, 'utf8').update(salt).digest();
    derived = Buffer.concat([derived, last]);
  }
  return { key: derived.subarray(0, KEY_BYTES), iv: derived.subarray(KEY_BYTES, KEY_BYTES + IV_BYTES) };
}

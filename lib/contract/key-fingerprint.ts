import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** SHA-256 of a public key (SPKI, DER) in lower-case hex: by it two people see that they speak of the same key. */
export function keyFingerprint(key: KeyObject): string {
  const known = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(known.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** As it is read aloud: groups of four, eight to a line. */
export function spokenFingerprint(fingerprint: string): readonly string[] {
  const groups = fingerprint.match(/.{1,4}/g) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < groups.length; at += 8) lines.push(groups.slice(at, at + 8).join(' '));
  return lines;
}

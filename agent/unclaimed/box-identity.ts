import { createPrivateKey } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { keyFingerprint, spokenFingerprint } from '../../lib/contract/key-fingerprint.ts';
import { deviceKey, type Identity } from '../enrol/index.ts';
import type { BoxIdentity } from '../status.ts';

/** Who the box is, for people: its key is made here when it has none yet. Never throws. */
export function identityOf(folder: string, serialNumber: string | null, identity: Identity): BoxIdentity {
  const known = { at: identity.at, serialNumber };
  if (identity.at === 'claimed') {
    const { gateway, device } = identity.enrolment;
    return { ...known, gateway, fingerprint: fingerprintOf(device.privateKeyPem), say: '' };
  }
  const why = identity.at === 'damaged' ? identity.say : 'This box is not claimed yet.';
  try {
    return { ...known, gateway: null, fingerprint: keyFingerprint(deviceKey(folder)), say: why };
  } catch (error) {
    const say = `${why} Its key cannot be kept: ${error instanceof Error ? error.message : String(error)}.`;
    return { ...known, gateway: null, fingerprint: null, say };
  }
}

/** Null where the key cannot be read: the box says so elsewhere. */
function fingerprintOf(privateKeyPem: string): string | null {
  try {
    return keyFingerprint(createPrivateKey(privateKeyPem));
  } catch {
    return null;
  }
}

/** What stands on the console; lines of 60 columns at most. */
export function identityLines(identity: BoxIdentity): readonly string[] {
  const [first = 'unknown', ...more] = spokenFingerprint(identity.fingerprint ?? '');
  return [
    `box            ${identity.gateway ?? 'not claimed'}`,
    `serial number  ${identity.serialNumber ?? 'unknown'}`,
    `key (SHA-256)  ${first}`,
    ...more.map((line) => `               ${line}`),
  ];
}

/** Leaves them where a console finds them that cannot ask the agent. No secret is in them; `mode` is as private as its folder. Throws what the file system says. */
export function leaveIdentity(path: string, identity: BoxIdentity, mode: number): void {
  const fresh = `${path}.new`;
  writeFileSync(fresh, `${identityLines(identity).join('\n')}\n`, { mode });
  renameSync(fresh, path);
}

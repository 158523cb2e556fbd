import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrolment } from '../../lib/contract/enrolment.ts';
import { writeSecret } from './secret-file.ts';

/** The key of the device while it has no enrolment: of a claim that is not answered yet, or of an enrolment that went. */
export const DEVICE_KEY_FILE = 'device-key.pem';

/** A fresh device key: ECDSA on P-256. */
export function newDeviceKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
}

/**
 * The key that the next claim is made with: the one that is there, or a new one, which is on disk before anybody hears of it.
 * Throws what the file system says.
 */
export function deviceKey(folder: string): KeyObject {
  const path = join(folder, DEVICE_KEY_FILE);
  try {
    return createPrivateKey(readFileSync(path, 'utf8'));
  } catch {
    const key = newDeviceKey();
    writeSecret(path, key.export({ type: 'pkcs8', format: 'pem' }).toString());
    return key;
  }
}

/**
 * Puts the device key of an enrolment that is about to go where the next claim looks for one: the box stays the same device.
 * Nothing where the enrolment cannot be read. Throws what the file system says.
 */
export function keepDeviceKey(folder: string, enrolmentFile: string): void {
  let text: string;
  try {
    text = readFileSync(join(folder, enrolmentFile), 'utf8');
  } catch {
    return;
  }
  const read = enrolment.safeParse(parsed(text));
  if (read.success) writeSecret(join(folder, DEVICE_KEY_FILE), read.data.device.privateKeyPem);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

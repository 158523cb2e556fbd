import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrolment } from '../../lib/contract/enrolment.ts';
import { writeSecret } from './secret-file.ts';

/** The key of the device while it has no enrolment: of a claim that is not answered yet, or of an enrolment that went. */
export const DEVICE_KEY_FILE = 'device-key.pem';

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

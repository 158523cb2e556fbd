import { createPublicKey, type KeyObject } from 'node:crypto';
import { StartupError } from '../../lib/base/errors.ts';
import type { Sync, SyncOptions } from './room.ts';
import { SyncRoom } from './sync-room.ts';

export { SyncAlone } from './alone.ts';
export type { CarryOut } from './command-desk.ts';
export { openWire } from './mqtt-wire.ts';
export { type HealthSeen, healthSeen, type Judgement, judge } from './probation.ts';
export type { Sync, SyncOptions } from './room.ts';

/** Does nothing until `start`. Throws `StartupError` when the enrolment's key is not one. */
export function createSync(options: SyncOptions): Sync {
  return new SyncRoom(options, readConfigKey(options.enrolment.configKeyPem));
}

function readConfigKey(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below: the technician does the same about both.
  }
  throw new StartupError({
    code: 'enrolment.configKey',
    fault: 'environment',
    say: 'The enrolment file has no valid configuration key. Let the operator enrol this gateway again.',
  });
}

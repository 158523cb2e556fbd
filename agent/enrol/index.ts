export { type ClaimOptions, claim, ENROLMENT_FILE, newDeviceKey } from './claim.ts';
export { DEVICE_KEY_FILE, keepDeviceKey } from './device-key.ts';
export { IdentityKeeper } from './identity-keeper.ts';
export { renew } from './renew.ts';
export { writeSecret } from './secret-file.ts';

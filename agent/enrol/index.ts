export { type ClaimOptions, claim, ENROLMENT_FILE } from './claim.ts';
export { DEVICE_KEY_FILE, deviceKey, keepDeviceKey, newDeviceKey } from './device-key.ts';
export { type Identity, readIdentity } from './identity.ts';
export { IdentityKeeper } from './identity-keeper.ts';
export { leave } from './leave.ts';
export { renew } from './renew.ts';
export { removeSecret, writeSecret } from './secret-file.ts';
export { serialNumberOf } from './serial-number.ts';

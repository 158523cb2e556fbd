export type { PhoneView } from './phone-desk.ts';
export {
  ProvisioningRoom,
  type ProvisioningStatus,
  phonesFolder,
} from './provisioning-room.ts';
export type { VerdictLine } from './verdict-line.ts';

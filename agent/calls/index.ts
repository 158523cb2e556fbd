export { absenceOf } from './absence.ts';
export { endsOf } from './draft.ts';
export type { MediaPort, PhonePort } from './effects-port.ts';
export { keptAddress, keptDialog } from './kept-dialog.ts';
export type { Leg, OfficeState } from './model.ts';
export { OfficeShell, type PhoneInput } from './office.ts';
export { isPhonePort, PHONE_SESSION_PREFIX, phoneOf, placesOf } from './phones.ts';
export { VoiceSdp } from './voice-sdp.ts';

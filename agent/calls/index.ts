export type { MediaPort } from './effects-port.ts';
export { OfficeShell } from './office.ts';
export { voiceSdp } from './voice-sdp.ts';
